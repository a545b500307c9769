"""BP equals autodiff on every case of the catalogue: the slides' equations on balls overlap the truth."""

from __future__ import annotations

from cases.loader import catalogue, load
from harness.proof.balls import overlap
from reference.readings import SIGN


def test_the_slides_equations_overlap_the_truth_on_every_case() -> None:
    cases = load(catalogue())
    assert len(cases) >= 1000
    assert [case.name for case in cases if not overlap(case)] == []


def test_the_wrong_sign_does_not() -> None:
    cases = [case for case in load(catalogue()) if case.family == "slide-3-5-2"]
    assert cases and not any(overlap(case, SIGN) for case in cases)
