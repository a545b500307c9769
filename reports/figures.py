"""What two runs say of themselves, side by side: versions, machine, outcome, and what the check was worth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reports.certificate import certificate
from reports.changes import Direction
from reports.counts import count
from reports.exhibits import equations
from reports.kills import Kills, kills
from reports.outcome import outcome
from reports.record import Record
from reports.tolerant import items, string
from reports.wording import NOTHING, clipped, counted

DIGITS = 12
"""As many of a digest tell two apart."""

_VERSION = re.compile(r"\d+(\.\d+)+[\w.+]*")


@dataclass(frozen=True)
class Figure:
    """Something that a run says of itself, in A and in B."""

    name: str
    before: str
    after: str
    direction: Direction = Direction.DIFFERENT

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return self.before == self.after and self.direction == Direction.DIFFERENT

    @property
    def text(self) -> str:
        """``jax 0.7.2 → 0.10.2``."""
        if self.before == self.after:
            return f"{self.name} {self.before}"
        return f"{self.name} {self.before or NOTHING} → {self.after or NOTHING}"


def versions(a: Record, b: Record) -> list[Figure]:
    """Versions of Python and the packages; machine; digest of the catalogue; seed, where a run has one."""
    first, second = (dict(outcome(record).versions) for record in (a, b))
    found = [Figure(name, first.get(name, ""), second.get(name, "")) for name in {**first, **second}]
    for name in ("machine", "catalogue", "seed", "command"):
        before, after = ("" if value is None else str(value) for value in (a.run.get(name), b.run.get(name)))
        length = DIGITS if name == "catalogue" else None
        if before or after:
            found.append(Figure(name, before[:length], after[:length]))
    return found


def figures(a: Record, b: Record) -> list[Figure]:
    """The outcome and the headline figures of the exhibits that are not the same; worse where the check got weaker."""
    found = [*_worth(a, b), *_listed(a, b), *_proved(a, b), *_whole(a, b)]
    return [figure for figure in found if not figure.same]


def _worth(a: Record, b: Record) -> Iterator[Figure]:
    counts, matrices = [count(record.sums.ordered) for record in (a, b)], [kills(record) for record in (a, b)]
    yield Figure("entries compared", f"{counts[0].entries:,}", f"{counts[1].entries:,}")
    yield Figure("blind entries", f"{counts[0].blind:,}", f"{counts[1].blind:,}")
    if not all(matrices):
        return
    first, second = (its for its in matrices if its is not None)
    yield Figure("mistakes", first.text, second.text)
    caught = _caught(first)
    if missed := [told.name for told in second.missed if told.name in caught]:
        yield Figure("mistakes no longer caught", "", ", ".join(missed), Direction.WORSE)
    if alarms := [name for name in second.alarms if name not in first.alarms]:
        yield Figure("false alarms", f"{len(first.alarms)}", ", ".join(alarms), Direction.WORSE)


def _caught(matrix: Kills) -> set[str]:
    return {told.name for told in matrix.told if matrix.cell(told.name).caught}


def _listed(a: Record, b: Record) -> Iterator[Figure]:
    """Known deviations and conventions that only one of the two lists; not every row is met."""
    for name in ("deviations", "conventions"):
        first, second = ({_id(item): item for item in items(record.run.get(name))} for record in (a, b))
        gone, new = (", ".join(x for x in one if x not in other) for one, other in ((first, second), (second, first)))
        if first and second:
            yield Figure(f"listed {name} only here", gone, new)
            other = ", ".join(x for x in first if x in second and first[x] != second[x])
            yield Figure(f"listed {name} otherwise", "", other)


def _id(item: Mapping[str, Any]) -> str:
    return string(item, "id") or " ".join(string(item, key) for key in ("activation", "backend", "versions"))


def _proved(a: Record, b: Record) -> Iterator[Figure]:
    first, second = certificate(a), certificate(b)
    if first is not None and second is not None and first.proved != second.proved:
        direction = Direction.WORSE if first.proved else Direction.BETTER
        yield Figure("the proof", first.heading, second.heading, direction)
    known = {equation.id: equation.outcome for equation in equations(a)}
    for equation in equations(b):
        before = known.get(equation.id, equation.outcome)
        if before != equation.outcome:
            held, holds = before.startswith("holds"), equation.outcome.startswith("holds")
            direction = Direction.WORSE if held > holds else Direction.BETTER if held < holds else Direction.DIFFERENT
            yield Figure(f"equation {equation.id}", before, equation.outcome, direction)


def _whole(a: Record, b: Record) -> Iterator[Figure]:
    """Failures of the run as a whole, such as a missing backend; the same one in another version is the same."""
    first, second = (
        {(f.backend, _VERSION.sub("", f.reason)): f for f in outcome(record).failures if not f.case}
        for record in (a, b)
    )
    for key, failure in second.items():
        if key not in first:
            yield Figure(failure.backend or "the run", "", failure.reason, Direction.WORSE)
    for key, failure in first.items():
        if key not in second:
            yield Figure(failure.backend or "the run", failure.reason, "", Direction.BETTER)


def size(record: Record) -> str:
    """``3,422 cases × 14 backends: all agree …``: the run in one line, with what it was and when."""
    result = outcome(record)
    about = ", ".join(text for text in (clipped(result.command, 100), result.started) if text)
    return f"{result.size}, {counted(len(record.rows), 'row')}. {result.sentence}" + (f" ({about})" if about else "")
