"""A candidate made from a mistake is told that mistake; one made from two, both."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest

from harness.grading.answers import Answer
from harness.grading.diagnosis import Diagnosis, Memory, diagnose
from harness.grading.exam import Exam
from harness.grading.likeness import _RANK, ORDER, alike
from harness.mistakes import FAMILIES, MISTAKES
from harness.rewritings import REWRITINGS
from tests.sampling import some

Candidate = Callable[..., list[Answer]]

COMMON = (
    "wrong-sign", "no-scale", "batch-summed", "input-for-h", "no-output-slope", "no-hidden-slope",
    "slope-at-h", "untransposed", "updated-weights", "uphill", "rate-ignored", "no-output-sigma",
)  # fmt: skip
"""The twelve commonest mistakes."""

DEGENERATE = {
    ("no-output-slope", "no-output-sigma"),  # without σ at the output there is no σ' to leave out
    ("no-hidden-slope", "slope-at-h"),  # what is left out is taken nowhere
    ("no-scale", "batch-summed"),  # told as one: no factor at all
}
"""Pairs that are one mistake."""


def diagnosed(exam: Exam, answers: list[Answer], call: int = 1) -> Diagnosis:
    memory = Memory(kept=True, twice=True, unsteady=True) if call == 2 else None
    return diagnose(exam, answers, memory, answers if call == 2 else ())


@pytest.mark.parametrize("name", some(MISTAKES, 3))
def test_every_mistake_is_named(exam: Exam, candidate: Candidate, name: str) -> None:
    mistake = MISTAKES[name]
    found = diagnosed(exam, candidate(mistake), mistake.call)
    assert found.exit_code == 1
    assert found.like and [its.name for its in found.like[0]] == [name]


@pytest.mark.parametrize("pair", [*combinations(COMMON, 2)][::4], ids=" ".join)
def test_pairs_of_the_commonest_mistakes_are_both_named(
    exam: Exam, candidate: Candidate, pair: tuple[str, str]
) -> None:
    """Every fourth of the 66; DEGENERATE are all that are missed of the whole."""
    its = sorted((MISTAKES[name] for name in pair), key=lambda mistake: _RANK[mistake.name])
    found = alike(exam, candidate(*its))
    assert pair in DEGENERATE or {mistake.name for mistake in found[0]} == set(pair)


@pytest.mark.parametrize("without", [("output", "loss"), ("updated",), ("output", "loss", "updated")])
@pytest.mark.parametrize("name", ["wrong-sign", "no-hidden-slope", "input-for-h", "updated-weights"])
def test_a_partial_candidate_is_told_too(exam: Exam, candidate: Candidate, name: str, without: tuple[str, ...]) -> None:
    assert diagnosed(exam, candidate(MISTAKES[name], without=without)).like[0][0].name == name


def test_what_cannot_be_told_apart_is_said(exam: Exam, candidate: Candidate) -> None:
    """½ Σ e² and a forgotten 2/N_O have the same gradients; only the loss tells them apart."""
    blind = diagnosed(exam, candidate(MISTAKES["half-of-sum"], without=("loss",)))
    assert {its[0].name for its in blind.like} >= {"no-scale", "half-of-sum"}
    seen = diagnosed(exam, candidate(MISTAKES["half-of-sum"]))
    assert [its[0].name for its in seen.like] == ["half-of-sum"]


def test_what_is_right_looks_like_nothing(exam: Exam, candidate: Candidate) -> None:
    for changes in ((), *((rewriting,) for rewriting in REWRITINGS if rewriting.name == "scaled-last")):
        found = diagnosed(exam, candidate(*changes))
        assert (found.exit_code, found.like, found.first, found.smallest) == (0, (), (), None)


def test_every_family_has_its_place_in_the_run() -> None:
    assert sorted(ORDER) == sorted(FAMILIES)


def test_one_answer_outside_a_mistake_is_enough_to_drop_it(exam: Exam, candidate: Candidate) -> None:
    """Agreeing on most cases is not looking alike."""
    wrong, right = candidate(MISTAKES["wrong-sign"]), candidate()
    one = next(n for n, answer in enumerate(wrong) if answer.case.name.startswith("slide-3-5-2"))
    mixed = [r if n == one else w for n, (w, r) in enumerate(zip(wrong, right, strict=True))]
    assert alike(exam, wrong)[0][0].name == "wrong-sign"
    assert (MISTAKES["wrong-sign"],) not in alike(exam, mixed)
