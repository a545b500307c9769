"""Running a program to its end with a clock: seconds, processor time and memory of all its processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench.timing import Taken

HOME = Path(__file__).resolve().parent.parent.parent
"""The folder of our packages."""

EVERY = 0.2
"""Seconds between two looks at a program's processes."""

GRADPROOF = (sys.executable, "-c", "from harness.cli import main; main()")
"""The command line, started as its console script starts it."""

PROCESSES = Path("/proc")
"""Where Linux tells of processes; elsewhere there is no memory of workers, and their processor time counts once
they are waited for."""


class Failed(Exception):
    """A program that was to be measured ended with an error; the message says which, and its last words."""


@dataclass(frozen=True)
class Ran(Taken):
    """A program's run. ``parent`` and ``worker`` are peaks of memory in bytes: its own, and its largest child's.

    NaN where the system does not tell.
    """

    parent: float = float("nan")
    worker: float = float("nan")
    output: str = ""


def environment(**variables: str) -> dict[str, str]:
    """The environment of a program that is measured: ours, with our packages on the path, and what is given."""
    paths = [str(HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **variables}


def timed(command: Sequence[str], folder: Path, watched: bool = False, **variables: str) -> Ran:
    """Run a program in ``folder`` until its end; with ``watched``, keep an eye on its processes.

    Raises Failed where it does not end with 0.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        watch = _Watch()
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment(**variables), stdout=out, stderr=err)
        if watched:
            watch.start(process.pid)
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
        except BaseException:
            process.kill()
            raise
        finally:
            watch.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise Failed(f"{_shown(command)} ended with {process.returncode}: {_last(err) or _last(out)}")
        out.seek(0)
        cpu = max(usage.ru_utime + usage.ru_stime, watch.cpu)
        return Ran(seconds, cpu, *watch.peaks, output=out.read().decode("utf-8", "replace"))


@dataclass
class _Watch:
    """Looks at a process and its descendants again and again, and keeps what was last seen of each."""

    seen: dict[int, tuple[float, float]] = field(default_factory=dict)
    root: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, root: int) -> None:
        self.root = root
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def cpu(self) -> float:
        """Seconds of all of them, as far as they were seen."""
        return sum(cpu for cpu, _ in self.seen.values())

    @property
    def peaks(self) -> tuple[float, float]:
        """Bytes at most: of the process itself, and of its largest descendant."""
        own = self.seen.get(self.root, (0.0, float("nan")))[1]
        return own, max((peak for pid, (_, peak) in self.seen.items() if pid != self.root), default=float("nan"))

    def _look(self) -> None:
        while not self._ended.wait(EVERY):
            for pid in family(self.root):
                if (found := usage_of(pid)) is not None:
                    before = self.seen.get(pid, (0.0, 0.0))
                    self.seen[pid] = max(before[0], found[0]), max(before[1], found[1])


def family(root: int) -> list[int]:
    """A process and all that descend from it, as far as the system tells."""
    children: dict[int, list[int]] = {}
    for entry in _listed(PROCESSES):
        if entry.name.isdigit() and (words := _read(entry / "stat").rpartition(")")[2].split()):
            children.setdefault(int(words[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def usage_of(pid: int) -> tuple[float, float] | None:
    """Seconds of processor time of a process, and the most memory that it ever had in bytes; None once it ended."""
    stat, status = _read(PROCESSES / str(pid) / "stat"), _read(PROCESSES / str(pid) / "status")
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    if not stat or not peaks:
        return None
    ticks = stat.rpartition(")")[2].split()
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK"), int(peaks[0]) * 1024.0


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # it has ended meanwhile, or this is no Linux
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _shown(command: Sequence[str]) -> str:
    words = ["gradproof", *command[len(GRADPROOF) :]] if tuple(command[: len(GRADPROOF)]) == GRADPROOF else command
    return " ".join(Path(word).name if Path(word).is_absolute() else word for word in words)


def _last(stream: object) -> str:
    """The last line that was written to a file, if any."""
    assert hasattr(stream, "seek") and hasattr(stream, "read")
    stream.seek(0)
    lines = [line for line in stream.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
