"""Envelopes: |σ'| and |σ''| on an interval never exceed their bounds, and the bounds are finite everywhere.

σ' and σ'' come from σ's own formula by series arithmetic on balls, which knows nothing of the closed forms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb, arb_series

from harness import envelopes
from harness.accuracy import ACCURACY
from harness.bound import INFLATION
from harness.precision import PRECISIONS
from reference.activations import FORMULAS

each_activation = pytest.mark.parametrize("name", ACCURACY)

BITS = 3500
"""Enough to tell 1 + tanh u from 0 where a slope is e^-1000."""

UNDERFLOW = 2.0**-1060
"""What is lost where e^-t is subnormal or 0; a thousand times that is far below λ = 2^-1022, which δ has anyway."""


@dataclass(frozen=True)
class Series:
    """x + ε with ε³ = 0, under what the formulas use; itself their namespace."""

    of: arb_series

    def _with(self, other: Any, operation: Callable[[Any, Any], Any]) -> Series:
        return Series(operation(self.of, other.of if isinstance(other, Series) else arb_series([arb(other)], 3)))

    def __add__(self, other: Any) -> Series:
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Series:
        return self._with(other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Series:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Series:
        return self._with(other, lambda a, b: a * b)

    def __truediv__(self, other: Any) -> Series:
        return self._with(other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Series:
        return self._with(other, lambda a, b: b / a)

    def __neg__(self) -> Series:
        return Series(-self.of)

    __radd__, __rmul__ = __add__, __mul__

    def __le__(self, other: float) -> bool:
        return bool(self.of[0] <= other)

    exp = staticmethod(lambda x: Series(x.of.exp()))
    expm1 = staticmethod(lambda x: Series(x.of.exp() - 1))
    log1p = staticmethod(lambda x: Series((x.of + 1).log()))
    tanh = staticmethod(lambda x: 1 - 2 / (Series((2 * x).of.exp()) + 1))
    erfc = staticmethod(lambda x: Series(x.of.erfc()))
    abs = staticmethod(lambda x: -x if x.of[0] <= 0 else x)
    maximum = staticmethod(lambda x, c: x._constant(c) if x <= c else x)
    minimum = staticmethod(lambda x, c: x if x <= c else x._constant(c))
    zeros_like = staticmethod(lambda x: x._constant(0))
    ones_like = staticmethod(lambda x: x._constant(1))
    where = staticmethod(lambda condition, yes, no: yes if condition else no)
    sqrt = staticmethod(lambda c: arb(c).sqrt())
    pi = staticmethod(arb.pi)

    def _constant(self, c: Any) -> Series:
        return Series(arb_series([arb(c)], 3))


def derivatives(name: str, x: float) -> tuple[Any, Any]:
    """|σ'(x)| and |σ''(x)| as balls; beside a kink, on the left of it."""
    found = FORMULAS[name].value(Series, Series(arb_series([arb(x), 1], 3)))
    return abs(found.of[1]), 2 * abs(found.of[2])


@pytest.fixture(autouse=True)
def three_terms() -> Any:
    cap, flint.ctx.cap = flint.ctx.cap, 3
    with flint.ctx.workprec(BITS):
        yield
    flint.ctx.cap = cap


def intervals(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Around 0, in the tails, and across kinks; from a point to hundreds wide."""
    rng = np.random.default_rng(2)
    middle = np.concatenate([rng.uniform(-8, 8, count), rng.uniform(-50, 50, count), rng.uniform(-1000, 1000, count)])
    width = np.ldexp(rng.uniform(0.5, 1, middle.size), rng.integers(-40, 10, middle.size))
    width[::5] = 0.0
    return middle - width, middle + width


def exceeding(exact: Any, bound: float) -> bool:
    return not exact <= arb(bound) * INFLATION + UNDERFLOW


@each_activation
def test_slope_and_curvature_never_exceed_their_bounds_on_random_intervals(name: str) -> None:
    row, (lo, hi) = ACCURACY[name], intervals(150)
    bounds = row.lipschitz(lo, hi), row.curvature(lo, hi)
    for part in (0.0, 0.3, 0.5, 0.9, 1.0):
        for x, *limits in zip((lo + part * (hi - lo)).tolist(), *(b.tolist() for b in bounds), strict=True):
            for exact, limit in zip(derivatives(name, x), limits, strict=True):
                assert not exceeding(exact, limit), (x, limit, exact)
    assert np.all(bounds[0] <= row.steepness) and np.all(bounds[1] <= 2.0)


@each_activation
def test_the_bounds_fall_away_as_the_function_does(name: str) -> None:
    """Power: a bound is within ten times of the largest |σ'| or |σ''| nearby, and in the tails it is small."""
    row, x = ACCURACY[name], np.linspace(-7, 7, 57) + 0.01
    for bound, order in ((row.lipschitz(x, x), 0), (row.curvature(x, x), 1)):
        exact = np.array([float(derivatives(name, v)[order]) for v in x.tolist()])
        nearby = np.array([exact[np.abs(x - v) <= 2].max() for v in x])
        assert np.all(bound <= 10 * nearby)
    far = np.array([-700.0])
    exact = [float(d) for d in derivatives(name, -700.0)]
    found = row.lipschitz(far, far).item(), row.curvature(far, far).item()
    assert all(f <= 1e-250 or f <= 2 * e for f, e in zip(found, exact, strict=True))


@pytest.mark.parametrize("part", ["lipschitz", "curvature"])
@pytest.mark.parametrize("name", ["sigmoid", "gelu", "silu", "selu", "softsign"])
def test_a_bound_a_twentieth_too_small_is_exceeded(name: str, part: str) -> None:
    """That the test above can fail."""
    order = ("lipschitz", "curvature").index(part)
    x = np.concatenate([np.linspace(-6, 6, 241), [-1e-9, 1e-9]])
    bound = getattr(ACCURACY[name], part)(np.full_like(x, -6.0), np.full_like(x, 6.0)) * 0.95
    assert any(exceeding(derivatives(name, v)[order], b) for v, b in zip(x.tolist(), bound.tolist(), strict=True))


@each_activation
@pytest.mark.parametrize("part", ["scale", "scale_slope", "lipschitz", "curvature"])
def test_everything_is_a_number_out_to_the_ends_of_the_format(name: str, part: str) -> None:
    ends = np.array([-1e308, -1e200, -1e154, -1e30, -1.0, 0.0, 1.0, 1e30, 1e154, 1e200, 1e308])
    function: Any = getattr(ACCURACY[name], part)
    with np.errstate(over="ignore", under="ignore"):
        if part.startswith("scale"):
            for precision in PRECISIONS.values():
                found = function(ends, precision)
                assert not np.isnan(found).any() and np.all(found >= 0)
            return
        for lo in ends:
            its = ends[ends >= lo]
            found = function(np.full_like(its, lo), its)
            assert np.isfinite(found).all() and np.all(found >= 0) and found.shape == its.shape


@each_activation
def test_an_interval_that_overflowed_still_has_a_bound(name: str) -> None:
    """x ± 2δ may be infinite where δ is the largest number."""
    ends = np.array([-np.inf]), np.array([np.inf])
    with np.errstate(all="ignore"):
        found = [ACCURACY[name].lipschitz(*ends).item(), ACCURACY[name].curvature(*ends).item()]
    inside = [max(float(derivatives(name, x)[order]) for x in (-2.0, -0.5, 0.01, 0.5, 2.0)) for order in (0, 1)]
    assert all(f >= e * (1 - 2.0**-50) for f, e in zip(found, inside, strict=True))


@each_activation
def test_values_and_slopes_are_those_of_the_formulas(name: str) -> None:
    x = np.array([-30.0, -2.5, -0.3, 0.7, 2.5, 30.0])
    p = PRECISIONS["float64"]
    for v, slope in zip(x.tolist(), envelopes.slope(name, x).tolist(), strict=True):
        limit = ACCURACY[name].k_slope * p.u * ACCURACY[name].scale_slope(np.array([v]), p).item()
        assert abs(abs(arb(slope)) - derivatives(name, v)[0]) <= arb(limit) + UNDERFLOW
