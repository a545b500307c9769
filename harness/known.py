"""The tables of ``cases/known.py`` as they apply here: to the installed versions, and to what a scan found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from cases.case import Case
from cases.known import Deviation
from harness.backends.listing import BACKENDS
from harness.compare import Standard
from harness.numbers.running import Floats, Mask
from harness.scan import Finding, points
from reports.record import Row
from reports.verdict import Verdict

TABLE = "cases/deviations.toml"


@cache
def installed(package: str) -> str:
    """Version of a framework, or of a backend's; "0" where it is not installed."""
    if package in BACKENDS:
        package = BACKENDS[package].framework
    try:
        return version(package)
    except PackageNotFoundError:
        return "0"


@dataclass(frozen=True)
class Known:
    """Rows that concern a backend, an activation and a precision: in force, or listed for other versions."""

    here: tuple[Deviation, ...]
    elsewhere: tuple[Deviation, ...]


def known_for(backend: str, case: Case, table: Sequence[Deviation]) -> Known:
    """The known deviations of a backend that a case can meet."""
    names = {case.activation} | ({"sigmoid"} if case.task == "classification" else set())
    rows = [r for r in table if r.dtype == case.dtype and r.activation in names and r.concerns(backend)]
    here = [r for r in rows if _in_force(r)]
    return Known(tuple(here), tuple(r for r in rows if r not in here))


def excusing(standard: Standard, wide: Floats, tight: Floats, finite: bool) -> Standard:
    """A standard with deviations in place of the accuracy row; bounds ``wide`` with all, ``tight`` without "nonfinite".

    Where only ``wide`` is infinite, a deviation to NaN or infinity may have reached the entry. It then is no
    number, for products and sums of such a number are none; what is one has to lie within ``tight``, unless
    ``finite`` numbers may follow too.
    """
    reached = np.isinf(wide) & np.isfinite(tight)
    return replace(standard, bound=np.where(reached & finite, np.inf, tight), nonfinite=reached)


def finite_follows(known: Iterable[Deviation], case: Case) -> bool:
    """Whether finite wrong numbers can follow from a σ that is NaN or infinite: where another σ is behind it.

    sigmoid(inf) is 1, whatever the exact value, and what is computed from that is finite and wrong as well. (A
    NaN in σ' meets only products and sums on its way back.) The gradient of the weights behind the σ
    is infinity or NaN even then, and a backend that does not show one has not met the deviation; with one, the
    numbers that it may have reached through the second σ are not judged in that case.
    """
    behind = case.task == "classification" or len(case.weights) > 2
    return behind and any(row.of == "value" and row.limit == "nonfinite" for row in known)


def judged_scan(finding: Finding, table: Sequence[Deviation]) -> Row:
    """The row of a finding, known where every point outside the accuracy row is a listed one."""
    if not finding.wrong.any():
        return finding.row
    rows = [r for r in table if _same(r, finding)]
    here = [r for r in rows if _in_force(r)]
    if not (finding.wrong & ~_explained(finding, here)).any():
        names = ", ".join(r.id for r in here if (_explained(finding, [r]) & finding.wrong).any())
        return replace(finding.row, verdict=Verdict.KNOWN, detail=f"{names}: {finding.row.detail}")
    others = [r for r in rows if r not in here]
    if others:
        same = not (finding.wrong & ~_explained(finding, [*here, *others])).any()
        hint = "same deviation as" if same else "changed since"
        listed = ", ".join(f"{r.id} (listed for {r.versions})" for r in others)
        remedy = f": extend the row in {TABLE}" if same else ""
        return replace(finding.row, detail=f"{finding.row.detail}; {hint} {listed}{remedy}")
    return finding.row


def looked_for(findings: Iterable[Finding], table: Sequence[Deviation]) -> set[str]:
    """Ids of the rows in force that these scans would have seen; a scan without values sees nothing."""
    judged = [f for f in findings if f.row.share is not None]
    return {r.id for r in table for f in judged if _same(r, f) and f.backend == r.backend and _in_force(r)}


def seen(findings: Iterable[Finding], table: Sequence[Deviation]) -> set[str]:
    """Ids of the rows that these scans saw: a point in their interval outside the accuracy row."""
    return {r.id for r in table for f in findings if _same(r, f) and (f.wrong & _inside(f, r)).any()}


def gone(looked: set[str], found: set[str], table: Sequence[Deviation]) -> list[tuple[str, str]]:
    """(backend, sentence) for each row that was looked for and not seen."""
    return [
        (
            row.backend,
            f"known deviation {row.id} is gone in {row.backend} {installed(row.backend)}: "
            f"remove the block with id = {row.id!r} from {TABLE}",
        )
        for row in table
        if row.id in looked - found
    ]


def _in_force(row: Deviation) -> bool:
    return row.covers(installed(row.backend))


def _same(row: Deviation, finding: Finding) -> bool:
    of = "value" if finding.quantity == "activation" else "derivative"
    its = (finding.row.activation, finding.row.dtype, of)
    return row.concerns(finding.backend) and (row.activation, row.dtype, row.of) == its


def _inside(finding: Finding, row: Deviation) -> Mask:
    x = points(finding.row.dtype).astype(np.float64)
    inside: Mask = np.zeros(x.shape, dtype=bool)
    for left, right in row.x:
        inside |= (x >= left) & (x <= right)
    return inside


def _explained(finding: Finding, rows: Iterable[Deviation]) -> Mask:
    explained: Mask = np.zeros(finding.wrong.shape, dtype=bool)
    for row in rows:
        within = ~np.isfinite(finding.worst) if row.limit == "nonfinite" else finding.worst <= float(row.limit)
        explained |= _inside(finding, row) & within
    return explained
