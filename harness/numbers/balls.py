"""Balls: exact numbers, each known to lie between two others (Arb, by python-flint).

`Balls` is a matrix of them with the operators that ``reference/`` uses, so the slides' equations run on
exact numbers as they stand. `Jet` is one ball with its derivative, for σ' straight from σ's formula. Both
take the number of bits from ``flint.ctx.prec``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb, arb_series

Objects = npt.NDArray[np.object_]

VAST = 2.0**60
"""Arguments above this have an exponential too large even for balls."""


class Balls:
    """An array of balls under ``@ * + - / .mT`` and comparison; itself the namespace ``xp`` for them."""

    def __init__(self, entries: Any) -> None:
        array = np.asarray(entries, dtype=object)
        self.entries: Any = _each(lambda v: v if isinstance(v, arb) else arb(v), array)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        shape: tuple[int, ...] = self.entries.shape
        return shape

    @property
    def mT(self) -> Balls:
        """The transpose of the last two axes."""
        return Balls(self.entries.swapaxes(-1, -2))

    def __matmul__(self, other: Balls) -> Balls:
        return Balls(self.entries @ other.entries)

    def __add__(self, other: Any) -> Balls:
        return Balls(self.entries + _entries(other))

    def __sub__(self, other: Any) -> Balls:
        return Balls(self.entries - _entries(other))

    def __mul__(self, other: Any) -> Balls:
        return Balls(self.entries * _entries(other))

    def __truediv__(self, other: Any) -> Balls:
        return Balls(self.entries / _entries(other))

    def __neg__(self) -> Balls:
        return Balls(-self.entries)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Balls:
        return Balls(_entries(other) - self.entries)

    def __rtruediv__(self, other: Any) -> Balls:
        return Balls(_entries(other) / self.entries)

    def __le__(self, other: float) -> Objects:
        """Three-valued: True, False, or None where a ball lies on both sides."""
        return _each(lambda v: at_most(v, other), self.entries)

    def sum(self, axis: tuple[int, ...]) -> Balls:
        """Sum over ``axis``."""
        return Balls(self.entries.sum(axis=axis))

    @staticmethod
    def exp(x: Balls) -> Balls:
        """e^x."""
        return Balls(_each(lambda v: v.exp(), x.entries))

    @staticmethod
    def zeros_like(x: Balls) -> Balls:
        """0 everywhere."""
        return Balls(_each(lambda v: arb(0), x.entries))

    @staticmethod
    def ones_like(x: Balls) -> Balls:
        """1 everywhere."""
        return Balls(_each(lambda v: arb(1), x.entries))

    @staticmethod
    def where(condition: Objects, yes: Balls, no: Balls) -> Balls:
        """Entry by entry; where the condition is undecided, a ball that holds both."""
        pick = np.frompyfunc(lambda c, a, b: a.union(b) if c is None else (a if c else b), 3, 1)
        return Balls(pick(condition, yes.entries, no.entries))

    def entry(self, *index: int) -> Balls:
        """One entry, as an array without axes."""
        return Balls(self.entries[index])

    def overlaps(self, other: Balls) -> bool:
        """Whether every entry may be the same number as the other's."""
        pairs = zip(self.entries.flat, other.entries.flat, strict=True)
        return self.shape == other.shape and all(a.overlaps(b) for a, b in pairs)


@dataclass(frozen=True)
class Jet:
    """A ball and its first derivative, x + ε, under the operators of an activation's formula.

    Exactly on a kink, ``member`` says which one-sided derivative is taken, or their mean.
    """

    series: Any
    member: str = "left"
    vast: bool = False
    """A number above e^VAST, too large to write down; only adding to it and dividing by it make sense."""

    @classmethod
    def variable(cls, x: arb, member: str) -> Jet:
        """The variable itself: value x, derivative 1."""
        return cls(arb_series([x, 1], 2), member)

    @property
    def value(self) -> arb:
        """σ(x)."""
        value: arb = self.series[0]
        return value

    @property
    def slope(self) -> arb:
        """σ'(x)."""
        slope: arb = self.series[1]
        return slope

    def _of(self, series: Any) -> Jet:
        if self.vast:
            raise ArithmeticError("this formula needs a number too large to write down")
        return Jet(series, self.member)

    def __add__(self, other: Any) -> Jet:
        return self if self.vast else self._of(self.series + _series(other))

    def __sub__(self, other: Any) -> Jet:
        return self._of(self.series - _series(other))

    def __mul__(self, other: Any) -> Jet:
        return self._of(self.series * _series(other))

    def __truediv__(self, other: Any) -> Jet:
        return self._of(self.series / _series(other))

    def __rtruediv__(self, other: Any) -> Jet:
        if self.vast:  # c/(a + e^g) and its derivative c·g'·e^g/(a + e^g)² are both below |c|(1 + |g'|)e^-g
            below = abs(arb(other)) * (1 + abs(self.slope)) * arb(-VAST).exp()
            return Jet(arb_series([below.union(-below)] * 2, 2), self.member)
        return self._of(_series(other) / self.series)

    def __rsub__(self, other: Any) -> Jet:
        return self._of(_series(other) - self.series)

    def __neg__(self) -> Jet:
        return self._of(-self.series)

    __radd__, __rmul__ = __add__, __mul__

    def __le__(self, other: float) -> tuple[bool | None, bool | None]:
        """The comparison a step to the left, and a step to the right; they differ exactly on a kink."""
        if self.value == other:
            return True, False
        decided = at_most(self.value, other)
        return decided, decided

    @staticmethod
    def exp(x: Jet) -> Jet:
        """e^x; where that is beyond e^VAST, a vast number with the slope of x."""
        if x.value > VAST:
            return Jet(x.series, x.member, vast=True)
        return x._of(x.series.exp())

    @staticmethod
    def zeros_like(x: Jet) -> Jet:
        """0."""
        return x._of(arb_series([0], 2))

    @staticmethod
    def ones_like(x: Jet) -> Jet:
        """1."""
        return x._of(arb_series([1], 2))

    @staticmethod
    def where(condition: tuple[bool | None, bool | None], yes: Jet, no: Jet) -> Jet:
        """The branch on the chosen side; a hull of both where the side is undecided."""
        left, right = (_branch(side, yes.series, no.series) for side in condition)
        return yes._of({"left": left, "right": right, "mean": (left + right) / 2}[yes.member])


def at_most(v: arb, other: float) -> bool | None:
    """``v <= other``, or None where the ball lies on both sides."""
    if v <= other:
        return True
    return False if v > other else None


def _branch(side: bool | None, yes: Any, no: Any) -> Any:
    if side is None:
        return arb_series([yes[i].union(no[i]) for i in range(2)], 2)
    return yes if side else no


def _series(other: Any) -> Any:
    return other._of(other.series).series if isinstance(other, Jet) else arb_series([other], 2)


def _entries(other: Any) -> Any:
    if isinstance(other, Balls):
        return other.entries
    return arb(other)


def _each(function: Callable[[Any], Any], entries: Objects) -> Objects:
    result: Any = np.frompyfunc(function, 1, 1)(entries)
    return np.asarray(result, dtype=object)
