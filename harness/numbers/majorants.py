"""Majorants: a number that moves with one variable, and how far and how fast it can possibly move.

While t runs over [−1, 1], a number y(t) moves no faster than ``first``, and its second and third derivative stay below
``second`` and ``third``. Products and compositions of such numbers obey the rules of Leibniz and Faà di Bruno with
every term taken positive (R. E. Moore, *Methods and Applications of Interval Analysis*, 1979, chapter 3, with
magnitudes for intervals), so what comes out is an upper bound. The text of ``reference/`` runs on them as it
stands. Nothing here knows of back-propagation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from harness import envelopes
from harness.accuracy import ACCURACY
from harness.numbers.running import Floats, Mask
from harness.precision import PRECISIONS
from harness.thirds import BENDS, THIRDS

OWN = PRECISIONS["float64"]
"""What majorants are computed in, whatever the format of the case."""

Parts = tuple[Floats, Floats, Floats]


@dataclass(frozen=True, eq=False)
class Majorant:
    """``value`` ± ``rounding`` at t = 0, and upper bounds of |y'|, |y''|, |y'''| for all |t| ≤ 1.

    ``value`` is a float64 and ``rounding`` how far it may be from the exact number. Shapes (n, rows, columns), lanes
    first, or (1, rows, columns) where no lane differs.
    """

    value: Floats
    rounding: Floats
    first: Floats
    second: Floats
    third: Floats

    @property
    def radius(self) -> Floats:
        """How far y(t) may be from ``value``."""
        return self.rounding + self.first

    @property
    def sup(self) -> Floats:
        """The largest magnitude of y(t)."""
        return np.asarray(np.abs(self.value) + self.radius)

    @property
    def moves(self) -> Mask:
        """False where y is the same for every t."""
        return np.asarray(self.first > 0)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape, the axis of lanes first."""
        return self.value.shape

    def __matmul__(self, other: Majorant) -> Majorant:
        a, b, n = self, other, self.shape[-1]
        rounding = np.abs(a.value) @ b.rounding + a.rounding @ (np.abs(b.value) + b.rounding)
        rounding = rounding + n * (OWN.u * (np.abs(a.value) @ np.abs(b.value)) + OWN.eta)
        lost = n * OWN.eta * (a.moves.any(axis=-1, keepdims=True) | b.moves.any(axis=-2, keepdims=True))
        return _number(a.value @ b.value, rounding, _leibniz(a, b, _matmul, lost))

    def __mul__(self, other: Majorant) -> Majorant:
        a, b = self, other
        value = a.value * b.value
        rounding = np.abs(a.value) * b.rounding + a.rounding * (np.abs(b.value) + b.rounding)
        rounding = rounding + OWN.u * np.abs(value) + OWN.eta
        return _number(value, rounding, _leibniz(a, b, np.multiply, OWN.eta * (a.moves | b.moves)))

    def __add__(self, other: Majorant) -> Majorant:
        a, b = self, other
        value = a.value + b.value
        parts = (a.first + b.first, a.second + b.second, a.third + b.third)
        return _number(value, a.rounding + b.rounding + OWN.u * np.abs(value), parts)

    def __sub__(self, other: Majorant) -> Majorant:
        return self + replace(other, value=-other.value)

    def __truediv__(self, count: int) -> Majorant:
        """Division by a whole number."""
        value, lost = self.value / count, OWN.eta * self.moves
        parts = (self.first / count + lost, self.second / count + lost, self.third / count + lost)
        return _number(value, self.rounding / count + OWN.u * np.abs(value) + OWN.eta, parts)

    def sum(self, axis: tuple[int, ...]) -> Majorant:
        """Sum over ``axis``, for each lane."""
        terms = self.shape[-1] * self.shape[-2]
        rounding = self.rounding.sum(axis=axis) + terms * OWN.u * np.abs(self.value).sum(axis=axis)
        parts = (self.first.sum(axis=axis), self.second.sum(axis=axis), self.third.sum(axis=axis))
        return _number(self.value.sum(axis=axis), rounding, parts)


def still(values: npt.ArrayLike) -> Majorant:
    """Numbers that do not move."""
    value = np.asarray(values, dtype=np.float64)
    none = np.zeros((1, *value.shape[1:]))
    return Majorant(value, none, none, none, none)


def moving(values: npt.ArrayLike, by: Floats) -> Majorant:
    """Numbers that move with t: ``value`` + ``by``·t, with ``by`` at least 0."""
    return replace(still(values), first=by)


@dataclass(frozen=True)
class MajorantSigma:
    """σ on majorants, by bounds of |σ'|, |σ''| and |σ'''| over the interval in which its argument stays.

    Where that interval holds a point at which one of them jumps, every derivative is infinite.
    """

    name: str

    def value(self, x: Majorant) -> Majorant:
        """σ(x)."""
        row = ACCURACY[self.name]
        radius = x.radius * (1 + 1e-9) + 2 * OWN.u * np.abs(x.value)  # for the rounding of both ends
        lo, hi = x.value - radius, x.value + radius
        tiny = 0.0 if row.piecewise else OWN.eta  # for what these bounds themselves lose by underflow
        slope, curvature, third = (f(lo, hi) + tiny for f in (row.lipschitz, row.curvature, THIRDS[self.name]))
        rounding = slope * x.rounding + row.k * OWN.u * row.scale(x.value, OWN) + OWN.eta * row.underflow(x.value)
        bent = np.zeros(lo.shape, dtype=bool)
        for at in (*row.kinks, *BENDS.get(self.name, ())):
            bent |= (lo <= at) & (hi >= at)
        first = slope * x.first
        second = curvature * x.first**2 + slope * x.second
        whole = third * x.first**3 + 3 * curvature * x.first * x.second + slope * x.third
        lost = np.where(slope + curvature + third > 0, OWN.eta, 0.0)
        parts = (np.where(x.moves, np.where(bent, np.inf, part + lost), 0.0) for part in (first, second, whole))
        return _number(envelopes.value(self.name, x.value), rounding, tuple(parts))

    def derivative(self, x: Majorant, y: Majorant) -> Majorant:
        """Never asked for: only the forward pass runs on majorants."""
        raise NotImplementedError("majorants know the forward pass alone")


def _leibniz(a: Majorant, b: Majorant, times: Callable[[Floats, Floats], Any], lost: Any) -> Parts:
    """(ab)', (ab)'', (ab)''' with every term positive; ``lost`` is what underflow takes away from any of them."""
    A, B = a.sup, b.sup
    return (
        times(A, b.first) + times(a.first, B) + lost,
        times(A, b.second) + 2 * times(a.first, b.first) + times(a.second, B) + lost,
        times(A, b.third) + 3 * (times(a.first, b.second) + times(a.second, b.first)) + times(a.third, B) + lost,
    )


def _matmul(a: Floats, b: Floats) -> Floats | float:
    """A product of which one factor often vanishes."""
    return a @ b if a.any() and b.any() else 0.0


def _number(value: Floats, rounding: Floats, parts: tuple[Any, ...]) -> Majorant:
    """A result; what is no number is not bounded."""
    return Majorant(value, *(np.where(np.isnan(part), np.inf, part) for part in (rounding, *parts)))
