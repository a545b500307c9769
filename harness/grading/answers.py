"""Every case asked, and each answer judged by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cases.case import Case
from harness.backends import Evaluation
from harness.check import Attempt, Refusal
from harness.compare import Standard
from harness.gate import Failure
from harness.numbers.running import Floats
from harness.returned import Quantity
from reports.record import Row
from reports.verdict import Verdict

NOTHING = Refusal(Verdict.MALFORMED, "returned none of output, loss, gradients, updated")


@dataclass(frozen=True)
class Answer:
    """One case as a candidate answered it.

    ``values`` are the arrays that it returned, without an axis of cases; ``standards`` what they are held
    against; ``failure`` why the gate does not pass it, None where it does.
    """

    case: Case
    attempt: Attempt
    values: dict[Quantity, Any]
    standards: dict[Quantity, Standard]
    rows: tuple[Row, ...]
    failure: Failure | None

    @property
    def covered(self) -> bool:
        """Whether it was answered at all: not declined."""
        return not (isinstance(self.attempt, Refusal) and self.attempt.verdict == Verdict.UNSUPPORTED)

    @property
    def wrong(self) -> dict[Quantity, Row]:
        """The quantities that are wrong, each with its row."""
        if self.failure is None:
            return {}
        bad = (Verdict.VIOLATION, Verdict.NONFINITE, Verdict.MALFORMED, Verdict.CONVENTION)
        return {(row.quantity, row.layer): row for row in self.rows if row.quantity and row.verdict in bad}


def lifted(found: Evaluation) -> Evaluation:
    """The same as of a stack of one case."""

    def lift(value: Any) -> Any:
        return None if value is None else np.asarray(value)[None]

    def each(layers: Any) -> Any:
        return None if layers is None else [lift(layer) for layer in layers]

    return Evaluation(lift(found.output), lift(found.loss), each(found.gradients), each(found.updated))


def quotients(found: Floats, exact: Floats, bound: Floats) -> tuple[Floats, Floats]:
    """Where found / exact may be at each entry, rounding considered; anywhere where the exact value may be 0."""
    with np.errstate(all="ignore"):
        quotient = found / exact
        slack = 2 * bound * (1 + np.abs(quotient)) / np.abs(exact)
        known = (np.abs(exact) > bound) & np.isfinite(quotient)
        return np.where(known, quotient - slack, -np.inf), np.where(known, quotient + slack, np.inf)


def covering(answers: Iterable[Answer]) -> list[Answer]:
    """Those that were not declined."""
    return [answer for answer in answers if answer.covered]
