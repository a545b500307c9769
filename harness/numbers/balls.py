"""Balls: exact numbers, each known to lie between two others (Arb, by python-flint).

`Balls` is a matrix of them with the operators that ``reference/`` uses, so the slides' equations run on
exact numbers as they stand. The number of bits is that of ``flint.ctx.prec``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb

from reference import arrays

Objects = npt.NDArray[np.object_]


class Balls:
    """An array of balls under ``@ * + - / .mT`` and comparison; itself the namespace ``xp`` for them."""

    def __init__(self, entries: Any) -> None:
        array = np.asarray(entries, dtype=object)
        self.entries: Any = _each(lambda v: v if isinstance(v, arb) else arb(v), array)

    @classmethod
    def holding(cls, entries: Any) -> Balls:
        """An array of what are balls already."""
        found = cls.__new__(cls)
        found.entries = np.asarray(entries, dtype=object)
        return found

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        shape: tuple[int, ...] = self.entries.shape
        return shape

    @property
    def mT(self) -> Balls:
        """The transpose of the last two axes."""
        return Balls.holding(self.entries.swapaxes(-1, -2))

    def __getitem__(self, index: Any) -> Balls:
        """Some of them, as NumPy takes an index; what is one entry is an array without axes."""
        return Balls.holding(self.entries[index])

    def __matmul__(self, other: Balls) -> Balls:
        return Balls.holding(self.entries @ other.entries)

    def __add__(self, other: Any) -> Balls:
        return Balls.holding(self.entries + _entries(other))

    def __sub__(self, other: Any) -> Balls:
        return Balls.holding(self.entries - _entries(other))

    def __mul__(self, other: Any) -> Balls:
        return Balls.holding(self.entries * _entries(other))

    def __truediv__(self, other: Any) -> Balls:
        return Balls.holding(self.entries / _entries(other))

    def __neg__(self) -> Balls:
        return Balls.holding(-self.entries)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Balls:
        return Balls.holding(_entries(other) - self.entries)

    def __rtruediv__(self, other: Any) -> Balls:
        return Balls.holding(_entries(other) / self.entries)

    def __le__(self, other: float) -> Objects:
        """Three-valued: True, False, or None where a ball lies on both sides."""
        return _each(lambda v: at_most(v, other), self.entries)

    def sum(self, axis: tuple[int, ...], keepdims: bool = False) -> Balls:
        """Sum over ``axis``."""
        return Balls.holding(self.entries.sum(axis=axis, keepdims=keepdims))

    @staticmethod
    def exp(x: Balls) -> Balls:
        """e^x."""
        return Balls.holding(_each(lambda v: v.exp(), x.entries))

    @staticmethod
    def expm1(x: Balls) -> Balls:
        """e^x − 1."""
        return Balls.holding(_each(lambda v: v.expm1(), x.entries))

    @staticmethod
    def log1p(x: Balls) -> Balls:
        """ln(1 + x)."""
        return Balls.holding(_each(lambda v: v.log1p(), x.entries))

    @staticmethod
    def tanh(x: Balls) -> Balls:
        """tanh x."""
        return Balls.holding(_each(lambda v: v.tanh(), x.entries))

    @staticmethod
    def erfc(x: Balls) -> Balls:
        """erfc x."""
        return Balls.holding(_each(lambda v: v.erfc(), x.entries))

    @staticmethod
    def abs(x: Balls) -> Balls:
        """|x|."""
        return Balls.holding(_each(lambda v: abs(v), x.entries))

    @staticmethod
    def maximum(x: Balls, bound: float) -> Balls:
        """The larger of x and ``bound``."""
        return Balls.holding(_each(lambda v: v.max(arb(bound)), x.entries))

    @staticmethod
    def minimum(x: Balls, bound: float) -> Balls:
        """The smaller of x and ``bound``."""
        return Balls.holding(_each(lambda v: v.min(arb(bound)), x.entries))

    @staticmethod
    def sqrt(number: Any) -> Any:
        """√, entry by entry; of a plain number, a ball."""
        return Balls.holding(_each(arb.sqrt, number.entries)) if isinstance(number, Balls) else arb(number).sqrt()

    @staticmethod
    def largest(x: Balls) -> Balls:
        """The largest number of each row, (…, 1)."""
        return Balls.holding(np.frompyfunc(arb.max, 2, 1).reduce(x.entries, axis=-1, keepdims=True))

    @staticmethod
    def windows(x: Balls, width: int) -> Balls:
        """Every run of ``width`` neighbours in a row: (…, N) → (…, N − width + 1, width)."""
        return Balls.holding(arrays.windows(x.entries, width))

    @staticmethod
    def padded(x: Balls, width: int) -> Balls:
        """``width`` zeros before and after each row."""
        zeros = np.full((*x.shape[:-1], width), arb(0), dtype=object)
        return Balls.holding(np.concatenate([zeros, x.entries, zeros], axis=-1))

    @staticmethod
    def pi() -> arb:
        """π."""
        return arb.pi()

    @staticmethod
    def zeros_like(x: Balls) -> Balls:
        """0 everywhere."""
        return Balls.holding(_each(lambda v: arb(0), x.entries))

    @staticmethod
    def ones_like(x: Balls) -> Balls:
        """1 everywhere."""
        return Balls.holding(_each(lambda v: arb(1), x.entries))

    @staticmethod
    def where(condition: Objects, yes: Balls, no: Balls) -> Balls:
        """Entry by entry; where the condition is undecided, a ball that holds both."""
        pick = np.frompyfunc(lambda c, a, b: a.union(b) if c is None else (a if c else b), 3, 1)
        return Balls.holding(pick(condition, yes.entries, no.entries))

    def entry(self, *index: int) -> Balls:
        """One entry, as an array without axes."""
        return Balls.holding(self.entries[index])

    def overlaps(self, other: Balls) -> bool:
        """Whether every entry may be the same number as the other's."""
        pairs = zip(self.entries.flat, other.entries.flat, strict=True)
        return self.shape == other.shape and all(a.overlaps(b) for a, b in pairs)


def at_most(v: arb, other: float) -> bool | None:
    """``v <= other``, or None where the ball lies on both sides."""
    if v <= other:
        return True
    return False if v > other else None


def _entries(other: Any) -> Any:
    if isinstance(other, Balls):
        return other.entries
    return arb(other)


def _as_ball(entry: Any) -> arb:
    return entry if isinstance(entry, arb) else arb(int(entry))  # NumPy pads objects with a whole number of its own


def _each(function: Callable[[Any], Any], entries: Objects) -> Objects:
    result: Any = np.frompyfunc(function, 1, 1)(entries)
    return np.asarray(result, dtype=object)
