"""Who does the calls of a run: this process, worker processes of its own, or a cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from reports.verdict import Verdict

Call = tuple[Any, ...]
"""A function and its arguments."""


@dataclass(frozen=True)
class Lost:
    """In place of a result: whoever did the call came to an end, and how ("was killed by SIGSEGV").

    ``outside``: perhaps not by itself, but by somebody else's hand. ``unasked``: it was not even begun.
    """

    verdict: Verdict
    how: str
    outside: bool = False
    unasked: bool = False


@dataclass(frozen=True)
class Raised:
    """In place of a result: what the call raised, in words as in `Lost`, and the text of where."""

    error: BaseException
    how: str
    text: str


@dataclass(frozen=True)
class Job:
    """A call with a key of its own. It may take ``seconds``, not counting ``before``, which is called first.

    Jobs with another ``room`` never share a process, not even one after the other: what somebody's own file changes
    in its process is felt by nobody else.
    """

    key: Hashable
    call: Call
    before: Call | None = None
    seconds: float | None = None
    room: str = ""


class Hands(Protocol):
    """Somebody who does jobs, in any order, as many at a time as there are ``places``."""

    @property
    def places(self) -> int:
        """How many jobs keep all of it busy."""

    def put(self, job: Job) -> None:
        """Ask for a job; also while `finished` goes on."""

    def finished(self) -> Iterator[tuple[Hashable, Any]]:
        """Keys and results (or `Lost`, `Raised`) as jobs end, until all that were asked for are done."""

    def close(self) -> None:
        """Give up what is not done yet, and end all processes."""


class Here:
    """This process: the first job first, each when its result is asked for. What a call raises is raised."""

    places = 1

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()

    def put(self, job: Job) -> None:
        """Ask for a job."""
        self._jobs.append(job)

    def finished(self) -> Iterator[tuple[Hashable, Any]]:
        """Do the jobs."""
        while self._jobs:
            job = self._jobs.popleft()
            function, *arguments = job.call
            yield job.key, function(*arguments)

    def close(self) -> None:
        """Forget the jobs."""
        self._jobs.clear()


class WorkerDied(Exception):
    """A worker process came to an end before its call did; the message is a sentence."""


def spread(calls: Sequence[Call], hands: Hands, seconds: float | None = None) -> Iterator[Any]:
    """Results of calls, in order of completion. Raises WorkerDied where one is lost."""
    for number, call in enumerate(calls):
        hands.put(Job(number, call, seconds=seconds))
    for _, found in hands.finished():
        if isinstance(found, Lost):
            raise WorkerDied(f"a worker process {found.how}")
        if isinstance(found, Raised):
            found.error.add_note(f"in a worker process:\n{found.text}")
            raise found.error
        yield found


Told = Callable[[int, int], None]
"""Told how many cases were just finished, and in how many of them there are discrepancies."""
