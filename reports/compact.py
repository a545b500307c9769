"""Tables of many activations, of gradients, of updates or of both: a line for each activation and task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from reports import wording
from reports.cells import worst
from reports.discrepancies import Key, key, noted
from reports.record import Row
from reports.verdict import Verdict

FEW = 4
"""Up to how many tables (activation and task) are shown in full instead."""

GRADIENT, UPDATE, BOTH = "gradient", "update", "both"
"""What there is a table of; a case's other quantities count with its gradients."""

_SHARES = {GRADIENT: (GRADIENT,), UPDATE: (UPDATE,), BOTH: (GRADIENT, UPDATE)}

_EXCUSED = (Verdict.KNOWN, Verdict.RANGE)
_COUNTED_ELSEWHERE = (Verdict.BLIND, Verdict.UNSUPPORTED)


@dataclass(frozen=True)
class Mark:
    """The worst of one backend on one activation and task.

    ``share`` is over gradients, or updates, without those that are known or beyond the range: there it says
    nothing of the bound. ``verdict`` is the worst one, None where that is exact or rounding; blind and
    unsupported, which are counted elsewhere, only where the gate failed on them or there is nothing else.
    """

    share: float | None
    verdict: Verdict | None
    failed: bool

    @property
    def number(self) -> str:
        """The share as written for people; a dash where there is nothing at all, empty beside a verdict alone."""
        if self.share is None:
            return "" if self.verdict else wording.NOTHING
        return wording.share(self.share)

    @property
    def text(self) -> str:
        """``0.91, convention``."""
        return ", ".join(part for part in (self.number, self.verdict) if part)


@dataclass(frozen=True)
class Entry:
    """One activation and task; a mark for each backend, None where it has no row."""

    activation: str
    task: str
    marks: tuple[Mark | None, ...]

    @property
    def failed(self) -> bool:
        """Whether the gate failed on any of it."""
        return any(mark is not None and mark.failed for mark in self.marks)


@dataclass(frozen=True)
class Uncovered:
    """Cases that a backend does not cover, and the first reason it gives."""

    backend: str
    cases: int
    reason: str

    @property
    def text(self) -> str:
        """``torch does not cover 3 cases: no such loss``."""
        return (
            f"{self.backend} does not cover {wording.counted(self.cases, 'case')}: {self.reason or 'it says not why'}"
        )


def compact(
    rows: Iterable[Row], backends: Sequence[str], failed: Collection[Key] = (), of_what: str = BOTH
) -> tuple[Entry, ...]:
    """Aggregate rows, without those of scans, by activation and task, in the order of first appearance.

    Of GRADIENT all but the updates are counted: where an output or total error fails, it shows there. Rows without
    values (crashed, unsupported) are counted in both.
    """
    of: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.task is not None and (of_what == BOTH or row.quantity is None or _of(row) == of_what):
            of[row.activation, row.task][row.backend].append(row)
    order = {activation: position for position, activation in enumerate(dict.fromkeys(a for a, _ in of))}
    return tuple(
        Entry(
            *at, tuple(_mark(of[at][name], failed, _SHARES[of_what]) if name in of[at] else None for name in backends)
        )
        for at in sorted(of, key=lambda at: order[at[0]])
    )


def _of(row: Row) -> str:
    return UPDATE if row.quantity == UPDATE else GRADIENT


def uncovered(rows: Iterable[Row]) -> tuple[Uncovered, ...]:
    """Count what backends do not cover, one item a backend."""
    of: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.verdict == Verdict.UNSUPPORTED:
            of[row.backend].append(row)
    return tuple(Uncovered(name, len({row.case for row in its}), its[0].detail) for name, its in of.items())


def _mark(rows: Sequence[Row], failed: Collection[Key], learnt: Collection[str]) -> Mark:
    wrong = [row for row in rows if key(row) in failed] if failed else []
    judged = [row for row in rows if row.quantity in learnt and row.verdict not in _EXCUSED]
    verdicts = {row.verdict for row in rows}
    told = {verdict for verdict in verdicts if verdict not in _COUNTED_ELSEWHERE} | {row.verdict for row in wrong}
    verdict = max(told or verdicts, key=lambda verdict: verdict.severity)
    return Mark(
        share=worst(row.share for row in (*judged, *wrong)),
        verdict=verdict if noted(verdict) else None,
        failed=bool(wrong),
    )
