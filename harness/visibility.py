"""What the check is worth: how small a fault it would have seen, per precision and structure.

A gradient made 1 + f times as large is seen for certain where f·(|exact| − bound) is more than twice the
bound: once for what rounding may take back, once for the bound itself. The typical error, at its warning
level, would see smaller ones, though not for certain.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cases.case import Case
from harness.beside import Beside, side_by_side
from harness.compare import Standard
from harness.returned import Quantity

SUSPICIOUS = 12.0
"""Standard deviations of the typical error above which a seeded case is called suspicious."""


@dataclass(frozen=True)
class Sight:
    """What can be seen in the gradients of one case.

    ``entries`` are the nonzero ones, ``blind`` those of them whose sign is not checked; ``fault`` is the
    smallest relative fault of a whole gradient that is flagged, ``typical`` the same for the warning;
    ``entry`` is the median over entries of the smallest fault in one entry.
    """

    dtype: str
    structure: str
    entries: int
    blind: int
    fault: float
    entry: float
    typical: float


def sight(case: Case, standards: dict[Quantity, Standard]) -> Sight:
    """How small a fault in the gradients of a case would be flagged."""
    gradients = [standard.alone for (name, _), standard in standards.items() if name == "gradient"]
    (found,) = sights([case], gradients)
    return found


def sights(cases: Sequence[Case], gradients: Sequence[Beside]) -> list[Sight]:
    """The same of every case of a stack, whose gradients are held against ``gradients``, cases first."""
    zero = side_by_side([its.zero for its in gradients])
    blind = np.count_nonzero(side_by_side([its.blind for its in gradients]), axis=1)
    with np.errstate(all="ignore"):
        size, bound = (side_by_side(part) for part in zip(*((np.abs(g.exact.high), g.bound) for g in gradients),
                                                            strict=True))  # fmt: skip
        faults = np.where(bound < size, 2 * bound / (size - bound), np.inf)
        warned = 2 * SUSPICIOUS * side_by_side([_typical(its) for its in gradients]) / size
    least = np.where(zero, np.inf, faults).min(axis=1, initial=np.inf)
    typical = np.fmin.reduce(np.where(zero, np.inf, warned), axis=1, initial=np.inf)
    entries = zero.shape[1] - np.count_nonzero(zero, axis=1)
    middles = _middles(faults, zero, entries)
    figures = zip(cases, entries, blind, least, middles, typical, strict=True)
    return [
        Sight(case.dtype, case.structure, int(n), int(unseen), float(fault), float(entry), float(warning))
        for case, n, unseen, fault, entry, warning in figures
    ]


def _middles(faults: Any, zero: Any, entries: Any) -> list[float]:
    """The median of each case's faults, without those of entries that are 0."""
    if not zero.any() and faults.shape[1]:
        below, above = (faults.shape[1] - 1) // 2, faults.shape[1] // 2
        parted = np.partition(faults, (below, above), axis=1)
        found: list[float] = ((parted[:, below] + parted[:, above]) / 2).tolist()
        return found
    return [_middle(its[~none]) if n else np.inf for its, none, n in zip(faults, zero, entries, strict=True)]


def _middle(numbers: Any) -> float:
    """The median of numbers none of which is NaN, for which NumPy's own takes ten times as long to look."""
    below, above = (len(numbers) - 1) // 2, len(numbers) // 2
    parted = np.partition(numbers, (below, above))
    return float((parted[below] + parted[above]) / 2)


def _typical(its: Beside) -> Any:
    return its.bound if its.typical is None else its.typical


def _faults() -> array[float]:
    return array("d")


@dataclass
class Looks:
    """Sights of one precision and structure, in little space: sums of what is counted, and every fault."""

    entries: int = 0
    blind: int = 0
    fault: array[float] = field(default_factory=_faults)
    entry: array[float] = field(default_factory=_faults)
    typical: array[float] = field(default_factory=_faults)

    def join(self, other: Looks) -> None:
        """Take another's too."""
        self.entries += other.entries
        self.blind += other.blind
        self.fault += other.fault
        self.entry += other.entry
        self.typical += other.typical


Seen = dict[tuple[str, str], Looks]
"""Sights by precision and structure, in the order of first appearance."""


def looks(sights: Iterable[Sight]) -> Seen:
    """Sights of cases with any entry, put together."""
    found: Seen = {}
    for s in sights:
        if s.entries:
            its = found.setdefault((s.dtype, s.structure), Looks())
            its.join(Looks(s.entries, s.blind, *(array("d", [x]) for x in (s.fault, s.entry, s.typical))))
    return found


def add(found: Seen, more: Seen) -> None:
    """Put more sights to some."""
    for key, its in more.items():
        found.setdefault(key, Looks()).join(its)


def exhibit(found: Seen) -> list[dict[str, Any]]:
    """One line per precision (structure "all") and per precision and structure."""
    keys = dict.fromkeys((dtype, structure) for dtype, own in found for structure in ("all", own))
    order = sorted(keys, key=lambda key: (key[0], key[1] != "all"))
    return [_line(d, t, [its for (e, own), its in found.items() if e == d and t in ("all", own)]) for d, t in order]


def _line(dtype: str, structure: str, parts: Sequence[Looks]) -> dict[str, Any]:
    its = Looks()
    for part in parts:
        its.join(part)
    faults, typical = _median(its.fault), _median(its.typical)
    return {
        "dtype": dtype,
        "structure": structure,
        "cases": len(its.fault),
        "entries": its.entries,
        "blind_share": its.blind / its.entries,
        "smallest_fault": faults,
        "smallest_fault_in_one_entry": _median(its.entry),
        "typical_fault": typical,
        "gain": faults / typical if 0 < typical < np.inf else 1.0,
    }


def _median(numbers: Sequence[float]) -> float:
    return float(np.median(np.asarray(numbers)))
