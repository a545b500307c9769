"""The engine: a run cut into tasks, done here or by worker processes.

How the catalogue is cut depends on the catalogue alone, so the rows do not depend on the number of workers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any

from cases.case import Case
from cases.known import deviations
from harness.backends import Backend, load
from harness.check import attempt_together, check
from harness.judge import Judge
from harness.kills import Kills, kills
from harness.known import judged_scan, looked_for, seen
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
    """Some stacks and some scans."""

    stacks: tuple[Stack, ...] = ()
    scans: tuple[Scan, ...] = ()

    @property
    def size(self) -> int:
        """Cases and scans in it, for the progress bar."""
        return sum(len(stack.cases) for stack in self.stacks) + len(self.scans)


@dataclass
class Result:
    """What came of a task: rows by case or scan, sights, the kill matrix, and known deviations looked for
    and seen (ids)."""

    size: int = 0
    rows: dict[str, list[Row]] = field(default_factory=dict)
    observed: dict[str, list[Row]] = field(default_factory=dict)
    sights: list[Sight] = field(default_factory=list)
    looked_for: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    kills: Kills = field(default_factory=Kills)


def tasks(cases: Iterable[Case], scans: Sequence[Scan] = ()) -> list[Task]:
    """Cut a run into tasks."""
    every = stacks(cases)
    cut = [Task(tuple(every[i : i + STACKS_A_TASK])) for i in range(0, len(every), STACKS_A_TASK)]
    return [*cut, *(Task(scans=(scan,)) for scan in scans)]


def work(task: Task, backends: Sequence[Backend], observers: Sequence[Backend], mistakes: bool = True) -> Result:
    """Do one task; with ``mistakes``, the kill matrix of its cases too."""
    result = Result(task.size)
    ready = {backend.name: attempt_together(backend, task.stacks) for backend in backends}
    for number, stack in enumerate(task.stacks):
        judge, its = Judge(stack), {name: found[number] for name, found in ready.items() if number in found}
        for case, rows in zip(stack.cases, check(stack, backends, judge, its), strict=True):
            result.rows[case.name] = rows
        for case, rows in zip(stack.cases, check(stack, observers, judge), strict=True):
            result.observed[case.name] = rows
        if mistakes:
            result.kills.add(kills(stack, judge))
        result.sights += [sight(case, judge.standards[k]["left"]) for k, case in enumerate(stack.cases)]
    for scan in task.scans:
        findings = run_scan(scan, backends)
        result.rows[scan.name] = [judged_scan(finding, deviations()) for finding in findings]
        result.looked_for |= looked_for(findings, deviations())
        result.seen |= seen(findings, deviations())
    return result


class WorkerDied(Exception):
    """A worker process ended before its task."""


def run_tasks(
    cut: Sequence[Task],
    backends: Sequence[Backend | str],
    observers: Sequence[Backend],
    workers: int,
    progress: Callable[[int], None],
    mistakes: bool = True,
) -> list[Result]:
    """Do every task, and give the results in the order of the tasks.

    Raises ValueError where there is more than one worker and a backend is not given by name.
    """
    if workers == 1:
        loaded = [load(b) if isinstance(b, str) else b for b in backends]
        calls: list[Call] = [(_numbered, n, work, task, loaded, observers, mistakes) for n, task in enumerate(cut)]
    else:
        names = [b for b in backends if isinstance(b, str)]
        if objects := [b.name for b in backends if not isinstance(b, str)]:
            raise ValueError(f"more than one worker needs backends by name: {', '.join(objects)}")
        its = list(observers)
        calls = [(_numbered, n, _work_by_name, task, names, its, mistakes) for n, task in enumerate(cut)]
    results: dict[int, Result] = {}
    for number, result in spread(calls, workers):
        results[number] = result
        progress(result.size)
    return [results[number] for number in range(len(cut))]


def _numbered(number: int, function: Callable[..., Result], *arguments: Any) -> tuple[int, Result]:
    return number, function(*arguments)


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


def _work_by_name(task: Task, names: Sequence[str], observers: Sequence[Backend], mistakes: bool) -> Result:
    return work(task, [load(name) for name in names], observers, mistakes)
