"""The comparison: one array of a backend against the exact values and their bound.

A ladder: shape, then dtype, then finiteness, then values; each rung is a different verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.numbers.running import Floats, Mask
from harness.precision import Precision
from harness.truth import Exact
from reports.verdict import Verdict


@dataclass(frozen=True)
class Comparison:
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
    def alone(self) -> Standard:
        """That of one case as that of a stack of one."""
        exact = Exact(self.exact.high[None], self.exact.low[None], self.exact.radius[None])
        typical = None if self.typical is None else self.typical[None]
        nonfinite = None if self.nonfinite is None else self.nonfinite[None]
        return Standard(exact, self.bound[None], typical, np.asarray([self.range]), nonfinite)

    @cached_property
    def magnitude(self) -> Floats:
        """Magnitudes of the exact values."""
        with np.errstate(all="ignore"):  # an exact value beyond float64 is inf − inf
            return np.asarray(np.abs(self.exact.high + self.exact.low))

    @cached_property
    def blind(self) -> Mask:
        """Nonzero entries whose bound is at least their magnitude."""
        return np.asarray((self.magnitude > 0) & ~(self.bound < self.magnitude))

    @cached_property
    def zero(self) -> Mask:
        """Entries that are exactly zero."""
        return np.asarray((self.exact.high == 0) & (self.exact.low == 0) & (self.exact.radius == 0))

    @cached_property
    def counts(self) -> tuple[list[int], list[int]]:
        """How many entries of each case are blind, and how many are zero."""
        blind, zero = (each_case(part).sum(axis=1).tolist() for part in (self.blind, self.zero))
        return blind, zero

    @cached_property
    def unseen(self) -> list[bool]:
        """Of each case, whether nothing is checked: all blind, or exact zeros some of which are as good as blind.

        Those are zeros whose bound is neither 0 nor below the largest magnitude of their layer.
        """
        high, bound, blind, zero = map(each_case, (self.exact.high, self.bound, self.blind, self.zero))
        largest = np.abs(high).max(axis=1, initial=0.0, keepdims=True)
        unchecked = blind | zero & (bound > 0) & ~(bound < largest)
        found: list[bool] = (unchecked.any(axis=1) & (unchecked | zero).all(axis=1)).tolist()
        return found


def each_case(array: Any) -> Any:
    """An array (K, …) as (K, entries)."""
    return array.reshape(len(array), -1)


def ladder(values: Any, standard: Standard, precision: Precision) -> Comparison:
    """Compare ``values``, anything a backend returned, with its standard."""
    array = np.asarray(values)
    size, shape = standard.bound.size, standard.bound.shape
    if array.shape != shape:
        return Comparison(Verdict.MALFORMED, f"shape {array.shape}, expected {shape}", size)
    if array.dtype != precision.dtype:
        return Comparison(Verdict.MALFORMED, f"dtype {array.dtype}, expected {precision.name}", size)
    return compared(array.astype(np.float64)[None], standard.alone, precision)[0]


def difference(values: Floats, exact: Exact) -> Floats:
    """values − exact, correct to the last bits even where they agree to many digits."""
    with np.errstate(all="ignore"):
        return (values - exact.high) - exact.low


def shares(values: Floats, standard: Standard) -> Floats:
    """error / bound, entry by entry; 0 where both are 0, infinity where only the bound is, NaN for NaN.

    The error is rounded upwards, so a share of at most 1 is a proof.
    """
    return _shares(np.abs(difference(values, standard.exact)), standard)


def _shares(distance: Floats, standard: Standard) -> Floats:
    with np.errstate(all="ignore"):
        error = (distance + standard.exact.radius) * (1 + 2.0**-50) + 2.0**-52 * np.abs(standard.exact.low)
        return np.where(error == 0, 0.0, error / standard.bound)


def compared(values: Floats, standard: Standard, precision: Precision) -> list[Comparison]:
    """Compare the arrays of many cases, (K, …), with what they are held against."""
    exact, magnitude = standard.exact, standard.magnitude
    distance = np.abs(difference(values, exact))
    share = _shares(distance, standard)
    with np.errstate(all="ignore"):
        ulps = distance / precision.spacing(magnitude)
        relative = np.where(distance == 0, 0.0, distance / magnitude)
        deviations = None if standard.typical is None else np.where(distance == 0, 0.0, distance / standard.typical)
    wrong = ~(share <= 1)
    if standard.nonfinite is not None:
        wrong &= ~standard.nonfinite | np.isfinite(values)
    # at a power of two numbers lie closer below than above: the smaller spacing decides
    rounded_once = distance <= 0.5 * precision.spacing(np.minimum(magnitude, np.abs(values)))
    worst = each_case(np.where(np.isnan(share), np.inf, share)).argmax(axis=1)
    at = np.arange(len(values)), worst
    columns = {
        "verdict": _verdicts(values, wrong, standard, rounded_once),
        "blind": standard.counts[0],
        "zero": standard.counts[1],
        "max_abs": largest(distance),
        "max_ulp": largest(ulps),
        "max_rel": largest(relative),
        "share": largest(share),
        "typical": [None] * len(values) if deviations is None else largest(deviations),
        "worst_index": _indices(worst, values.shape[1:]),
        "worst_value": each_case(values)[at].tolist(),
        "worst_exact": each_case(exact.high)[at].tolist(),
    }
    entries, details = standard.bound[0].size, _details(wrong, columns)
    rows = zip(*columns.values(), strict=True)
    return [
        Comparison(detail=detail, entries=entries, **dict(zip(columns, its, strict=True)))
        for its, detail in zip(rows, details, strict=True)
    ]


def _verdicts(values: Floats, wrong: Mask, standard: Standard, rounded_once: Mask) -> list[Verdict]:
    outside, once = each_case(wrong).any(axis=1).tolist(), each_case(rounded_once).all(axis=1).tolist()
    unseen, overflows = standard.unseen, np.asarray(standard.range).tolist()
    found = []
    for k, is_outside in enumerate(outside):
        if is_outside and overflows[k]:
            found.append(Verdict.RANGE)
        elif is_outside:
            found.append(Verdict.VIOLATION if np.isfinite(values[k][wrong[k]]).all() else Verdict.NONFINITE)
        elif unseen[k]:
            found.append(Verdict.BLIND)
        else:
            found.append(Verdict.EXACT if once[k] else Verdict.ROUNDING)
    return found


def _details(wrong: Mask, columns: Mapping[str, Sequence[Any]]) -> list[str]:
    """How many entries of each case are wrong, and the worst of them, in words; nothing where none is."""
    counts, size = each_case(wrong).sum(axis=1).tolist(), wrong[0].size
    worst = zip(*(columns[name] for name in ("worst_index", "worst_value", "worst_exact", "share")), strict=True)
    return [_detail(count, size, *its) if count else "" for count, its in zip(counts, worst, strict=True)]


def _detail(count: int, size: int, index: tuple[int, ...], value: float, exact: float, share: float) -> str:
    place = f"at {list(index)} " if index else ""
    by = "which no rounding explains" if not share < np.inf else f"{share:.3g} times the bound"
    return f"{count} of {size} entries; {place}{value!r} where exact is {exact!r}, {by}"


def _indices(worst: npt.NDArray[np.intp], shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Where in a case's own array the worst entries are."""
    axes = [axis.tolist() for axis in np.unravel_index(worst, shape)] if shape else []
    return list(zip(*axes, strict=True)) if axes else [()] * len(worst)


def largest(numbers: Floats) -> list[float]:
    """The largest number of each case; NaN if there is one."""
    found: list[float] = each_case(numbers).max(axis=1).tolist()
    return found
