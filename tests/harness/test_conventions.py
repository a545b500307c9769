"""Conventions: each listed row is what its backend does, is needed unless it is the deck's, and has its versions."""

from __future__ import annotations

from typing import Any

import pytest

from cases.case import Case, make_case
from cases.known import Convention, conventions, listed_member
from harness.accuracy import ACCURACY
from harness.backends import Backend, load
from harness.run import run
from reports.verdict import Verdict

UNUSUAL = [row for row in conventions() if row.member != "left"]


def on_kinks(activation: str) -> list[Case]:
    """Case by case, one unit exactly on each kink, both sides of 0."""
    return [
        make_case(f"on-{number}", activation, "prediction", "float64", [[1.0]], [[1.0]], [[[kink]], [[0.5]]])
        for number, kink in enumerate(ACCURACY[activation].kinks)
    ]


@pytest.mark.parametrize("row", conventions(), ids=lambda row: f"{row.activation}-{row.backend}")
def test_every_convention_is_what_its_backend_does(row: Convention) -> None:
    outcome = run(on_kinks(row.activation), [load(row.backend)], observers=(), mistakes=False)
    assert outcome.answer.failures == ()
    found = [r.detail.split(", ") for r in outcome.rows if r.verdict == Verdict.CONVENTION]
    assert found and all(row.member in members for members in found)
    assert listed_member(row.activation, row.backend, conventions()) == row.member


@pytest.mark.parametrize("row", UNUSUAL, ids=lambda row: f"{row.activation}-{row.backend}")
def test_without_its_row_a_convention_that_is_not_left_fails_in_its_own_words(row: Convention, with_table: Any) -> None:
    others = [other for other in conventions() if other != row]
    answer = with_table(listed=others)(on_kinks(row.activation), [load(row.backend)], observers=()).answer
    assert answer.exit_code == 1
    for failure in answer.failures:
        assert failure.reason.startswith("gradient of layer 1: a legal subgradient, but not the listed one: ")
        assert failure.reason.endswith(f", where left is listed for {row.activation} on {row.backend}")
        assert row.member in failure.reason.split("listed one: ")[1]


def test_a_convention_listed_for_other_versions_is_not_listed(backends: dict[str, Backend], with_table: Any) -> None:
    table = [row.model_copy(update={"versions": "<0.1"}) for row in conventions()]
    answer = with_table(listed=table)(on_kinks("leaky_relu"), [backends["jax"]], observers=()).answer
    assert answer.exit_code == 1 and "but not the listed one" in answer.failures[0].reason
