"""σ and σ' on running-error numbers, by the activation's accuracy row (NUMERICS: Bound, Kinks)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from cases.known import Deviation
from harness import envelopes
from harness.accuracy import ACCURACY, NARROW, Accuracy
from harness.numbers.running import Floats, Mask, Running
from harness.precision import Precision

MEMBERS = ("left", "right", "mean", "inner", "outer")
"""Derivatives that are legal exactly on a kink: the one-sided ones, their mean, and, for activations with a
kink on either side of 0, the ones towards 0 and away from it."""


@dataclass
class RunningSigma:
    """An activation on running-error numbers.

    ``member`` is the derivative taken exactly on a kink. `on_kink` collects, over all calls, which cases (K,)
    have a unit exactly there; `near_kink` those with a unit so near that either branch is correct.
    """

    name: str
    member: str = "left"
    known: Sequence[Deviation] = ()
    on_kink: list[Mask] = field(default_factory=list)
    near_kink: list[Mask] = field(default_factory=list)

    def value(self, x: Running) -> Running:
        """δh = min(L·δI, range of σ) + k·u·s + η_σ·t."""
        row, p = ACCURACY[self.name], x.precision
        y, slope = envelopes.value(self.name, x.value), envelopes.slope(self.name, x.value)
        moved = _moved(row.lipschitz(*_interval(x)), x.delta, row.reach)
        own = self._roundings("value", row.k, NARROW[0], x) * p.u * row.scale(x.value, p)
        zero = (~x.nonzero & (y == 0)) | _dead(row, x)  # σ(0) = 0 without rounding
        if row.piecewise:
            delta = np.where(zero | (moved == 0) & ((y == 0) | x.exact), 0.0, moved + p.eta)
        else:
            delta = np.where(zero, 0.0, moved + own + p.eta_activation * row.underflow(x.value))
        exact = zero | x.exact & row.piecewise
        return _like(x, y, delta, slope**2 * x.variance + own**2 / 3, exact=exact)

    def derivative(self, x: Running, y: Running) -> Running:
        """δσ' = min(L₂·δI, range of σ') + jump + k'·u·s' + 2η_σ·t."""
        row, p = ACCURACY[self.name], x.precision
        slope = envelopes.slope(self.name, x.value)
        curvature = row.curvature(*_interval(x))
        delta = _moved(curvature, x.delta, row.reach_slope)
        own = self._roundings("derivative", row.k_slope, NARROW[1], x) * p.u * row.scale_slope(x.value, p)
        variance = curvature**2 * x.variance + own**2 / 3
        if not row.piecewise:
            delta = delta + own + 2 * p.eta_activation * row.underflow(x.value)
        for kink, jump in row.kinks.items():
            on = x.exact & (x.value == kink)
            window = 2 * x.delta + 2 * p.u * (np.abs(x.value) + abs(kink))
            window = window + np.where(x.exact, 0.0, p.smallest_normal)
            near = ~on & ~(np.abs(x.value - kink) > window)
            slope = np.where(on, self.at_kink(kink), slope)
            delta, variance = np.where(near, delta + jump, delta), np.where(near, variance + jump**2, variance)
            self.on_kink.append(_any(on))
            self.near_kink.append(_any(near))
        delta = np.where(_dead(row, x), 0.0, delta)
        found = _like(x, slope, delta, variance, exact=delta == 0)
        return replace(found, swell=row.swell(x.value))

    def _roundings(self, of: str, k: float, narrow: float, x: Running) -> Floats:
        """k at every entry: the row's, or a known deviation's where x may lie in its interval."""
        every = np.full_like(x.value, roundings(k, x.precision, narrow))
        lo, hi = _interval(x)
        for row in self.known:
            if (row.activation, row.of, row.dtype) == (self.name, of, x.precision.name):
                limit = np.inf if row.limit == "nonfinite" else float(row.limit)
                for left, right in row.x:
                    every = np.where((hi >= left) & (lo <= right), np.maximum(every, limit), every)
        return every

    def at_kink(self, kink: float) -> float:
        """σ' exactly on a kink, as `member` has it."""
        sides = np.array([np.nextafter(kink, -np.inf), np.nextafter(kink, np.inf)])
        left, right = envelopes.slope(self.name, sides).tolist()
        inner, outer = (right, left) if kink < 0 else (left, right)
        members: dict[str, float] = {
            "left": left,
            "right": right,
            "mean": (left + right) / 2,
            "inner": inner,
            "outer": outer,
        }
        return members[self.member]


def members(name: str) -> tuple[str, ...]:
    """The members that can differ for an activation."""
    kinks = ACCURACY[name].kinks
    return MEMBERS if min(kinks, default=0.0) < 0 else MEMBERS[:3]


def roundings(k: float, precision: Precision, narrow: float) -> float:
    """k in this format: the row's, or in narrow formats the one of storage roundings; 0 stays 0."""
    return narrow if precision.narrow and k else k


def _interval(x: Running) -> tuple[Floats, Floats]:
    return x.value - 2 * x.delta, x.value + 2 * x.delta


def _moved(slope: Floats, delta: Floats, reach: float) -> Floats:
    """How far an error in I moves σ or σ': slope·delta, but no further than the function reaches.

    An infinite error may be NaN, which reaches everywhere; any other through a slope of 0 stays 0.
    """
    moved = np.minimum(np.where(slope == 0, 0.0, slope * delta), reach)
    return np.where(np.isfinite(delta), moved, np.inf)


def _dead(row: Accuracy, x: Running) -> Mask:
    """Where x surely lies in the part of an activation that is exactly 0, whatever x + 3 is rounded to."""
    window = 2 * x.delta + 2 * x.precision.u * (np.abs(x.value) + abs(row.dead_below))
    return np.asarray(x.value + window < row.dead_below)


def _any(mask: Mask) -> Mask:
    return np.asarray(mask.any(axis=tuple(range(1, mask.ndim))))


def _like(x: Running, value: Any, delta: Floats, variance: Floats, exact: Mask) -> Running:
    delta = np.where(np.isnan(delta) | np.isnan(value), np.inf, delta)
    return replace(x, value=np.asarray(value), delta=delta, variance=variance, exact=np.asarray(exact))
