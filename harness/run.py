"""A run: cases and backends in; rows, exhibits and an answer out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from cases.case import Case
from cases.known import conventions, deviations
from harness.backends import BACKENDS, Backend, load
from harness.backends.reference import readings
from harness.bins import Binned
from harness.crew import hands
from harness.engine import Result, Task, Team, tasks
from harness.gate import Answer, gate
from harness.hands import Hands, Here
from harness.introduced import by_path
from harness.kills import Kills
from harness.known import gone, installed
from harness.learning.train import Learned
from harness.learning.training import Training
from harness.parts import Introduced
from harness.scan import Scan
from harness.supervised import Supervised, name_of
from harness.visibility import SUSPICIOUS, Sight
from reports.record import Row
from reports.verdict import Verdict

NOTHING: Mapping[Any, Any] = MappingProxyType({})

Progress = Callable[[int, int], None]
"""Told how many cases were just finished, and how many discrepancies were found in them."""


@dataclass(frozen=True)
class Outcome:
    """What a run gives: rows in the order of catalogue and backends, the answer, and the observers' rows."""

    rows: tuple[Row, ...]
    answer: Answer
    observed: tuple[Row, ...] = ()
    sights: tuple[Sight, ...] = ()
    suspicious: tuple[Row, ...] = ()
    kills: Kills = field(default_factory=Kills)
    learned: tuple[Learned, ...] = ()
    binned: tuple[Binned, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What is to be done: the tasks, by whom, and how the gate judges it.

    ``backends`` and ``routes`` are objects, or names and paths as on the command line; ``people`` are those that are
    files, by path. Routes run on the cases tagged core alone. ``missing`` are required backends that could not be
    loaded, and why: they make the answer incomplete. ``required``: every backend must have compared something, not
    only those without which no run is complete. ``mistakes``: hold every mistake against the gate too, on the same
    cases. ``refuted``: backends whose equations were proved wrong, and why. ``observers`` run like backends, but are
    only shown: the gate does not see them.
    """

    cases: Sequence[Case]
    backends: Sequence[Backend | str]
    missing: Mapping[str, str] = field(default_factory=dict)
    observers: Sequence[Backend] = readings
    scans: Sequence[Scan] = ()
    required: bool = False
    mistakes: bool = True
    routes: Sequence[Backend | str] = ()
    trainings: Sequence[Training] = ()
    refuted: Sequence[tuple[str, str]] = ()
    people: Mapping[str, Introduced] = field(default_factory=dict)

    @cached_property
    def cut(self) -> list[Task]:
        """The tasks."""
        return tasks(self.cases, self.scans, self.trainings)

    @property
    def team(self) -> Team:
        """Who computes."""
        return Team(self.backends, self.routes, self.observers, self.mistakes)

    @cached_property
    def wide(self) -> set[str]:
        """Routes of ours whose bound is wider than reverse mode's."""
        every = (*self.backends, *self.routes)
        return wide_routes(_loaded(b) for b in every if not isinstance(b, str) or b not in self.people)

    @property
    def names(self) -> list[str]:
        """Names of the backends."""
        return [name_of(backend, self.people) for backend in self.backends]

    def judged(
        self,
        rows: Iterable[Row],
        cases: Sequence[Case],
        missing: Mapping[str, str] = NOTHING,
        gone: Sequence[tuple[str, str]] = (),
        required: Sequence[str] = (),
    ) -> Answer:
        """The gate's answer on some rows; the rest is of the whole run (see `harness.gate.gate`)."""
        listed = [row for row in conventions() if row.covers(installed(row.backend))]
        return gate(cases, rows, missing, listed, gone, required, self.wide)

    def wrong(self, task: Task, result: Result) -> int:
        """How many discrepancies there are in the result of a task; what is incomplete is none."""
        rows = [row for its in result.rows.values() for row in its]
        return sum(not failure.incomplete for failure in self.judged(rows, task.cases).failures)


def run(
    cases: Sequence[Case],
    backends: Sequence[Backend | str],
    missing: Mapping[str, str] | None = None,
    *,
    progress: Progress = lambda finished, wrong: None,
    workers: int = 1,
    seconds: float | None = None,
    **more: Any,
) -> Outcome:
    """Hold every backend against the truth on every case and training, and every activation in a scan against its row.

    Backends are objects, or names and paths as on the command line; more than one worker needs the latter, and a file
    is computed with in a process of its own, where a task may take ``seconds``. ``more`` are other fields of `Asked`.
    Raises ValueError where there is more than one worker and a backend is not given by name.
    """
    called = [*backends, *more.get("routes", ())]
    files = any(isinstance(backend, str) and backend.endswith(".py") for backend in called)
    if (workers > 1 or files) and (objects := [b.name for b in called if not isinstance(b, str)]):
        what = "more than one worker" if workers > 1 else "a backend file"
        raise ValueError(f"{what} needs backends by name: {', '.join(objects)}")
    with closing(hands(workers, apart=files)) as its:
        asked = Asked(cases, backends, missing or {}, people=by_path(called, its), **more)
        return outcome(asked, results(asked, its, seconds, progress))


def results(
    asked: Asked,
    its: Hands,
    seconds: float | None,
    progress: Progress,
    done: Mapping[int, Result] = NOTHING,
    keep: Callable[[int, Result], None] = lambda number, result: None,
) -> list[Result]:
    """What comes of every task, in their order: those that are ``done`` already, and the others.

    ``keep`` is told of each that was not done yet, before it counts as done.
    """
    found = dict(done)

    def told(number: int, result: Result) -> None:
        keep(number, result)
        found[number] = result
        progress(result.size, asked.wrong(asked.cut[number], result))

    team = asked.team
    if isinstance(its, Here):
        backends, routes = team.loaded()
        team = replace(team, backends=backends, routes=routes)
    left = [number for number in range(len(asked.cut)) if number not in found]
    Supervised(asked.cut, team, asked.people, its, seconds).do(left, told)
    return [found[number] for number in range(len(asked.cut))]


def outcome(asked: Asked, results: Sequence[Result]) -> Outcome:
    """What all results come to."""
    cases, scans, trainings = asked.cases, asked.scans, asked.trainings
    found = {name: rows for result in results for name, rows in result.rows.items()}
    seen = {name: rows for result in results for name, rows in result.observed.items()}
    gated = tuple(
        row
        for name in [*(c.name for c in cases), *(s.name for s in scans), *(t.name for t in trainings)]
        for row in found[name]
    )
    observed = tuple(row for case in cases for row in seen.get(case.name, ()))
    stale = gone(
        {id_ for result in results for id_ in result.looked_for},
        {id_ for result in results for id_ in result.seen},
        deviations(),
    )
    demanded = [name for name in asked.names if asked.required or name not in BACKENDS or BACKENDS[name].required]
    lost = [said for result in results for said in result.lost]
    missing = {**asked.missing, **({"gradproof itself": "; ".join(lost)} if lost else {})}
    answer = asked.judged(
        gated, cases, missing, [*asked.refuted, *stale], demanded if cases or scans or trainings else ()
    )
    sights = tuple(sight for result in results for sight in result.sights)
    kills = Kills()
    for result in results:
        kills.add(result.kills)
    learned = tuple(one for result in results for one in result.learned)
    scanned = tuple(one for result in results for one in result.binned)
    return Outcome(gated, answer, observed, sights, suspicious(cases, gated), kills, learned, scanned)


def wide_routes(backends: Iterable[Backend]) -> set[str]:
    """Routes of ours whose bound is wider than reverse mode's, and may hide what a case does not."""
    return {its.name for its in backends if its.name in BACKENDS and getattr(its, "mode", "reverse") != "reverse"}


def _loaded(backend: Backend | str) -> Backend:
    return load(backend) if isinstance(backend, str) else backend


def suspicious(cases: Sequence[Case], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows of seeded cases that pass, but are further off than independent roundings would ever be; worst first.

    A warning, never a judgement: the typical error is an estimate.
    """
    drawn = {case.name for case in cases if case.drawn}
    passing = [row for row in rows if row.case in drawn and row.verdict in (Verdict.EXACT, Verdict.ROUNDING)]
    found = [row for row in passing if row.typical is not None and row.typical > SUSPICIOUS]
    return tuple(sorted(found, key=lambda row: -(row.typical or 0.0)))
