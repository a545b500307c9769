"""What is wrong with a mistake or a reading, derivative by derivative, as formulas.

The recipe of the whole run with its one change runs on symbols, and is held against the derivative of S11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy

from harness.mistakes import MISTAKES
from harness.mistakes.mistake import Mistake
from harness.mistakes.recipe import Recipe, Seen, Setting, Sums, recipe
from harness.numbers.symbols import AnySigma, Symbols, exactly, symbol_kind
from harness.proof.networks import ALPHA, STRUCTURES, Structure
from harness.proof.written import shortest
from reference import error
from reference.activations import FORMULAS, Formula, Sigma
from reference.network import between
from reference.readings import Reading

ANY = "any σ"
"""Stands for an activation of which nothing is known."""

DIGITS = 80
"""Digits of numbers that are no fractions; half of them are beyond rounding."""

SQUARE = tuple(Structure((2, 2, 2, 2), task) for task in ("classification", "prediction"))
"""Where all layers are of one width: some mistakes are possible only there."""

SCALES = (1, 5, 8, 64)
"""How large the numbers are that are tried; the next where these show nothing: some cuts are far out."""

THIRD = sympy.Rational(1, 3)

RATE = 0.1
"""A learning rate, where a mistake asks for its number."""


@dataclass(frozen=True)
class Refuted:
    """What differs on one structure, of all ``names``; ``fault`` where some have another shape.

    ``formulas`` are the difference, as a product where it is one, for the first that differs of each matrix.
    """

    structure: str
    task: str
    activation: str
    names: tuple[str, ...]
    different: tuple[str, ...]
    formulas: tuple[tuple[str, str], ...] = ()
    fault: str = ""

    @property
    def wrong(self) -> bool:
        """Whether anything is not what it should be."""
        return bool(self.different or self.fault)


def by_reading(reading: Reading) -> list[Refuted]:
    """Every structure under a reading of the deck."""
    return _all(ANY, list(STRUCTURES), lambda its: _read(its, reading))


def by_mistake(mistake: Mistake) -> list[Refuted]:
    """Every structure in which the mistake is one, with the first activation with which it is: any, if it can be."""
    for activation in (ANY, *FORMULAS):
        # pieces of pieces grow beyond use with the depth
        among = STRUCTURES if activation == ANY else [s for s in STRUCTURES if s.depth == 2]
        chosen = [s for s in among if mistake.unless(_setting(s, activation)) is None]
        chosen = chosen or [s for s in SQUARE if mistake.unless(_setting(s, activation)) is None]
        if chosen:
            return _all(activation, chosen, mistake.change)
    return []


Change = Callable[[Recipe], Recipe]


def _read(right: Recipe, reading: Reading) -> Recipe:
    """The recipe under a reading: the slope, and I for h in every weight change."""
    found = replace(right, slope=lambda Y, target, values: error.slope(Y, target, reading))
    return found if reading.output_of_layer else MISTAKES["input-for-h"].change(found)


def _all(activation: str, chosen: Sequence[Structure], change: Change) -> list[Refuted]:
    """What differs on each structure; formulas for the first in which anything does."""
    for times in SCALES:
        found = [_at_numbers(s, activation, change, times) for s in chosen]
        wrong = [n for n, one in enumerate(found) if one.wrong]
        if wrong:
            one = found[wrong[0]]
            formulas = [] if one.fault else _formulas(chosen[wrong[0]], activation, change, one.different)
            found[wrong[0]] = replace(one, formulas=tuple(formulas))
            break
    return found


def _setting(s: Structure, activation: str) -> Setting:
    return Setting(s.widths, s.batch, activation, s.task, RATE, "float64")


class Cubic:
    """σ(x) = x + x²/3 + x³/5 in exact fractions: a σ that has no property but that it is differentiable."""

    def value(self, x: Symbols) -> Symbols:
        """σ(x)."""
        return x + x * x / 3 + x * x * x / 5

    def derivative(self, x: Symbols, y: Symbols) -> Symbols:
        """σ'(x)."""
        return 1 + 2 * x / 3 + 3 * x * x / 5


class Quadratic:
    """σ(x) = x/2 + x²/7: another one, for the output."""

    def value(self, x: Symbols) -> Symbols:
        """σ(x)."""
        return x / 2 + x * x / 7

    def derivative(self, x: Symbols, y: Symbols) -> Symbols:
        """σ'(x)."""
        return Symbols.ones_like(x) / 2 + 2 * x / 7


@dataclass(frozen=True)
class Digits:
    """A σ that is known, to DIGITS digits."""

    name: str

    def value(self, x: Symbols) -> Symbols:
        """σ(x)."""
        return _evaluated(Formula(self.name, Symbols).value(x))

    def derivative(self, x: Symbols, y: Symbols) -> Symbols:
        """σ'(x)."""
        return _evaluated(Formula(self.name, Symbols).derivative(x, y))


DIGITAL = {name: Digits(name) for name in FORMULAS}


def _evaluated(numbers: Symbols) -> Symbols:
    return Symbols([[sympy.N(v, DIGITS) for v in row] for row in numbers.entries])


def _at_numbers(s: Structure, activation: str, change: Change, times: int) -> Refuted:
    """What differs at some numbers, ``times`` as large as the first: what does there, differs in general."""
    # e^x of a fraction is none: enough digits instead
    kind = symbol_kind({ANY: Cubic(), "sigmoid": Quadratic()} if activation == ANY else DIGITAL)
    right = recipe(kind, _setting(s, activation))
    symbols = [v for part in (s.x, s.target, *s.weights) for v in part.entries.flat]
    numbers = {v: times * (sympy.Rational((7 * n) % 23 - 11, 13) or THIRD) for n, v in enumerate(symbols)}
    if activation != ANY:
        numbers = {v: sympy.Float(number, DIGITS) for v, number in numbers.items()}
    x, target, *weights = (part.replaced(numbers) for part in (s.x, s.target, *s.weights))
    with np.errstate(all="ignore"):
        true, found = (its.run(weights, x, target, exactly(RATE)) for its in (right, change(right)))
    names: list[str] = []
    different: list[str] = []
    try:
        for name, a, b in _quantities(s, true, found):
            names.append(name)
            if abs(b - a) > abs(a) * sympy.Float(10) ** (-DIGITS // 2):
                different.append(name)
    except ValueError as shape:
        return Refuted(s.label, s.task, activation, tuple(names), tuple(different), fault=str(shape))
    return Refuted(s.label, s.task, activation, tuple(names), tuple(different))


def _formulas(
    structure: Structure, activation: str, change: Change, different: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The difference for the first of each matrix; of new weights only where the derivatives are right."""
    s = replace(structure, hidden=AnySigma("σ_H") if activation == ANY else Formula(activation, Symbols))
    unknown: dict[str, Sigma] = {ANY: AnySigma("σ_H"), "sigmoid": AnySigma("σ_O")} if activation == ANY else {}
    right = recipe(symbol_kind(unknown), _setting(s, activation)).output(lambda sigma: AnySigma("σ_O"))
    wrong = change(right)
    brief: Callable[[Any], Any] = s.brief
    true, found = _whole(right, s), _whole(wrong, s)
    if np.array_equal(true.output.entries, found.output.entries):  # then it is shorter, and the same, from any I and h
        true, found, brief = _backward(right, s), _backward(wrong, s), s.paired
    firsts = {re.sub(r"_\d+", "", name): name for name in reversed(different)}
    if any(name.startswith("∂ℰ") for name in different):
        firsts = {key: name for key, name in firsts.items() if not key.startswith("w'")}
    for name, a, b in _quantities(s, true, found):
        if name in firsts.values():
            yield name, shortest(brief(b) - brief(a))


def _whole(its: Recipe, s: Structure) -> Sums:
    return its.run(s.weights, s.x, s.target, ALPHA)


def _backward(its: Recipe, s: Structure) -> Sums:
    """The backward pass alone, from a symbol for every I^l and h^l: the forward pass is right."""
    layers = its.layers
    nodes = [value for pair in zip(s.opaque.I[1:], s.opaque.h[1:], strict=True) for value in pair]
    values, listed = [s.x, *nodes][: len(layers) + 1], between(s.weights, len(layers))
    slope = its.slope(values[-1], s.target, values)
    _, changes = its.backward(Seen(layers, listed, values, slope, ALPHA, its.update))
    gradients = its.collect(changes[0::2], s.weights, ALPHA)
    updated = its.update(s.weights, gradients, ALPHA)
    total = its.total_error(values[-1], s.target)
    return Sums(values[-1], total, its.returned(gradients, ALPHA), list(updated))


def _quantities(s: Structure, true: Sums, found: Sums) -> Iterator[tuple[str, Any, Any]]:
    """Name, what it should be, what it is: outputs, loss, and per layer from the output gradients and new weights."""
    yield from _named([str(y) for y in s.opaque.h[-1].entries.flat], true.output, found.output)
    yield "ℰ", true.loss.entries[()], found.loss.entries[()]
    for prefix, a, b in (("∂ℰ/∂w", true.gradients, found.gradients), ("w'", true.updated, found.updated)):
        for l in reversed(range(s.depth)):
            names = [str(w).replace("w", prefix, 1) for w in s.weights[l].entries.flat]
            yield from _named(names, a[l], b[l])


def _named(names: list[str], true: Symbols, found: Symbols) -> Iterator[tuple[str, Any, Any]]:
    if true.shape != found.shape:
        its, own = ("×".join(map(str, shape)) for shape in (found.shape, true.shape))
        raise ValueError(f"the matrix of {names[0]} is {its} where it should be {own}")
    yield from zip(names, true.entries.flat, found.entries.flat, strict=True)
