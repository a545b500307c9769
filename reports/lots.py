"""Rows that differ in their numbers alone, summed up."""

from __future__ import annotations

from dataclasses import dataclass

from reports.row import Row, members
from reports.verdict import Verdict


@dataclass(slots=True)
class Lot:
    """Rows that differ in case, layer and numbers alone, summed up; figures are the largest.

    ``failed``: the gate failed on them. ``detail`` is theirs where it is a convention's or says why a case is not
    covered, and the ids of known deviations where it names some. ``place``: where the first of them stands.
    """

    activation: str
    task: str | None
    dtype: str
    quantity: str | None
    backend: str
    verdict: Verdict
    failed: bool
    learning: bool
    detail: str
    place: int
    rows: int = 0
    entries: int = 0
    zero: int = 0
    blind: int = 0
    max_ulp: float | None = None
    share: float | None = None
    from_gradient: float | None = None
    from_arithmetic: float | None = None

    @property
    def is_scan(self) -> bool:
        """Whether they are of scans."""
        return self.task is None

    @property
    def deviations(self) -> tuple[str, ...]:
        """Ids of the known deviations that explain them."""
        return tuple(self.detail.split(", ")) if self.verdict == Verdict.KNOWN and self.detail else ()

    @property
    def members(self) -> tuple[str, ...]:
        """The legal derivatives on a kink that fit them."""
        return members(self.verdict, self.detail)

    def count(self, row: Row) -> None:
        """Count one row more."""
        self.rows += 1
        self.entries += row.entries
        self.zero += row.zero
        self.blind += row.blind
        self._reach(row)

    def join(self, other: Lot) -> None:
        """Count another's rows too."""
        self.place = min(self.place, other.place)
        self.rows += other.rows
        self.entries += other.entries
        self.zero += other.zero
        self.blind += other.blind
        self._reach(other)

    def _reach(self, other: Row | Lot) -> None:
        """The larger of each figure; NaN once there is one."""
        if (its := other.share) is not None and (self.share is None or its > self.share or its != its):
            self.share = its
        if (its := other.max_ulp) is not None and (self.max_ulp is None or its > self.max_ulp or its != its):
            self.max_ulp = its
        if other.quantity == "update":
            for name in ("from_gradient", "from_arithmetic"):
                its, mine = getattr(other, name), getattr(self, name)
                if its is not None and (mine is None or its > mine or its != its):
                    setattr(self, name, its)
