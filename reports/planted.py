"""The exhibit ``power``: faults planted on purpose, and in how many activations each was caught."""

from __future__ import annotations

from dataclasses import dataclass

from reports.record import Record
from reports.tolerant import Item, items, string, whole
from reports.wording import NOTHING

TITLE = "Faults planted on purpose"

EXPLANATION = (
    "Of the activations, those in which a fault is caught on at least one drawn case; a fault that makes no "
    "difference there, or is smaller than rounding, cannot be."
)
"""What the figures mean."""


@dataclass(frozen=True)
class Planted:
    """One fault in one precision: activations in which it is caught, of all; those that hide it, and why."""

    fault: str
    dtype: str
    caught: int
    activations: int
    same: tuple[str, ...]
    hidden: tuple[str, ...]

    @property
    def text(self) -> str:
        """``12 of 15 (3 alike)``."""
        why = [f"{len(self.same)} alike"] if self.same else []
        why += [f"{len(self.hidden)} below rounding"] if self.hidden else []
        return f"{self.caught} of {self.activations}" + (f" ({', '.join(why)})" if why else "")


def planted(record: Record) -> tuple[Planted, ...]:
    """Read the exhibit; empty where a run has none."""
    return tuple(_planted(item) for item in items(record.exhibits.get("power")))


def dtypes(found: tuple[Planted, ...]) -> tuple[str, ...]:
    """Precisions in the order of the other tables."""
    known = ("float64", "float32", "bfloat16", "float16")
    return tuple(sorted({one.dtype for one in found}, key=lambda d: known.index(d) if d in known else len(known)))


def lines(found: tuple[Planted, ...]) -> list[tuple[str, ...]]:
    """One line a fault: its name, and a text for each precision."""
    texts = {(one.fault, one.dtype): one.text for one in found}
    faults = dict.fromkeys(one.fault for one in found)
    return [(fault, *(texts.get((fault, dtype), NOTHING) for dtype in dtypes(found))) for fault in faults]


def _planted(item: Item) -> Planted:
    return Planted(
        fault=string(item, "fault"),
        dtype=string(item, "dtype"),
        caught=whole(item, "activations_caught"),
        activations=whole(item, "activations"),
        same=_names(item, "no_difference"),
        hidden=_names(item, "hidden_by_rounding"),
    )


def _names(item: Item, name: str) -> tuple[str, ...]:
    found = item.get(name)
    return tuple(str(one) for one in found) if isinstance(found, list) else ()
