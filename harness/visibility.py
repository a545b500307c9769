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
    gradients = [standard for (name, _), standard in standards.items() if name == "gradient"]
    zero = np.concatenate([s.alone.zero[0] for s in gradients])
    blind = np.concatenate([s.alone.blind[0] for s in gradients])
    with np.errstate(all="ignore"):
        size = np.concatenate([np.abs(s.exact.high).ravel() for s in gradients])
        bound = np.concatenate([s.bound.ravel() for s in gradients])
        faults = np.where(bound < size, 2 * bound / (size - bound), np.inf)
        warned = 2 * SUSPICIOUS * np.concatenate([_typical(s).ravel() for s in gradients]) / size
    some = ~zero
    faults, warned = faults[some], warned[some]
    return Sight(
        dtype=case.dtype,
        structure=case.structure,
        entries=len(faults),
        blind=int(np.count_nonzero(blind)),
        fault=float(faults.min(initial=np.inf)),
        entry=_middle(faults) if len(faults) else np.inf,
        typical=float(np.fmin.reduce(warned, initial=np.inf)),
    )


def _middle(numbers: Any) -> float:
    """The median of numbers none of which is NaN, for which NumPy's own takes ten times as long to look."""
    below, above = (len(numbers) - 1) // 2, len(numbers) // 2
    parted = np.partition(numbers, (below, above))
    return float((parted[below] + parted[above]) / 2)


def _typical(standard: Standard) -> Any:
    return standard.bound if standard.typical is None else standard.typical


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
