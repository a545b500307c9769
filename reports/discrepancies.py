"""What failed: the rows that a failure of the gate stands on, those first that say most.

What concerns the run as a whole comes first; then wrong values, the furthest off first; answers of a wrong shape or
none that fits; what is not as expected, though within its bound; and what crashed or ran out of time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports.outcome import Failure, outcome
from reports.ranks import Rank, rank, wrong
from reports.record import Record
from reports.row import PUBLISHED, Row
from reports.verdict import Verdict
from reports.wording import apart, share, where

TYPED = "see that the case is typed as the source prints it; a number that the source has wrong belongs in its errata"
"""What to do about a printed number that is not the exact one."""

TITLE = "Discrepancies"
ORDER = (
    "Wrong values first, by error over bound; then answers of a wrong form, what passes but not as expected or listed, "
    "and last what crashed or ran out of time."
)
"""What the section is called, and its order."""

_GROUPS = ((Verdict.VIOLATION, Verdict.NONFINITE), (Verdict.MALFORMED,), (), (Verdict.TIMED_OUT, Verdict.CRASHED))
"""Verdicts in the order of ORDER; the empty place is for all others."""

_PLACE = {verdict: place for place, its in enumerate(_GROUPS) for verdict in its}

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
        if row is None or row.worst_value is None or row.worst_exact is None or row.backend == PUBLISHED:
            return ""  # of what is printed the advice has every digit, and no more
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
    def remedy(self) -> str:
        """What to do; empty where no row says."""
        if self.row is None:
            return ""
        return TYPED if self.row.backend == PUBLISHED else self.row.verdict.remedy

    @property
    def advice(self) -> str:
        """What the verdict says to do, after the gate's reason where the verdict alone does not fail."""
        if self.row is None:
            return self.failure.reason
        verdict = self.row.verdict
        why = "" if wrong(self.row) else self.failure.reason
        if why.startswith(f"{verdict}: "):
            why = verdict.meaning  # the gate repeats the verdict, and names the first row's place
        detail = "" if self.row.detail in why else self.row.detail
        parts = [part for part in (why, detail, self.remedy) if part]
        return f"{verdict}: {'; '.join(parts)}"


def of_record(record: Record) -> tuple[Discrepancy, ...]:
    """Those of a run."""
    return discrepancies(record.sums.blamed, outcome(record).failures)


def discrepancies(
    blamed: Mapping[tuple[str, str], Sequence[Row]], failures: Iterable[Failure]
) -> tuple[Discrepancy, ...]:
    """Find the rows behind each failure, in the order of ORDER; what no row is to blame for comes before all.

    ``blamed`` are these by case and backend, as `reports.ranks.blamed` finds them; where there are none, the failure
    stands alone.
    """
    found: list[Discrepancy] = []
    for failure in failures:
        rows = blamed.get((failure.case, failure.backend), ())
        found += [Discrepancy(failure, row) for row in rows] or [Discrepancy(failure, None)]
    return tuple(sorted(found, key=_order))


def _order(item: Discrepancy) -> tuple[int, Rank]:
    if item.row is None:
        return -1, (False, -math.inf, -len(Verdict))
    others = _GROUPS.index(())
    return _PLACE.get(item.row.verdict, others), rank(item.row, failed=True)


def failed_rows(found: Iterable[Discrepancy]) -> frozenset[Key]:
    """Keys of the rows that discrepancies stand on."""
    return frozenset(key(item.row) for item in found if item.row is not None)


def key(row: Row) -> Key:
    """Case, backend, quantity and layer of a row."""
    return row.case, row.backend, row.quantity, row.layer


def worst_first(rows: Sequence[Row], failed: frozenset[Key]) -> list[Row]:
    """Sort rows: failed ones first, then by share (NaN, or no value where one was due, is worst)."""
    return sorted(rows, key=lambda row: rank(row, key(row) in failed))
