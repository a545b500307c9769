"""A worker process, as seen from outside (`harness.working` is its inside).

It leads a process group of its own, and is ended with all of it. Nothing here ever blocks: whatever it does, the
other workers go on.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
from time import monotonic
from typing import Any

from harness.hands import Job, Lost
from harness.limits import START, THREADS, memory
from harness.working import BEGUN, HEAD
from reports.verdict import Verdict

BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from harness.working import main; main({}, {}, {}, {})"
"""Starts a worker with the path that we have: not from `__main__`, which it need not import."""

CHUNK = 2**20

FOREIGN = "wrote into the pipe over which it answers"

GRACE = 5.0
"""Seconds that a process has to be seen dead once it has hung up."""


class Worker:
    """A process that does one job at a time, all of one room."""

    def __init__(self, room: str = "") -> None:
        self.room = room
        self.job: Job | None = None
        self._socket, theirs = socket.socketpair()
        lives, self._lives = os.pipe()
        with theirs:
            words = BOOT.format(theirs.fileno(), os.getpid(), memory(), lives)
            self._popen = subprocess.Popen(
                [sys.executable, "-c", words, json.dumps(sys.path)],
                stdin=subprocess.DEVNULL,
                stdout=_stderr(),  # what a backend prints is no part of a report
                pass_fds=(theirs.fileno(), lives),
                env=os.environ | THREADS,
                start_new_session=True,
            )
        os.close(lives)
        self._socket.setblocking(False)
        self._pending = memoryview(b"")
        self._received = bytearray()
        self._deadline: float | None = None
        self._begun = False

    def fileno(self) -> int:
        """What to wait on."""
        return self._socket.fileno()

    @property
    def sending(self) -> bool:
        """Whether a part of its job is still to be sent."""
        return bool(self._pending)

    @property
    def left(self) -> float | None:
        """Seconds that its job may still take; None where that is not limited."""
        return None if self._deadline is None else self._deadline - monotonic()

    def start(self, job: Job) -> None:
        """Give it a job. What cannot be pickled is refused with the pickler's own error."""
        body = pickle.dumps((job.before, job.call, job.seconds))
        self.job, self._begun, self._pending = job, False, memoryview(HEAD.pack(len(body)) + body)
        self._deadline = None if job.seconds is None else monotonic() + max(START, job.seconds)
        self.push()

    def push(self) -> None:
        """Send what there is room for."""
        try:
            while self._pending:
                self._pending = self._pending[self._socket.send(self._pending) :]
        except BlockingIOError:
            return
        except OSError:  # it does not listen any more; why, shows when its answer is awaited
            self._pending = memoryview(b"")

    def look(self) -> tuple[Any, ...] | Lost | None:
        """Its answer, (whether it is a result, the result or error, …), `Lost`, or None where there is none yet."""
        assert self.job is not None
        hung_up = self._read()
        while True:
            try:
                message = self._message()
            except ValueError:
                return Lost(Verdict.CRASHED, FOREIGN)
            if message is None:
                break
            if message == BEGUN:
                self._begun = True
                self._deadline = None if self.job.seconds is None else monotonic() + self.job.seconds
                continue
            try:
                found: tuple[Any, ...] = pickle.loads(message)
                if found[0] not in (True, False):
                    raise ValueError("neither a result nor an error")
            except Exception:  # whatever wrote it, what follows cannot be trusted
                return Lost(Verdict.CRASHED, FOREIGN)
            return found
        if hung_up or self._popen.poll() is not None:
            return self._end()
        if self.left is not None and self.left <= 0:
            if self._begun:
                return Lost(Verdict.TIMED_OUT, f"ran past --timeout {self.job.seconds:g} s")
            return Lost(Verdict.TIMED_OUT, f"was not imported within {max(START, self.job.seconds or 0.0):g} s")
        return None

    def kill(self) -> None:
        """Kill it and all that it started, at once. May be called again."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        self._socket.close()
        if self._lives >= 0:
            os.close(self._lives)
            self._lives = -1

    def _read(self) -> bool:
        """Take what has come; whether it has hung up."""
        try:
            while chunk := self._socket.recv(CHUNK):
                self._received += chunk
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def _message(self) -> bytes | None:
        if len(self._received) < HEAD.size:
            return None
        length = HEAD.unpack_from(self._received)[0]
        if length > memory():
            raise ValueError("longer than all that a worker may hold")
        end = HEAD.size + length
        if len(self._received) < end:
            return None
        message = bytes(self._received[HEAD.size : end])
        del self._received[:end]
        return message

    def _end(self) -> Lost:
        try:
            code = self._popen.wait(GRACE)
        except subprocess.TimeoutExpired:
            return Lost(Verdict.CRASHED, "closed the pipe over which it answers")
        if code >= 0:
            return Lost(Verdict.CRASHED, f"exited with code {code}")
        return Lost(Verdict.CRASHED, f"was killed by {signal.Signals(-code).name}", outside=-code == signal.SIGKILL)


def _stderr() -> int:
    """Standard error, or nothing where it was closed."""
    try:
        os.fstat(2)
    except OSError:
        return subprocess.DEVNULL
    return 2
