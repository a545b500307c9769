"""How accurately activations are computed: one row each, and σ on running-error numbers.

No library promises an accuracy for σ or σ'. A row states one that every correct library keeps: the value
is within k·u·s of σ, the derivative within k'·u·s' of σ', where the scales s and s' say what the error is
relative to. (A purely relative k would accuse y·(1 − y), which loses all digits where y rounds to 1.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.numbers.running import Floats, Mask, Running
from reference.activations import Formula


@dataclass(frozen=True)
class Accuracy:
    """One activation. Every function takes float64 arrays; intervals are [lo, hi].

    ``k``, ``scale``: |computed σ − σ| ≤ k·u·scale(x). ``k_slope``, ``scale_slope``: the same for σ'.
    ``lipschitz``: sup |σ'| on an interval; ``curvature``: sup |σ''| there, kinks apart. ``reach`` and
    ``reach_slope``: the widths of the ranges of σ and σ'. ``kinks``: where σ' jumps, and by how much.
    ``piecewise``: σ is linear in pieces of slope 0 or 1, so that neither σ nor σ' is ever rounded.
    """

    k: float
    scale: Callable[[Floats], Floats]
    k_slope: float
    scale_slope: Callable[[Floats], Floats]
    lipschitz: Callable[[Floats, Floats], Floats]
    curvature: Callable[[Floats, Floats], Floats]
    reach: float
    reach_slope: float
    source: str
    kinks: dict[float, float] = field(default_factory=dict)
    piecewise: bool = False


def _sigmoid(x: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-x)))


def _sigmoid_slope(lo: Floats, hi: Floats) -> Floats:
    """sup σ' on [lo, hi]: σ' is even and falls away from 0."""
    nearest = np.where((lo <= 0) & (hi >= 0), 0.0, np.minimum(np.abs(lo), np.abs(hi)))
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(-nearest) / (1 + np.exp(-nearest)) ** 2)


def _zero(x: Floats) -> Floats:
    return np.zeros_like(x)


def _flat(lo: Floats, hi: Floats) -> Floats:
    return np.zeros_like(lo)


ACCURACY: dict[str, Accuracy] = {
    "sigmoid": Accuracy(
        k=5,
        scale=_sigmoid,
        k_slope=7,
        scale_slope=_sigmoid,
        lipschitz=_sigmoid_slope,
        # |σ''| = σ'·|1 − 2σ| ≤ σ', and at most 1/(6√3)
        curvature=lambda lo, hi: np.minimum(_sigmoid_slope(lo, hi), 0.09622504486493764),
        reach=1.0,
        reach_slope=0.25,
        source="measured on NumPy, torch and JAX in float64 and float32",
    ),
    "relu": Accuracy(
        k=0,
        scale=_zero,
        k_slope=0,
        scale_slope=_zero,
        lipschitz=lambda lo, hi: (hi > 0).astype(np.float64),
        curvature=_flat,
        reach=np.inf,
        reach_slope=1.0,
        source="a comparison and a copy: no rounding",
        kinks={0.0: 1.0},
        piecewise=True,
    ),
    "identity": Accuracy(
        k=0,
        scale=_zero,
        k_slope=0,
        scale_slope=_zero,
        lipschitz=lambda lo, hi: np.ones_like(lo),
        curvature=_flat,
        reach=np.inf,
        reach_slope=0.0,
        source="a copy: no rounding",
        piecewise=True,
    ),
}
"""One row for each activation in ``reference.activations``."""

MEMBERS = ("left", "right", "mean")
"""Names of the derivatives that are legal exactly on a kink: the one-sided ones and their mean."""


@dataclass
class RunningSigma:
    """σ and σ' on running-error numbers, by its accuracy row (NUMERICS: Bound, Kinks).

    ``member`` is the derivative taken exactly on a kink. `on_kink` collects, over all calls, which cases
    have a unit exactly there; `near_kink` those with a unit so near that either branch is correct.
    """

    name: str
    member: str = "left"
    on_kink: list[Mask] = field(default_factory=list)
    near_kink: list[Mask] = field(default_factory=list)

    def value(self, x: Running) -> Running:
        """δh = min(L·δI, range of σ) + k·u·s + η_σ."""
        row, p = ACCURACY[self.name], x.precision
        y = _plain(self.name).value(x.value)
        moved = np.minimum(_times(row.lipschitz(*_interval(x)), x.delta), row.reach)
        if row.piecewise:
            delta = np.where((moved == 0) & ((y == 0) | x.exact), 0.0, moved + p.eta)
        else:
            delta = moved + row.k * p.u * row.scale(x.value) + p.eta_activation
        return _like(x, y, delta, exact=x.exact & row.piecewise)

    def derivative(self, x: Running, y: Running) -> Running:
        """δσ' = min(L₂·δI, range of σ') + jump + k'·u·s' + 2η_σ."""
        row, p = ACCURACY[self.name], x.precision
        slope = np.asarray(_plain(self.name).derivative(x.value, _plain(self.name).value(x.value)))
        delta = np.minimum(_times(row.curvature(*_interval(x)), x.delta), row.reach_slope)
        if not row.piecewise:
            delta = delta + row.k_slope * p.u * row.scale_slope(x.value) + 2 * p.eta_activation
        for kink, jump in row.kinks.items():
            on = x.exact & (x.value == kink)
            window = 2 * x.delta + 2 * p.u * (np.abs(x.value) + abs(kink)) + p.smallest_normal
            near = ~x.exact & ~(np.abs(x.value - kink) > window)
            slope = np.where(on, self._at(slope, x.value, kink), slope)
            delta = np.where(near, delta + jump, delta)
            self.on_kink.append(_any(on))
            self.near_kink.append(_any(near))
        return _like(x, slope, delta, exact=delta == 0)

    def _at(self, slope: Floats, x: Floats, kink: float) -> Floats:
        """The chosen member: σ' a step to the left, to the right, or their mean."""
        sigma = _plain(self.name)
        sides = [np.nextafter(kink, kink + side) + np.zeros_like(x) for side in (-1.0, 1.0)]
        left, right = (np.asarray(sigma.derivative(side, sigma.value(side))) for side in sides)
        return np.asarray({"left": left, "right": right, "mean": (left + right) / 2}[self.member])


def _plain(name: str) -> Formula:
    return Formula(name, np)


def _interval(x: Running) -> tuple[Floats, Floats]:
    return x.value - 2 * x.delta, x.value + 2 * x.delta


def _times(slope: Floats, delta: Floats) -> Floats:
    """slope·delta, where an error of any size through a slope of 0 stays 0."""
    return np.where(slope == 0, 0.0, slope * delta)


def _any(mask: Mask) -> Mask:
    return np.asarray(mask.any(axis=tuple(range(1, mask.ndim))))


def _like(x: Running, value: Any, delta: Floats, exact: Mask) -> Running:
    delta = np.where(np.isnan(delta) | np.isnan(value), np.inf, delta)
    return Running(np.asarray(value), delta, np.asarray(exact), x.range, x.precision, x.headroom)
