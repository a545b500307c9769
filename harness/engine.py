"""The engine: a run cut into tasks, and what one task is.

How the catalogue is cut depends on the catalogue alone, so the rows depend neither on the number of workers nor on
what happens to them (`harness.supervised`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cases.case import Case
from cases.known import deviations
from harness.backends import Backend, load
from harness.bins import Binned, binned
from harness.check import Attempt, attempt_together, check
from harness.judge import Judge
from harness.kills import Kills, kills
from harness.known import judged_scan, looked_for, seen
from harness.learning.train import Learned, train
from harness.learning.training import Training
from harness.printed import published_rows
from harness.scan import Scan, run_scan
from harness.stack import Stack, stacks
from harness.visibility import Sight, sights
from reports.record import Row

STACKS_A_TASK = 32
"""Stacks in one task: enough to outweigh sending it, few enough to share the work evenly."""

CASES_A_TASK = 512
"""Cases in one task, unless a single stack has more: what comes of them is held together."""


@dataclass(frozen=True)
class Task:
    """Some stacks, some scans, some trainings."""

    stacks: tuple[Stack, ...] = ()
    scans: tuple[Scan, ...] = ()
    trainings: tuple[Training, ...] = ()

    @property
    def cases(self) -> list[Case]:
        """The cases of its stacks."""
        return [case for stack in self.stacks for case in stack.cases]

    @property
    def names(self) -> list[str]:
        """Names of its cases, scans and trainings."""
        return names(self.cases, self.scans, self.trainings)

    @property
    def size(self) -> int:
        """Cases, scans and trainings in it, for the progress bar."""
        return len(self.cases) + len(self.scans) + len(self.trainings)


@dataclass
class Result:
    """What came of a task: rows by case, scan or training, sights, the kill matrix, known deviations looked for
    and seen (ids), the curves of trainings, and the errors of scans over bins of x. ``lost`` says why there is nothing
    where we failed ourselves.
    """

    size: int = 0
    rows: dict[str, list[Row]] = field(default_factory=dict)
    observed: dict[str, list[Row]] = field(default_factory=dict)
    sights: list[Sight] = field(default_factory=list)
    looked_for: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    kills: Kills = field(default_factory=Kills)
    learned: list[Learned] = field(default_factory=list)
    binned: list[Binned] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def names(cases: Iterable[Case], scans: Iterable[Scan], trainings: Iterable[Training]) -> list[str]:
    """Names in the order of the rows: cases as in the catalogue, then scans, then trainings."""
    return [*(case.name for case in cases), *(scan.name for scan in scans), *(one.name for one in trainings)]


def tasks(cases: Iterable[Case], scans: Sequence[Scan] = (), trainings: Sequence[Training] = ()) -> list[Task]:
    """Cut a run into tasks."""
    cut: list[Task] = []
    some: list[Stack] = []
    for stack in stacks(cases):
        if len(some) == STACKS_A_TASK or (some and sum(len(s.cases) for s in (*some, stack)) > CASES_A_TASK):
            cut.append(Task(tuple(some)))
            some = []
        some.append(stack)
    cut += [Task(tuple(some))] if some else []
    return [*cut, *(Task(scans=(scan,)) for scan in scans), *(Task(trainings=(one,)) for one in trainings)]


@dataclass(frozen=True)
class Team:
    """Who computes: ``backends`` every case, ``routes`` those tagged core, ``observers`` unjudged.

    Backends and routes are objects, or names and paths as on the command line. ``mistakes``: the kill matrix too.
    ``whole``: what belongs to no backend too, so observers, mistakes, and what can be seen.
    """

    backends: Sequence[Backend | str]
    routes: Sequence[Backend | str] = ()
    observers: Sequence[Backend] = ()
    mistakes: bool = True
    whole: bool = True

    def loaded(self) -> tuple[list[Backend], list[Backend]]:
        """Backends and routes as objects."""
        backends, routes = (
            [load(b) if isinstance(b, str) else b for b in part] for part in (self.backends, self.routes)
        )
        return backends, routes


CORE = "core"
"""The tag of the cases that every route runs on."""


def work(task: Task, team: Team) -> Result:
    """Do one task."""
    backends, routes = team.loaded()
    result = Result(task.size)
    core = {n: ks for n, s in enumerate(task.stacks) if (ks := [k for k, c in enumerate(s.cases) if CORE in c.tags])}
    parts = [Stack(tuple(task.stacks[n].cases[k] for k in ks)) for n, ks in core.items()]
    ready, early = _ready(backends, task.stacks), _ready(routes, parts)
    for number, stack in enumerate(task.stacks):
        judge = Judge(stack)
        for case, rows in zip(stack.cases, check(stack, backends, judge, _of(ready, number), True), strict=True):
            result.rows[case.name] = rows
        if routes and number in core:
            part, its = judge.part(core[number]), _of(early, list(core).index(number))
            for case, rows in zip(part.stack.cases, check(part.stack, routes, part, its, True), strict=True):
                result.rows[case.name] += rows
        if team.whole:
            _watch(stack, judge, team, result)
    for scan in task.scans:
        findings = run_scan(scan, [*backends, *routes])
        result.rows[scan.name] = [judged_scan(finding, deviations()) for finding in findings]
        result.looked_for |= looked_for(findings, deviations())
        result.seen |= seen(findings, deviations())
        result.binned += binned(scan, findings, [backend.name for backend in backends])
    for training in task.trainings:
        learned = train(training, backends)
        result.rows[training.name] = by_backend(learned.rows, [backend.name for backend in backends])
        result.learned.append(learned)
    return result


def _watch(stack: Stack, judge: Judge, team: Team, result: Result) -> None:
    """What belongs to no backend, the rows of printed numbers last; readings and mistakes are of the plain network."""
    if stack.first.links is None:
        for case, rows in zip(stack.cases, check(stack, team.observers, judge), strict=True):
            result.observed[case.name] = rows
        if team.mistakes:
            result.kills.add(kills(stack, judge))
    for case in stack.cases:
        result.rows[case.name] += published_rows(case)
    legal = judge.legal["left"]
    gradients = [quantity for quantity in legal.standards if quantity[0] == "gradient"]
    result.sights += sights(stack.cases, [legal.beside(gradients)])


def by_backend(rows: Iterable[Row], names: Sequence[str]) -> list[Row]:
    """Rows in the order of backends, those of each as they were."""
    place = {name: number for number, name in enumerate(names)}
    return sorted(rows, key=lambda row: place.get(row.backend, len(place)))


def _ready(backends: Sequence[Backend], stacks: Sequence[Stack]) -> dict[str, dict[int, Attempt]]:
    """What backends that are quicker on many stacks at once found for them."""
    return {backend.name: attempt_together(backend, stacks) for backend in backends} if stacks else {}


def _of(ready: Mapping[str, Mapping[int, Attempt]], number: int) -> dict[str, Attempt]:
    return {name: found[number] for name, found in ready.items() if number in found}
