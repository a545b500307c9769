"""What running a file and running a program share: a process that is started again when it dies, three times."""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from typing import Self

from cases.case import Case
from cases.faults import printable
from harness.candidate.process import Process, Stopped
from harness.check import Attempt, Refusal
from reports.verdict import Verdict

START = 30.0
"""Least seconds that it may take to start: to be imported, or to give its first reply."""

LIVES = 3
"""After so many deaths it is not asked again: what hangs on every case must not take all day."""


class Restarting(ABC):
    """A candidate in a process; the next call after a death starts a new one."""

    accumulates = "format"

    def __init__(self, name: str, timeout: float) -> None:
        self.name, self.timeout, self.start = name, timeout, max(timeout, START)
        self._process: Process | None = None
        self._deaths: list[Verdict] = []
        self._closed = False

    def ask(self, case: Case) -> Attempt:
        """What it computes for a case, or why there is nothing. Raises ValueError after `close`."""
        if self._closed:
            raise ValueError(f"{self.name} is closed")
        if len(self._deaths) == LIVES:
            return Refusal(self._deaths[-1], f"not asked: it had {_past(self._deaths)} {LIVES} times before")
        try:
            return self._asked(self.started(), case)
        except Stopped as stopped:
            self._deaths.append(stopped.verdict)
            return Refusal(stopped.verdict, self._told(stopped, f" while computing {case.name}"))
        except BaseException:
            self.close()
            raise

    def started(self) -> Process:
        """Its process, started where there is none. Raises Stopped where it does not start."""
        if self._process is None:
            self._process = self._start()
            self._finalizer = weakref.finalize(self, self._process.kill)
            self._greet(self._process)
        return self._process

    def close(self) -> None:
        """End its process and all that it started; may be called again."""
        self._closed = True
        if self._process is not None:
            self._process.end()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def _start(self) -> Process:
        """Start its process."""

    @abstractmethod
    def _greet(self, process: Process) -> None:
        """See that a new process is ready, if it says so. Raises Stopped."""

    @abstractmethod
    def _asked(self, process: Process, case: Case) -> Attempt:
        """Ask the process. Raises Stopped where it cannot be asked again."""

    def _told(self, stopped: Stopped, when: str) -> str:
        """Bury the process, and say how it ended and what it said last."""
        process, self._process = self._process, None
        if process is None:
            return f"{stopped}{when}"
        try:
            where = self._where(process, stopped)
        finally:
            process.kill()
        said = "" if stopped.explained else self._said(process)
        return f"{stopped}{where}{when}{f'; the last that it printed: {said}' if said else ''}"

    def _where(self, process: Process, stopped: Stopped) -> str:
        """Where it was, if that can be had: `` at mine.py:7``."""
        return ""

    def _said(self, process: Process) -> str:
        """The last line of what it printed, quoted."""
        lines = process.printed.strip().splitlines()
        return clipped(lines[-1]) if lines else ""


def clipped(text: str, most: int = 200) -> str:
    """Text in quotes, on one line, cut where it is long."""
    return f'"{printable(text[:most])}{"…" if len(text) > most else ""}"'


def _past(deaths: list[Verdict]) -> str:
    ways = {Verdict.TIMED_OUT: "run out of time", Verdict.CRASHED: "died"}
    return " or ".join(way for verdict, way in ways.items() if verdict in deaths)
