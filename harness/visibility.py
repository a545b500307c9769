"""What the check is worth: how small a fault it would have seen, per precision and structure.

A gradient made 1 + f times as large is seen for certain where f·(|exact| − bound) is more than twice the
bound: once for what rounding may take back, once for the bound itself. The typical error, at its warning
level, would see smaller ones, though not for certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


def exhibit(sights: Iterable[Sight]) -> list[dict[str, Any]]:
    """One line per precision (structure "all") and per precision and structure."""
    every = [s for s in sights if s.entries]
    keys = dict.fromkeys((s.dtype, structure) for s in every for structure in ("all", s.structure))
    order = sorted(keys, key=lambda key: (key[0], key[1] != "all"))
    return [_line(d, t, [s for s in every if s.dtype == d and t in ("all", s.structure)]) for d, t in order]


def _line(dtype: str, structure: str, sights: Sequence[Sight]) -> dict[str, Any]:
    entries = sum(s.entries for s in sights)
    faults, typical = _median([s.fault for s in sights]), _median([s.typical for s in sights])
    return {
        "dtype": dtype,
        "structure": structure,
        "cases": len(sights),
        "entries": entries,
        "blind_share": sum(s.blind for s in sights) / entries,
        "smallest_fault": faults,
        "smallest_fault_in_one_entry": _median([s.entry for s in sights]),
        "typical_fault": typical,
        "gain": faults / typical if 0 < typical < np.inf else 1.0,
    }


def _median(numbers: Sequence[float]) -> float:
    return float(np.median(np.asarray(numbers)))
