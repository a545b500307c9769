"""The evidence of a proof, gathered once: all structures and activations, and the deck's cases on balls."""

from __future__ import annotations

import pytest

from cases.case import Case
from harness.proof.evidence import Evidence, gather


@pytest.fixture(scope="session")
def evidence(slides: list[Case]) -> Evidence:
    return gather(slides[:12])
