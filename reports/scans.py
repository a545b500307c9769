"""The scans: activations by themselves, over the whole range of each format."""

from __future__ import annotations

import math
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
class Fold:
    """Findings that differ in the precision or in the route through a framework alone; ``worst`` stands for them."""

    findings: tuple[Finding, ...]
    worst: Finding

    @property
    def dtypes(self) -> tuple[str, ...]:
        """Their precisions."""
        return tuple(dict.fromkeys(finding.row.dtype for finding in self.findings))

    @property
    def backends(self) -> tuple[str, ...]:
        """Their backends."""
        return tuple(dict.fromkeys(finding.row.backend for finding in self.findings))

    @property
    def named(self) -> str:
        """The known deviations, ``jax-softsign-slope-*`` where each precision has its own, or else the verdict."""
        if len({finding.named for finding in self.findings}) == 1:
            return self.worst.named
        return ", ".join(f"{stem}-*" for stem in _stems(self.worst.row))

    @property
    def names(self) -> list[str]:
        """The same, one by one."""
        return self.named.split(", ")

    @property
    def found(self) -> str:
        """Text that the detail of each of their rows has."""
        return next(iter(_stems(self.worst.row)), "")

    @property
    def x(self) -> tuple[str, str]:
        """Where it is worst, in four digits and in all of them."""
        exact = self.worst.x
        try:
            return f"{float(exact):.4g}", exact
        except ValueError:
            return exact, exact


@dataclass(frozen=True)
class Scans:
    """Findings in the order of the rows; how many scans there are, and the worst row of those without any."""

    findings: tuple[Finding, ...]
    number: int
    clean: int
    worst: Row | None

    @property
    def folds(self) -> list[Fold]:
        """The findings, those together that one known deviation explains in several precisions and routes."""
        of: dict[tuple[object, ...], list[Finding]] = {}
        for finding in self.findings:
            row = finding.row
            alone = (row.case, row.backend) if finding.failed or not row.deviations else ()
            of.setdefault((row.activation, row.quantity, _stems(row), alone), []).append(finding)
        return [Fold(tuple(its), max(its, key=_badness)) for its in of.values()]

    @property
    def rest(self) -> str:
        """``56 of 60 scans: every point within its accuracy row; worst share 0.9 (jax elu float64)``."""
        row = self.worst
        whole = ", all of its bound" if row is not None and row.share == 1 else ""
        by = "" if row is None else f"{row.backend} {row.activation} {row.dtype}"
        where = "" if row is None else f"; worst share {share(row.share)}{whole} ({by})"
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


def _stems(row: Row) -> tuple[str, ...]:
    return tuple(name.removesuffix(f"-{row.dtype}") for name in row.deviations)


def _badness(finding: Finding) -> float:
    share_ = finding.row.share
    return math.inf if share_ is None or math.isnan(share_) else share_


def _outside(row: Row) -> bool:
    within = row.verdict in (Verdict.EXACT, Verdict.ROUNDING, Verdict.BLIND, Verdict.UNSUPPORTED)
    return not within or (row.share is not None and not row.share <= 1)
