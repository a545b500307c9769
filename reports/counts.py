"""How much a run compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from reports.lots import Lot
from reports.row import PUBLISHED
from reports.sums import Sums
from reports.verdict import Verdict
from reports.wording import counted


@dataclass(frozen=True)
class Counts:
    """How much was compared: entries, exact zeros and blind entries among them, rows by verdict."""

    entries: int
    zero: int
    blind: int
    rows: int
    verdicts: tuple[tuple[Verdict, int], ...]

    @property
    def text(self) -> str:
        """``exact 12, rounding 148, convention 0, blind 0 rows; 14 exact zeros``."""
        always = (Verdict.EXACT, Verdict.ROUNDING, Verdict.CONVENTION, Verdict.BLIND)
        shown = [f"{verdict} {number:,}" for verdict, number in self.verdicts if number or verdict in always]
        blind = f", {counted(self.blind, 'blind entry', 'blind entries')}" if self.blind else ""
        return f"{', '.join(shown)} rows; {counted(self.zero, 'exact zero')}{blind}"


def unsupported(found: Sums) -> str:
    """``; 4 of 120 pairs of case and backend unsupported``; empty where every backend covers every case."""
    none, some = (sum(n for name, n in its.items() if name != PUBLISHED) for its in (found.uncovered, found.compared))
    return f"; {none:,} of {none + some:,} pairs of case and backend unsupported" if none else ""


def count(lots: Iterable[Lot]) -> Counts:
    """Count entries and verdicts over all rows."""
    lots = tuple(lots)
    number: Counter[Verdict] = Counter()
    for lot in lots:
        number[lot.verdict] += lot.rows
    return Counts(
        entries=sum(lot.entries for lot in lots),
        zero=sum(lot.zero for lot in lots),
        blind=sum(lot.blind for lot in lots),
        rows=sum(lot.rows for lot in lots),
        verdicts=tuple((verdict, number[verdict]) for verdict in Verdict),
    )
