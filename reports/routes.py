"""The routes to the gradient: every backend of a run in a line, and where the errors of its updates come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reports.cells import worst
from reports.lots import Lot
from reports.record import Record
from reports.sums import Sums
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


def routes(record: Record, backends: Sequence[str]) -> tuple[Route, ...]:
    """A line for each backend, where some ran on the core cases alone; empty where none did."""
    if not names(record):
        return ()
    of: dict[str, list[Lot]] = defaultdict(list)
    for lot in record.sums.ordered:
        if not lot.is_scan and not lot.learning:
            of[lot.backend].append(lot)
    return tuple(_route(name, of[name], record.sums) for name in backends if of[name])


def _route(name: str, lots: Sequence[Lot], found: Sums) -> Route:
    judged = [lot for lot in lots if lot.verdict not in (Verdict.KNOWN, Verdict.RANGE, Verdict.UNSUPPORTED)]
    gradients = [lot for lot in judged if lot.quantity == "gradient"]
    updates = [lot for lot in judged if lot.quantity == "update"]
    uncovered = [lot for lot in lots if lot.verdict == Verdict.UNSUPPORTED]
    nonzero = sum(lot.entries - lot.zero for lot in gradients)
    return Route(
        backend=name,
        cases=found.compared[name],
        entries=sum(lot.entries for lot in lots),
        ulps=worst(lot.max_ulp for lot in gradients),
        gradient=worst(lot.share for lot in gradients),
        blind=sum(lot.blind for lot in gradients) / nonzero if nonzero else None,
        update=worst(lot.share for lot in updates),
        from_gradient=worst(lot.from_gradient for lot in updates),
        from_arithmetic=worst(lot.from_arithmetic for lot in updates),
        failed=any(lot.failed for lot in lots),
        uncovered=sum(lot.rows for lot in uncovered),
        reasons=tuple(dict.fromkeys(lot.detail for lot in uncovered)),
    )
