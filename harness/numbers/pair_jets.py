"""Jets of pairs: arrays of numbers x + ε with ε² = 0, for σ' straight from σ's formula.

They are to `harness.numbers.pairs` what `harness.numbers.jets` are to balls, and decide alike: on a kink every entry
takes the side that it is told to. Where a pair may lie on either side of one, the result is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
from flint import arb

from harness.numbers import pair_functions as f
from harness.numbers.pairs import Pairs
from harness.numbers.running import Mask
from reference.activations import FORMULAS

ONE, ZERO = Pairs.of(1.0), Pairs.of(0.0)


@dataclass(frozen=True)
class Choice:
    """A comparison of jets, entry by entry; ``undecided`` where a pair lies on both sides."""

    holds: Mask
    undecided: Mask


@dataclass(frozen=True)
class PairJet:
    """``value`` + ``slope``·ε; itself the namespace ``xp``. ``right``: entries that take the right side of a kink."""

    value: Pairs
    slope: Pairs
    right: Mask

    def _of(self, value: Pairs, slope: Pairs) -> PairJet:
        return PairJet(value, slope, self.right)

    def __add__(self, other: Any) -> PairJet:
        if isinstance(other, PairJet):
            return self._of(self.value + other.value, self.slope + other.slope)
        return self._of(self.value + _pair(other), self.slope)

    def __neg__(self) -> PairJet:
        return self._of(-self.value, -self.slope)

    def __sub__(self, other: Any) -> PairJet:
        negative: Any = -other
        difference: PairJet = self + negative
        return difference

    def __rsub__(self, other: Any) -> PairJet:
        difference: PairJet = -self + other
        return difference

    def __mul__(self, other: Any) -> PairJet:
        if isinstance(other, PairJet):
            slope = _times(self.slope, other.value) + _times(other.slope, self.value)
            return self._of(self.value * other.value, slope)
        factor = _pair(other)
        return self._of(self.value * factor, _times(self.slope, factor))

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> PairJet:
        if isinstance(other, PairJet):
            inverse = ONE / other.value
            quotient = self.value * inverse
            return self._of(quotient, (self.slope - _times(other.slope, quotient)) * inverse)
        divisor = _pair(other)
        return self._of(self.value / divisor, self.slope / divisor)

    def __rtruediv__(self, other: Any) -> PairJet:
        inverse = ONE / self.value
        quotient = inverse if other == 1 else _pair(other) * inverse
        return self._of(quotient, -_times(self.slope, quotient * inverse))

    def __le__(self, other: float) -> Choice:
        """On equality, x ≤ c is so to the left of the kink where x rises."""
        reach = (self.value.high - other) + self.value.low
        known = np.abs(reach) > 2 * self.value.radius
        equal = (self.value.high == other) & ~self.value.inexact
        on_kink = self.right ^ (self.slope.high > 0)
        return Choice(np.where(equal, on_kink, reach < 0), ~(known | equal))

    @staticmethod
    def exp(x: PairJet) -> PairJet:
        """e^x."""
        y = f.exp(x.value)
        return x._of(y, _times(x.slope, y))

    @staticmethod
    def expm1(x: PairJet) -> PairJet:
        """e^x − 1."""
        y = f.exp(x.value)
        return x._of(y - ONE, _times(x.slope, y))

    @staticmethod
    def log1p(x: PairJet) -> PairJet:
        """ln(1 + x)."""
        return x._of(f.log1p(x.value), x.slope / (ONE + x.value))

    @staticmethod
    def tanh(x: PairJet) -> PairJet:
        """tanh x, with the derivative 1/cosh² x."""
        y, slope = f.tanh_and_slope(x.value)
        return x._of(y, _times(x.slope, slope))

    @staticmethod
    def erfc(x: PairJet) -> PairJet:
        """erfc x, with the derivative −2/√π e^{−x²}."""
        factor = f.constant(-2 / arb.pi().sqrt())
        return x._of(f.erfc(x.value), _times(x.slope, f.exp(-(x.value * x.value)) * factor))

    @staticmethod
    def abs(x: PairJet) -> PairJet:
        """|x|."""
        return PairJet.where(x <= 0, -x, x)

    @staticmethod
    def maximum(x: PairJet, bound: float) -> PairJet:
        """The larger of x and ``bound``."""
        return PairJet.where(x <= bound, x._of(_pair(bound), ZERO), x)

    @staticmethod
    def minimum(x: PairJet, bound: float) -> PairJet:
        """The smaller of x and ``bound``."""
        return PairJet.where(x <= bound, x, x._of(_pair(bound), ZERO))

    @staticmethod
    def sqrt(number: Any) -> arb:
        """√ of a plain number."""
        return arb(number).sqrt()

    @staticmethod
    def pi() -> arb:
        """π."""
        return arb.pi()

    @staticmethod
    def zeros_like(x: PairJet) -> PairJet:
        """0."""
        return x._of(ZERO, ZERO)

    @staticmethod
    def ones_like(x: PairJet) -> PairJet:
        """1."""
        return x._of(ONE, ZERO)

    @staticmethod
    def where(condition: Choice, yes: PairJet, no: PairJet) -> PairJet:
        """The branch on the chosen side; NaN where that is undecided."""
        value, slope = (f.pick(condition.holds, *its) for its in ((yes.value, no.value), (yes.slope, no.slope)))
        if condition.undecided.any():
            lost = Pairs.of(np.where(condition.undecided, np.nan, 1.0))
            value, slope = value * lost, slope * lost
        return PairJet(value, slope, yes.right)


def sigma(name: str, x: Pairs, member: str = "left") -> tuple[Pairs, Pairs]:
    """σ(x) and σ'(x), by the same rules as `harness.truth.sigma`."""
    below = x.high < 0
    every = np.zeros(x.shape, dtype=bool)
    match member:
        case "inner":
            sides = [below]
        case "outer":
            sides = [~below]
        case "mean":
            sides = [every, ~every]
        case _:
            sides = [every if member == "left" else ~every]
    with flint.ctx.workprec(f.BITS):
        jets = [FORMULAS[name].value(PairJet, PairJet(x, ONE, right)) for right in sides]
    slope = jets[0].slope if len(jets) == 1 else (jets[0].slope + jets[1].slope).scaled(-1)
    return jets[0].value.filling(x.shape), slope.filling(x.shape)


def _times(slope: Pairs, factor: Pairs) -> Pairs:
    """Their product; what is left of it where a slope is 1, −1 or 0 everywhere."""
    if slope.plain and not slope.shape and slope.high in (1, -1, 0):
        return factor if slope.high == 1 else -factor if slope.high == -1 else ZERO
    return slope * factor


def _pair(number: Any) -> Pairs:
    return f.constant(number) if isinstance(number, arb) else Pairs.of(float(number))
