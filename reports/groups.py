"""Many changes in few lines: grouped as finely as fits, each group with its worst example."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reports.changes import FURTHER, NEARER, WHOLE, Change
from reports.wording import NOTHING

HEADER = ("changes", "cases", "what changed", "backend", "activation", "quantity", "dtype", "worst example")
"""What `Group.cells` are."""

_LEVELS = (4, 3, 2, 1, 0)
_NAMED = 3


@dataclass(frozen=True)
class Group:
    """Changes of one kind."""

    changes: tuple[Change, ...]

    @property
    def what(self) -> str:
        """In which way they changed."""
        return self.changes[0].what

    @property
    def cases(self) -> int:
        """In how many cases."""
        return len({change.row.case for change in self.changes})

    @property
    def worst(self) -> Change:
        """The one that is furthest from what it was, or from what is right."""
        return max(self.changes, key=_size)

    @property
    def cells(self) -> tuple[str, ...]:
        """Its counts, what it is about, and its worst example, in the order of HEADER."""
        rows = [change.row for change in self.changes]
        about = ([r.backend for r in rows], [r.activation for r in rows],
                 [change.quantity for change in self.changes], [r.dtype for r in rows])  # fmt: skip
        several = len(set(about[0])) > 1
        example = f"{self.worst.row.backend}: {self.worst.text}" if several else self.worst.text
        return (f"{len(rows):,}", f"{self.cases:,}", self.what, *map(_names, about), example)


def grouped(changes: Sequence[Change], most: int) -> list[Group]:
    """Group changes by kind, backend, activation, quantity and dtype; by less where that makes more than ``most``.

    The first group is the one with the most severe verdict, then the one with the most rows.
    """
    for level in _LEVELS:
        of: dict[tuple[str, ...], list[Change]] = {}
        for change in changes:
            of.setdefault(_key(change, level), []).append(change)
        if len(of) <= most:
            break
    found = [Group(tuple(its)) for its in of.values()]
    return sorted(found, key=lambda group: (-group.worst.row.verdict.severity, -len(group.changes)))


def _key(change: Change, level: int) -> tuple[str, ...]:
    row = change.row
    if change.what in WHOLE:
        return (change.what,) if change.what.startswith("case ") else (change.what, row.backend)[: 1 + level]
    return (change.what, row.backend, row.activation, change.quantity, row.dtype)[: 1 + level]


def _size(change: Change) -> tuple[float, ...]:
    """Of ulps, how many times as many; otherwise the error over its bound, and the verdict first."""
    if change.what in (FURTHER, NEARER):
        return 0.0, round(change.ratio, 3), max(distance or 0.0 for distance in change.distances)
    share = change.row.share
    shares = -1.0 if share is None else math.inf if math.isnan(share) else share
    return float(change.row.verdict.severity), shares


def _names(names: Sequence[str]) -> str:
    """``torch``; ``gelu, relu and 5 more``."""
    distinct = list(dict.fromkeys(filter(None, names)))
    if len(distinct) <= _NAMED + 1:
        return ", ".join(distinct) or NOTHING
    return f"{', '.join(distinct[:_NAMED])} and {len(distinct) - _NAMED} more"
