"""A run: cases and backends in; rows, exhibits and an answer out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from cases.case import Case
from cases.known import deviations
from harness.backends import BACKENDS, Backend, load
from harness.backends.reference import readings
from harness.bins import Binned
from harness.crew import hands
from harness.engine import Result, Task, Team, names, tasks
from harness.found import Found
from harness.found import found as found_in
from harness.gate import Answer, answer
from harness.hands import Hands, Here
from harness.introduced import introduced, mode
from harness.kills import Kills
from harness.known import gone
from harness.learning.train import Learned
from harness.learning.training import Training
from harness.parcel import Packing, Parcel
from harness.parts import Introduced
from harness.scan import Scan
from harness.supervised import Supervised, name_of
from harness.tally import Tally
from harness.visibility import Sight
from reports.record import Row

Its = TypeVar("Its")

NOTHING: Mapping[Any, Any] = MappingProxyType({})

Progress = Callable[[int, int], None]
"""Told how many cases were just finished, and in how many of them there are discrepancies."""


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
    only shown: the gate does not see them. ``modes``: in which mode those differentiate that are not loaded here.
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
    modes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def cut(self) -> list[Task]:
        """The tasks."""
        return tasks(self.cases, self.scans, self.trainings)

    @property
    def team(self) -> Team:
        """Who computes."""
        return Team(self.backends, self.routes, self.observers, self.mistakes)

    @cached_property
    def names(self) -> list[str]:
        """Of all that is done, in the order of the rows."""
        return names(self.cases, self.scans, self.trainings)

    @cached_property
    def places(self) -> list[tuple[int, ...]]:
        """Of each task, where its cases, scans and trainings stand among the names."""
        where = {name: place for place, name in enumerate(self.names)}
        return [tuple(where[name] for name in task.names) for task in self.cut]

    def packing(self, keep: bool) -> Callable[[int], Packing]:
        """How each task is packed."""
        return lambda number: Packing(self.places[number], self.wide, keep)

    @cached_property
    def wide(self) -> set[str]:
        """Routes of ours whose bound is wider than reverse mode's."""
        every = [*self.backends, *self.routes]
        told = {name for name, its in self.modes.items() if name in BACKENDS and its != "reverse"}
        others = [b for b in every if not isinstance(b, str) or b not in (*self.people, *self.modes)]
        return told | wide_routes(map(_loaded, others))

    @property
    def called(self) -> list[str]:
        """Names of the backends."""
        return [name_of(backend, self.people) for backend in self.backends]

    def judged(self, found: Found) -> Answer:
        """The gate's answer on what is found in all tasks."""
        stale = gone(found.looked_for, found.seen, deviations())
        backends = [name for name in self.called if self.required or name not in BACKENDS or BACKENDS[name].required]
        lost = {"gradproof itself": "; ".join(found.lost)} if found.lost else {}
        return answer(
            len(self.cases),
            Counter(case.expect for case in self.cases if case.expect is not None),
            in_order(found.failures),
            found.sums,
            {**self.missing, **lost},
            [*self.refuted, *stale],
            backends if self.names else (),
        )


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
    with _asked(cases, backends, missing, workers, more) as (asked, its):
        return outcome(asked, results(asked, its, seconds, progress))


def certify(
    cases: Sequence[Case],
    backends: Sequence[Backend | str],
    missing: Mapping[str, str] | None = None,
    *,
    progress: Progress = lambda finished, wrong: None,
    workers: int = 1,
    seconds: float | None = None,
    **more: Any,
) -> Answer:
    """The same, for the answer alone: no rows are held, however many cases there are."""
    with _asked(cases, backends, missing, workers, more) as (asked, its):
        return asked.judged(tally(asked, its, seconds, progress))


@contextmanager
def _asked(
    cases: Sequence[Case],
    backends: Sequence[Backend | str],
    missing: Mapping[str, str] | None,
    workers: int,
    more: Mapping[str, Any],
) -> Iterator[tuple[Asked, Hands]]:
    called = [*backends, *more.get("routes", ())]
    files = any(isinstance(backend, str) and backend.endswith(".py") for backend in called)
    if (workers > 1 or files) and (objects := [b.name for b in called if not isinstance(b, str)]):
        what = "more than one worker" if workers > 1 else "a backend file"
        raise ValueError(f"{what} needs backends by name: {', '.join(objects)}")
    with closing(hands(workers, apart=files)) as its:
        known = [] if isinstance(its, Here) else [introduced(name, its) for name in dict.fromkeys(map(str, called))]
        people, modes = {one.source: one for one in known if one.own}, {one.name: one.mode for one in known}
        yield Asked(cases, backends, missing or {}, people=people, modes=modes, **more), its


def results(asked: Asked, its: Hands, seconds: float | None, progress: Progress) -> list[Result]:
    """What comes of every task, in their order."""
    found: dict[int, Result] = {}

    def told(number: int, result: Result) -> None:
        found[number] = result
        judged = found_in(result, asked.cut[number], asked.places[number], asked.wide)
        progress(result.size, judged.wrong)

    _supervised(asked, its, seconds, None).do(range(len(asked.cut)), told)
    return [found[number] for number in range(len(asked.cut))]


def tally(
    asked: Asked,
    its: Hands,
    seconds: float | None,
    progress: Progress,
    done: Mapping[int, Found] = NOTHING,
    keep: Callable[[int, Parcel], None] | None = None,
) -> Found:
    """What is found in all tasks: those of which it is known (``done``), and the others. Rows are held nowhere.

    ``keep`` is given each that was not done yet, with the text of its rows, before it counts as done.
    """
    whole = Tally()
    for number, one in done.items():
        whole.add(number, one)

    def told(number: int, parcel: Parcel) -> None:
        if keep is not None:
            keep(number, parcel)
        whole.add(number, parcel.found)
        progress(parcel.size, parcel.found.wrong)

    left = [number for number in range(len(asked.cut)) if number not in done]
    _supervised(asked, its, seconds, asked.packing(keep is not None)).do(left, told)
    return whole.found


def _supervised(
    asked: Asked, its: Hands, seconds: float | None, packing: Callable[[int], Packing] | None
) -> Supervised:
    team = asked.team
    if isinstance(its, Here):
        backends, routes = team.loaded()
        team = replace(team, backends=backends, routes=routes)
    return Supervised(asked.cut, team, asked.people, its, seconds, packing)


def outcome(asked: Asked, results: Sequence[Result]) -> Outcome:
    """What all results come to."""
    whole = Tally()
    for number, result in enumerate(results):
        whole.add(number, found_in(result, asked.cut[number], asked.places[number], asked.wide))
    its = whole.found
    rows = {name: rows for result in results for name, rows in result.rows.items()}
    seen = {name: rows for result in results for name, rows in result.observed.items()}
    return Outcome(
        tuple(row for name in asked.names for row in rows[name]),
        asked.judged(its),
        tuple(row for case in asked.cases for row in seen.get(case.name, ())),
        tuple(sight for result in results for sight in result.sights),
        suspicious(its),
        its.kills,
        tuple(its.learned),
        tuple(its.binned),
    )


def wide_routes(backends: Iterable[Backend]) -> set[str]:
    """Routes of ours whose bound is wider than reverse mode's, and may hide what a case does not."""
    return {its.name for its in backends if its.name in BACKENDS and mode(its) != "reverse"}


def _loaded(backend: Backend | str) -> Backend:
    return load(backend) if isinstance(backend, str) else backend


def suspicious(found: Found) -> tuple[Row, ...]:
    """Rows of seeded cases that pass, but are further off than independent roundings would ever be; worst first.

    A warning, never a judgement: the typical error is an estimate.
    """
    return tuple(sorted(in_order(found.suspicious), key=lambda row: -(row.typical or 0.0)))


def in_order(placed: Iterable[tuple[int, Its]]) -> list[Its]:
    """What has places, in their order; what has the same place stays as it is."""
    return [its for _, its in sorted(placed, key=lambda one: one[0])]
