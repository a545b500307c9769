"""The exhibit ``visibility``: what the check is worth, by precision and structure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reports.record import Record
from reports.tolerant import Item, items, number, string, whole
from reports.wording import NOTHING, percent, ulps

ALL = "all"
"""The structure that stands for all of a precision."""

HEADER = ("cases", "nonzero entries", "blind", "fault seen in a whole gradient", "in one entry",
          "typical error warns of", "gain")  # fmt: skip
"""What `Visibility.figures` are."""

EXPLANATION = (
    "Faults are relative, medians over the cases: the smallest that is flagged for certain, and that the typical "
    "error warns of; gain is their ratio."
)
"""What the figures mean."""

_DTYPES = ("float64", "float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Visibility:
    """How small a fault would be flagged in one precision and structure; None where it is not known."""

    dtype: str
    structure: str
    cases: int
    entries: int
    blind: float | None
    whole: float | None
    entry: float | None
    typical: float | None
    gain: float | None

    @property
    def figures(self) -> tuple[str, ...]:
        """Its numbers as written for people, in the order of HEADER."""
        typical = (NOTHING, NOTHING) if self.typical is None else (ulps(self.typical), ulps(self.gain))
        return (f"{self.cases:,}", f"{self.entries:,}", percent(self.blind), ulps(self.whole), ulps(self.entry),
                *typical)  # fmt: skip


def visibility(record: Record) -> tuple[Visibility, ...]:
    """Read the exhibit, widest precision first, all structures of one together; empty where a run has none."""
    found = [_visibility(item) for item in items(record.exhibits.get("visibility"))]
    return tuple(sorted(found, key=lambda line: (_place(line.dtype), line.dtype, line.structure != ALL)))


def overall(found: tuple[Visibility, ...]) -> tuple[Visibility, ...]:
    """One line a precision, over all its structures."""
    return tuple(line for line in found if line.structure == ALL)


def _visibility(item: Item) -> Visibility:
    return Visibility(
        dtype=string(item, "dtype"),
        structure=string(item, "structure"),
        cases=whole(item, "cases"),
        entries=whole(item, "entries"),
        blind=_known(item, "blind_share"),
        whole=_known(item, "smallest_fault"),
        entry=_known(item, "smallest_fault_in_one_entry"),
        typical=_known(item, "typical_fault"),
        gain=_known(item, "gain"),
    )


def _known(item: Item, name: str) -> float | None:
    value = number(item, name)
    return None if value is None or math.isnan(value) else value


def _place(dtype: str) -> int:
    return _DTYPES.index(dtype) if dtype in _DTYPES else len(_DTYPES)
