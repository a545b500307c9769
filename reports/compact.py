"""Tables of many activations, of gradients, of updates or of both: a line for each activation and task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from reports import wording
from reports.cells import worst
from reports.lots import Lot
from reports.ranks import noted
from reports.sums import Sums
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


def compact(lots: Iterable[Lot], backends: Sequence[str], of_what: str = BOTH) -> tuple[Entry, ...]:
    """Aggregate rows, without those of scans, by activation and task, in the order of first appearance.

    Of GRADIENT all but the updates are counted: where an output or total error fails, it shows there. Rows without
    values (crashed, unsupported) are counted in both.
    """
    of: dict[tuple[str, str], dict[str, list[Lot]]] = defaultdict(lambda: defaultdict(list))
    for lot in lots:
        if lot.task is not None and (of_what == BOTH or lot.quantity is None or _of(lot) == of_what):
            of[lot.activation, lot.task][lot.backend].append(lot)
    order = {activation: position for position, activation in enumerate(dict.fromkeys(a for a, _ in of))}
    return tuple(
        Entry(*at, tuple(_mark(of[at][name], _SHARES[of_what]) if name in of[at] else None for name in backends))
        for at in sorted(of, key=lambda at: order[at[0]])
    )


def _of(lot: Lot) -> str:
    return UPDATE if lot.quantity == UPDATE else GRADIENT


def uncovered(found: Sums, without: Collection[str] = ()) -> tuple[Uncovered, ...]:
    """Count what backends do not cover, one item a backend, ``without`` some."""
    reasons: dict[str, str] = {}
    for lot in found.ordered:
        if lot.verdict == Verdict.UNSUPPORTED and not lot.learning and lot.backend not in without:
            reasons.setdefault(lot.backend, lot.detail)
    return tuple(Uncovered(name, found.uncovered[name], reason) for name, reason in reasons.items())


def _mark(lots: Sequence[Lot], learnt: Collection[str]) -> Mark:
    wrong = [lot for lot in lots if lot.failed]
    judged = [lot for lot in lots if lot.quantity in learnt and lot.verdict not in _EXCUSED]
    verdicts = {lot.verdict for lot in lots}
    told = {verdict for verdict in verdicts if verdict not in _COUNTED_ELSEWHERE} | {lot.verdict for lot in wrong}
    verdict = max(told or verdicts, key=lambda verdict: verdict.severity)
    return Mark(
        share=worst(lot.share for lot in (*judged, *wrong)),
        verdict=verdict if noted(verdict) else None,
        failed=bool(wrong),
    )
