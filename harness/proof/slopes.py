"""σ' of each activation, as its file in ``reference/activations`` has it, against sympy's derivative of σ.

The line is cut where the formula of σ changes. On each open piece the difference is simplified to 0; at each cut
the file must take the slope from the left, which is the derivative where that from the right is the same, and
elsewhere a convention. Where the deck gives σ, the file must have that formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import sympy

from harness.numbers.symbols import Symbols
from reference.activations import FORMULAS, Formula


@dataclass(frozen=True)
class Cut:
    """Where the formula of σ changes: ``smooth`` if both sides have one slope, ``left`` if the file has the left."""

    x: str
    smooth: bool
    left: bool


@dataclass(frozen=True)
class Slope:
    """What came of one activation.

    ``wrong`` says where the file's σ' is not the derivative of its σ, or its σ not the deck's.
    """

    name: str
    pieces: int
    cuts: tuple[Cut, ...]
    wrong: tuple[str, ...]

    @property
    def proved(self) -> bool:
        """Whether σ' is the derivative of σ wherever there is one, and the left one elsewhere."""
        return not self.wrong

    @property
    def kinks(self) -> tuple[str, ...]:
        """Where σ has no derivative."""
        return tuple(cut.x for cut in self.cuts if not cut.smooth)


def slopes() -> list[Slope]:
    """Every activation of ``reference/``."""
    return [slope(name) for name in FORMULAS]


def slope(name: str) -> Slope:
    """One activation, piece by piece."""
    where = cuts(name)
    bounds = [-sympy.oo, *where, sympy.oo]
    wrong: list[str] = []
    pieces = []
    for a, b in pairwise(bounds):
        value, derivative, rest = _on_piece(name, a, b)
        pieces.append((value, derivative))
        if rest != 0:
            wrong.append(f"between {a} and {b}: dσ/dx − σ' = {rest}".replace("oo", "∞"))
    found = []
    for c, before, after in zip(where, pieces[:-1], pieces[1:], strict=True):
        value, taken = _applied(name, c)
        if any(_zero(value - _at(formula, c)) != 0 for formula, _ in (before, after)):
            wrong.append(f"at {c}: σ is not continuous")
        left, right = (_at(formula, c) for _, formula in (before, after))
        found.append(Cut(str(c), _zero(left - right) == 0, _zero(taken - left) == 0))
        if not found[-1].left:
            wrong.append(f"at {c}: σ' is {taken}, where the slope from the left is {left}")
    return Slope(name, len(pieces), tuple(found), (*wrong, *_unlike_the_deck(name, where)))


def cuts(name: str) -> list[Any]:
    """Where σ or σ' passes from one formula to another, in order."""
    x = sympy.Symbol("x", real=True)
    conditions = set().union(*(part.atoms(sympy.core.relational.Relational) for part in _applied(name, x)))
    return sorted({root for its in conditions for root in sympy.solve(its.lhs - its.rhs, x)})


X, T = sympy.Symbol("x", real=True), sympy.Symbol("t", positive=True)


def _on_piece(name: str, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """σ and dσ/dx on the open interval from a to b as formulas in x, and what is left of dσ/dx − σ'."""
    if a == -sympy.oo and b == sympy.oo:
        value, slope = _applied(name, X)
        derivative = sympy.diff(value, X)
        return value, derivative, _zero(derivative - slope)
    x, back = _inside(a, b)
    value, slope = _applied(name, x)
    derivative = sympy.diff(value, T) / sympy.diff(x, T)
    return value.subs(T, back), sympy.simplify(derivative.subs(T, back)), _zero(derivative - slope)


def _inside(a: Any, b: Any) -> tuple[Any, Any]:
    """x runs over the interval as t runs over the positive numbers, so that every condition is decided; and t of x."""
    if a == -sympy.oo and b == sympy.oo:
        return X, X
    if a == -sympy.oo:
        return b - T, b - X
    return (a + T, X - a) if b == sympy.oo else (a + (b - a) * T / (1 + T), (X - a) / (b - X))


SIGMOID = 1 / (1 + sympy.exp(-X))

DECK: dict[str, tuple[str, tuple[tuple[Any, Any, Any, Any], ...]]] = {
    "sigmoid": ("S3", ((-sympy.oo, sympy.oo, SIGMOID, SIGMOID * (1 - SIGMOID)),)),
    "relu": ("S4", ((-sympy.oo, sympy.S.Zero, sympy.S.Zero, sympy.S.Zero), (sympy.S.Zero, sympy.oo, X, sympy.S.One))),
}
"""σ as the deck has it, and σ' as the certificate prints it: for x above the first number, and up to the second."""


def _unlike_the_deck(name: str, where: list[Any]) -> Iterator[str]:
    """Where the file's σ is not the deck's formula, or its σ' not the one that is printed."""
    equation, formulas = DECK.get(name, ("", ()))
    for a, b, value, slope in formulas:
        inner = [c for c in where if a < c < b]
        for low, high in pairwise([a, *inner, b]):
            x, back = _inside(low, high)
            theirs = zip(("σ", "σ'"), _applied(name, x), (value, slope), strict=True)
            rests = [(which, _zero(found - given.subs(X, x)).subs(T, back)) for which, found, given in theirs]
            told = [f"{which} is off that of {equation} by {rest}" for which, rest in rests if rest != 0]
            yield from (f"between {low} and {high}: {one}".replace("oo", "∞") for one in told)
        for c in [*inner, *([b] if b != sympy.oo else [])]:
            if _zero(_applied(name, c)[0] - value.subs(X, c)) != 0:
                yield f"at {c}: σ is not that of {equation}"


def _applied(name: str, x: Any) -> tuple[Any, Any]:
    """σ(x) and σ'(x) by the text of ``reference/activations``."""
    sigma, at = Formula(name, Symbols), Symbols(np.asarray(x, dtype=object))
    y = sigma.value(at)
    return y.entries[()], sigma.derivative(at, y).entries[()]


def _at(formula: Any, c: Any) -> Any:
    return sympy.limit(formula, X, c)


def _zero(difference: Any) -> Any:
    """The difference, simplified: 0 where it is proved to be."""
    expanded = sympy.expand(difference)
    return expanded if expanded == 0 else sympy.simplify(expanded)
