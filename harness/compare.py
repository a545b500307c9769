"""The comparison: one array of a backend against the exact values and their bound.

A ladder: shape, then dtype, then finiteness, then values; each rung is a different verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
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

    ``range``: an intermediate may overflow. ``nonfinite``: entries at which NaN and infinities pass.
    """

    exact: Exact
    bound: Floats
    typical: Floats | None = None
    range: bool = False
    nonfinite: Mask | None = None


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
    exact = standard.exact
    with np.errstate(all="ignore"):
        apart = np.abs(difference(values, exact)) + exact.radius
        error = apart * (1 + 2.0**-50) + 2.0**-52 * np.abs(exact.low)
        return np.where(error == 0, 0.0, error / standard.bound)


def blind_entries(standard: Standard) -> Any:
    """Mask of nonzero entries whose bound is at least their magnitude."""
    with np.errstate(all="ignore"):  # an exact value beyond float64 is inf − inf
        magnitude = np.abs(standard.exact.high + standard.exact.low)
    return (magnitude > 0) & ~(standard.bound < magnitude)


def unchecked_zeros(standard: Standard) -> Any:
    """Mask of exact zeros whose bound is neither 0 nor below the largest magnitude of their layer."""
    largest = np.abs(standard.exact.high).max(initial=0.0)
    return zero_entries(standard.exact) & (standard.bound > 0) & ~(standard.bound < largest)


def zero_entries(exact: Exact) -> Any:
    """Mask of entries that are exactly zero."""
    return (exact.high == 0) & (exact.low == 0) & (exact.radius == 0)


def _values(values: Floats, standard: Standard, precision: Precision) -> Comparison:
    exact = standard.exact
    share = shares(values, standard)
    with np.errstate(all="ignore"):
        distance = np.abs(difference(values, exact))
        magnitude = np.abs(exact.high + exact.low)
        ulps = distance / precision.spacing(magnitude)
        relative = np.where(distance == 0, 0.0, distance / magnitude)
        deviations = None if standard.typical is None else np.where(distance == 0, 0.0, distance / standard.typical)
    worst = int(np.argmax(np.where(np.isnan(share), np.inf, share)))
    wrong = ~(share <= 1)
    if standard.nonfinite is not None:
        wrong &= ~standard.nonfinite | np.isfinite(values)
    index = tuple(int(i) for i in np.unravel_index(worst, share.shape))
    blind, zero = blind_entries(standard), zero_entries(exact)
    # at a power of two numbers lie closer below than above: the smaller spacing decides
    rounded_once = distance <= 0.5 * precision.spacing(np.minimum(magnitude, np.abs(values)))
    verdict = _verdict(values, wrong, standard.range, rounded_once, blind | unchecked_zeros(standard), zero)
    return Comparison(
        verdict=verdict,
        detail=_detail(verdict, wrong, index, values, share, exact),
        entries=values.size,
        blind=int(blind.sum()),
        zero=int(zero.sum()),
        max_abs=_max(distance),
        max_ulp=_max(ulps),
        max_rel=_max(relative),
        share=_max(share),
        typical=None if deviations is None else _max(deviations),
        worst_index=index,
        worst_value=float(values.flat[worst]),
        worst_exact=float(exact.high.flat[worst]),
    )


def _verdict(values: Floats, wrong: Any, range_: bool, rounded_once: Any, blind: Any, zero: Any) -> Verdict:
    if wrong.any():
        if range_:
            return Verdict.RANGE
        return Verdict.VIOLATION if np.isfinite(values[wrong]).all() else Verdict.NONFINITE
    if blind.any() and (blind | zero).all():
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
    return float(np.max(numbers)) if numbers.size else 0.0
