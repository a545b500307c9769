"""The three pipes to a process: requests to it, its answers, and what it prints. Nothing here ever blocks."""

from __future__ import annotations

import contextlib
import os
import select

CHUNK = 2**16
"""Most bytes that are read at once, and that are kept of what is printed."""


class Pipes:
    """Both ends of three pipes; ``theirs`` (requests, answers, printed) are for the process to inherit."""

    def __init__(self) -> None:
        requests, self._request = os.pipe()
        self._reply, answers = os.pipe()
        self._output, printed = os.pipe()
        self.theirs = (requests, answers, printed)
        self.received, self.printed = bytearray(), bytearray()
        self.hung_up, self.drained = False, 0
        self._poll = select.poll()
        self._pending = memoryview(b"")
        for descriptor in (self._request, self._reply, self._output):
            os.set_blocking(descriptor, False)
        for descriptor in (self._reply, self._output):
            self._poll.register(descriptor, select.POLLIN)

    def close_theirs(self) -> None:
        """Close the ends that the process has inherited."""
        for descriptor in self.theirs:
            os.close(descriptor)

    def close_request(self) -> None:
        """Say that nothing more will be asked."""
        os.close(self._request)

    def close_others(self) -> None:
        """Listen no more."""
        os.close(self._reply)
        os.close(self._output)

    def send(self, line: bytes) -> None:
        """Send what the pipe takes, after what is still to be sent; the rest goes as `look` finds room."""
        self._pending = memoryview(bytes(self._pending) + line)
        self._push()

    def look(self, seconds: float) -> bool:
        """Wait until something can be read or sent, and do so; whether an answer, or a part of one, has come."""
        before = len(self.received)
        for descriptor, _ in self._poll.poll(seconds * 1000):
            if descriptor == self._request:
                self._push()
            elif not (chunk := os.read(descriptor, CHUNK)):
                self._poll.unregister(descriptor)
                self.hung_up |= descriptor == self._reply
            elif descriptor == self._reply:
                self.received += chunk
            else:
                self.printed += chunk
                self.drained += len(chunk)
                del self.printed[:-CHUNK]
        return len(self.received) > before

    def _push(self) -> None:
        try:
            while self._pending:
                self._pending = self._pending[os.write(self._request, self._pending) :]
        except BlockingIOError:
            self._poll.register(self._request, select.POLLOUT)
            return
        except BrokenPipeError:  # it does not listen; why, shows when its answer is awaited
            self._pending = memoryview(b"")
        with contextlib.suppress(KeyError):
            self._poll.unregister(self._request)
