"""A process that holds what is to be measured, ready and warm, and measures it when it is asked to.

``python -m harness.bench.served MODULE SETTING``: MODULE has a function ``tasks(setting)``, which gives tasks by
name; a setting is JSON. Each line on standard input names a task and for how many seconds it should go on; each
answer is a line of JSON: the seconds and the processor time of one call.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import IO, Any

from harness.bench.processes import Failed, environment
from harness.bench.timing import Taken

MOST_CALLS = 20_000
"""Calls in one turn at most."""

PAUSE = 0.05
"""Seconds before a turn in which threads of the one before stop waiting for more work, which some do busily."""


def _nothing(count: int) -> Sequence[Any]:
    return [None] * count


@dataclass(frozen=True)
class Task:
    """Something to be measured: ``do`` is called once for each of what ``prepare`` made, which no clock sees."""

    do: Callable[[Any], object]
    prepare: Callable[[int], Sequence[Any]] = _nothing


@dataclass
class Stopwatch:
    """Measures a task: calls are as many as the first, warm, took to fill the time; ever after the same number."""

    task: Task
    calls: int = 0
    clocks: tuple[Callable[[], float], Callable[[], float]] = (time.perf_counter, time.process_time)

    def turn(self, seconds: float) -> Taken:
        """Seconds and processor time of one call."""
        if not self.calls:
            self._measure(1)  # compiles, and fills caches
            self.calls = max(1, min(MOST_CALLS, round(seconds / max(self._measure(1).seconds, 1e-9))))
        return self._measure(self.calls)

    def _measure(self, calls: int) -> Taken:
        prepared, do = self.task.prepare(calls), self.task.do
        clock, processor = self.clocks
        cpu, started = processor(), clock()
        for one in prepared:
            do(one)
        return Taken((clock() - started) / calls, (processor() - cpu) / calls)


@dataclass
class Server:
    """Such a process, seen from outside; use it as a context."""

    module: str
    setting: Mapping[str, Any]
    variables: Mapping[str, str] = field(default_factory=dict)

    def __enter__(self) -> Server:
        self._errors: IO[bytes] = tempfile.TemporaryFile()
        words = [sys.executable, "-m", "harness.bench.served", self.module, json.dumps(self.setting)]
        self._process = subprocess.Popen(
            words, env=environment(**self.variables), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        if kind is not None:
            self._process.kill()
        self._process.wait()
        self._errors.close()

    def turn(self, task: str, seconds: float) -> Taken:
        """Have a task measured. Raises Failed where the process ends instead."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps([task, seconds]).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            pass  # it has ended, and its last words say why
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            said = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            raise Failed(f"{task} could not be measured: {said[-1] if said else 'it ended without a word'}")
        return Taken(**json.loads(line))

    def contestant(self, task: str, seconds: float) -> Callable[[], Taken]:
        """A turn of a task as `harness.bench.timing.alternate` takes it."""
        return partial(self.turn, task, seconds)


def threads(number: int) -> dict[str, str]:
    """Variables under which every library computes on so many threads, set before any is imported."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC", "PJRT_NPROC")  # two are XLA's
    return dict.fromkeys(names, str(number))


def main() -> None:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    module, setting = sys.argv[1:3]
    watches = {name: Stopwatch(task) for name, task in import_module(module).tasks(json.loads(setting)).items()}
    for line in sys.stdin:
        name, seconds = json.loads(line)
        time.sleep(PAUSE)
        taken = watches[name].turn(seconds)
        print(json.dumps({"seconds": taken.seconds, "cpu": taken.cpu}), file=answers, flush=True)


if __name__ == "__main__":
    main()
