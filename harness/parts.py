"""A task in parts: the same task for some of the backends alone, what parts come to together, and lost ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.backends import Backend
from harness.bins import Binned
from harness.compare import Comparison
from harness.engine import CORE, Result, Task, Team, by_backend
from harness.hands import Lost
from harness.judge import valueless
from harness.learning.train import Learned
from harness.scan import valueless_row
from reports.record import Row

AMONG = ", this one among them"
"""Said of a case whose task was lost: it need not be the one that ended it."""


@dataclass(frozen=True)
class Introduced:
    """A backend that is loaded where it computes: ``source`` loads it, and the rest is what it said of itself."""

    source: str
    name: str
    pointwise: bool = False
    mode: str = "reverse"

    @property
    def own(self) -> bool:
        """Whether it is somebody's own file, which may do anything."""
        return self.source.endswith(".py")


@dataclass(frozen=True)
class Part:
    """Some backends and routes, by name; ``whole``: with what belongs to no backend."""

    backends: tuple[str, ...]
    routes: tuple[str, ...]
    whole: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody in it."""
        return (*self.backends, *self.routes)

    def without(self, names: Iterable[str]) -> Part:
        """The same without some."""
        out = set(names)
        backends, routes = (tuple(n for n in part if n not in out) for part in (self.backends, self.routes))
        return Part(backends, routes, self.whole)

    def only(self, name: str) -> Part:
        """One of it alone."""
        backends, routes = (tuple(n for n in part if n == name) for part in (self.backends, self.routes))
        return Part(backends, routes, whole=False)

    def smaller(self, own: Iterable[str]) -> list[Part]:
        """Smaller parts, to find out who ended it: somebody's own backends each alone, or else everybody."""
        apart = [name for name in self.names if name in set(own)] or list(self.names)
        rest = self.without(apart)
        found = [rest] if rest.names or rest.whole else []
        found += [self.only(name) for name in apart]
        return found if len(found) > 1 else []


def team_of(part: Part, team: Team, sources: Mapping[str, Backend | str]) -> Team:
    """The team that does a part."""
    backends, routes = ([sources[name] for name in its] for its in (part.backends, part.routes))
    return replace(team, backends=backends, routes=routes, whole=part.whole)


def together(task: Task, results: Sequence[Result], names: Sequence[str]) -> Result:
    """What the parts of a task come to: what one process would have found that did all of them."""
    if len(results) == 1:
        return results[0]
    whole = Result(task.size)
    for name in [*(c.name for c in task.cases), *(s.name for s in task.scans), *(t.name for t in task.trainings)]:
        whole.rows[name] = by_backend((row for its in results for row in its.rows.get(name, ())), names)
    for its in results:
        whole.observed |= its.observed
        whole.sights += its.sights
        whole.kills.add(its.kills)
        whole.looked_for |= its.looked_for
        whole.seen |= its.seen
        whole.lost += its.lost
    for number in range(len(task.trainings)):
        if courses := [its.learned[number] for its in results if its.learned]:
            whole.learned.append(_learned(courses, names))
    whole.binned += _binned(results, names)
    return whole


def _binned(results: Sequence[Result], names: Sequence[str]) -> list[Binned]:
    """Errors of scans over bins from those of some backends each: lines of the same σ or σ' together."""
    found: dict[tuple[str, ...], Binned] = {}
    for one in (one for its in results for one in its.binned):
        at = (one["activation"], one["dtype"], one["quantity"])
        found[at] = one | {"lines": [*found.get(at, one | {"lines": []})["lines"], *one["lines"]]}
    for one in found.values():
        one["lines"].sort(key=lambda line: names.index(line["backend"]))
    return list(found.values())


def _learned(parts: Sequence[Learned], names: Sequence[str]) -> Learned:
    """One training from that of some backends each; what is exact is the same in all."""
    runs = sorted((run for part in parts for run in part.runs), key=lambda run: names.index(run.backend))
    rows = by_backend((row for part in parts for row in part.rows), names)
    return replace(parts[0], runs=tuple(runs), rows=tuple(rows))


def missing(task: Task, part: Part, lost: Lost, pointwise: Iterable[str]) -> Result:
    """What stands in place of a part whose process came to an end: a row for each case of each of its backends."""
    result = Result(task.size)
    reason = lost.how if task.size == 1 or lost.unasked else f"{lost.how} in a task of {task.size:,} cases{AMONG}"
    for case in task.cases:
        its = [*part.backends, *(part.routes if CORE in case.tags else ())]
        result.rows[case.name] = [valueless(case, name, lost.verdict, reason) for name in its]
    for scan in task.scans:
        its = [name for name in part.names if name in set(pointwise)]
        result.rows[scan.name] = [valueless_row(scan, name, Comparison(lost.verdict, reason, 0)) for name in its]
    for training in task.trainings:
        rows: list[Row] = [valueless(training.start, name, lost.verdict, reason) for name in part.backends]
        result.rows[training.name] = rows
    if part.whole:
        result.lost.append(f"the mistakes, the readings and what can be seen, of {task.size:,} cases: {lost.how}")
    return result
