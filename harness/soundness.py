"""Soundness: over random and adversarial networks and chains, how near does anything correct come to its bound?"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from cases import adversarial_chains
from cases.adversarial import networks, plan
from cases.case import DTYPES, Case
from harness.backends import Backend, load
from harness.check import attempt_together, check
from harness.hands import Hands, spread
from harness.stack import Stack
from reports.record import Row
from reports.verdict import Verdict

UNSOUND = (Verdict.VIOLATION, Verdict.NONFINITE, Verdict.MALFORMED, Verdict.CRASHED)

CHAIN_FOR = 4
"""Networks for each of which there is a chain of other links in a sweep."""


def planned(total: int, seed: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(number, count) of the structures of ``total`` networks, and of those of the chains that go with them."""
    return plan(total, seed), adversarial_chains.plan(total // CHAIN_FOR, seed)


def counted(total: int) -> int:
    """Cases of a sweep: networks in every precision, chains in those that they are checked in."""
    return total * len(DTYPES) + total // CHAIN_FOR * len(adversarial_chains.WIDE)


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
            if row.share is not None and row.verdict not in (Verdict.RANGE, Verdict.KNOWN):
                key = (row.backend, row.dtype, kind_of(case))
                self.largest[key] = max(self.largest.get(key, 0.0), row.share)

    def share(self, backend: str, dtype: str | None = None, kind: str | None = None) -> float | None:
        """Largest share of a backend, in a precision or in all, of one kind or of all; None where not run."""
        found = [
            share
            for (b, d, k), share in self.largest.items()
            if b == backend and dtype in (None, d) and kind in (None, k)
        ]
        return max(found, default=None)

    def merge(self, other: Tally) -> None:
        """Add another tally."""
        self.cases += other.cases
        self.entries += other.entries
        self.zero += other.zero
        self.blind += other.blind
        self.verdicts += other.verdicts
        self.outside += other.outside
        self.outside_cases |= other.outside_cases
        for key, share in other.largest.items():
            self.largest[key] = max(self.largest.get(key, 0.0), share)


def kind_of(case: Case) -> str:
    """Kind of its numbers; of a chain with that before it."""
    kind = case.tags[0] if case.tags else ""
    return kind if case.links is None else f"chain, {kind}"


def measure(groups: Iterable[Sequence[Case]], backends: Sequence[Backend]) -> Tally:
    """Check stacks of cases of one structure each, and keep the figures."""
    tally, stacks = Tally(), [Stack(tuple(group)) for group in groups]
    ready = {backend.name: attempt_together(backend, stacks) for backend in backends}
    for number, stack in enumerate(stacks):
        its = {name: found[number] for name, found in ready.items() if number in found}
        for case, rows in zip(stack.cases, check(stack, backends, ready=its), strict=True):
            tally.add(case, rows)
    return tally


def sweep(
    total: int, seed: int, backends: Sequence[str], hands: Hands, seconds: float, progress: Callable[[int], None]
) -> Tally:
    """Measure what is `planned`, in every precision; a part may take ``seconds``. Raises WorkerDied."""
    tally = Tally()
    parts = [
        (_part, kind, number, count, seed, tuple(backends))
        for kind, its in zip(DRAWN, planned(total, seed), strict=True)
        for number, count in its
    ]
    for part in spread(parts, hands, seconds):
        tally.merge(part)
        progress(part.cases)
    return tally


DRAWN = {"networks": networks, "chains": adversarial_chains.chains}
"""What a sweep is made of, in the order of `planned`."""


def _part(kind: str, number: int, count: int, seed: int, backends: Sequence[str]) -> Tally:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # overflow is what these networks are for
        return measure(DRAWN[kind](number, count, seed), [load(name) for name in backends])
