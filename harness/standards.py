"""What a stack is held against: exact values and bounds, for each legal derivative on its kinks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.beside import Beside
from harness.bound import Bounds
from harness.compare import Standard, beside
from harness.returned import Quantity
from harness.truth import Exact, Truth

Standards = dict[str, dict[Quantity, Standard]]
"""What a case is held against, for each legal derivative on its kinks (usually just one)."""


@dataclass(frozen=True)
class Legal:
    """What the cases ``ks`` of a stack are held against, cases first, with one legal derivative on their kinks."""

    ks: tuple[int, ...]
    standards: dict[Quantity, Standard]
    _made: dict[tuple[tuple[Quantity, ...], int], Beside] = field(default_factory=dict)

    def beside(self, quantities: Sequence[Quantity], times: int = 1) -> Beside:
        """Those of some quantities side by side, and so many times one after the other; made once, for all backends."""
        key = tuple(quantities), times
        if key not in self._made:
            one = beside([self.standards[quantity] for quantity in quantities])
            self._made[key] = one if times == 1 else one.repeated(times)
        return self._made[key]


@dataclass(frozen=True)
class Values:
    """Exact values of the cases ``ks`` of a stack, cases first, with one legal derivative on their kinks."""

    ks: tuple[int, ...]
    exact: dict[Quantity, Exact]

    def of(self, ks: Sequence[int], places: Sequence[int]) -> Values:
        """Those of the cases ``places``, as the cases ``ks`` of another stack."""
        at = [self.ks.index(k) for k in places]
        return Values(tuple(ks), {q: Exact(its.high[at], its.low[at], its.radius[at]) for q, its in self.exact.items()})


def standards_of(values: Values, limits: Bounds) -> dict[Quantity, Standard]:
    """The standards of the cases of ``values`` as one, cases first."""
    ks = list(values.ks)
    return {
        q: Standard(values.exact[q], limit.bound[ks], limit.typical[ks], limit.range[ks])
        for q, limit in quantities(limits)
    }


def quantities(of: Truth | Bounds) -> Iterator[tuple[Quantity, Any]]:
    """Everything that a backend returns, by quantity and layer."""
    yield ("output", 0), of.output
    yield ("loss", 0), of.loss
    for name, layers in (("gradient", of.gradients), ("update", of.updated)):
        for number, layer in enumerate(layers, start=1):
            yield (name, number), layer


def differ(standards: Standards, quantity: Quantity) -> bool:
    """Whether the legal derivatives on a kink can be told apart in this quantity."""
    first, *others = (its[quantity] for its in standards.values())
    return any(bool(np.any(_gap(first.exact, o.exact) > first.bound + o.bound)) for o in others)


def _gap(a: Exact, b: Exact) -> Any:
    with np.errstate(invalid="ignore"):
        return np.abs((a.high - b.high) + (a.low - b.low))
