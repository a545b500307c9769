"""What a run makes of the rows of a task, so that the rows themselves need not be held.

What is found of several tasks is put together in their order; where a row stands in the run is said by the place of its
case in the catalogue, and scans and trainings follow.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from cases.known import Convention, conventions
from harness import visibility
from harness.bins import Binned
from harness.engine import Result, Task
from harness.gate import Failure, failures_of
from harness.kills import Kills
from harness.known import installed
from harness.learning.train import Learned
from harness.misreadings import Misread, misread
from harness.visibility import SUSPICIOUS, Seen, looks
from reports.record import Row
from reports.sums import APART, Sums
from reports.verdict import Verdict


@dataclass
class Found:
    """What is found in the rows of some tasks; the parts are those of `harness.engine.Result`.

    ``failures`` and ``suspicious`` rows have their place beside them. ``readings`` are by backend.
    """

    size: int = 0
    sums: Sums = field(default_factory=Sums)
    failures: list[tuple[int, Failure]] = field(default_factory=list)
    suspicious: list[tuple[int, Row]] = field(default_factory=list)
    readings: dict[str, Misread] = field(default_factory=dict)
    sights: Seen = field(default_factory=dict)
    looked_for: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    kills: Kills = field(default_factory=Kills)
    learned: list[Learned] = field(default_factory=list)
    binned: list[Binned] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Put what is found of a later task to it."""
        self.size += other.size
        self.sums.merge(other.sums)
        self.failures += other.failures
        self.suspicious += other.suspicious
        for name, its in other.readings.items():
            self.readings.setdefault(name, Misread()).join(its)
        visibility.add(self.sights, other.sights)
        self.looked_for |= other.looked_for
        self.seen |= other.seen
        self.kills.add(other.kills)
        self.learned += other.learned
        self.binned += other.binned
        self.lost += other.lost

    @property
    def wrong(self) -> int:
        """In how many cases there are discrepancies; what is incomplete is none."""
        return len({failure.case for _, failure in self.failures if not failure.incomplete})

    @property
    def incomplete(self) -> int:
        """How many results are missing because a backend crashed or ran out of time."""
        return sum(failure.incomplete for _, failure in self.failures)


def found(result: Result, task: Task, places: Sequence[int], wide: Collection[str]) -> Found:
    """What is found in the result of a task whose cases, scans and trainings stand at ``places``.

    ``wide`` are the backends with a wider bound than reverse mode's.
    """
    its = Found(
        size=result.size,
        sights=looks(result.sights),
        looked_for=result.looked_for,
        seen=result.seen,
        kills=result.kills,
        learned=result.learned,
        binned=result.binned,
        lost=result.lost,
    )
    cases, rules = {case.name: case for case in task.cases}, listed()
    for name, number in zip(task.names, places, strict=True):
        rows, place, case = result.rows[name], number * APART, cases.get(name)
        failures = failures_of(case, rows, rules, wide)
        its.failures += [(place, failure) for failure in failures]
        if rows:
            its.sums.add(place, rows, [failure.backend for failure in failures])
        if case is not None and case.drawn:
            its.suspicious += [(place + n, row) for n, row in enumerate(rows) if _suspicious(row)]
        misread(place, result.observed.get(name, ()), its.readings)
    its.sums.trim()
    return its


def listed() -> list[Convention]:
    """The conventions that hold for what is installed."""
    return [row for row in conventions() if row.covers(installed(row.backend))]


def _suspicious(row: Row) -> bool:
    """Whether it passes, but is further off than independent roundings would ever be."""
    if row.typical is None or not row.typical > SUSPICIOUS:
        return False
    return row.verdict in (Verdict.EXACT, Verdict.ROUNDING)
