"""Jets: a ball and its first derivative, for σ' straight from σ's formula.

A jet is x + ε with ε² = 0. It runs through the formulas of ``reference/activations``, so σ' needs no formula
of its own. On a kink, or where a ball lies on both sides of one, it takes the side that it is told to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import arb

from harness.numbers.balls import at_most

VAST = 2.0**60
"""Arguments above this have an exponential too large even for balls."""

NARROW = 2.0**-20
"""Radius below which a ball holds at most one kink."""

Sides = tuple[bool, bool]
"""A comparison a step to the left and a step to the right; they differ on a kink, or where it is undecided."""


@dataclass(frozen=True)
class Jet:
    """``value`` + ``slope``·ε; itself the namespace ``xp`` for jets.

    ``right`` says which side is taken on a kink. ``vast``: the number is above e^VAST,
    too large to write down, and ``slope`` is that of its logarithm; it can only be added to and divided by.
    """

    value: arb
    slope: arb
    right: bool = False
    vast: bool = False

    @classmethod
    def variable(cls, x: arb, right: bool = False) -> Jet:
        """The variable itself: value x, derivative 1."""
        return cls(x, arb(1), right)

    def _plus_vast(self, b: Jet) -> Jet:
        """A vast number plus a constant: as vast, and its logarithm rises as fast."""
        vast, other = (self, b) if self.vast else (b, self)
        if other.vast or not other.slope == 0:
            raise ArithmeticError("this formula needs a number too large to write down")
        return vast

    def _of(self, value: arb, slope: arb, *operands: Jet) -> Jet:
        if any(jet.vast for jet in (self, *operands)):
            raise ArithmeticError("this formula needs a number too large to write down")
        return Jet(value, slope, self.right)

    def __add__(self, other: Any) -> Jet:
        b = self._lift(other)
        if self.vast or b.vast:
            return self._plus_vast(b)
        return self._of(self.value + b.value, self.slope + b.slope)

    def __neg__(self) -> Jet:
        return self._of(-self.value, -self.slope)

    def __sub__(self, other: Any) -> Jet:
        negative: Jet = -self._lift(other)
        difference: Jet = self + negative
        return difference

    def __rsub__(self, other: Any) -> Jet:
        difference: Jet = -self + other
        return difference

    def __mul__(self, other: Any) -> Jet:
        b = self._lift(other)
        return self._of(self.value * b.value, self.slope * b.value + self.value * b.slope, b)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Jet:
        b = self._lift(other)
        if b.vast:  # a/(c + e^g) and its derivative are both below (|a|(1 + |g'|) + |a'|) e^-g
            below = (abs(self.value) * (1 + abs(b.slope)) + abs(self.slope)) * arb(-VAST).exp()
            return self._of(below.union(-below), below.union(-below))
        quotient = self.value / b.value
        return self._of(quotient, (self.slope - quotient * b.slope) / b.value)

    def __rtruediv__(self, other: Any) -> Jet:
        return self._constant(other) / self

    def __le__(self, other: float) -> Sides:
        decided = at_most(self.value, other)
        if decided is None and self.value.rad() > NARROW:
            raise ValueError("a ball that may hold several kinks: more bits are needed")
        if decided is None or self.value == other:  # x ≤ c to the left of the kink where x rises
            return (True, False) if self.slope > 0 else (False, True)
        return decided, decided

    def _constant(self, number: Any) -> Jet:
        return Jet(arb(number), arb(0), self.right)

    def _lift(self, other: Any) -> Jet:
        return other if isinstance(other, Jet) else self._constant(other)

    @staticmethod
    def exp(x: Jet) -> Jet:
        """e^x; where that is beyond e^VAST, a vast number with the slope of x."""
        if x.value > VAST:
            return Jet(x.value, x.slope, x.right, vast=True)
        y = _exp(x.value)
        return x._of(y, x.slope * y)

    @staticmethod
    def expm1(x: Jet) -> Jet:
        """e^x − 1."""
        return x._of(x.value.expm1(), x.slope * _exp(x.value))

    @staticmethod
    def log1p(x: Jet) -> Jet:
        """ln(1 + x)."""
        return x._of(x.value.log1p(), x.slope / (1 + x.value))

    @staticmethod
    def tanh(x: Jet) -> Jet:
        """tanh x, with the derivative 1/cosh² x."""
        if abs(x.value) > VAST:
            y = (1 - arb(-VAST).exp()).union(arb(1)) * (1 if x.value > 0 else -1)
        else:
            y = x.value.tanh()
        return x._of(y, x.slope * _sech(x.value) ** 2)

    @staticmethod
    def erfc(x: Jet) -> Jet:
        """erfc x, with the derivative −2/√π e^{−x²}."""
        y = x.value.erfc()
        if abs(x.value) > VAST:
            y = _exp(-abs(x.value)) + (2 if x.value < 0 else 0)
        return x._of(y, -x.slope * _exp(-x.value * x.value) * 2 / arb.pi().sqrt())

    @staticmethod
    def abs(x: Jet) -> Jet:
        """|x|."""
        return Jet.where(x <= 0, -x, x)

    @staticmethod
    def maximum(x: Jet, bound: float) -> Jet:
        """The larger of x and ``bound``."""
        return Jet.where(x <= bound, x._constant(bound), x)

    @staticmethod
    def minimum(x: Jet, bound: float) -> Jet:
        """The smaller of x and ``bound``."""
        return Jet.where(x <= bound, x, x._constant(bound))

    @staticmethod
    def sqrt(number: Any) -> arb:
        """√ of a plain number."""
        return arb(number).sqrt()

    @staticmethod
    def pi() -> arb:
        """π."""
        return arb.pi()

    @staticmethod
    def zeros_like(x: Jet) -> Jet:
        """0."""
        return x._constant(0)

    @staticmethod
    def ones_like(x: Jet) -> Jet:
        """1."""
        return x._constant(1)

    @staticmethod
    def where(condition: Sides, yes: Jet, no: Jet) -> Jet:
        """The branch on the chosen side."""
        return yes if condition[1 if yes.right else 0] else no


def _exp(x: arb) -> arb:
    """e^x for an x that may be too far below 0 for balls."""
    return arb(-VAST).exp().union(arb(0)) if x < -VAST else x.exp()


def _sech(x: arb) -> arb:
    """1/cosh x, without overflow."""
    e = _exp(-abs(x))
    return 2 * e / (1 + e * e)
