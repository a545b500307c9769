"""Running-error numbers: a value, and how far from it any correct implementation may be.

Running error analysis (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., §3.3), carried
through the text of the equations by operators, for any order of summation, with or without fused
multiply-add, with or without subnormal numbers. Beside the worst case goes a variance, as if each rounding
were an independent error of variance u²/3: the typical error, which warns and never judges. Arrays are
float64 with a leading axis of K cases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.precision import Precision

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

STAGES = 5
"""Roundings when a factor such as 2/(B·N_O) is applied in stages, at any of the places where it can be."""


@dataclass(frozen=True, eq=False)
class Running:
    """``value`` ± ``delta``, entry by entry.

    ``variance`` is that of the typical error. ``exact`` marks entries that every order of evaluation computes
    without any rounding. ``range`` (K,) marks cases in which an intermediate may have left the format's range.
    ``headroom`` is the largest factor that an implementation may still carry along unapplied (a scale applied
    last); ``swell`` is how much larger the factors of a σ' may be than σ' itself (x of x·φ(x)): one may
    overflow, or scale the underflow of another.
    """

    value: Floats
    delta: Floats
    variance: Floats
    exact: Mask
    range: Mask
    precision: Precision
    headroom: float = 1.0
    swell: Floats | float = 1.0

    @cached_property
    def magnitude(self) -> Floats:
        """M = |value| + 2·delta, at least the magnitude of any correct result."""
        return np.asarray(np.abs(self.value) + 2 * self.delta)

    @cached_property
    def nonzero(self) -> Mask:
        """False where every correct result is exactly 0."""
        return np.asarray((self.value != 0) | (self.delta != 0))

    @cached_property
    def lost(self) -> Mask:
        """True where a correct result may be NaN or infinity, and then times an exact 0 is NaN."""
        return np.isinf(self.delta)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape, the axis of cases first."""
        return self.value.shape

    @property
    def mT(self) -> Running:
        """The transpose of the last two axes."""
        parts = (self.value.mT, self.delta.mT, self.variance.mT, self.exact.mT)
        return Running(*parts, self.range, self.precision, self.headroom, self.swell)

    def __matmul__(self, other: Running) -> Running:
        """n-term sums of products: n·u_a per term (Jeannerod & Rump, SIAM J. Matrix Anal. Appl. 34, 2013)."""
        a, b, p = self, other, self.precision
        value, products = a.value @ b.value, a.magnitude @ b.magnitude
        terms = a.nonzero.astype(np.float64) @ b.nonzero.astype(np.float64)
        delta = a.magnitude @ b.delta + a.delta @ b.magnitude
        delta = delta + terms * (p.u_accumulate * products + 2 * p.eta)
        squares, n = (a.value**2) @ (b.value**2), a.shape[-1]
        variance = (a.value**2) @ b.variance + a.variance @ (b.value**2)
        variance = variance + p.u_accumulate**2 / 3 * (squares * (1 + n / 2) + value**2 * n / 3)
        lost = a.lost.any(axis=-1, keepdims=True) | b.lost.any(axis=-2, keepdims=True)
        exact = _exact_product(a, b, terms) & ~lost
        delta = np.where(lost, np.inf, np.where(exact, 0.0, delta))
        return _stored(value, delta, variance, exact, products, a, b)

    def __mul__(self, other: Running | float) -> Running:
        """Entry by entry: one rounding; by a plain number: as many as applying it in stages costs."""
        p = self.precision
        if isinstance(other, Running):
            a, b = self, other
            value, product = a.value * b.value, a.magnitude * b.magnitude
            reach = np.maximum(product, np.maximum(a.swell * b.magnitude, b.swell * a.magnitude))
            zero = ~(a.nonzero & b.nonzero | a.lost | b.lost)
            eta = p.eta * np.maximum(a.swell, b.swell)
            delta = a.magnitude * b.delta + b.magnitude * a.delta + p.u * product + eta
            variance = a.value**2 * b.variance + b.value**2 * a.variance + value**2 * p.u**2 / 3
            return _number(value, np.where(zero, 0.0, delta), variance, zero, reach, a, b)
        size, zero = abs(other), ~self.nonzero
        stages = 0 if math.frexp(size)[0] == 0.5 else STAGES
        delta = size * self.delta + stages * p.u * size * self.magnitude + (1 + size) * p.eta
        variance = size**2 * (self.variance + stages * self.value**2 * p.u**2 / 3)
        reach = size * self.magnitude
        return _number(self.value * other, np.where(zero, 0.0, delta), variance, zero, reach, self)

    __rmul__ = __mul__

    def __truediv__(self, count: int) -> Running:
        """Division by a whole number, which an implementation may also apply later, or in stages."""
        p, magnitude, zero = self.precision, self.magnitude / count, ~self.nonzero
        value = self.value / count
        delta = self.delta / count + STAGES * p.u * magnitude + 2 * p.eta
        variance = self.variance / count**2 + 2 * value**2 * p.u**2 / 3
        result = _number(value, np.where(zero, 0.0, delta), variance, zero, magnitude, self)
        return replace(result, headroom=max(self.headroom, float(count)))

    def __add__(self, other: Running) -> Running:
        """One rounding of the result."""
        a, b, p = self, other, self.precision
        value, error = a.value + b.value, a.delta + b.delta
        zero = (value == 0) & (error == 0)
        delta = error + p.u * (np.abs(value) + 2 * error) + p.eta
        variance = a.variance + b.variance + value**2 * p.u**2 / 3
        return _number(value, np.where(zero, 0.0, delta), variance, zero, a.magnitude + b.magnitude, a, b)

    def __sub__(self, other: Running) -> Running:
        """One rounding of the result."""
        return self + (-other)

    def __neg__(self) -> Running:
        """Exact."""
        parts = (-self.value, self.delta, self.variance, self.exact)
        return Running(*parts, self.range, self.precision, self.headroom, self.swell)

    def __getitem__(self, index: Any) -> Running:
        """Some of them, as NumPy takes an index; the axis of cases stays."""
        parts = {name: getattr(self, name)[index] for name in ("value", "delta", "variance", "exact")}
        return replace(self, **parts)

    def sum(self, axis: tuple[int, ...], keepdims: bool = False) -> Running:
        """n-term sum over ``axis``, in any order."""
        p = self.precision
        terms, total = (part.sum(axis=axis, keepdims=keepdims) for part in (self.nonzero, self.magnitude))
        value = self.value.sum(axis=axis, keepdims=keepdims)
        delta = self.delta.sum(axis=axis, keepdims=keepdims) + terms * (p.u_accumulate * total + p.eta)
        squares = (self.value**2).sum(axis=axis, keepdims=keepdims)
        variance = self.variance.sum(axis=axis, keepdims=keepdims)
        variance = variance + p.u_accumulate**2 / 3 * (squares + value**2) * (1 + terms / 2)
        return _stored(value, delta, variance, terms == 0, total, self)


def given(values: npt.ArrayLike, precision: Precision) -> Running:
    """Numbers that every implementation is given; a subnormal one may be flushed to zero when read.

    Shape (K, …).
    """
    value = np.asarray(values, dtype=np.float64)
    flushed = (value != 0) & (np.abs(value) < precision.smallest_normal) & precision.flushes
    cases = np.zeros(value.shape[:1], dtype=bool)
    return Running(value, np.where(flushed, np.abs(value), 0.0), np.zeros_like(value), ~flushed, cases, precision)


def constant(number: float, precision: Precision) -> Running:
    """A scalar such as α, which an implementation may round to the format, or flush to zero."""
    value, no = np.asarray(number), np.asarray(False)
    flushed = abs(number) < precision.smallest_normal and precision.flushes
    delta = np.abs(value) * (1.0 if flushed else precision.u)
    return Running(value, delta, np.zeros_like(value), no, no, precision)


def _stored(value: Floats, delta: Floats, variance: Floats, exact: Mask, reach: Floats, *operands: Running) -> Running:
    """The result of a sum, rounded once more where accumulators are wider than storage."""
    u = operands[0].precision.u_store
    delta = np.where(exact, delta, delta + u * (np.abs(value) + 2 * delta))
    return _number(value, delta, variance + value**2 * u**2 / 3, exact, reach, *operands)


def _number(value: Floats, delta: Floats, variance: Floats, exact: Mask, reach: Floats, *operands: Running) -> Running:
    """The result of an operation whose intermediates are as large as ``reach``; NaN becomes infinity."""
    precision = operands[0].precision
    headroom = max(operand.headroom for operand in operands)
    delta = np.where(np.isnan(value + delta), np.inf, delta)
    left = ~(np.maximum(np.abs(value) + 2 * delta, reach) * headroom <= precision.largest / 2)
    range_ = left.any(axis=tuple(range(1, left.ndim))) if left.ndim > 1 else left
    for operand in operands:
        range_ = range_ | operand.range
    return Running(value, delta, variance, np.asarray(exact), np.asarray(range_), precision, headroom)


def _exact_product(a: Running, b: Running, terms: Floats) -> Mask:
    """Where every partial sum, in any order, is a number of the format.

    That is so where there is nothing to add, or where all factors are exact and the sum of |a||b| is below
    2^bits times the lowest bit that occurs in a product, itself no smaller than λ. (Below, not at most: the
    sum is itself rounded here, and from 2^53 + 1 down to 2^53.)
    """
    exact: Mask = terms == 0
    if not (a.exact.any() and b.exact.any()):
        return exact
    lowest = _lowest_bit(a.value).min(axis=-1)[..., :, None] * _lowest_bit(b.value).min(axis=-2)[..., None, :]
    size = np.abs(a.value) @ np.abs(b.value)
    fits = (size < lowest * 2.0**a.precision.exact_bits) & (lowest >= a.precision.smallest_normal)
    if not fits.any():
        return exact
    rough_a, rough_b = (~a.exact & a.nonzero).astype(np.float64), (~b.exact & b.nonzero).astype(np.float64)
    rough = rough_a @ b.nonzero.astype(np.float64) + a.nonzero.astype(np.float64) @ rough_b
    return np.asarray(exact | ((rough == 0) & fits & np.isfinite(lowest)))


def _lowest_bit(values: Floats) -> Floats:
    """Value of the lowest set bit of each number; infinity for 0."""
    mantissa, exponent = np.frexp(values)
    whole = np.where(np.isfinite(mantissa), np.ldexp(mantissa, 53), 0).astype(np.int64)
    return np.where(whole == 0, np.inf, np.ldexp((whole & -whole).astype(np.float64), exponent - 53))
