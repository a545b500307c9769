"""Which learning rate the printed new weights come from, where it is not the one that the source names."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import flint

from cases.case import Case
from cases.published import decimal
from harness.proof.balls import BITS
from harness.published import Figure, exact, middle

DIGITS = 3
"""What is longer is no learning rate that anybody chose."""

FASTEST = 10**6
"""Nor is what is above this."""


def rate(case: Case, figures: Sequence[Figure]) -> str:
    """The shortest decimal α with which W − αΔW is every printed new weight; "" where there is none.

    α is in the source's convention, as ΔW is. Weights that do not change say nothing of it, and one that does says
    little, for some α leads anywhere: it takes two, and an α of at most DIGITS digits.
    """
    published = case.published
    assert published is not None
    low, high, moved = Fraction(0), Fraction(FASTEST), 0
    with flint.ctx.workprec(BITS):
        numbers = exact(case, published)
        for figure in figures:
            place, printed = figure.place, figure.printed
            if place.quantity != "updated_weights" or place.layer in published.fixed:
                continue
            row, column = place.index
            gradient = middle(numbers["gradients", place.layer][row, column])
            before = decimal(case.weights[place.layer - 1][row, column])
            if not gradient:
                continue
            centre, half = printed.middle(published.cut), printed.half(published.cut)
            if published.cut:  # the next figure itself is not printed so
                half *= Fraction(10**9 - 1, 10**9)
                centre = printed.value + (centre - printed.value) * Fraction(10**9 - 1, 10**9)
            ends = sorted((before - centre + side * half) / gradient for side in (-1, 1))
            low, high, moved = max(low, ends[0]), min(high, ends[1]), moved + 1
    found = shortest(low, high) if moved > 1 else ""
    return found if len(Decimal(found or 0).as_tuple().digits) <= DIGITS else ""


def shortest(low: Fraction, high: Fraction) -> str:
    """The decimal of fewest digits in an interval; "" where that is empty."""
    for digits in range(20):
        scale = 10**digits
        upward = -(-low.numerator * scale // low.denominator)
        if Fraction(upward, scale) <= high:
            return str(Decimal(upward).scaleb(-digits))
    return ""
