"""The routes to the gradient: every backend of a run in a line, and where the errors of its updates come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reports.cells import worst
from reports.discrepancies import Key, key
from reports.learning import LEARNING
from reports.record import Record, Row
from reports.verdict import Verdict
from reports.wording import percent, share, ulps

TITLE = "Many roads to the same gradient"
"""What the section is called."""

HEADER = ("cases", "entries", "gradient, ulps", "gradient, share", "blind", "update, share", "from ΔW", "from W − αΔW")
"""What `Route.figures` are."""

EXPLANATION = (
    "Each line is another program. Worst figures, known deviations apart. A share is error over bound, that of the "
    "route; ulps are many where a value cancels to nearly nothing, and say little there. The error of W' is taken "
    "apart into what came with ΔW and what W − αΔW itself made, both over its bound."
)
"""What the figures mean."""


@dataclass(frozen=True)
class Route:
    """One backend: what it compared, how near to its bounds it came, and what it does not cover."""

    backend: str
    cases: int
    entries: int
    ulps: float | None
    gradient: float | None
    blind: float | None
    update: float | None
    from_gradient: float | None
    from_arithmetic: float | None
    failed: bool
    uncovered: int
    reasons: tuple[str, ...]

    @property
    def figures(self) -> tuple[str, ...]:
        """Its numbers as written for people, in the order of HEADER."""
        return (f"{self.cases:,}", f"{self.entries:,}", ulps(self.ulps), share(self.gradient), percent(self.blind),
                share(self.update), share(self.from_gradient), share(self.from_arithmetic))  # fmt: skip

    @property
    def gaps(self) -> str:
        """``32 cases not covered: adds in storage precision; …``; empty where it covers all."""
        if not self.uncovered:
            return ""
        more = "; …" if len(self.reasons) > 2 else ""
        noun = "case" if self.uncovered == 1 else "cases"
        return f"{self.uncovered:,} {noun} not covered: {'; '.join(self.reasons[:2])}{more}"


def names(record: Record) -> tuple[str, ...]:
    """The backends that ran on the core cases alone."""
    found = record.run.get("routes")
    return tuple(map(str, found)) if isinstance(found, (list, tuple)) else ()


def absent(record: Record) -> tuple[str, ...]:
    """A sentence for each optional backend that could not be had."""
    found = record.run.get("absent")
    return tuple(map(str, found)) if isinstance(found, (list, tuple)) else ()


def routes(record: Record, backends: Sequence[str], failed: Collection[Key]) -> tuple[Route, ...]:
    """A line for each backend, where some ran on the core cases alone; empty where none did."""
    if not names(record):
        return ()
    of: dict[str, list[Row]] = defaultdict(list)
    for row in record.rows:
        if not row.is_scan and row.family != LEARNING:
            of[row.backend].append(row)
    return tuple(_route(name, of[name], failed) for name in backends if of[name])


def _route(name: str, rows: Sequence[Row], failed: Collection[Key]) -> Route:
    judged = [row for row in rows if row.verdict not in (Verdict.KNOWN, Verdict.RANGE, Verdict.UNSUPPORTED)]
    gradients = [row for row in judged if row.quantity == "gradient"]
    updates = [row for row in judged if row.quantity == "update"]
    uncovered = [row for row in rows if row.verdict == Verdict.UNSUPPORTED]
    nonzero = sum(row.entries - row.zero for row in gradients)
    return Route(
        backend=name,
        cases=len({row.case for row in rows if row.entries}),
        entries=sum(row.entries for row in rows),
        ulps=worst(row.max_ulp for row in gradients),
        gradient=worst(row.share for row in gradients),
        blind=sum(row.blind for row in gradients) / nonzero if nonzero else None,
        update=worst(row.share for row in updates),
        from_gradient=worst(row.from_gradient for row in updates),
        from_arithmetic=worst(row.from_arithmetic for row in updates),
        failed=any(key(row) in failed for row in rows),
        uncovered=len(uncovered),
        reasons=tuple(dict.fromkeys(row.detail for row in uncovered)),
    )
