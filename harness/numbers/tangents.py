"""Tangents: a number a + i·h·b in complex arithmetic, and how far rounding may take a and b.

A complex step adds i·h to one weight, with h² no larger than an underflow; what comes out as imaginary part is h times
the derivative (Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40,
1998). Both parts are running-error numbers. What complex arithmetic adds to forward mode: an underflow λ of the
imaginary part is λ/h in the derivative, sums of products have two terms where there was one, and h² of what is
left out of a function's Taylor series. The text of ``reference/`` runs on tangents as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.accuracy import ACCURACY
from harness.numbers.running import Floats, Running, given
from harness.numbers.running_sigma import RunningSigma
from harness.precision import Precision

CAUCHY = 200.0
"""At least |σ''|/2 and |σ'''|/6 within ¼ of the real line, over 1 + |x|, for every analytic σ here.

By Cauchy's estimate they are at most r^{-k}·sup|σ| on circles of radius r = ½, so 8·2·(1.5 + |x|), for |σ(z)| ≤
2(1 + |x|) wherever |Im z| ≤ 1."""

PLACES = 8
"""In the complex arithmetic of one σ where an imaginary part may underflow."""


@cache
def step(precision: Precision) -> float:
    """h: √λ, λ the smallest normal number, as a power of two: h² and λ/h, its two errors, are both far below u."""
    return float(2.0 ** (int(np.log2(precision.smallest_normal)) // 2))


@cache
def of_tangents(precision: Precision) -> Precision:
    """The format as imaginary parts divided by h have it: an underflow is 1/h times as large."""
    h = step(precision)
    return replace(precision, eta=precision.eta / h, smallest_normal=precision.smallest_normal / h)


@dataclass(frozen=True, eq=False)
class Tangent:
    """``real`` and ``slope``, the imaginary part divided by h; shapes (n, rows, columns), lanes first."""

    real: Running
    slope: Running

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape, the axis of lanes first."""
        return self.real.shape

    def __matmul__(self, other: Tangent) -> Tangent:
        """(a + ihȧ)(b + ihḃ): the slope is one sum of the products aḃ and ȧb, twice as many terms in any order.

        One factor is real, for only one array is changed: the real part is that of real numbers.
        """
        a, b = self, other
        return Tangent(a.real @ b.real, _beside(a.of_slope, a.slope) @ _beside(b.slope.mT, b.of_slope.mT).mT)

    def __mul__(self, other: Tangent) -> Tangent:
        a, b = self, other
        lost = step(a.real.precision) ** 2 * a.slope.magnitude * b.slope.magnitude
        return Tangent(_wider(a.real * b.real, lost), a.of_slope * b.slope + a.slope * b.of_slope)

    def __add__(self, other: Tangent) -> Tangent:
        return Tangent(self.real + other.real, self.slope + other.slope)

    def __sub__(self, other: Tangent) -> Tangent:
        return Tangent(self.real - other.real, self.slope - other.slope)

    def __truediv__(self, count: int) -> Tangent:
        """Division by a whole number."""
        return Tangent(self.real / count, self.slope / count)

    def sum(self, axis: tuple[int, ...]) -> Tangent:
        """Sum over the last two axes, for each lane."""
        return Tangent(self.real.sum(axis=axis), self.slope.sum(axis=axis))

    @property
    def of_slope(self) -> Running:
        """The real part as a factor of imaginary parts: what it makes may underflow as they do."""
        return replace(self.real, precision=self.slope.precision)


def real(values: npt.ArrayLike, precision: Precision) -> Tangent:
    """Real numbers, (1, rows, columns)."""
    a = given(values, precision)
    return Tangent(a, given(np.zeros_like(a.value), of_tangents(precision)))


def changed(values: npt.ArrayLike, which: Floats, precision: Precision) -> Tangent:
    """Real numbers (1, rows, columns), with i·h added to those marked 1 in ``which`` (n, rows, columns)."""
    return replace(real(values, precision), slope=given(which, of_tangents(precision)))


@dataclass(frozen=True)
class TangentSigma:
    """An analytic σ on tangents."""

    name: str

    def value(self, x: Tangent) -> Tangent:
        """σ(x + ihẋ) = σ(x) + ihσ'(x)ẋ, and what h² and underflow add."""
        sigma, row, h = RunningSigma(self.name), ACCURACY[self.name], step(x.real.precision)
        y = sigma.value(x.real)
        if row.piecewise:
            return Tangent(y, x.slope)
        slope = sigma.derivative(x.of_slope, y) * x.slope
        moved, far = x.slope.magnitude, CAUCHY * (1 + np.abs(x.real.value) + x.real.delta)
        left_out = np.where(h * moved < 0.25, (h * moved) ** 2 * far, np.inf)
        underflow = PLACES * slope.precision.eta * row.underflow(x.real.value)
        moves = moved > 0
        lost = np.where(moves, left_out * moved + underflow, 0.0)
        return Tangent(_wider(y, np.where(moves, left_out, 0.0)), _wider(slope, lost))

    def derivative(self, x: Tangent, y: Tangent) -> Tangent:
        """Never asked for: only the forward pass runs on tangents."""
        raise NotImplementedError("tangents know the forward pass alone")


def _wider(number: Running, error: Floats) -> Running:
    return replace(number, delta=number.delta + error, exact=number.exact & (error == 0))


def _beside(a: Running, b: Running) -> Running:
    """Two arrays of numbers side by side, as one of the precision of the first."""
    n = max(len(a.value), len(b.value))

    def joined(x: Any, y: Any) -> Any:
        return np.concatenate([np.broadcast_to(part, (n, *part.shape[1:])) for part in (x, y)], axis=-1)

    return replace(
        a,
        value=joined(a.value, b.value),
        delta=joined(a.delta, b.delta),
        variance=joined(a.variance, b.variance),
        exact=joined(a.exact, b.exact),
        range=np.broadcast_to(a.range | b.range, (n,)),
    )
