"""Printed numbers of a case against the exact ones: right to half a unit of their last digit, or not.

What is judged is the network as it is written: 0.1 is 1/10 here, not the nearest float. Its exact numbers are those
of `harness.truth`, on balls, with bits enough to decide each figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import flint
import numpy as np
from flint import arb, arb_mat, fmpq

from cases.case import Array, Case
from cases.published import Place, Printed, Published, decimal
from harness.truth import FAR_BELOW, PRECISIONS_TRIED, graph

Matrices = Mapping[tuple[str, int], arb_mat]
"""The numbers that a source may print, by quantity and weight array, in its own convention."""


@dataclass(frozen=True)
class Figure:
    """A printed number and the exact one; whether it is right, and whether it is the exact one rounded, or cut off.

    ``share`` is error over bound: how far the exact one is from the middle of all that are printed so, over half their
    width.
    """

    place: Place
    printed: Printed
    exact: Fraction
    right: bool
    rounded: bool
    cut: bool
    share: float

    @property
    def units(self) -> float:
        """How far it is off, in units of its last digit."""
        return as_float(abs(self.printed.value - self.exact) / self.printed.unit)


def figures(case: Case) -> list[Figure]:
    """Judge every printed number of a case. Raises ArithmeticError where the exact one is not determined."""
    assert case.published is not None
    attempts = [(bits, True, False) for bits in PRECISIONS_TRIED]
    attempts.append((PRECISIONS_TRIED[-1], False, True))  # a unit exactly on a kink: the deck's branch (S4)
    for bits, hull, last in attempts:
        try:
            with flint.ctx.workprec(bits):
                found = exact(case, case.published, hull)
                judged = [_judged(*its, found, case.published.cut, last) for its in case.published.figures]
        except ValueError:  # a ball so wide that a formula divides by 0: more bits
            continue
        if all(figure is not None for figure in judged):
            return [figure for figure in judged if figure is not None]
    raise ArithmeticError(f"{case.name}: the exact value is not determined by {PRECISIONS_TRIED[-1]} bits")


def _judged(place: Place, printed: Printed, found: Matrices, cut: bool, last: bool) -> Figure | None:
    """None where the ball does not decide it, or holds fewer digits than are told of it.

    What thousands of bits do not tell from half a unit is half a unit.
    """
    ball = at(found, place)
    if not ball.rad() <= FAR_BELOW * arb(rational(printed.unit)):
        return None
    rounded, shortened = (comes_to(ball, printed, way, last) for way in (False, True))
    if rounded is None or shortened is None:
        return None
    value = middle(ball)
    share = as_float(abs(value - printed.middle(cut)) / printed.half(cut))
    return Figure(place, printed, value, shortened if cut else rounded, rounded, shortened, share)


def comes_to(ball: arb, printed: Printed, cut: bool, last: bool = False) -> bool | None:
    """Whether a number is printed so, rounded or cut off; None where its ball does not say.

    At ``last`` what the ball does not tell from an end is that end: half a unit rounds to either neighbour, and what is
    cut off is less than a unit.
    """
    value, unit = arb(rational(printed.value)), arb(rational(printed.unit))
    if not cut:
        return _or(no_more(2 * abs(ball - value), unit), last)
    beyond = abs(ball) if not printed.value else (ball - value) * (1 if printed.value > 0 else -1)
    not_above, too_far = _or(no_more(-beyond, arb(0)), last), _or(no_more(unit, beyond), last)
    if not_above is False or too_far is True:
        return False
    return None if None in (not_above, too_far) else True


def _or(answer: bool | None, last: bool) -> bool | None:
    return True if answer is None and last else answer


def as_float(number: Fraction) -> float:
    """A fraction as float64: infinity where it is beyond."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def no_more(a: arb, b: arb) -> bool | None:
    """``a <= b``, or None where the balls do not say."""
    return True if a <= b else False if a > b else None


def middle(ball: arb) -> Fraction:
    """The middle of a ball."""
    mantissa, exponent = ball.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def as_written(case: Case) -> Case:
    """The case with its float64 numbers as the decimals that they are written as."""
    x, target, *weights = (_rationals(array) for array in (case.x, case.target, *case.weights))
    return replace(case, x=x, target=target, weights=tuple(weights))


def _rationals(array: Array) -> Array:
    return np.array([[rational(decimal(v)) for v in row] for row in array.tolist()], dtype=object)


def rational(number: Fraction) -> fmpq:
    """A fraction as flint's."""
    return fmpq(number.numerator, number.denominator)


def exact(case: Case, published: Published, hull: bool = True) -> Matrices:
    """The exact numbers, as balls of the bits of ``flint.ctx.prec``; the total error after one step too."""
    written = as_written(case)
    first = graph(written, hull=hull)
    alpha = arb(rational(decimal(case.learning_rate)))
    updated = [
        w.value if number in published.fixed else w.value - w.derivative * alpha
        for number, w in enumerate(first.weights, start=1)
    ]
    second = graph(written, hull=hull, weights=updated)
    gradients = [w.derivative for w in first.weights]
    return in_its_units(case, published, first.output.value, first.loss.value, gradients, updated, second.loss.value)


def in_its_units(
    case: Case, published: Published, output: arb_mat, loss: arb_mat, gradients: list[arb_mat], updated: list[arb_mat],
    after: arb_mat,
) -> Matrices:  # fmt: skip
    """What a run comes to by S11, in the source's convention: its errors and gradients are multiples of S11's."""
    factor = arb(rational(published.factor(*case.target.shape)))
    found = {("output", 0): output, ("total_error", 0): loss * factor, ("total_error_after", 0): after * factor}
    for layer, (gradient, weights) in enumerate(zip(gradients, updated, strict=True), start=1):
        found["gradients", layer], found["updated_weights", layer] = gradient * factor, weights
    return found


def at(found: Matrices, place: Place) -> arb:
    """One of the numbers."""
    row, column = place.index or (0, 0)
    ball: arb = found[place.quantity, place.layer][row, column]
    return ball
