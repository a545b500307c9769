"""A candidate file, asked from outside its process (`harness.candidate.child`)."""

from __future__ import annotations

import json
import re
import sys
from itertools import count
from pathlib import Path
from typing import Any

from cases.case import Case
from cases.faults import printable
from harness.backends import Evaluation
from harness.candidate import SIGNATURE, BadCandidate
from harness.candidate.module import ACCUMULATES
from harness.candidate.process import Process, Stopped, spoken
from harness.candidate.result import LISTS, QUANTITIES
from harness.candidate.runner import Restarting, clipped
from harness.candidate.wire import Junk, packed, room, unpacked
from harness.check import Attempt, Refusal
from reports.verdict import Verdict

HOME = str(Path(__file__).resolve().parents[2])

BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); import harness; del sys.path[0]\n"
    "from harness.candidate.child import main; main(sys.argv[2:])"
)
"""Starts the child from where we are, whatever the working folder and the path hold."""

REFUSALS = (Verdict.CRASHED, Verdict.MALFORMED, Verdict.UNSUPPORTED)

_TRACE = re.compile(r"^(?:Fatal Python error|Current thread|Thread 0x|Stack \(most).*", re.MULTILINE | re.DOTALL)
_FRAME = re.compile(r'^  File "(.+)", line (\d+) in ', re.MULTILINE)


class FileRunner(Restarting):
    """A candidate file in an interpreter of its own."""

    def __init__(self, path: Path, timeout: float) -> None:
        """Load it. Raises BadCandidate."""
        super().__init__(path.stem, timeout)
        self._path, shown = str(path.resolve()), printable(str(path))
        if not path.is_file():
            what = "not a file" if path.exists() else "no such file"
            raise BadCandidate(f"{shown}: {what}; expected a Python file that defines {SIGNATURE}")
        self._numbers = count()
        try:
            self.started()
        except Stopped as stopped:
            raise BadCandidate(f"{shown}: {self._told(stopped, '')}") from stopped
        except BaseException:
            self.close()
            raise

    def _start(self) -> Process:
        return Process(words(self._path, int(2 * self.start) + 60), private=True)

    def _greet(self, process: Process) -> None:
        try:
            greeting = _read(process.exchange(b"", self.start, room(0)))
        except Stopped as stopped:
            late = stopped.verdict == Verdict.TIMED_OUT
            how = f"took more than {spoken(self.start)}" if late else str(stopped)
            raise Stopped(stopped.verdict, f"importing it {how}") from stopped
        if "unusable" in greeting:
            raise Stopped(Verdict.CRASHED, printable(str(greeting["unusable"])), explained=True)
        if greeting.get("accumulates") not in ACCUMULATES:
            raise Stopped(Verdict.CRASHED, "importing it wrote into the pipe over which it answers")
        self.accumulates = str(greeting["accumulates"])

    def _asked(self, process: Process, case: Case) -> Attempt:
        number = next(self._numbers)
        arrays = [case.x, case.target, *case.weights]
        request = {
            "n": number,
            "x": packed(case.x),
            "weights": [packed(w) for w in case.weights],
            "target": packed(case.target),
            "activation": case.activation,
            "task": case.task,
            "learning_rate": case.learning_rate,
            "dtype": case.dtype,
        }
        most = 2 * room(sum(a.nbytes for a in arrays))
        line = process.exchange(json.dumps(request).encode() + b"\n", self.timeout, most)
        reply = _read(line)
        try:
            if reply["n"] != number:
                raise Junk("another number")
            if "refusal" in reply:
                return Refusal(_verdict(reply["refusal"]), printable(str(reply["reason"])[:1000]))
            return Evaluation(**{name: _quantity(reply, name) for name in QUANTITIES})
        except (KeyError, TypeError, ValueError) as error:
            raise _junk(line) from error

    def _where(self, process: Process, stopped: Stopped) -> str:
        if stopped.verdict == Verdict.TIMED_OUT:
            process.interrogate()
        trace = _TRACE.search(process.printed)
        frames = _FRAME.findall(trace[0]) if trace else []
        ours = self._path.encode("ascii", "backslashreplace").decode()
        return next((f" at {Path(self._path).name}:{line}" for file, line in frames if file == ours), "")

    def _said(self, process: Process) -> str:
        lines = _TRACE.sub("", process.printed).strip().splitlines()
        return clipped(lines[-1]) if lines else ""


def words(path: str, patience: int) -> list[str]:
    """The command that runs a candidate file; its process ends itself when a call takes ``patience`` seconds."""
    return [sys.executable, "-P", "-c", BOOT, HOME, path, str(patience)]


def _read(line: bytes) -> dict[str, Any]:
    """A line as a JSON object. Raises Stopped: whatever wrote it, what follows cannot be trusted."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _junk(line) from error
    if not isinstance(found, dict):
        raise _junk(line)
    return found


def _junk(line: bytes) -> Stopped:
    said = clipped(line[:400].decode(errors="backslashreplace"), 60)
    return Stopped(Verdict.CRASHED, f"wrote {said} into the pipe over which it answers")


def _verdict(word: Any) -> Verdict:
    if word not in REFUSALS:
        raise Junk("no refusal")
    return Verdict(word)


def _quantity(reply: dict[str, Any], name: str) -> Any:
    """An array, a list of arrays, or None where it was left out. Raises Junk, TypeError."""
    if name not in reply:
        return None
    return [unpacked(item) for item in reply[name]] if name in LISTS else unpacked(reply[name])
