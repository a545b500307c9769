"""Worker processes of our own. A call that ends its process, or takes too long, costs itself and nothing else.

Not an executor of the standard library, nor loky's: when a process of theirs dies, every call that is under way is
lost with it, and nobody can say whose fault it was. Here each process has a pipe of its own and one call at a time,
so a death has one cause; it is replaced, and the others go on.
"""

from __future__ import annotations

import os
import selectors
from collections import deque
from collections.abc import Hashable, Iterator
from types import TracebackType
from typing import Any, Self

from harness.hands import Hands, Here, Job, Lost, Raised
from harness.worker import Worker

TICK = 0.25
"""Seconds between looks at whether each lives: something that it started may hold its pipe open when it does not."""


SPARE = 2
"""Idle processes that are kept beyond the places, for jobs of other rooms: starting one imports the frameworks."""


class Crew:
    """Up to ``places`` worker processes, started when there is something to do."""

    def __init__(self, places: int) -> None:
        self.places = places
        self._jobs: deque[Job] = deque()
        self._idle: list[Worker] = []
        self._busy: list[Worker] = []

    def put(self, job: Job) -> None:
        """Ask for a job."""
        self._jobs.append(job)

    def finished(self) -> Iterator[tuple[Hashable, Any]]:
        """Results as jobs end; those asked for first are begun first."""
        while self._jobs or self._busy:
            while self._jobs and len(self._busy) < self.places:
                self._start(self._jobs.popleft())
            self._wait()
            for worker in list(self._busy):
                found = worker.look()
                if found is None:
                    continue
                self._busy.remove(worker)
                job, worker.job = worker.job, None
                assert job is not None
                if isinstance(found, Lost):
                    worker.kill()
                else:
                    self._idle.append(worker)
                yield job.key, _result(found)

    def close(self) -> None:
        """Kill every worker, whatever it does."""
        for worker in [*self._busy, *self._idle]:
            worker.kill()
        self._busy, self._idle, self._jobs = [], [], deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _start(self, job: Job) -> None:
        worker = next((idle for idle in self._idle if idle.room == job.room), None)
        if worker is None:
            worker = Worker(job.room)
            while len(self._idle) > self.places + SPARE:
                self._idle.pop(0).kill()
        else:
            self._idle.remove(worker)
        self._busy.append(worker)
        worker.start(job)

    def _wait(self) -> None:
        """Until something can be read or sent, or may have died."""
        with selectors.DefaultSelector() as selector:
            for worker in self._busy:
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if worker.sending else 0)
                selector.register(worker, wanted, worker)
            for key, events in selector.select(TICK):
                if events & selectors.EVENT_WRITE:
                    key.data.push()


def _result(found: tuple[Any, ...] | Lost) -> Any:
    """A worker's answer as who asked wants it."""
    if isinstance(found, Lost):
        return found
    return found[1] if found[0] else Raised(*found[1:])


def hands(workers: int, apart: bool = False) -> Hands:
    """This process for one worker, unless what is called must be kept ``apart``; else so many processes of their own.

    Where there are no process groups, as on Windows, everything is done here.
    """
    return Crew(workers) if (workers > 1 or apart) and os.name == "posix" else Here()
