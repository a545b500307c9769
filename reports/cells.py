"""The cell of a comparison table: the worst of some rows of one backend."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports import wording
from reports.lots import Lot
from reports.ranks import noted
from reports.verdict import Verdict


@dataclass(frozen=True)
class Cell:
    """The worst of some rows of one backend: each figure on its own, so not always of one entry.

    ``ulp`` and ``share`` are None where no row has one, and NaN where any row's is NaN. ``failed`` says
    that the gate failed on one of the rows.
    """

    rows: int
    entries: int
    ulp: float | None
    share: float | None
    verdict: Verdict
    blind: int
    failed: bool

    @property
    def numbers(self) -> str:
        """``ulp / share``, as written for people; a dash where there is neither."""
        return wording.NOTHING if self.bare else f"{wording.ulps(self.ulp)} / {wording.share(self.share)}"

    @property
    def bare(self) -> bool:
        """Whether there are no numbers."""
        return self.ulp is None and self.share is None

    @property
    def notes(self) -> str:
        """The verdict, where it is neither exact nor rounding, and the number of blind entries, if any."""
        blind = f"{self.blind:,} of {self.entries:,} blind" if self.blind else ""
        return ", ".join(part for part in (self.verdict if noted(self.verdict) else "", blind) if part)

    @property
    def text(self) -> str:
        """Numbers and notes; the notes alone where there are no numbers."""
        if self.bare:
            return self.notes or self.numbers
        return f"{self.numbers}, {self.notes}" if self.notes else self.numbers

    def joined(self, other: Cell) -> Cell:
        """The worst of both."""
        return Cell(
            rows=self.rows + other.rows,
            entries=self.entries + other.entries,
            ulp=worst((self.ulp, other.ulp)),
            share=worst((self.share, other.share)),
            verdict=max(self.verdict, other.verdict, key=lambda verdict: verdict.severity),
            blind=self.blind + other.blind,
            failed=self.failed or other.failed,
        )


def cell_of(lots: Sequence[Lot]) -> Cell:
    """Make the cell of rows."""
    return Cell(
        rows=sum(lot.rows for lot in lots),
        entries=sum(lot.entries for lot in lots),
        ulp=worst(lot.max_ulp for lot in lots),
        share=worst(lot.share for lot in lots),
        verdict=max((lot.verdict for lot in lots), key=lambda verdict: verdict.severity),
        blind=sum(lot.blind for lot in lots),
        failed=any(lot.failed for lot in lots),
    )


def merged(cells: Iterable[Cell | None]) -> Cell | None:
    """Return the worst of all; None where there is none."""
    result: Cell | None = None
    for cell in cells:
        result = cell if result is None else result if cell is None else result.joined(cell)
    return result


def worst(values: Iterable[float | None]) -> float | None:
    """Return the largest value; NaN if there is one, None if there is none."""
    known = [value for value in values if value is not None]
    return math.nan if any(map(math.isnan, known)) else max(known, default=None)
