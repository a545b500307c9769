"""The process of a worker (`harness.worker`): does one call after another, until nobody is there to ask for more.

It shares the process with whatever it calls, which may do anything to it: end it, hang, fork, allocate. All that
becomes the end of the process, or silence, and the other side sees to it.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import struct
import sys
import threading
import time
import traceback
from typing import Any

from harness.limits import hold_memory, message

if sys.platform == "linux":
    import fcntl

HEAD = struct.Struct("<Q")
"""Before each message, its length in bytes."""

BEGUN = b"begun"
"""A message: what had to be imported is, and the call itself begins."""

LAST = 60
"""Seconds after which a process that nobody has ended ends itself."""


def main(descriptor: int, parent: int, memory: int, lives: int) -> None:
    """Answer over the socket ``descriptor`` as long as the process ``parent`` lives, which holds the pipe ``lives``."""
    os.set_inheritable(descriptor, False)
    os.set_inheritable(lives, False)
    _end_with(lives)
    hold_memory(memory)
    me = os.getpid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as requests:
        while (head := _exactly(requests, HEAD.size)) and (body := _exactly(requests, *HEAD.unpack(head))):
            answer = _answer(descriptor, body)
            if os.getpid() != me:  # what was called has forked: only one of the two may answer
                os._exit(0)
            _send(descriptor, answer)


def _answer(descriptor: int, body: bytes) -> bytes:
    """What a call gives, or what it raises, pickled."""
    try:
        before, (function, *arguments), seconds = pickle.loads(body)
        if before is not None:
            before[0](*before[1:])
        _send(descriptor, BEGUN)
        signal.alarm(int(seconds) + LAST if seconds else 0)
        try:
            return pickle.dumps((True, function(*arguments)))
        finally:
            signal.alarm(0)
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: whatever it is, it is an answer
        return _raised(error)


def _raised(error: BaseException) -> bytes:
    how, text = f"raised {type(error).__name__}: {message(error)}", "".join(traceback.format_exception(error))
    try:
        answer = pickle.dumps((False, error, how, text))
        pickle.loads(answer)
    except Exception:  # an error that does not travel: its words do
        return pickle.dumps((False, RuntimeError(how), how, text))
    return answer


def _send(descriptor: int, message: bytes) -> None:
    left = memoryview(HEAD.pack(len(message)) + message)
    while left:
        left = left[os.write(descriptor, left) :]


def _exactly(stream: Any, size: int) -> bytes:
    """The next ``size`` bytes; none where the other side has hung up."""
    parts = bytearray()
    while len(parts) < size:
        part = stream.read(size - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)


def _end_with(lives: int) -> None:
    """Let the system kill this process, and all that it started, when the other end of a pipe is closed.

    The pipe is never written to. A thread that looks (`_watch`) does not come to it where a call never lets go of the
    interpreter; the system does. What is not Linux has no such signal.
    """
    if sys.platform == "linux":
        fcntl.fcntl(lives, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lives, fcntl.F_SETOWN, -os.getpgid(0))
        fcntl.fcntl(lives, fcntl.F_SETFL, fcntl.fcntl(lives, fcntl.F_GETFL) | os.O_ASYNC)
        if select.select([lives], [], [], 0)[0]:  # it was closed before
            os.killpg(os.getpgid(0), signal.SIGKILL)


def _watch(parent: int) -> None:
    """End this process, and all that it started, when its parent has died without doing so."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.killpg(os.getpgid(0), signal.SIGKILL)
