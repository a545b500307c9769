"""An exam: cases, and what answers to them are held against, made once for any number of candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from cases.case import Case
from cases.known import Convention
from harness.backends import Evaluation
from harness.candidate import Runner
from harness.check import Attempt, Refusal
from harness.grading.answers import NOTHING, Answer, lifted
from harness.judge import Judge, valueless
from harness.mistakes.mistake import Mistake
from harness.mistakes.prediction import Prediction, Predictor
from harness.mistakes.recipe import Setting
from harness.returned import Absent, Quantity, returned
from harness.stack import Stack, stacks
from reports.record import Row

Together = tuple[Mistake, ...]
"""One mistake, or two at once."""


class Exam:
    """Cases with their standards, and what mistakes come to on them.

    ``accumulates``: how the candidate adds products. ``listed``: conventions that it is allowed on kinks;
    without one it is held to the deck's branch (S4).
    """

    def __init__(self, cases: Sequence[Case], accumulates: str = "format", listed: Sequence[Convention] = ()) -> None:
        self.cases, self.accumulates, self.listed = tuple(cases), accumulates, tuple(listed)
        self._predictors: dict[int, Predictor] = {}

    @cached_property
    def judges(self) -> list[Judge]:
        """One for the cases of each structure."""
        return [Judge(stack, self.accumulates) for stack in stacks(self.cases)]

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        """The judge of each case, and its place in that judge's stack."""
        return {case.name: (n, k) for n, judge in enumerate(self.judges) for k, case in enumerate(judge.stack.cases)}

    def judged(self, name: str, attempts: Sequence[Attempt], cases: Sequence[Case] = ()) -> list[Answer]:
        """Every attempt held against its standards; one a case, in the order of ``cases`` (or of the exam's)."""
        pairs = zip(cases or self.cases, attempts, strict=True)
        return [self._answer(name, *self._places[case.name], attempt) for case, attempt in pairs]

    def _answer(self, name: str, number: int, k: int, attempt: Attempt) -> Answer:
        judge = self.judges[number]
        case = judge.stack.cases[k]
        values: dict[Quantity, Any] = {}
        if isinstance(attempt, Evaluation):
            values = dict(returned(lifted(attempt), 0, 1, len(case.weights)))
            attempt = attempt if values else NOTHING
        if isinstance(attempt, Refusal):
            rows: tuple[Row, ...] = (valueless(case, name, attempt.verdict, attempt.reason),)
        else:
            rows = tuple(judge.rows_of(k, name, values.items()))
        arrays = {quantity: value for quantity, value in values.items() if not isinstance(value, Absent)}
        standards = next(iter(judge.standards[k].values()))
        return Answer(case, attempt, arrays, standards, rows, self.member(case.activation))

    def member(self, activation: str) -> str:
        """The derivative allowed on a kink of an activation."""
        return next((row.member for row in self.listed if row.activation == activation), "left")

    def structures(self, answers: Sequence[Answer]) -> list[tuple[int, list[tuple[int, Answer]]]]:
        """Answers by structure: the number of its judge, and each answer with its place in the stack."""
        found: dict[int, list[tuple[int, Answer]]] = {}
        for answer in answers:
            number, k = self._places[answer.case.name]
            found.setdefault(number, []).append((k, answer))
        return list(found.items())

    def stack(self, number: int) -> Stack:
        """The stack of a structure."""
        return self.judges[number].stack

    def setting(self, number: int) -> Setting:
        """What the cases of a structure have in common."""
        return self._predictor(number).setting

    def predicted(self, together: Together, number: int) -> Prediction:
        """What mistakes come to on the cases of a structure."""
        return self._predictor(number).predicted(together)

    def _predictor(self, number: int) -> Predictor:
        if number not in self._predictors:
            stack = self.stack(number)
            self._predictors[number] = Predictor(stack, self.accumulates, self.member(stack.first.activation))
        return self._predictors[number]


def ask(runner: Runner, cases: Sequence[Case], progress: Callable[[int], None] = lambda n: None) -> list[Attempt]:
    """Ask a candidate about every case, in order."""
    found = []
    for case in cases:
        found.append(runner.ask(case))
        progress(1)
    return found
