"""What a run has done already and keeps: its journal, read as results of its tasks."""

from __future__ import annotations

import signal
import sys
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from harness.commands import Incomplete, Interrupted
from harness.found import Found
from harness.gate import INCOMPLETE
from harness.identity import file_digests, identity
from harness.journal import JOURNAL, Journal
from harness.limits import TIMEOUT, memory
from harness.parcel import Parcel, unpacked
from harness.run import Asked
from harness.stored import restored
from harness.supervised import name_of
from reports.build import clear, finished
from reports.record import encode

CERTIFICATE = "certificate"
"""Its name in a journal; tasks have their numbers."""


class Kept:
    """The tasks of a run that are done, in the journal of its folder.

    From its making on the folder holds this run and nothing of an earlier one: pages, summary and rows of that are
    removed first. A run that was finished before is left as it is. A task in which something crashed or ran out of time
    is done again where it now may take longer than it then might, or hold more. Raises OtherRun, FolderError.
    """

    def __init__(self, folder: Path, asked: Asked, proved: bool, resume: bool, seconds: float = TIMEOUT) -> None:
        self.folder, self._cut, self.proved = folder, asked.cut, proved
        backends, routes = ([name_of(b, asked.people) for b in part] for part in (asked.backends, asked.routes))
        its = identity(asked.cut, backends, routes, asked.people.values(), proved)
        self._people, self._files = tuple(asked.people.values()), its["files"]
        self._journal = Journal(folder, its, resume)
        self._asked, self._limits = asked, {"seconds": seconds, "memory": memory()}
        self.done: dict[int, Found] = {}
        self._number = 0
        try:
            self._read()
            self.finished = self.complete and finished(folder)
            if not self.finished:
                clear(folder)
                self._journal.begin()
        except BaseException:
            self._journal.close()
            raise
        if resume and self._journal.fresh:
            print(f"no journal of a run in {folder} that can be read: the run starts afresh", file=sys.stderr)
        elif resume and not self.finished:
            print(f"taken up: {self.state}", file=sys.stderr)

    def _read(self) -> None:
        for number, task in enumerate(self._cut):
            if str(number) in self._journal:
                entry = self._journal.entry(str(number))
                found = restored(entry["found"], task)
                wider = any(self._limits[name] > entry[name] for name in self._limits)
                if not (wider and (ended(found) or found.lost)):
                    self.done[number] = found
                    self._number += 1

    @property
    def complete(self) -> bool:
        """Whether nothing is left to be done."""
        return self._number == len(self._cut) and (not self.proved or CERTIFICATE in self._journal)

    @property
    def state(self) -> str:
        """How far it is, in words."""
        return f"{self._number:,} of {len(self._cut):,} tasks are done and in {self.folder / JOURNAL}"

    def keep(self, number: int, parcel: Parcel) -> None:
        """Write down what came of a task."""
        self._journal.add_packed(str(number), parcel.json, parcel.texts, **self._limits)
        self._number += 1

    def texts(self) -> Iterator[tuple[bytes, bytes]]:
        """The rows of all cases, scans and trainings in their order, as the text that goes into the run folder."""
        tasks, numbers = array("L", [0]) * len(self._asked.names), array("L", [0]) * len(self._asked.names)
        for task, places in enumerate(self._asked.places):
            for number, place in enumerate(places):
                tasks[place], numbers[place] = task, number
        for task, number in zip(tasks, numbers, strict=True):
            yield unpacked(self._journal.text(str(task), number))

    def certificate(self, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The certificate that is kept, or else a new one."""
        if CERTIFICATE not in self._journal:
            self._journal.add(CERTIFICATE, encode(make()))
        found: dict[str, Any] = self._journal.get(CERTIFICATE)
        return found

    def same_files(self) -> None:
        """See that backend files are what they were at the start. Raises Incomplete where not; nothing is kept then."""
        now = file_digests(self._people)
        if changed := [name for name, digest in self._files.items() if now[name] != digest]:
            self._journal.close()
            (self.folder / JOURNAL).unlink(missing_ok=True)
            raise Incomplete(
                f"the file of {', '.join(changed)} changed while it ran: some rows are of either; run again"
            )

    def close(self) -> None:
        """Let go of the journal."""
        self._journal.close()


def ended(found: Found) -> set[str]:
    """Backends that crashed or ran out of time."""
    return {lot.backend for lot in found.sums.ordered if lot.verdict in INCOMPLETE}


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a run as Ctrl-C does."""


@contextmanager
def stoppable(kept: Kept) -> Iterator[None]:
    """While it lasts, Ctrl-C and SIGTERM end in a sentence that says what is kept. Raises Interrupted."""

    def terminated(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminated)
    try:
        yield
    except KeyboardInterrupt as stop:
        code = 143 if isinstance(stop, Terminated) else 130
        said = f"interrupted: {kept.state}; the same command with --resume goes on from there"
        raise Interrupted(said, code) from stop
    finally:
        signal.signal(signal.SIGTERM, before)
