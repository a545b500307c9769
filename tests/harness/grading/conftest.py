"""An exam and candidates made from mistakes, which the tests of grading share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from cases.case import Case
from cases.loader import catalogue, load
from cases.select import select
from harness.backends import Evaluation
from harness.grading.answers import Answer
from harness.grading.exam import Exam
from harness.mistakes.runs import Changed, implemented

FAMILIES = ("random", "random-one-unit", "random-strong", "random-tiny", "random-square", "random-six-layers",
            "random-three-layers", "random-one-output")  # fmt: skip
"""Seeded families of which the tests take the first draw."""


def fewer(cases: Sequence[Case]) -> list[Case]:
    """The cases made by hand, and of some seeded families the first draw in float64: a third of them all."""
    first = [c for c in cases if c.drawn and c.family in FAMILIES and f"-01-{c.activation}-" in c.name]
    return [c for c in cases if not c.drawn or (c in first and c.dtype == "float64")]


@pytest.fixture(scope="session")
def exam() -> Exam:
    """A third of the cases of `gradproof grade`, in float64."""
    return Exam(fewer(select(load(catalogue()), ["tag:grade"], ["float64"])))


@pytest.fixture(scope="session")
def candidate(exam: Exam) -> Callable[..., list[Answer]]:
    """Return a function: the judged answers of an implementation with these mistakes, computed stack by stack."""

    def make(*changes: Changed, without: Sequence[str] = ()) -> list[Answer]:
        attempts: dict[str, Evaluation] = {}
        for judge in exam.judges:
            found = implemented(changes, judge.stack)
            for k, case in enumerate(judge.stack.cases):
                attempts[case.name] = Evaluation(
                    None if "output" in without else found.output[k],
                    None if "loss" in without else found.loss[k],
                    [g[k] for g in found.gradients or ()],
                    None if "updated" in without else [w[k] for w in found.updated or ()],
                )
        return exam.judged("candidate", [attempts[case.name] for case in exam.cases])

    return make


@pytest.fixture(scope="session")
def both() -> Exam:
    """The same third, and in float32 the cases made by hand."""
    return Exam(fewer(select(load(catalogue()), ["tag:grade"], ["float64", "float32"])))
