"""A candidate program: one that speaks JSON lines (`harness.candidate.lines`) on standard input and output."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from time import monotonic

from cases.case import Case
from harness.candidate import BadCandidate
from harness.candidate.lines import Reply, Unreadable, attempt, parsed, request
from harness.candidate.process import Process, Stopped, spoken
from harness.candidate.runner import Restarting, clipped
from harness.candidate.wire import room
from harness.check import Attempt, Refusal
from reports.verdict import Verdict


class ProgramRunner(Restarting):
    """A program, asked one case at a time."""

    def __init__(self, command: str, timeout: float) -> None:
        """Start it. Raises BadCandidate."""
        self._words = _words(command)
        super().__init__(Path(self._words[0]).name, timeout)
        self._ids: Counter[str] = Counter()
        self._asked_before: set[str] = set()
        try:
            self.started()
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            shown = clipped(self._words[0])
            raise BadCandidate(f"the command {shown} cannot be started: {why[:1].lower()}{why[1:]}") from error

    def _start(self) -> Process:
        self._asked_before = set()
        return Process(self._words)

    def _greet(self, process: Process) -> None:
        """Programs say nothing before they are asked."""

    def _asked(self, process: Process, case: Case) -> Attempt:
        self._ids[case.name] += 1
        its = case.name if self._ids[case.name] == 1 else f"{case.name}#{self._ids[case.name]}"
        seconds = self.timeout if self._asked_before else self.start
        try:
            return attempt(self._reply(process, request(case, its), its, seconds, _most(case)), case.dtype)
        except Unreadable as error:
            return Refusal(Verdict.MALFORMED, str(error))
        finally:
            self._asked_before.add(its)

    def _reply(self, process: Process, line: bytes, its: str, seconds: float, most: int) -> Reply:
        """The reply with the id ``its``; late ones to earlier requests are passed over. Raises Unreadable, Stopped."""
        deadline = monotonic() + seconds
        while (left := deadline - monotonic()) > 0:
            try:
                found = process.exchange(line, left, most)
            except Stopped as stopped:
                raise Stopped(stopped.verdict, _hinted(stopped, seconds)) from stopped
            line = b""
            if not found.strip():
                continue
            reply = parsed(found)
            if reply.get("id") == its:
                return reply
            if not isinstance(reply.get("id"), str) or reply["id"] not in self._asked_before:
                shown = clipped(found[:400].decode(errors="backslashreplace"), 100)
                raise Unreadable(f"replied {shown}, expected the id {clipped(its)}")
        raise Stopped(Verdict.TIMED_OUT, _late(seconds))


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise BadCandidate(f"the command {clipped(command)} cannot be cut into words: {error}") from error
    if not words or not words[0].strip():
        raise BadCandidate("the command is empty; expected a program and its arguments")
    return words


def _most(case: Case) -> int:
    """Most bytes of a reply: 64 a number, far more than any spelling takes, and ample room for what is wrong."""
    return room(64 * sum(a.nbytes for a in (case.x, case.target, *case.weights)))


def _hinted(stopped: Stopped, seconds: float) -> str:
    if stopped.verdict == Verdict.TIMED_OUT:
        return _late(seconds)
    if str(stopped) == "ended with exit code 0":
        return "ended with exit code 0 (it must go on until its input ends)"
    return str(stopped)


def _late(seconds: float) -> str:
    return f"gave no reply within {spoken(seconds)} (does it write its output out after each line?)"
