"""What changed between two runs, row by row: verdict, convention, known deviation, or more than twofold in ulps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from reports.outcome import outcome
from reports.record import Record, Row
from reports.verdict import Verdict
from reports.wording import NOTHING, place, share, ulps, where

FLOOR = 1.0
"""A distance below this many ulps counts as this many, so that below it nothing is said to change."""

FACTOR = 2.0
"""How many times further off, or nearer, is said."""

FURTHER = "ulps more than doubled"
NEARER = "ulps less than half"
GATE = "the gate"
SAME = ", same numbers"
"""After a verdict: the implementation did what it did, and is judged by another list or bound."""

WHOLE = ("backend only in A", "backend only in B", "case only in A", "case only in B", "only in A", "only in B", GATE)
"""What is said of all rows of a case and backend at once."""

_ALIKE = (Verdict.EXACT, Verdict.ROUNDING)
_RIGHT = (*_ALIKE, Verdict.CONVENTION)

At = tuple[str, str]
"""A case and a backend."""

Rows = Mapping[tuple[str | None, int], Row]
"""Rows of one case and backend, by quantity and layer."""


class Direction(StrEnum):
    """Whether something got worse, better, or is merely different."""

    WORSE = "worse"
    DIFFERENT = "different"
    BETTER = "better"


@dataclass(frozen=True)
class Change:
    """One row that is not as it was, or all rows of a case and backend at once; ``what`` says in which way.

    ``before`` is run A's row and ``after`` run B's; one of them is None where only the other has it. ``other``: the
    case has other numbers in B, under the same name. ``note`` says more, if there is more to say.
    """

    direction: Direction
    what: str
    before: Row | None
    after: Row | None
    other: bool = False
    note: str = ""

    @property
    def row(self) -> Row:
        """Run B's row, or A's where B has none."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def quantity(self) -> str:
        """What was compared; empty where a whole case is meant."""
        whole = self.what in WHOLE or any(row is not None and row.quantity is None for row in (self.before, self.after))
        return "" if whole else self.row.quantity or ""

    @property
    def ratio(self) -> float:
        """How much further off, or nearer; 1 where there are not two distances."""
        a, b = self.distances
        if a is None or b is None or a == b:
            return 1.0
        return math.inf if math.isnan(a) or math.isnan(b) else max(a, b) / min(a, b)

    @property
    def distances(self) -> tuple[float | None, float | None]:
        """Ulps in both, at least FLOOR."""
        return _distance(self.before), _distance(self.after)

    @property
    def text(self) -> str:
        """Where, and how far off in both: ``case, gradient, layer 1: 0.5 → 120 ulp, share 0.01 → 2.4``."""
        if not self.quantity:
            return self.row.case
        both = (self.before, self.after)
        a, b = (NOTHING if row is None else ulps(row.max_ulp) for row in both)
        c, d = (NOTHING if row is None else share(row.share) for row in both)
        spot = where(self.row) if self.row.is_scan else place(self.row.quantity, self.row.layer, None)
        return f"{self.row.case}, {spot}: {a} → {b} ulp, share {c} → {d}"


def changes(a: Record, b: Record) -> list[Change]:
    """Find every change, in the order of A's rows, then B's."""
    rows, other = (_by_case(a), _by_case(b)), _other_numbers(a, b)
    failing = tuple({(f.case, f.backend): f.reason for f in outcome(record).failures} for record in (a, b))
    routes = {str(name) for record in (a, b) for name in record.run.get("routes") or ()}
    found: list[Change] = []
    cases, backends = ([{at[i] for at in its} for its in rows] for i in (0, 1))
    for at in dict.fromkeys([*rows[0], *rows[1]]):
        if at in rows[0] and at in rows[1]:
            its = [replace(c, other=at[0] in other) for c in _of_case(rows[0][at], rows[1][at], at[1] not in routes)]
        else:
            its = [_in_one(at, rows, cases, backends, at[1] not in routes)]
        if at[0] in other:  # of other numbers only the gate can say what is worse or better
            its = [replace(c, direction=Direction.DIFFERENT) for c in its if c.what not in (FURTHER, NEARER)]
        found += _gated(its, at, rows, failing, at[0] in other)
    return found


def other_numbers(a: Record, b: Record) -> tuple[str, ...]:
    """Names of cases that have other numbers in B than in A."""
    return tuple(sorted(_other_numbers(a, b)))


def _other_numbers(a: Record, b: Record) -> set[str]:
    first, second = (record.run.get("digests") for record in (a, b))
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        return set()
    return {name for name in first if name in second and first[name] != second[name]}


def _by_case(record: Record) -> dict[At, dict[tuple[str | None, int], Row]]:
    found: dict[At, dict[tuple[str | None, int], Row]] = {}
    for row in record.rows:
        found.setdefault((row.case, row.backend), {})[row.quantity, row.layer] = row
    return found


def _of_case(a: Rows, b: Rows, required: bool) -> Iterator[Change]:
    """Changes of one case on one backend that both have; losing a result is worse where it is no mere route's."""
    lost = Direction.WORSE if required else Direction.DIFFERENT
    if any((None, 0) in its for its in (a, b)):  # one of them has no values: unsupported, crashed, timed out
        if change := _of_row(_worst(a), _worst(b)):
            yield change
    else:
        for key in dict.fromkeys([*a, *b]):
            before, after = a.get(key), b.get(key)
            if before is None or after is None:
                gone = after is None
                yield Change(lost if gone else Direction.DIFFERENT, "no longer returned" if gone else "now returned",
                             before, after)  # fmt: skip
            elif change := _of_row(before, after):
                yield change


def _in_one(
    at: At, rows: Sequence[Mapping[At, Rows]], cases: Sequence[set[str]], backends: Sequence[set[str]], required: bool
) -> Change:
    """A case on a backend that only one run has: to lose it is worse, unless a mere route is lost."""
    own, letter = (0, "A") if at in rows[0] else (1, "B")
    whole = "backend " if at[1] not in backends[1 - own] else "case " if at[0] not in cases[1 - own] else ""
    worse = own == 0 and (required or whole == "case ")
    worst, what = _worst(rows[own][at]), f"{whole}only in {letter}"
    pair = (worst, None) if own == 0 else (None, worst)
    return Change(Direction.WORSE if worse else Direction.DIFFERENT, what, *pair)


def _of_row(a: Row, b: Row) -> Change | None:
    if a.verdict != b.verdict and not (a.verdict in _ALIKE and b.verdict in _ALIKE):
        ids = b.deviations or a.deviations or b.members or a.members
        same = SAME if a.quantity and _numbers(a) == _numbers(b) else ""
        what = f"{a.verdict} → {b.verdict}{same}"
        return Change(_direction(a.verdict, b.verdict), what, a, b, note=", ".join(ids))
    for name, before, after in (("convention", a.members, b.members), ("known", a.deviations, b.deviations)):
        if before != after:
            what = f"{name}: {', '.join(before) or 'none'} → {', '.join(after) or 'none'}"
            return Change(Direction.DIFFERENT, what, a, b)
    change = Change(Direction.DIFFERENT, FURTHER, a, b)
    near, far = change.distances
    if near is None or far is None or (math.isnan(near) and math.isnan(far)) or not change.ratio > FACTOR:
        return None
    return change if math.isnan(far) or far > near else replace(change, what=NEARER)


def _gated(
    its: list[Change], at: At, rows: Sequence[Mapping[At, Rows]], failing: Sequence[Mapping[At, str]], other: bool
) -> list[Change]:
    """The same changes, worse where the gate fails in B and not in A, better where it is the other way round."""
    if (at in failing[0]) == (at in failing[1]):
        return its
    worse = at in failing[1]
    if not worse and at not in rows[1]:
        return its  # it does not fail any more because it is not there any more
    direction = Direction.WORSE if worse else Direction.BETTER
    told = [i for i, one in enumerate(its) if one.what not in (FURTHER, NEARER)]
    if any(its[i].direction == direction for i in told):
        return its
    if told:
        return [replace(one, direction=direction) if i in told else one for i, one in enumerate(its)]
    reason = failing[worse][at]
    before, after = (_worst(r[at]) if at in r else None for r in rows)
    return [*its, Change(direction, GATE, before, after, other, ("now: " if worse else "no longer: ") + reason)]


def _direction(a: Verdict, b: Verdict) -> Direction:
    first, second = (-1 if verdict in _RIGHT else verdict.severity for verdict in (a, b))
    if first == second:
        return Direction.DIFFERENT
    return Direction.WORSE if second > first else Direction.BETTER


def _worst(rows: Rows) -> Row:
    return max(rows.values(), key=lambda row: row.verdict.severity)


def _numbers(row: Row) -> str:
    """What was computed, as far as a row shows it; as text, so that NaN equals NaN."""
    return repr((row.worst_index, row.worst_value, row.max_abs, row.max_ulp, row.max_rel))


def _distance(row: Row | None) -> float | None:
    return None if row is None or row.max_ulp is None else max(row.max_ulp, FLOOR)
