"""What reports need of all rows of a run, summed up: rows themselves may be too many to be held.

Rows are added case by case, in any order of the cases, and sums of parts of a run are merged: what comes of it does not
depend on who added what, for everything says where in the run it stood first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from reports.learning import LEARNING
from reports.lots import Lot
from reports.ranks import Rank, blamed, noted, rank, wrong
from reports.row import PUBLISHED, Row
from reports.verdict import Verdict

WORST = 40
"""How many of the worst rows are held."""

APART = 1 << 20
"""Between the places of two cases that are added without knowing how many rows each has."""

Key = tuple[str, str | None, str, str | None, str, str, bool, bool, str]


Badness = tuple[bool, bool, float, int]
"""Of a case: whether the gate passed it, whether all of it is plain, and the rank of its worst row."""

Test = tuple[str, str, str]
"""A backend, and what came of a case there: empty, skipped, failure or error, and why it was skipped."""


@dataclass(slots=True)
class Told:
    """One case: where its first row stands, how many there are, the rank of its worst, and its tests."""

    place: int
    case: str
    rows: int
    rank: Badness
    tests: tuple[Test, ...]


@dataclass(slots=True)
class Meeting:
    """Cases of one chain of layers: by backend, how many it compared, the largest share, and on how many it failed.

    ``place``: where the first row of them stands.
    """

    place: int
    compared: Counter[str] = field(default_factory=Counter)
    shares: dict[str, float] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)

    def join(self, other: Meeting) -> None:
        """Count another's cases too."""
        if other.place < self.place:  # so that backends are in the order of the rows
            self.place, self.compared = other.place, other.compared + self.compared
        else:
            self.compared.update(other.compared)
        self.failed.update(other.failed)
        for backend, share in other.shares.items():
            self.reach(backend, share)

    def reach(self, backend: str, share: float) -> None:
        """The larger share; NaN once there is one."""
        mine = self.shares.get(backend)
        if mine is None or share > mine or share != share:
            self.shares[backend] = share


@dataclass
class Sums:
    """The sums. ``blamed`` are the rows that failures stand on, by case and backend; ``scans`` all rows of scans.

    ``cases``, ``scanned``, ``trained`` count names; ``compared`` counts cases by backend that compared anything,
    ``uncovered`` those that the backend does not cover, ``met`` those that met a known deviation, by its id.
    ``chains`` has, by structure, where BP and autodiff met on other chains than the plain network (S14).
    """

    lots: dict[Key, Lot] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    blamed: dict[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    scans: list[tuple[int, Row]] = field(default_factory=list)
    worst: list[tuple[Rank, int, Row]] = field(default_factory=list)
    cases: int = 0
    scanned: int = 0
    trained: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    uncovered: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    chains: dict[str, Meeting] = field(default_factory=dict)
    _tests: dict[tuple[Test, ...], tuple[Test, ...]] = field(default_factory=dict)
    _least_bad: Rank | None = None  # of the worst rows; what is better is none of them

    def add(self, place: int, rows: Sequence[Row], failing: Collection[str] | None = ()) -> None:
        """Add all rows of one case, the first of which stands at ``place``; the gate failed on backends ``failing``.

        Where nobody says on which (None), it is those with rows that are wrong in themselves.
        """
        by: dict[str, list[Row]] = {}
        for row in rows:
            by.setdefault(row.backend, []).append(row)
        case = rows[0].case
        if failing is None:
            failing = [backend for backend, its in by.items() if any(map(wrong, its))]
        bad: set[int] = set()
        for backend in failing:
            if backend in by:
                self.blamed[case, backend] = found = tuple(blamed(by[backend]))
                keys = {(row.quantity, row.layer) for row in found}
                bad.update(id(row) for row in by[backend] if (row.quantity, row.layer) in keys)
        worst = self.count(place, rows, bad)
        tests = tuple(_test(backend, its, backend in failing) for backend, its in by.items())
        self.told.append(Told(place, case, len(rows), worst, self._tests.setdefault(tests, tests)))
        self._count(rows, by)
        if any(letter.isalpha() for letter in rows[0].layers):
            self._meet(place, by, failing)

    def _meet(self, place: int, by: Mapping[str, Sequence[Row]], failing: Collection[str]) -> None:
        """Count a case of another chain than the plain network."""
        for backend, its in by.items():
            if backend != PUBLISHED and any(row.entries for row in its):
                meeting = self.chains.setdefault(its[0].layers, Meeting(place))
                meeting.compared[backend] += 1
                meeting.failed[backend] += backend in failing
                for row in its:
                    if row.share is not None:
                        meeting.reach(backend, row.share)

    def count(self, place: int, rows: Iterable[Row], failed: Collection[int]) -> Badness:
        """Add rows to lots and to the worst; the rank of the worst of them. ``failed``: by identity."""
        lots, worst, least = self.lots, self.worst, None
        cut = self._least_bad
        for number, row in enumerate(rows, start=place):
            verdict, bad = row.verdict, bool(failed) and id(row) in failed
            plain = verdict is Verdict.EXACT or verdict is Verdict.ROUNDING
            detail, learning = "" if plain else _detail(row), row.family == LEARNING
            # not the verdict itself: the hash of a member of an enumeration is dear
            key = (row.activation, row.task, row.dtype, row.quantity, row.backend, verdict.value, bad, learning, detail)
            lot = lots.get(key)
            if lot is None:
                lot = lots[key] = Lot(*key[:5], verdict, bad, learning, detail, place=number)
            elif number < lot.place:
                lot.place = number
            lot.count(row)
            its = rank(row, bad)
            if cut is None or its <= cut:
                worst.append((its, number, row))
            badness = (its[0], plain, its[1], its[2])
            if least is None or badness < least:
                least = badness
            if row.task is None:
                self.scans.append((number, row))
        if len(self.worst) > 10 * WORST:
            self.trim()
        assert least is not None
        return least

    def trim(self) -> None:
        """Hold no more of the worst rows than are shown."""
        self.worst = sorted(self.worst, key=lambda its: its[:2])[:WORST]
        if len(self.worst) == WORST:
            self._least_bad = self.worst[-1][0]

    def _count(self, rows: Sequence[Row], by: dict[str, list[Row]]) -> None:
        learning, scan = any(row.family == LEARNING for row in rows), any(row.is_scan for row in rows)
        self.trained += learning
        self.scanned += scan
        self.cases += not learning and not all(row.is_scan for row in rows)
        if not learning:
            for backend, its in by.items():
                self.compared[backend] += any(row.entries for row in its if not row.is_scan)
                self.uncovered[backend] += any(row.verdict == Verdict.UNSUPPORTED for row in its)
        self.met.update({name for row in rows if row.verdict == Verdict.KNOWN and not row.is_scan
                         for name in row.deviations})  # fmt: skip

    def put(self, lot: Lot) -> None:
        """Add a lot, to the one of its kind where there is one."""
        key = (lot.activation, lot.task, lot.dtype, lot.quantity, lot.backend, lot.verdict.value, lot.failed,
               lot.learning, lot.detail)  # fmt: skip
        if key in self.lots:
            self.lots[key].join(lot)
        else:
            self.lots[key] = lot

    def merge(self, other: Sums) -> None:
        """Count another part of the run too."""
        for lot in other.lots.values():
            self.put(lot)
        for one in other.told:
            one.tests = self._tests.setdefault(one.tests, one.tests)
        self.told += other.told
        self.blamed |= other.blamed
        self.scans += other.scans
        self.worst += other.worst
        self.trim()
        self.cases += other.cases
        self.scanned += other.scanned
        self.trained += other.trained
        self.compared.update(other.compared)
        self.uncovered.update(other.uncovered)
        self.met.update(other.met)
        for structure, meeting in other.chains.items():
            if structure in self.chains:
                self.chains[structure].join(meeting)
            else:
                self.chains[structure] = meeting

    @cached_property
    def ordered(self) -> tuple[Lot, ...]:
        """The lots, in the order of the first row of each. Nothing may be added any more."""
        return tuple(sorted(self.lots.values(), key=lambda lot: lot.place))

    @cached_property
    def in_order(self) -> list[Told]:
        """The cases, in their order. Nothing may be added any more."""
        self.told.sort(key=lambda one: one.place)
        return self.told

    @property
    def number(self) -> int:
        """How many rows there are."""
        return sum(lot.rows for lot in self.lots.values())

    @property
    def backends(self) -> list[str]:
        """Every backend, in the order of the rows."""
        return list(dict.fromkeys(lot.backend for lot in self.ordered))

    @property
    def scan_rows(self) -> list[Row]:
        """All rows of scans, in order."""
        return [row for _, row in sorted(self.scans, key=lambda its: its[0])]

    def worst_rows(self) -> list[tuple[Row, bool]]:
        """The worst rows, and whether the gate failed on each."""
        self.trim()
        return [(row, not its[0]) for its, _, row in self.worst]


def sums(rows: Iterable[Row], failing: Collection[tuple[str, str]] | None = ()) -> Sums:
    """Sum up rows that are held, those of a case in any places; ``failing`` are the cases and backends that failed."""
    found, of, first = Sums(), dict[str, list[Row]](), dict[str, int]()
    for number, row in enumerate(rows):
        of.setdefault(row.case, []).append(row)
        first.setdefault(row.case, number)
    backends = _by_case(failing)
    for case, its in of.items():
        found.add(first[case], its, None if backends is None else backends.get(case, ()))
    return found


def in_turn(rows: Iterable[Row], failing: Collection[tuple[str, str]] | None = ()) -> Sums | None:
    """Sum up rows one case after the other; None where a case comes again, which `sums` can do."""
    found, backends, seen = Sums(), _by_case(failing), set[str]()
    first = 0
    for case, group in groupby(rows, key=lambda row: row.case):
        if case in seen:
            return None
        seen.add(case)
        its = list(group)
        found.add(first, its, None if backends is None else backends.get(case, ()))
        first += len(its)
    return found


def _by_case(failing: Iterable[tuple[str, str]] | None) -> dict[str, list[str]] | None:
    if failing is None:
        return None
    of: dict[str, list[str]] = {}
    for case, backend in failing:
        of.setdefault(case, []).append(backend)
    return of


def _detail(row: Row) -> str:
    if row.verdict in (Verdict.CONVENTION, Verdict.UNSUPPORTED):
        return row.detail
    return ", ".join(row.deviations)


def _test(backend: str, rows: Sequence[Row], failing: bool) -> Test:
    """What came of a case on one backend, as a test."""
    if failing:
        crashed = all(row.verdict in (Verdict.CRASHED, Verdict.TIMED_OUT) for row in rows)
        return backend, "error" if crashed else "failure", ""
    if all(not noted(row.verdict) for row in rows):
        return backend, "", ""
    if all(row.verdict == Verdict.UNSUPPORTED for row in rows):
        return backend, "skipped", f"unsupported: {rows[0].detail or Verdict.UNSUPPORTED.meaning}"
    gradients = [row for row in rows if row.quantity == "gradient"]
    if gradients and all(row.verdict == Verdict.BLIND for row in gradients):
        return backend, "skipped", f"blind: {Verdict.BLIND.meaning}"
    return backend, "", ""
