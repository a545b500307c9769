"""What failed: the rows that a failure of the gate stands on, worst first."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.outcome import Failure
from reports.row import PUBLISHED, Row
from reports.verdict import Verdict
from reports.wording import apart, share, where

TYPED = "see that the case is typed as the source prints it; a number that the source has wrong belongs in its errata"
"""What to do about a printed number that is not the exact one."""

Key = tuple[str, str, str | None, int]
"""Case, backend, quantity and layer: what tells the rows of a run apart."""


@dataclass(frozen=True)
class Discrepancy:
    """A failure of the gate, and a row that it stands on (None where no single row is to blame)."""

    failure: Failure
    row: Row | None

    @property
    def place(self) -> str:
        """Which entry is worst, in words; empty where no row is to blame."""
        return "" if self.row is None else where(self.row)

    @property
    def numbers(self) -> str:
        """Both values and error over bound, in words; empty where there are none."""
        row = self.row
        if row is None or row.worst_value is None or row.worst_exact is None:
            return ""
        if f"{row.worst_value!r} where exact is {row.worst_exact!r}" in row.detail:
            return ""  # the advice says it
        value, exact = apart(row.worst_value, row.worst_exact)
        ratio = "" if row.share is None else f", error {share(row.share)} × bound"
        return f"{value} where {exact} is exact{ratio}"

    @property
    def detail(self) -> str:
        """The row's detail, where the gate's reason does not say it."""
        return "" if self.row is None or self.row.detail in self.failure.reason else self.row.detail

    @property
    def advice(self) -> str:
        """What the verdict says to do, after the gate's reason where the verdict alone does not fail."""
        if self.row is None:
            return self.failure.reason
        verdict = self.row.verdict
        why = "" if _wrong(self.row) else self.failure.reason
        detail = "" if self.row.detail in why else self.row.detail
        remedy = TYPED if self.row.backend == PUBLISHED else verdict.remedy
        parts = [part for part in (why, detail, remedy) if part]
        return f"{verdict}: {'; '.join(parts)}"


def discrepancies(rows: Iterable[Row], failures: Iterable[Failure]) -> tuple[Discrepancy, ...]:
    """Find the rows behind each failure, worst first.

    These are a failing case's wrong rows; where none is wrong in itself (an unlisted convention, an
    unexpected verdict), its rows other than exact and rounding; where there are none, the failure stands
    alone.
    """
    of: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        of[row.case, row.backend].append(row)
    found: list[Discrepancy] = []
    for failure in failures:
        own = of[failure.case, failure.backend]
        blamed = [row for row in own if _wrong(row)] or [row for row in own if noted(row.verdict)]
        found += [Discrepancy(failure, row) for row in blamed] or [Discrepancy(failure, None)]
    return tuple(sorted(found, key=lambda item: (-math.inf, -len(Verdict)) if item.row is None else _rank(item.row)))


def failed_rows(found: Iterable[Discrepancy]) -> frozenset[Key]:
    """Keys of the rows that discrepancies stand on."""
    return frozenset(key(item.row) for item in found if item.row is not None)


def key(row: Row) -> Key:
    """Case, backend, quantity and layer of a row."""
    return row.case, row.backend, row.quantity, row.layer


def worst_first(rows: Sequence[Row], failed: frozenset[Key]) -> list[Row]:
    """Sort rows: failed ones first, then by share (NaN, or no value where one was due, is worst)."""
    return sorted(rows, key=lambda row: (key(row) not in failed, *_rank(row)))


def noted(verdict: Verdict) -> bool:
    """Whether a verdict is worth a word: anything but exact and rounding."""
    return verdict not in (Verdict.EXACT, Verdict.ROUNDING)


def _wrong(row: Row) -> bool:
    return row.verdict.severity >= Verdict.VIOLATION.severity


def _rank(row: Row) -> tuple[float, int]:
    size = row.share
    if size is None:
        size = math.inf if _wrong(row) else -1.0
    return (-math.inf if math.isnan(size) else -size), -row.verdict.severity
