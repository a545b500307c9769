"""All tasks of a run, done by whoever does them, whatever happens to those who do.

A task is done for all of our own backends at once, which is quickest, and for each that is somebody's file in a process
that nobody else uses: a file may change numpy or torch for everything beside it. If a process comes to an end, its
part is done again in smaller parts until it is known who ended it: that backend alone has rows that say so, and those
of all others are what they would have been. From then on that backend is kept apart.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.backends import Backend
from harness.engine import CORE, Result, Task, Team, work
from harness.hands import Hands, Job, Lost, Raised
from harness.parcel import Packing, Parcel, packed, work_and_pack
from harness.parts import Introduced, Part, missing, team_of, together
from reports.row import PUBLISHED
from reports.verdict import Verdict

IN_A_ROW = 3
"""A backend that ran out of time in so many tasks, and ended none between them, is not asked again: what always
hangs must not take all day."""

Key = tuple[int, Part]
"""A part of a task."""


@dataclass
class Open:
    """A task under way: how many of its parts are not done, and what came of those that are."""

    parts: int
    results: list[Result] = field(default_factory=list)


class Supervised:
    """The tasks of a run, for one team. ``people`` are backends that are files, by path, as they introduced
    themselves; a part of a task may take ``seconds``; ``packing`` says how each is packed; without
    it what comes of each is told as it is.
    """

    def __init__(
        self,
        cut: Sequence[Task],
        team: Team,
        people: Mapping[str, Introduced],
        hands: Hands,
        seconds: float | None,
        packing: Callable[[int], Packing] | None = None,
    ) -> None:
        self._cut, self._team, self._hands, self._seconds, self._packing = cut, team, hands, seconds, packing
        named = [[(name_of(b, people), b) for b in part] for part in (team.backends, team.routes)]
        self._sources: dict[str, Backend | str] = {name: b for part in named for name, b in part}
        backends, routes = (tuple(name for name, _ in part) for part in named)
        self._everybody = Part(backends, routes, whole=True)
        self._own = [its.name for its in people.values()]
        self._pointwise = [its.name for its in people.values() if its.pointwise]
        self._rooms = {its.name: path for path, its in people.items()}
        self._open: dict[int, Open] = {}
        self._out = 0  # jobs that are asked for and not done
        # backends that are files, or that may have ended a process, and what waits for them
        self._apart: dict[str, deque[Key]] = {name: deque() for name in self._own}
        self._ends: dict[int, str] = {}  # of tasks, whose process ended in a way that is not explained yet
        self._asked: dict[str, Key] = {}  # what those of them compute that are computing
        self._guilty: set[str] = set()
        self._late: Counter[str] = Counter()
        self._again: set[Key] = set()

    def do(self, numbers: Iterable[int], told: Callable[[int, Any], None]) -> None:
        """Do the tasks of these numbers, those first that come first; ``told`` is told of each as it is done."""
        self._told, waiting = told, deque(numbers)
        self._fill(waiting)
        for key, found in self._hands.finished():
            self._out -= 1
            self._ended(key, found)  # type: ignore[arg-type]  # the keys are ours
            self._fill(waiting)

    def _fill(self, waiting: deque[int]) -> None:
        """Keep all hands busy, and no more: what is learned of a backend counts from the next task on."""
        while waiting and self._out < self._hands.places:
            number = waiting.popleft()
            self._add(number, [self._everybody.without(self._apart), *map(self._everybody.only, self._apart)])

    def _add(self, number: int, parts: Sequence[Part]) -> None:
        self._open.setdefault(number, Open(0)).parts += len(parts)
        for part in parts:
            name = part.names[0] if len(part.names) == 1 and not part.whole else None
            if name not in self._apart:
                self._put((number, part))
            elif name in self._asked:
                self._apart[name].append((number, part))
            else:
                self._ask(name, (number, part))

    def _ask(self, name: str, key: Key) -> None:
        """Ask a backend that is kept apart: one thing at a time, and nothing once it has hung too often."""
        if self._late[name] < IN_A_ROW:
            self._asked[name] = key
            self._put(key)
            return
        seconds = f"{self._seconds:g} s" if self._seconds is not None else "its time"
        why = f"not asked: it ran past --timeout {seconds} in {IN_A_ROW} tasks in a row"
        lost = Lost(Verdict.TIMED_OUT, why, unasked=True)
        self._done(key[0], missing(self._cut[key[0]], key[1], lost, self._pointwise))

    def _put(self, key: Key) -> None:
        number, part = key
        team = self._team if part == self._everybody else team_of(part, self._team, self._sources)
        self._out += 1
        room = self._rooms.get(part.names[0], "") if len(part.names) == 1 else ""
        task = self._cut[number]
        # what is not done in parts is packed by who does it
        pack = self._packing if self._whole(part) else None
        call = (work, task, team) if pack is None else (work_and_pack, task, team, pack(number))
        self._hands.put(Job(key, call, (prepare, team), self._seconds, room))

    def _whole(self, part: Part) -> bool:
        """Whether a part is all there is to a task, by our own backends alone."""
        return part == self._everybody and not self._own and self._packing is not None

    def _ended(self, key: Key, found: Parcel | Result | Lost | Raised) -> None:
        number, part = key
        for name in [name for name, its in self._asked.items() if its == key]:
            del self._asked[name]
        if isinstance(found, Raised):
            found = Lost(Verdict.CRASHED, found.how)
        elif not isinstance(found, Lost) and not self._answers(key, found):
            found = Lost(Verdict.CRASHED, "sent back something else than its rows")
        if isinstance(found, Lost):
            self._lost(key, found)
        else:
            for name in part.names:
                self._late[name] = 0
                if name not in self._guilty and name not in self._own and not self._apart.get(name):
                    self._apart.pop(name, None)
            if isinstance(found, Parcel):
                del self._open[number]
                self._told(number, found)
            else:
                self._done(number, found)
        for name in part.names:
            while self._apart.get(name) and name not in self._asked:
                self._ask(name, self._apart[name].popleft())

    def _lost(self, key: Key, lost: Lost) -> None:
        number, part = key
        if lost.outside and key not in self._again:  # once more: perhaps it was somebody else's hand
            self._again.add(key)
            self._open[number].parts -= 1
            self._add(number, [part])
        elif smaller := part.smaller(self._own):
            self._open[number].parts -= 1
            if lost.verdict == Verdict.CRASHED and not lost.outside and "MemoryError" not in lost.how:
                self._ends[number] = lost.how
            self._apart |= {name: deque() for name in self._own if name in part.names and name not in self._apart}
            self._add(number, smaller)
        else:
            for name in part.names:
                self._apart.setdefault(name, deque())
                self._guilty.add(name)
                self._late[name] += lost.verdict == Verdict.TIMED_OUT
            self._ends.pop(number, None)
            self._done(number, missing(self._cut[number], part, lost, self._pointwise))

    def _done(self, number: int, result: Result) -> None:
        its = self._open[number]
        its.parts -= 1
        its.results.append(result)
        if not its.parts:
            del self._open[number]
            whole = together(self._cut[number], its.results, self._everybody.names)
            if how := self._ends.pop(number, None):
                whole.lost.append(f"a process {how} in a task of {whole.size:,} cases, and not again in parts of it")
            pack = self._packing
            self._told(number, whole if pack is None else packed(whole, self._cut[number], pack(number)))

    def _answers(self, key: Key, found: object) -> bool:
        number, part = key
        if self._whole(part):  # done by text of ours alone
            return isinstance(found, Parcel) and found.size == self._cut[number].size
        return answers(found, self._cut[number], part)


def name_of(backend: Backend | str, people: Mapping[str, Introduced]) -> str:
    """A backend's name in rows."""
    if not isinstance(backend, str):
        return backend.name
    return people[backend].name if backend in people else backend


def answers(found: object, task: Task, part: Part) -> bool:
    """Whether a worker's answer has a row of each of its backends for each case, and of nobody else.

    What a source prints for a case has rows too, in the part that has what belongs to no backend.
    """
    if not isinstance(found, Result) or found.size != task.size:
        return False
    for case in task.cases:
        names = {*part.backends, *(part.routes if CORE in case.tags else ())}
        if part.whole and case.published is not None:
            names.add(PUBLISHED)
        if {row.backend for row in found.rows.get(case.name, ())} != names:
            return False
    others = [*(scan.name for scan in task.scans), *(training.name for training in task.trainings)]
    return all({row.backend for row in found.rows.get(name, ())} <= {*part.names} for name in others)


def prepare(team: Team) -> None:
    """Import what a team computes with."""
    team.loaded()
