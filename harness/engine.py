"""The engine: a run cut into tasks, done here or by worker processes.

How the catalogue is cut depends on the catalogue alone, so the rows do not depend on the number of workers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from typing import Any

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
from harness.scan import Scan, run_scan
from harness.stack import Stack, stacks
from harness.visibility import Sight, sight
from reports.record import Row

STACKS_A_TASK = 32
"""Stacks in one task: enough to outweigh sending it, few enough to share the work evenly."""

Call = tuple[Any, ...]
"""A function and its arguments."""


@dataclass(frozen=True)
class Task:
    """Some stacks, some scans, some trainings."""

    stacks: tuple[Stack, ...] = ()
    scans: tuple[Scan, ...] = ()
    trainings: tuple[Training, ...] = ()

    @property
    def size(self) -> int:
        """Cases, scans and trainings in it, for the progress bar."""
        return sum(len(stack.cases) for stack in self.stacks) + len(self.scans) + len(self.trainings)


@dataclass
class Result:
    """What came of a task: rows by case, scan or training, sights, the kill matrix, known deviations looked for
    and seen (ids), the curves of trainings, and the errors of scans over bins of x."""

    size: int = 0
    rows: dict[str, list[Row]] = field(default_factory=dict)
    observed: dict[str, list[Row]] = field(default_factory=dict)
    sights: list[Sight] = field(default_factory=list)
    looked_for: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    kills: Kills = field(default_factory=Kills)
    learned: list[Learned] = field(default_factory=list)
    binned: list[Binned] = field(default_factory=list)


def tasks(cases: Iterable[Case], scans: Sequence[Scan] = (), trainings: Sequence[Training] = ()) -> list[Task]:
    """Cut a run into tasks."""
    every = stacks(cases)
    cut = [Task(tuple(every[i : i + STACKS_A_TASK])) for i in range(0, len(every), STACKS_A_TASK)]
    return [*cut, *(Task(scans=(scan,)) for scan in scans), *(Task(trainings=(one,)) for one in trainings)]


@dataclass(frozen=True)
class Team:
    """Who computes: ``backends`` every case, ``routes`` those tagged core, ``observers`` unjudged.

    Backends and routes are objects, or names and paths as on the command line. ``mistakes``: the kill matrix too.
    """

    backends: Sequence[Backend | str]
    routes: Sequence[Backend | str] = ()
    observers: Sequence[Backend] = ()
    mistakes: bool = True

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
        for case, rows in zip(stack.cases, check(stack, team.observers, judge), strict=True):
            result.observed[case.name] = rows
        if team.mistakes:
            result.kills.add(kills(stack, judge))
        result.sights += [sight(case, judge.standards[k]["left"]) for k, case in enumerate(stack.cases)]
    for scan in task.scans:
        findings = run_scan(scan, [*backends, *routes])
        result.rows[scan.name] = [judged_scan(finding, deviations()) for finding in findings]
        result.looked_for |= looked_for(findings, deviations())
        result.seen |= seen(findings, deviations())
        result.binned += binned(scan, findings, [backend.name for backend in backends])
    for training in task.trainings:
        learned = train(training, backends)
        result.rows[training.name] = list(learned.rows)
        result.learned.append(learned)
    return result


def _ready(backends: Sequence[Backend], stacks: Sequence[Stack]) -> dict[str, dict[int, Attempt]]:
    """What backends that are quicker on many stacks at once found for them."""
    return {backend.name: attempt_together(backend, stacks) for backend in backends} if stacks else {}


def _of(ready: Mapping[str, Mapping[int, Attempt]], number: int) -> dict[str, Attempt]:
    return {name: found[number] for name, found in ready.items() if number in found}


class WorkerDied(Exception):
    """A worker process ended before its task."""


def run_tasks(cut: Sequence[Task], team: Team, workers: int, progress: Callable[[int], None]) -> list[Result]:
    """Do every task, and give the results in the order of the tasks.

    Raises ValueError where there is more than one worker and a backend is not given by name.
    """
    if workers == 1:
        backends, routes = team.loaded()
        team = replace(team, backends=backends, routes=routes)
    elif objects := [b.name for b in (*team.backends, *team.routes) if not isinstance(b, str)]:
        raise ValueError(f"more than one worker needs backends by name: {', '.join(objects)}")
    results: dict[int, Result] = {}
    for number, result in spread([(_numbered, n, task, team) for n, task in enumerate(cut)], workers):
        results[number] = result
        progress(result.size)
    return [results[number] for number in range(len(cut))]


def _numbered(number: int, task: Task, team: Team) -> tuple[int, Result]:
    return number, work(task, team)


def spread(calls: Sequence[Call], workers: int) -> Iterator[Any]:
    """Results of calls (function, *arguments), in order of completion; one worker works here."""
    if workers == 1:
        for function, *arguments in calls:
            yield function(*arguments)
        return
    from loky import get_reusable_executor

    executor = get_reusable_executor(max_workers=workers, env=dict(THREADS))
    try:
        for future in as_completed([executor.submit(*call) for call in calls]):
            yield future.result()
    except BrokenProcessPool as error:
        raise WorkerDied(
            "a worker process died: out of memory, or a backend that exits; run with --workers 1 to see where"
        ) from error
    finally:
        executor.shutdown(wait=False, kill_workers=True)


THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Each worker computes on one thread."""


def default_workers() -> int:
    """As many workers as there are processors to use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
