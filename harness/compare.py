"""The comparison: one array of a backend against the exact values and their bound.

A ladder: shape, then dtype, then finiteness, then values; each rung is a different verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np

from harness.beside import Beside, side_by_side
from harness.numbers.running import Floats, Mask
from harness.precision import Precision
from harness.truth import Exact
from reports.verdict import Verdict


class Comparison(NamedTuple):
    """How one array compares with the truth: the figures of a row (see ``reports.record.Row``)."""

    verdict: Verdict
    detail: str
    entries: int
    blind: int = 0
    zero: int = 0
    max_abs: float | None = None
    max_ulp: float | None = None
    max_rel: float | None = None
    share: float | None = None
    typical: float | None = None
    worst_index: tuple[int, ...] | None = None
    worst_value: float | None = None
    worst_exact: float | None = None


@dataclass(frozen=True)
class Standard:
    """What an array is held against: exact values, bounds, typical errors.

    ``range``: an intermediate may overflow. ``nonfinite``: entries at which NaN and infinities pass. What follows
    from these alone is found once, for all that is held against them. Or what the arrays of many cases are held
    against, the axis of cases first: then ``range`` is (K,).
    """

    exact: Exact
    bound: Floats
    typical: Floats | None = None
    range: bool | Mask = False
    nonfinite: Mask | None = None

    def at(self, k: int) -> Standard:
        """That of one case, of a standard of many."""
        exact = Exact(self.exact.high[k, ...], self.exact.low[k, ...], self.exact.radius[k, ...])
        typical = None if self.typical is None else self.typical[k, ...]
        return Standard(exact, self.bound[k, ...], typical, bool(np.asarray(self.range)[k]))

    @cached_property
    def alone(self) -> Beside:
        """That of one case, for a stack of one."""
        exact = Exact(*(part.reshape(1, -1) for part in (self.exact.high, self.exact.low, self.exact.radius)))
        typical = None if self.typical is None else self.typical.reshape(1, -1)
        nonfinite = None if self.nonfinite is None else self.nonfinite.reshape(1, -1)
        range_ = np.asarray([[self.range]])
        return Beside((self.bound.shape,), exact, self.bound.reshape(1, -1), range_, typical, nonfinite)


def beside(standards: Sequence[Standard]) -> Beside:
    """The standards of many cases, quantity by quantity, as one."""
    parts = [[getattr(its.exact, name) for its in standards] for name in ("high", "low", "radius")]
    parts += [[its.bound for its in standards], [its.typical for its in standards if its.typical is not None]]
    high, low, radius, bound, typical = map(side_by_side, parts)
    range_ = np.stack([np.asarray(its.range) for its in standards], axis=1)
    return Beside(tuple(its.bound.shape[1:] for its in standards), Exact(high, low, radius), bound, range_, typical)


def ladder(values: Any, standard: Standard, precision: Precision) -> Comparison:
    """Compare ``values``, anything a backend returned, with its standard."""
    array = np.asarray(values)
    size, shape = standard.bound.size, standard.bound.shape
    if array.shape != shape:
        return Comparison(Verdict.MALFORMED, f"shape {array.shape}, expected {shape}", size)
    if array.dtype != precision.dtype:
        return Comparison(Verdict.MALFORMED, f"dtype {array.dtype}, expected {precision.name}", size)
    return compared(array.astype(np.float64).reshape(1, -1), standard.alone, precision)[0][0]


def difference(values: Floats, exact: Exact) -> Floats:
    """values − exact, correct to the last bits even where they agree to many digits."""
    with np.errstate(all="ignore"):
        return (values - exact.high) - exact.low


def shares(values: Floats, standard: Standard) -> Floats:
    """error / bound, entry by entry; 0 where both are 0, infinity where only the bound is, NaN for NaN.

    The error is rounded upwards, so a share of at most 1 is a proof.
    """
    return _shares(np.abs(difference(values, standard.exact)), standard)


def _shares(distance: Floats, standard: Standard | Beside) -> Floats:
    with np.errstate(all="ignore"):
        error = (distance + standard.exact.radius) * (1 + 2.0**-50) + 2.0**-52 * np.abs(standard.exact.low)
        return np.where(error == 0, 0.0, error / standard.bound)


def compared(values: Floats, its: Beside, precision: Precision) -> list[list[Comparison]]:
    """Compare the arrays of many cases, (K, entries), with what they are held against; by quantity, then case."""
    exact, magnitude = its.exact, its.magnitude
    distance = np.abs(difference(values, exact))
    share = _shares(distance, its)
    with np.errstate(all="ignore"):
        ulps = distance / precision.spacing(magnitude)
        relative = np.where(distance == 0, 0.0, distance / magnitude)
        deviations = None if its.typical is None else np.where(distance == 0, 0.0, distance / its.typical)
    wrong = ~(share <= 1)
    if its.nonfinite is not None:
        wrong &= ~its.nonfinite | np.isfinite(values)
    # at a power of two numbers lie closer below than above: the smaller spacing decides
    rounded_once = distance <= 0.5 * precision.spacing(np.minimum(magnitude, np.abs(values)))
    worst = its.worst(np.where(np.isnan(share), np.inf, share))
    at = np.arange(len(values)), worst
    nothing = [[None] * len(values)] * len(its.shapes)
    blind, zero = its.counts
    columns = (
        _verdicts(values, wrong, its, rounded_once),
        _counted(wrong, its),
        [[prod(shape)] * len(values) for shape in its.shapes],
        blind,
        zero,
        its.largest(distance),
        its.largest(ulps),
        its.largest(relative),
        its.largest(share),
        nothing if deviations is None else its.largest(deviations),
        its.indices(worst),
        values[at].tolist(),
        exact.high[at].tolist(),
    )
    return [[_told(one) for one in zip(*of, strict=True)] for of in zip(*columns, strict=True)]


def _verdicts(values: Floats, wrong: Mask, its: Beside, rounded_once: Mask) -> list[list[Verdict]]:
    outside, once = its.each(np.logical_or, wrong).T, its.each(np.logical_and, rounded_once).T.tolist()
    found = [
        [
            Verdict.BLIND if unseen else Verdict.EXACT if exact else Verdict.ROUNDING
            for unseen, exact in zip(*two, strict=True)
        ]
        for two in zip(its.unseen, once, strict=True)
    ]
    for q, k in np.argwhere(outside).tolist():
        those = values[k, its.parts[q]][wrong[k, its.parts[q]]]
        lost = Verdict.VIOLATION if np.isfinite(those).all() else Verdict.NONFINITE
        found[q][k] = Verdict.RANGE if its.range[k, q] else lost
    return found


def _counted(wrong: Mask, its: Beside) -> list[list[int]]:
    """How many entries are wrong, by quantity, then case."""
    counts: list[list[int]] = its.each(np.add, wrong.astype(np.intp)).T.tolist()
    return counts


def _told(its: tuple[Any, ...]) -> Comparison:
    """A comparison of its fields in order, but for the number of wrong entries where the detail is to be."""
    verdict, count, *rest = its
    found = Comparison(verdict, "", *rest)
    if not count:
        return found
    index, exact = found.worst_index or (), found.worst_exact
    place, share = f"at {list(index)} " if index else "", found.share
    by = f"{share:.3g} times the bound" if share is not None and share < np.inf else "which no rounding explains"
    detail = f"{count} of {found.entries} entries; {place}{found.worst_value!r} where exact is {exact!r}, {by}"
    return found._replace(detail=detail)
