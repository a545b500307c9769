"""Which mistake comes to a printed number that is not the exact one: every mistake of the list, in exact numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import flint
import numpy as np
from flint import arb, arb_mat

from cases.case import Array, Case
from cases.published import decimal
from harness.mistakes import MISTAKES
from harness.mistakes.mistake import Mistake
from harness.mistakes.recipe import Setting
from harness.mistakes.runs import changed
from harness.numbers.balls import Balls
from harness.numbers.kinds import BALLS
from harness.proof.balls import BITS
from harness.published import Figure, Matrices, as_written, at, in_its_units, no_more, rational

Reproduced = Mapping[str, frozenset[int]]
"""Mistakes, with the numbers in the list of figures that each comes to."""


def reproduced(
    case: Case, figures: Sequence[Figure], mistakes: Sequence[Mistake] = tuple(MISTAKES.values())
) -> Reproduced:
    """The figures that each mistake comes to, within half a unit of the last digit, where it comes to any."""
    found = {}
    with flint.ctx.workprec(BITS):
        for mistake in mistakes:
            numbers = _run(case, mistake)
            if numbers is not None and (
                its := frozenset(n for n, figure in enumerate(figures) if _is(figure, numbers))
            ):
                found[mistake.name] = its
    return found


def _is(figure: Figure, numbers: Matrices) -> bool:
    try:
        ball = at(numbers, figure.place)
    except (KeyError, IndexError):  # a mistake may return arrays of another shape
        return False
    value, unit = arb(rational(figure.printed.value)), arb(rational(figure.printed.unit))
    return no_more(2 * abs(ball - value), unit) is True


def _run(case: Case, mistake: Mistake) -> Matrices | None:
    """What the first step comes to with a mistake; None where it is none there, or only in rounding, or later."""
    published, setting = case.published, Setting.of(case)
    assert published is not None
    if mistake.rounding or mistake.call > 1 or mistake.unless(setting) is not None:
        return None
    written, recipe = as_written(case), changed(BALLS, setting, [mistake])
    *weights, x, target = (_balls(array) for array in (*written.weights, written.x, written.target))
    alpha = arb(rational(decimal(case.learning_rate)))
    try:
        sums = recipe.run(weights, x, target, alpha)
        pairs = enumerate(zip(weights, sums.updated, strict=True), start=1)
        updated = [before if number in published.fixed else after for number, (before, after) in pairs]
        after = recipe.run(updated, x, target, alpha).loss
    except (ValueError, ZeroDivisionError):  # shapes or numbers with which this mistake cannot go on
        return None
    output, loss, later, *rest = map(_matrix, (sums.output, sums.loss, after, *sums.gradients, *updated))
    depth = len(sums.gradients)
    return in_its_units(case, published, output, loss, rest[:depth], rest[depth:], later)


def _balls(array: Array) -> Balls:
    return Balls.holding(np.frompyfunc(arb, 1, 1)(array))


def _matrix(found: Balls) -> arb_mat:
    entries = np.atleast_2d(found.entries)
    return arb_mat(entries.tolist())
