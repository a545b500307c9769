"""The exhibits of a run folder as plain dataclasses, read tolerantly: any key may be absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.record import Record
from reports.tolerant import items, number, string, whole
from reports.wording import apart, counted, place, share, ulps


@dataclass(frozen=True)
class Reading:
    """One way to read the deck, run against the derivative of S11; ``worst`` says how far off it is."""

    name: str
    equation: str
    statement: str
    is_derivative: bool
    cases: int
    agrees: int
    worst: Worst | None
    sentence: str

    @property
    def answer(self) -> str:
        """Whether this reading is the derivative: yes or no."""
        return "yes" if self.is_derivative else "no"

    @property
    def score(self) -> str:
        """``0 of 40 cases``."""
        return f"{self.agrees:,} of {counted(self.cases, 'case')}"


@dataclass(frozen=True)
class Worst:
    """Where a reading is furthest off: ``ratio`` is value over exact, ``share`` error over bound."""

    case: str
    layer: int
    index: tuple[int, ...] | None
    value: float | None
    exact: float | None
    ratio: float | None
    share: float | None

    @property
    def place(self) -> str:
        """Which entry, in words."""
        return place("gradient", self.layer, self.index)

    @property
    def values(self) -> tuple[str, str]:
        """Value and exact value, with digits enough to tell them apart."""
        return apart(self.value, self.exact)

    @property
    def figures(self) -> tuple[str, str]:
        """Ratio and share, as written for people."""
        if self.ratio is None or abs(self.ratio) >= 99.5:
            return ulps(self.ratio), share(self.share)
        return f"{self.ratio:.4g}", share(self.share)


@dataclass(frozen=True)
class Equation:
    """An equation of the deck: where it runs, which routes check it, and whether it holds."""

    id: str
    statement: str
    code: str
    routes: tuple[str, ...]
    outcome: str
    note: str

    @property
    def mark(self) -> str:
        """A sign for the outcome: ✓ holds, ✗ does not hold, ◐ holds with a condition, ○ anything else."""
        return {"holds": "✓", "holds with a condition": "◐", "does not hold": "✗"}.get(self.outcome, "○")


def readings(record: Record) -> tuple[Reading, ...]:
    """Read the exhibit ``readings``; empty where a run has none."""
    return tuple(
        Reading(
            name=string(item, "name"),
            equation=string(item, "equation"),
            statement=string(item, "statement"),
            is_derivative=bool(item.get("is_derivative")),
            cases=whole(item, "cases"),
            agrees=whole(item, "agrees"),
            worst=_worst(item.get("worst")),
            sentence=string(item, "sentence"),
        )
        for item in items(record.exhibits.get("readings"))
    )


def equations(record: Record) -> tuple[Equation, ...]:
    """Read the exhibit ``equations``; empty where a run has none."""
    return tuple(
        Equation(
            id=string(item, "id"),
            statement=string(item, "statement"),
            code=string(item, "code"),
            routes=tuple(map(str, item.get("routes") or ())),
            outcome=string(item, "outcome"),
            note=string(item, "note"),
        )
        for item in items(record.exhibits.get("equations"))
    )


def _worst(found: Any) -> Worst | None:
    if not isinstance(found, Mapping):
        return None
    index = found.get("index")
    return Worst(
        case=string(found, "case"),
        layer=whole(found, "layer"),
        index=None if index is None else tuple(int(i) for i in index),
        value=number(found, "value"),
        exact=number(found, "exact"),
        ratio=number(found, "ratio"),
        share=number(found, "share"),
    )
