"""Soundness: over random and adversarial networks, how near does anything correct come to its bound?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from cases.case import Case
from harness.backends import Backend
from harness.run import check
from harness.stack import Stack
from reports.record import Row
from reports.verdict import Verdict

UNSOUND = (Verdict.VIOLATION, Verdict.NONFINITE, Verdict.MALFORMED, Verdict.CRASHED)


@dataclass
class Tally:
    """Largest shares by (backend, dtype, kind), counts of verdicts, and every row outside its bound."""

    cases: int = 0
    entries: int = 0
    zero: int = 0
    blind: int = 0
    largest: dict[tuple[str, str, str], float] = field(default_factory=dict)
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    outside: list[Row] = field(default_factory=list)
    outside_cases: dict[str, Case] = field(default_factory=dict)

    def add(self, case: Case, rows: Iterable[Row]) -> None:
        """Count the rows of one case."""
        self.cases += 1
        for row in rows:
            self.verdicts[row.verdict] += 1
            self.entries += row.entries
            self.zero += row.zero
            self.blind += row.blind
            if row.verdict in UNSOUND:
                self.outside.append(row)
                self.outside_cases[case.name] = case
            if row.share is not None and row.verdict != Verdict.RANGE:
                key = (row.backend, row.dtype, case.tags[0] if case.tags else "")
                self.largest[key] = max(self.largest.get(key, 0.0), row.share)

    def share(self, backend: str, dtype: str, kind: str | None = None) -> float:
        """Largest share of a backend in a precision, of one kind or of all."""
        found = [s for (b, d, k), s in self.largest.items() if (b, d) == (backend, dtype) and kind in (None, k)]
        return max(found, default=0.0)


def measure(
    groups: Iterable[Sequence[Case]],
    backends: Sequence[Backend],
    progress: Callable[[int], None] = lambda finished: None,
) -> Tally:
    """Check stacks of cases of one structure each, and keep the figures."""
    tally = Tally()
    for group in groups:
        for case, rows in zip(group, check(Stack(tuple(group)), backends), strict=True):
            tally.add(case, rows)
        progress(len(group))
    return tally
