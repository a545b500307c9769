"""The comparison: one array of a backend against the exact values and their bound.

A ladder: shape, then dtype, then finiteness, then values; each rung is a different verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

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
    from these alone is found once, for all that is held against them.
    """

    exact: Exact
    bound: Floats
    typical: Floats | None = None
    range: bool = False
    nonfinite: Mask | None = None

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
    def unchecked(self) -> Mask:
        """Blind entries, and exact zeros whose bound is neither 0 nor below the largest magnitude of their layer."""
        largest = np.abs(self.exact.high).max(initial=0.0)
        return np.asarray(self.blind | self.zero & (self.bound > 0) & ~(self.bound < largest))


def ladder(values: Any, standard: Standard, precision: Precision) -> Comparison:
    """Compare ``values``, anything a backend returned, with its standard."""
    array = np.asarray(values)
    size, shape = standard.bound.size, standard.bound.shape
    if array.shape != shape:
        return Comparison(Verdict.MALFORMED, f"shape {array.shape}, expected {shape}", size)
    if array.dtype != precision.dtype:
        return Comparison(Verdict.MALFORMED, f"dtype {array.dtype}, expected {precision.name}", size)
    return _values(array.astype(np.float64), standard, precision)


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


def _values(values: Floats, standard: Standard, precision: Precision) -> Comparison:
    exact, magnitude = standard.exact, standard.magnitude
    distance = np.abs(difference(values, exact))
    share = _shares(distance, standard)
    with np.errstate(all="ignore"):
        ulps = distance / precision.spacing(magnitude)
        relative = np.where(distance == 0, 0.0, distance / magnitude)
        deviations = None if standard.typical is None else np.where(distance == 0, 0.0, distance / standard.typical)
    worst = int(np.argmax(np.where(np.isnan(share), np.inf, share)))
    wrong = ~(share <= 1)
    if standard.nonfinite is not None:
        wrong &= ~standard.nonfinite | np.isfinite(values)
    index = tuple(int(i) for i in np.unravel_index(worst, share.shape))
    # at a power of two numbers lie closer below than above: the smaller spacing decides
    rounded_once = distance <= 0.5 * precision.spacing(np.minimum(magnitude, np.abs(values)))
    verdict = _verdict(values, wrong, standard, rounded_once)
    return Comparison(
        verdict=verdict,
        detail=_detail(verdict, wrong, index, values, share, exact),
        entries=values.size,
        blind=int(standard.blind.sum()),
        zero=int(standard.zero.sum()),
        max_abs=_max(distance),
        max_ulp=_max(ulps),
        max_rel=_max(relative),
        share=_max(share),
        typical=None if deviations is None else _max(deviations),
        worst_index=index,
        worst_value=float(values.flat[worst]),
        worst_exact=float(exact.high.flat[worst]),
    )


def _verdict(values: Floats, wrong: Any, standard: Standard, rounded_once: Any) -> Verdict:
    if wrong.any():
        if standard.range:
            return Verdict.RANGE
        return Verdict.VIOLATION if np.isfinite(values[wrong]).all() else Verdict.NONFINITE
    if (blind := standard.unchecked).any() and (blind | standard.zero).all():
        return Verdict.BLIND
    return Verdict.EXACT if rounded_once.all() else Verdict.ROUNDING


def _detail(verdict: Verdict, wrong: Any, index: tuple[int, ...], values: Floats, share: Floats, exact: Exact) -> str:
    if not wrong.any():
        return ""
    place = f"at {list(index)} " if index else ""
    ratio = share[index]
    by = "which no rounding explains" if not ratio < np.inf else f"{ratio:.3g} times the bound"
    return (
        f"{int(wrong.sum())} of {values.size} entries; {place}{float(values[index])!r} "
        f"where exact is {float(exact.high[index])!r}, {by}"
    )


def _max(numbers: Floats) -> float:
    """Largest number; NaN if there is one."""
    return float(numbers.max()) if numbers.size else 0.0
