"""An exam and candidates made from mistakes, which the tests of grading share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from cases.loader import catalogue, load
from cases.select import select
from harness.backends import Evaluation
from harness.grading.answers import Answer
from harness.grading.exam import Exam
from harness.mistakes.runs import Changed, implemented


@pytest.fixture(scope="session")
def exam() -> Exam:
    """Half of the cases of `gradproof grade`: float64 alone, and of each seeded family the first draw."""
    cases = select(load(catalogue()), ["tag:grade"], ["float64"])
    return Exam([case for case in cases if not case.drawn or f"-01-{case.activation}-" in case.name])


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
