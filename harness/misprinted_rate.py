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


def rate(case: Case, figures: Sequence[Figure]) -> str:
    """The shortest decimal α with which W − αΔW is every printed new weight, to half a unit; "" where there is none.

    α is in the source's convention, as ΔW is. Weights that do not change say nothing of it.
    """
    published = case.published
    assert published is not None
    low, high = Fraction(0), None
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
            ends = sorted((before - printed.value + side * printed.unit / 2) / gradient for side in (-1, 1))
            low, high = max(low, ends[0]), ends[1] if high is None else min(high, ends[1])
    return "" if high is None else shortest(low, high)


def shortest(low: Fraction, high: Fraction) -> str:
    """The decimal of fewest digits in an interval; "" where that is empty."""
    for digits in range(20):
        scale = 10**digits
        upward = -(-low.numerator * scale // low.denominator)
        if Fraction(upward, scale) <= high:
            return str(Decimal(upward).scaleb(-digits))
    return ""
