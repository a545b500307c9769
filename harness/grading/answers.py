"""Every case asked, and each answer judged by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cases.case import Case
from harness.backends import Evaluation
from harness.check import Attempt, Refusal
from harness.compare import Standard
from harness.precision import PRECISIONS
from harness.returned import Quantity
from reports.record import Row
from reports.verdict import Verdict

NOTHING = Refusal(Verdict.MALFORMED, "returned none of output, loss, gradients, updated")


@dataclass(frozen=True)
class Answer:
    """One case as a candidate answered it.

    ``values`` are the arrays that it returned, without an axis of cases; ``standards`` what they are held
    against; ``member`` the derivative that it may have on a kink. What a case expects of the frameworks (to be
    blind, or out of range) is nothing that a candidate could fail.
    """

    case: Case
    attempt: Attempt
    values: dict[Quantity, Any]
    standards: dict[Quantity, Standard]
    rows: tuple[Row, ...]
    member: str = "left"

    @property
    def covered(self) -> bool:
        """Whether it was asked, and not declined."""
        declined = isinstance(self.attempt, Refusal) and self.attempt.verdict == Verdict.UNSUPPORTED
        return self.asked and not declined

    @property
    def asked(self) -> bool:
        """Whether it was asked at all: a candidate that died too often is not."""
        return not (isinstance(self.attempt, Refusal) and self.attempt.reason.startswith("not asked"))

    @property
    def failure(self) -> str | None:
        """Why it does not pass; None where it does."""
        if isinstance(self.attempt, Refusal):
            declined = self.attempt.verdict == Verdict.UNSUPPORTED
            return None if declined else f"{self.attempt.verdict}: {self.attempt.reason}"
        return next((f"{row.verdict}: {row.detail}" for row in self.wrong.values()), None)

    @property
    def numeric(self) -> bool:
        """Whether numbers or shapes are wrong, not only a dtype or a count."""
        return any(row.verdict != Verdict.MALFORMED or self._misshapen(q) for q, row in self.wrong.items())

    def _misshapen(self, quantity: Quantity) -> bool:
        """Whether an array was returned, of another shape than its standard."""
        return quantity in self.values and np.shape(self.values[quantity]) != self.standards[quantity].bound.shape

    @cached_property
    def wrong(self) -> dict[Quantity, Row]:
        """The quantities that are wrong, each with its row."""
        return {(row.quantity, row.layer): row for row in self.rows if row.quantity and self._bad(row)}

    def _bad(self, row: Row) -> bool:
        if row.verdict == Verdict.CONVENTION:
            return self.member not in row.members
        return row.verdict in (Verdict.VIOLATION, Verdict.NONFINITE, Verdict.MALFORMED)

    @property
    def judged_apart(self) -> dict[Quantity, Any]:
        """What it returned, without updates that follow from wrong gradients of its own: those say nothing new."""
        idle = [q for q in self.values if q[0] == "update" and ("gradient", q[1]) in self.wrong and self._follows(q[1])]
        return {quantity: value for quantity, value in self.values.items() if quantity not in idle}

    def _follows(self, layer: int) -> bool:
        """Whether an updated weight is W − αΔW with the gradient that was returned."""
        updated, gradient = self.values["update", layer], self.values.get(("gradient", layer))
        weight, u = np.asarray(self.case.weights[layer - 1], np.float64), PRECISIONS[self.case.dtype].u
        if gradient is None or not np.shape(updated) == np.shape(gradient) == weight.shape:
            return False
        step = self.case.learning_rate * np.asarray(gradient, np.float64)
        with np.errstate(all="ignore"):
            apart = np.abs(np.asarray(updated, np.float64) - (weight - step))
            room = 4 * u * (np.abs(weight) + np.abs(step)) + 2 * PRECISIONS[self.case.dtype].eta
        return bool(np.all(apart <= room))


def lifted(found: Evaluation) -> Evaluation:
    """The same as of a stack of one case."""

    def lift(value: Any) -> Any:
        return None if value is None else np.asarray(value)[None]

    def each(layers: Any) -> Any:
        return None if layers is None else [lift(layer) for layer in layers]

    return Evaluation(lift(found.output), lift(found.loss), each(found.gradients), each(found.updated))


def covering(answers: Iterable[Answer]) -> list[Answer]:
    """Those that were not declined."""
    return [answer for answer in answers if answer.covered]
