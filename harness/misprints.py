"""Which mistake comes to a printed number that is not the exact one: every mistake of the list, in exact numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import flint
import numpy as np
from flint import arb, arb_mat

from cases.case import Array, Case
from cases.published import decimal
from harness.affine import Stacked, stacked
from harness.mistakes import MISTAKES
from harness.mistakes.mistake import Mistake
from harness.mistakes.recipe import recipe as plain
from harness.numbers.balls import Balls
from harness.numbers.kinds import BALLS
from harness.proof.balls import BITS
from harness.published import Figure, Matrices, as_written, at, comes_to, in_its_units, rational

Reproduced = Mapping[str, frozenset[int]]
"""Mistakes, with the numbers in the list of figures that each comes to."""


def reproduced(case: Case, figures: Sequence[Figure]) -> Reproduced:
    """The figures that each mistake comes to, to the last digit that is printed, where it comes to any."""
    found: dict[str, frozenset[int]] = {}
    network, published = stacked(case), case.published
    if network is None or published is None:
        return found
    cut = published.cut
    with flint.ctx.workprec(BITS):
        for mistake in MISTAKES.values():
            numbers = _run(case, network, mistake)
            if numbers is None:
                continue
            if its := frozenset(n for n, figure in enumerate(figures) if _is(figure, numbers, cut)):
                found[mistake.name] = its
    return found


def _is(figure: Figure, numbers: Matrices, cut: bool) -> bool:
    try:
        ball = at(numbers, figure.place)
    except (KeyError, IndexError):  # a mistake may return arrays of another shape
        return False
    return comes_to(ball, figure.printed, cut) is True


def _run(case: Case, network: Stacked, mistake: Mistake) -> Matrices | None:
    """What the first step comes to with a mistake; None where it is none there, or only in rounding, or later."""
    published = case.published
    assert published is not None
    if mistake.rounding or mistake.call > 1 or mistake.unless(network.setting) is not None:
        return None
    written, recipe = as_written(case), mistake.change(network.over(plain(BALLS, network.setting)))
    *arrays, x, target = (_balls(array) for array in (*written.weights, written.x, written.target))
    alpha = arb(rational(decimal(case.learning_rate)))
    try:
        sums = recipe.run(network.joined(arrays), x, target, alpha)
        gradients, updated = network.split(sums.gradients), network.split(sums.updated)
        pairs = enumerate(zip(arrays, updated, strict=True), start=1)
        updated = [before if number in published.fixed else after for number, (before, after) in pairs]
        loss_after = recipe.run(network.joined(updated), x, target, alpha).loss
        output, loss, after, *rest = map(_matrix, (sums.output, sums.loss, loss_after, *gradients, *updated))
    except (ValueError, ZeroDivisionError):  # shapes or numbers with which this mistake cannot go on
        return None
    return in_its_units(case, published, output, loss, rest[: len(arrays)], rest[len(arrays) :], after)


def _balls(array: Array) -> Balls:
    return Balls.holding(np.frompyfunc(arb, 1, 1)(array))


def _matrix(found: Balls) -> arb_mat:
    entries = np.atleast_2d(found.entries)
    return arb_mat(entries.tolist())
