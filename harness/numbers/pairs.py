"""Pairs: exact numbers, each known as the sum of two float64 and how far it may be from that sum.

Double-word arithmetic on arrays (Dekker, "A floating-point technique for extending the available precision", Numer.
Math. 18, 1971; Joldes, Muller and Popescu, "Tight and rigorous error bounds for basic building blocks of double-word
arithmetic", ACM TOMS 44(2), 2017) that carries a radius along. Every sum and product of two float64 is split without
error into its rounded value and the rest (TwoSum, and Dekker's product with Veltkamp's splitting); what is
rounded are operations on the rests alone, and the radius says by how much. It is 0 where nothing was rounded. An
overflow becomes NaN, which is in every result that comes of it. A product below TINY may have lost its rest.

With u = 2⁻⁵³: a sum or product of rests that comes to x is rounded by at most u·|x|, a rest is at most u times its
number, so all roundings are small multiples of u²; each operation counts its own. The arithmetic of the radius itself
is rounded too, by less than a factor of 2 for anything that can be computed: `Pairs.bounded` doubles it, and no
other place need care. Gradual underflow is relied on; see `gradual`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from harness.numbers.running import Floats, Mask

U = 2.0**-53

SPLITTER = 2.0**27 + 1

TINY = 2.0**-900
"""Products at least this large have rests that are normal numbers: at least 2⁻¹⁰⁶ times as large, or 0."""

LOST = 2.0**-898
"""More than all that is in a product below TINY."""

BLOCK = 2**16
"""Products that are held at a time: as many as stay in a processor's cache."""

NOTHING = np.zeros(())


def gradual() -> bool:
    """Whether subnormal numbers are what they should be; a library may have told the processor to flush them to 0."""
    return bool((np.full(8, 2.0**-1074) * 1.0).all())


@dataclass(frozen=True, eq=False)
class Pairs:
    """``high`` + ``low``, give or take ``radius``; high is the sum rounded to float64. ``plain``: float64 numbers.

    Arrays of one shape (…, rows, columns), but for low and radius of plain ones, which are NOTHING.
    """

    high: Floats
    low: Floats
    radius: Floats
    plain: bool = False

    @classmethod
    def of(cls, values: Any) -> Pairs:
        """Float64 numbers, exactly."""
        return cls(np.asarray(values, np.float64), NOTHING, NOTHING, True)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.high.shape

    @property
    def mT(self) -> Pairs:
        """The transpose of the last two axes."""
        return self._each(lambda part: part.mT)

    def reshape(self, *shape: int) -> Pairs:
        """The same numbers in another shape."""
        return self._each(lambda part: part.reshape(shape))

    def filling(self, shape: tuple[int, ...]) -> Pairs:
        """The same numbers at every entry of a shape."""
        high, low, radius = (np.broadcast_to(part, shape) for part in (self.high, self.low, self.radius))
        return Pairs(high, low, radius)

    def _each(self, of: Any) -> Pairs:
        if self.plain:
            return Pairs(of(self.high), NOTHING, NOTHING, True)
        return Pairs(of(self.high), of(self.low), of(self.radius))

    @cached_property
    def magnitude(self) -> Floats:
        """At least the magnitude of the exact number, but for roundings."""
        return np.abs(self.high) if self.plain else np.abs(self.high) + self.radius

    @cached_property
    def inexact(self) -> Mask:
        """Where there is a rest, or a radius."""
        return np.asarray((self.low != 0) | (self.radius != 0))

    @cached_property
    def halves(self) -> tuple[Floats, Floats]:
        """Veltkamp's: two numbers of at most 26 bits that add up to high; NaN where high is beyond 2^996."""
        scaled = SPLITTER * self.high
        upper = scaled - (scaled - self.high)
        return upper, self.high - upper

    def wide(self, roundings: int) -> Floats:
        """The radius, and so many times u² of the magnitude where there is a rest: what its products are rounded by."""
        return self.radius + (roundings * U**2) * self.magnitude * self.inexact

    def __neg__(self) -> Pairs:
        return Pairs(-self.high, self.low if self.plain else -self.low, self.radius, self.plain)

    def __add__(self, other: Pairs) -> Pairs:
        """Two rounded sums: of the rests, and of that with the rest of the sum of the high parts."""
        high, rest = two_sum(self.high, other.high)
        if self.plain and other.plain:
            return Pairs(high, rest, np.zeros(high.shape))
        rests = self.low + other.low
        low = rests + rest
        radius = self.radius + other.radius + U * (np.abs(rests) + np.abs(low)) * (rests != 0)
        return Pairs(*two_sum(high, low), radius)

    def __sub__(self, other: Pairs) -> Pairs:
        return self + (-other)

    def __mul__(self, other: Pairs) -> Pairs:
        """Entry by entry.

        Rounded are two products of a high part and a low one (u² of the product each), their sum (2u²) and the sum
        with the rest of the product of the high parts (3u²); left out is low times low (u²). Of these, 5u² at most for
        either factor that has a rest.
        """
        a, b = self, other
        high, low = two_product(a, b)
        lost = LOST * ((np.abs(high) < TINY) & (a.magnitude != 0) & (b.magnitude != 0))
        if a.plain and b.plain:
            return Pairs(high, low, lost)
        if a.plain or b.plain:
            low = low + (a.high * b.low if a.plain else a.low * b.high)
        else:
            low = low + (a.high * b.low + a.low * b.high)
        radius = lost
        radius = radius if b.plain else radius + a.magnitude * b.wide(6)
        radius = radius if a.plain else radius + a.wide(6) * b.magnitude
        return Pairs(*two_sum(high, low), radius)

    def __truediv__(self, other: Pairs) -> Pairs:
        """One step after the rounded quotient q: a/b = q + (a − qb)/b.

        a.high − q·b.high is known without error before it is rounded to float64 (u² of a). With the rests it is at most
        3u of a, and takes three more roundings to come by (6u² of a); the division by b.high in place of b, and its
        rounding, are 3u² each: 13u² of the quotient.
        """
        a, b = self, other
        q = Pairs.of(a.high / b.high)
        product, rest = two_product(q, b)
        remainder = ((a.high - product) - rest) + (a.low - q.high * b.low)
        size = np.abs(q.high)
        lost = (a.magnitude != 0) * (LOST * 4 * (size < TINY) + LOST * 4 / np.abs(b.high) * (np.abs(a.high) < TINY))
        rounded = (remainder != 0) | a.inexact | b.inexact
        radius = 16 * U**2 * size * rounded + lost
        if not (a.plain and b.plain):
            least = np.abs(b.high) * (1 - 2 * U) - b.radius
            radius = radius + np.where(least > 0, (a.radius + size * b.radius) / least, np.inf)
        return Pairs(*two_sum(q.high, remainder / b.high), radius)

    def scaled(self, power: int) -> Pairs:
        """Times a power of two, which is exact unless it comes below TINY."""
        factor = 2.0**power
        parts = [part * factor for part in (self.high, self.low, self.radius)]
        if power < 0:
            below = [(part != 0) & (np.abs(part) < TINY / factor) for part in (self.high, self.low, self.radius)]
            parts[2] = parts[2] + LOST * (below[0] | below[1] | below[2])
        return Pairs(parts[0], parts[1], parts[2])

    def over(self, count: int) -> Pairs:
        """Divided by a whole number."""
        power = count.bit_length() - 1
        return self.scaled(-power) if count == 1 << power else self / Pairs.of(float(count))

    def __matmul__(self, other: Pairs) -> Pairs:
        """Sums of n products, (…, m, n) by (…, n, p) with the same axes before.

        The products of the high parts are added in pairs, in D = ⌈log2 n⌉ levels, without error but for their rests.
        With P the sum of the products' magnitudes, the rests of products and of D levels of sums are at most
        (1 + D)uP in all. At level j two sums are rounded of what is at most (j + 1)uP so far, in all (D² + 3D)u²P;
        one more with what follows, (1 + D)u²P. What has a low part adds, by products in any order, n·u² of its
        products, two more for sums, and one for low times low, which is left out.
        """
        a, b, n = self, other, self.shape[-1]
        high, low, rounded = _sums(a, b)
        wide, levels = n + 4, math.ceil(math.log2(n)) if n > 1 else 0
        lost = (_least(a, -1)[..., :, None] * _least(b, -2)[..., None, :] < TINY) * (n * LOST)
        total = ((levels + 2) ** 2 * U**2) * rounded
        radius = total * (a.magnitude @ b.magnitude) + lost if rounded.any() else np.asarray(lost)
        if not b.plain:
            low = low + a.high @ b.low
            radius = radius + a.magnitude @ b.wide(wide)
        if not a.plain:
            low = low + a.low @ b.high
            radius = radius + a.wide(wide) @ b.magnitude
        return Pairs(*two_sum(high, low), radius)

    @property
    def bounded(self) -> Pairs:
        """With a radius that also holds what was rounded in the radii; and 0 without a sign."""
        zero = np.zeros(self.shape)
        return Pairs(self.high + 0.0, zero + self.low, zero + 2 * self.radius)


def two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """a + b as a rounded sum and what it leaves out, exactly (Knuth; Joldes et al., algorithm 2)."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


def two_product(a: Pairs, b: Pairs) -> tuple[Floats, Floats]:
    """The product of the high parts as a rounded product and what it leaves out, exactly above TINY (Dekker)."""
    (a1, a2), (b1, b2) = a.halves, b.halves
    product = a.high * b.high
    return product, a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2)


def _sums(a: Pairs, b: Pairs) -> tuple[Floats, Floats, Mask]:
    """Sums of products of the high parts, (…, m, p): rounded, rests, and whether there was one; block by block."""
    *before, m, n = a.shape
    p, cases = b.shape[-1], math.prod(before)
    left = [part.reshape(cases, m, n, 1) for part in (a.high, *a.halves)]
    right = [part.reshape(cases, 1, n, p) for part in (b.high, *b.halves)]
    high, low = np.empty((2, cases, m, p))
    rounded = np.empty((cases, m, p), dtype=bool)
    most_cases, most_m, most_p = (max(1, BLOCK // (n * its)) for its in (m * p, p, 1))
    for k in range(0, cases, most_cases):
        for i in range(0, m, most_m):
            for j in range(0, p, most_p):
                at = slice(k, k + most_cases), slice(i, i + most_m), slice(j, j + most_p)
                x = [part[at[0], at[1]] for part in left]
                y = [part[at[0], :, :, at[2]] for part in right]
                high[at], low[at], rounded[at] = _added(x, y)
    shape = (*before, m, p)
    return high.reshape(shape), low.reshape(shape), rounded.reshape(shape)


def _added(x: list[Floats], y: list[Floats]) -> tuple[Floats, Floats, Mask]:
    """Products and their sums over the last axis but one, in pairs, halves of what is left at a time."""
    (a, a1, a2), (b, b1, b2) = x, y
    high = a * b
    low = high - a1 * b1
    low -= a2 * b1
    low -= a1 * b2
    np.subtract(a2 * b2, low, out=low)
    rounded = low != 0
    while (n := high.shape[-2]) > 1:
        half, odd = n // 2, n % 2
        first, second = slice(half), slice(half, 2 * half)
        total, rest = two_sum(high[..., first, :], high[..., second, :])
        rests = low[..., first, :] + low[..., second, :]
        rests += rest
        any_ = rounded[..., first, :] | rounded[..., second, :] | (rest != 0)
        if odd:
            total, rests, any_ = (
                np.concatenate((part, whole[..., -1:, :]), axis=-2)
                for part, whole in ((total, high), (rests, low), (any_, rounded))
            )
        high, low, rounded = total, rests, any_
    return high[..., 0, :], low[..., 0, :], rounded[..., 0, :]


def _least(a: Pairs, axis: int) -> Floats:
    """The smallest magnitude along an axis that is not 0; infinity where all are."""
    magnitude = a.magnitude
    return np.asarray(np.min(magnitude, axis=axis, where=magnitude != 0, initial=np.inf))
