"""The scans: activations by themselves, over the whole range of each format."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from reports.discrepancies import Key, key
from reports.record import Row
from reports.verdict import Verdict
from reports.wording import NOTHING, apart, counted, share


@dataclass(frozen=True)
class Finding:
    """What lies outside its accuracy row: one activation, precision and quantity on one backend."""

    row: Row
    failed: bool

    @property
    def named(self) -> str:
        """The known deviations that explain it, or else the verdict."""
        return ", ".join(self.row.deviations) or str(self.row.verdict)

    @property
    def x(self) -> str:
        """Where it is worst."""
        return self.row.x or NOTHING

    @property
    def values(self) -> tuple[str, str]:
        """Value and exact value there."""
        return apart(self.row.worst_value, self.row.worst_exact)


@dataclass(frozen=True)
class Scans:
    """Findings in the order of the rows; how many scans there are, and the worst row of those without any."""

    findings: tuple[Finding, ...]
    number: int
    clean: int
    worst: Row | None

    @property
    def rest(self) -> str:
        """``56 of 60 scans: every point within its accuracy row; worst 0.98 (jax relu float64); the others above``."""
        row = self.worst
        where = "" if row is None else f"; worst {share(row.share)} ({row.backend} {row.activation} {row.dtype})"
        others = "" if self.clean == self.number else "; the others above"
        return f"{self.clean:,} of {counted(self.number, 'scan')}: every point within its accuracy row{where}{others}"


def scans(rows: Iterable[Row], failed: Collection[Key] = ()) -> Scans:
    """Sum up the rows of scans."""
    its = [row for row in rows if row.is_scan]
    found = tuple(Finding(row, key(row) in failed) for row in its if _outside(row))
    outside = {finding.row.case for finding in found}
    names = {row.case for row in its}
    clean = [row for row in its if row.case not in outside and row.share is not None]
    return Scans(
        findings=found,
        number=len(names),
        clean=len(names - outside),
        worst=max(clean, key=lambda row: row.share or 0.0, default=None),
    )


def _outside(row: Row) -> bool:
    within = row.verdict in (Verdict.EXACT, Verdict.ROUNDING, Verdict.BLIND, Verdict.UNSUPPORTED)
    return not within or (row.share is not None and not row.share <= 1)
