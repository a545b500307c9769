"""A process that answers lines with lines: its start, how long it may take, and its end.

It leads a process group of its own, and is ended with all of it. What it prints is drained while an answer is
awaited, and only the last of it is kept, so that it can fill neither a pipe nor a disk.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from time import monotonic

from harness.candidate.limits import ENVIRONMENT, limit
from harness.candidate.pipes import Pipes
from reports.verdict import Verdict

TICK = 0.05
"""Seconds between looks at whether it lives: something that it started may hold its pipes open when it does not."""

GRACE = 0.5
"""Seconds that it has to end by itself, once it is told that nothing more will be asked."""


class Stopped(Exception):
    """No answer: a verdict, and what happened, as a clause without its subject ("ended with exit code 0").

    ``explained``: that says it all, and what it printed would not.
    """

    def __init__(self, verdict: Verdict, how: str, explained: bool = False) -> None:
        super().__init__(how)
        self.verdict, self.explained = verdict, explained


class Process:
    """A running process.

    It reads requests from standard input and answers on standard output; with ``private`` it does so over two
    other descriptors, whose numbers are appended to ``words``, and prints where it likes. Raises OSError where
    it cannot be started.
    """

    def __init__(self, words: Sequence[str], private: bool = False) -> None:
        self._pipes = Pipes()
        requests, answers, printed = self._pipes.theirs
        try:
            self._popen = subprocess.Popen(
                [*words, str(requests), str(answers)] if private else words,
                stdin=subprocess.DEVNULL if private else requests,
                stdout=printed if private else answers,
                stderr=printed,
                pass_fds=(requests, answers) if private else (),
                env=os.environ | ENVIRONMENT,
                start_new_session=True,
            )
        except BaseException:
            self._pipes.close_request()
            self._pipes.close_others()
            raise
        finally:
            self._pipes.close_theirs()
        self._ended = False
        limit(self._popen.pid)

    @property
    def printed(self) -> str:
        """The last of what it printed."""
        return self._pipes.printed.decode(errors="backslashreplace")

    def exchange(self, line: bytes, seconds: float, most: int) -> bytes:
        """Send ``line`` (b"" for nothing), and return the next line, without its end, of at most ``most`` bytes.

        Raises Stopped where it dies, hangs up, or takes longer than ``seconds``; it must then be killed.
        """
        pipes, deadline, searched = self._pipes, monotonic() + seconds, 0
        pipes.send(line)
        while (end := pipes.received.find(b"\n", searched)) < 0:
            searched = len(pipes.received)
            if searched > most:
                raise Stopped(Verdict.CRASHED, f"answered with more than {most:,} bytes")
            if pipes.hung_up:
                raise Stopped(Verdict.CRASHED, self._end_of_it())
            if (left := deadline - monotonic()) <= 0:
                raise Stopped(Verdict.TIMED_OUT, f"gave no answer within {spoken(seconds)}")
            dead = self._popen.poll() is not None
            if not pipes.look(0 if dead else min(left, TICK)) and dead:
                raise Stopped(Verdict.CRASHED, self._end_of_it())
        found = bytes(pipes.received[:end])
        del pipes.received[: end + 1]
        return found

    def interrogate(self) -> None:
        """Have it print where it is, and read that; for a process that prints it when sent SIGUSR1."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._popen.pid, signal.SIGUSR1)
        deadline, quiet = monotonic() + GRACE, 0
        while quiet < 4 and monotonic() < deadline:  # it comes in pieces
            before = self._pipes.drained
            self._pipes.look(TICK)
            quiet = 0 if self._pipes.drained > before else quiet + 1

    def end(self) -> None:
        """Tell it that nothing more will be asked, then kill what is left of it. May be called again."""
        if not self._ended:
            self._ended = True
            self._pipes.close_request()
            try:
                self._popen.wait(GRACE)
            except subprocess.TimeoutExpired:
                pass
            finally:
                self._kill()

    def kill(self) -> None:
        """Kill it and all that it started, at once. May be called again, and after `end`."""
        if not self._ended:
            self._ended = True
            self._pipes.close_request()
            self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        self._pipes.close_others()

    def _end_of_it(self) -> str:
        try:
            code = self._popen.wait(GRACE)
        except subprocess.TimeoutExpired:
            return "closed the pipe over which it answers"
        self._pipes.look(0)
        return f"ended with exit code {code}" if code >= 0 else f"was killed by {signal.Signals(-code).name}"


def spoken(seconds: float) -> str:
    """A time in words: ``10 seconds``."""
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"
