"""Symbols: numbers of which nothing is known but their names (sympy).

`Symbols` is an array of sympy expressions with the operators that ``reference/`` uses, so the slides' equations
run on symbols as they stand. σ is an undefined function, of which nothing is known but that it has a derivative,
called σ'; or one of ``reference/activations``, by its formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy
from sympy.core.function import UndefinedFunction

from harness.numbers.kinds import Kind
from reference import arrays
from reference.activations import Formula, Sigma

Objects = npt.NDArray[np.object_]

SIMPLE = 1000
"""Largest denominator of a fraction for which a float64 is taken where it is the nearest to it, as 0.333… to 1/3."""


class Symbols:
    """An array of sympy expressions under ``@ * + - / .mT`` and comparison; itself the namespace ``xp`` for them."""

    def __init__(self, entries: Any) -> None:
        self.entries: Any = _each(exactly, np.asarray(entries, dtype=object))

    @classmethod
    def named(cls, name: Callable[..., str], shape: tuple[int, ...]) -> Symbols:
        """An array of symbols, the one at ``index`` called ``name(*index)``."""
        entries = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            entries[index] = sympy.Symbol(name(*index))
        return cls(entries)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        shape: tuple[int, ...] = self.entries.shape
        return shape

    @property
    def mT(self) -> Symbols:
        """The transpose of the last two axes."""
        return Symbols(self.entries.swapaxes(-1, -2))

    def entry(self, *index: int) -> Symbols:
        """One entry, as an array without axes."""
        return Symbols(self.entries[index])

    def replaced(self, known: Mapping[Any, Any]) -> Symbols:
        """The same with symbols replaced by what they stand for."""
        return Symbols(_each(lambda v: v.xreplace(known), self.entries))

    def __matmul__(self, other: Symbols) -> Symbols:
        return Symbols(self.entries @ other.entries)

    def __add__(self, other: Any) -> Symbols:
        return Symbols(self.entries + _entries(other))

    def __sub__(self, other: Any) -> Symbols:
        return Symbols(self.entries - _entries(other))

    def __mul__(self, other: Any) -> Symbols:
        return Symbols(self.entries * _entries(other))

    def __truediv__(self, other: Any) -> Symbols:
        return Symbols(self.entries / _entries(other))

    def __neg__(self) -> Symbols:
        return Symbols(-self.entries)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Symbols:
        return Symbols(_entries(other) - self.entries)

    def __rtruediv__(self, other: Any) -> Symbols:
        return Symbols(_entries(other) / self.entries)

    def __le__(self, other: float) -> Objects:
        """Entry by entry: true, false, or the condition itself where it is undecided."""
        return _each(lambda v: at_most(v, exactly(other)), self.entries)

    def __getitem__(self, index: Any) -> Symbols:
        """Some of them, as NumPy takes an index."""
        return Symbols(self.entries[index])

    def sum(self, axis: tuple[int, ...], keepdims: bool = False) -> Symbols:
        """Sum over ``axis``."""
        return Symbols(self.entries.sum(axis=axis, keepdims=keepdims))

    @staticmethod
    def exp(x: Symbols) -> Symbols:
        """e^x."""
        return Symbols(_each(sympy.exp, x.entries))

    @staticmethod
    def expm1(x: Symbols) -> Symbols:
        """e^x − 1."""
        return Symbols.exp(x) - 1

    @staticmethod
    def log1p(x: Symbols) -> Symbols:
        """ln(1 + x)."""
        return Symbols(_each(lambda v: sympy.log(1 + v), x.entries))

    @staticmethod
    def tanh(x: Symbols) -> Symbols:
        """tanh x."""
        return Symbols(_each(sympy.tanh, x.entries))

    @staticmethod
    def erfc(x: Symbols) -> Symbols:
        """erfc x."""
        return Symbols(_each(sympy.erfc, x.entries))

    @staticmethod
    def abs(x: Symbols) -> Symbols:
        """|x|."""
        return Symbols.where(x <= 0, -x, x)

    @staticmethod
    def maximum(x: Symbols, bound: float) -> Symbols:
        """The larger of x and ``bound``."""
        return Symbols.where(x <= bound, bound + 0 * x, x)

    @staticmethod
    def minimum(x: Symbols, bound: float) -> Symbols:
        """The smaller of x and ``bound``."""
        return Symbols.where(x <= bound, x, bound + 0 * x)

    @staticmethod
    def sqrt(number: Any) -> Any:
        """√, entry by entry; of a plain number, an expression."""
        return (
            Symbols(_each(sympy.sqrt, number.entries)) if isinstance(number, Symbols) else sympy.sqrt(exactly(number))
        )

    @staticmethod
    def windows(x: Symbols, width: int) -> Symbols:
        """Every run of ``width`` neighbours in a row: (…, N) → (…, N − width + 1, width)."""
        return Symbols(arrays.windows(x.entries, width))

    @staticmethod
    def padded(x: Symbols, width: int) -> Symbols:
        """``width`` zeros before and after each row."""
        zeros = np.full((*x.shape[:-1], width), sympy.Integer(0), dtype=object)
        return Symbols(np.concatenate([zeros, x.entries, zeros], axis=-1))

    @staticmethod
    def pi() -> Any:
        """π."""
        return sympy.pi

    @staticmethod
    def zeros_like(x: Symbols) -> Symbols:
        """0 everywhere."""
        return 0 * x

    @staticmethod
    def ones_like(x: Symbols) -> Symbols:
        """1 everywhere."""
        return 0 * x + 1

    @staticmethod
    def where(condition: Objects, yes: Symbols, no: Symbols) -> Symbols:
        """Entry by entry; where the condition is undecided, both with their conditions."""
        pick = np.frompyfunc(lambda c, a, b: sympy.Piecewise((a, c), (b, True)), 3, 1)
        return Symbols(pick(condition, yes.entries, no.entries))


@dataclass(frozen=True)
class AnySigma:
    """σ of which nothing is known but its name and that of its derivative; for arrays of symbols."""

    name: str

    def value(self, x: Symbols) -> Symbols:
        """σ(x), entry by entry."""
        return Symbols(_each(undefined(self.name), x.entries))

    def derivative(self, x: Symbols, y: Symbols) -> Symbols:
        """σ'(x), entry by entry; y is not looked at."""
        return Symbols(_each(undefined(f"{self.name}'"), x.entries))


@cache
def undefined(name: str) -> Any:
    """An undefined function of sympy, whose derivative is the one called ``name'``."""
    return UndefinedFunction(name, __dict__={"fdiff": lambda self, argindex=1: undefined(f"{name}'")(*self.args)})


def symbol_kind(unknown: Mapping[str, Sigma]) -> Kind:
    """Symbols; ``unknown`` are the σ of which nothing is to be known, by the name that the equations call them by."""

    def sigma(name: str) -> Sigma:
        return unknown[name] if name in unknown else Formula(name, Symbols)

    return Kind(sigma, lambda values: Symbols(np.asarray(values, np.float64)), exactly)


def exactly(number: Any) -> Any:
    """A plain number as sympy's exact one: a float64 as the fraction or the decimal that it is written as."""
    if not isinstance(number, (float, np.floating)):
        return sympy.sympify(number)
    written = sympy.Rational(repr(float(number)))
    simple = written.limit_denominator(SIMPLE)
    return simple if float(simple) == number else written


def at_most(v: Any, other: Any) -> Any:
    """``v <= other``: sympy's true or false, or the condition where neither is known."""
    difference = v - other
    if len(difference.free_symbols) == 1:
        difference = sympy.factor(difference)
    if difference.is_nonpositive:
        return sympy.true
    return sympy.false if difference.is_positive else sympy.Le(v, other)


def _entries(other: Any) -> Any:
    return other.entries if isinstance(other, Symbols) else exactly(other)


def _each(function: Callable[[Any], Any], entries: Any) -> Objects:
    result: Any = np.frompyfunc(function, 1, 1)(entries)
    return np.asarray(result, dtype=object)
