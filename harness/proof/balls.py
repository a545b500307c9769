"""BP equals autodiff for given numbers: the slides' equations on balls against the truth.

Both sides are exact to hundreds of bits, and come from different texts: the one from S18–S23 as
``reference/`` states them, the other from S11 by a differentiator that has never heard of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import flint
import numpy as np

from cases.case import Case
from harness.chains import between, layers, weighted
from harness.numbers.balls import Balls
from harness.truth import graph, quantities
from reference import chain, error
from reference.activations import Formula
from reference.backward import backward
from reference.network import Network, forward
from reference.readings import DERIVATIVE, Reading
from reference.update import update

BITS = 512
"""Precision of both sides; a difference of one part in 10^150 would show."""

BITS_TRIED = (BITS, 2048, 8192)
"""More bits, where σ' loses so many that nothing is left: 1 − y², y so near to 1."""

NARROW = 2.0**-100
"""Radius of a ball, as a part of the largest number of its quantity, that leaves no doubt."""


def slides(case: Case, reading: Reading = DERIVATIVE) -> list[Balls]:
    """The text of ``reference/`` on balls: output, loss, gradients, updated weights."""
    if case.links is not None:
        return _along(case)
    output = Formula("sigmoid", Balls) if case.task == "classification" else None
    network = Network(Formula(case.activation, Balls), output)
    weights = [Balls(np.asarray(w, np.float64)) for w in case.weights]
    target = Balls(np.asarray(case.target, np.float64))
    run = forward(network, weights, Balls(np.asarray(case.x, np.float64)))
    loss = error.total_error(error.error(run.Y, target))
    gradients = backward(network, weights, run, target, reading).gradients
    return [run.Y, loss, *gradients, *update(weights, gradients, case.learning_rate)]


def _along(case: Case) -> list[Balls]:
    """The same of another chain, by S15 and S16."""
    its = layers(case, lambda name: Formula(name, Balls), Balls)
    own = [Balls(np.asarray(w, np.float64)) for w in case.weights]
    weights, target = between(case.chain, own), Balls(np.asarray(case.target, np.float64))
    values = chain.forward(its, weights, Balls(np.asarray(case.x, np.float64)))
    loss = error.total_error(error.error(values[-1], target))
    gradients = weighted(case.chain, chain.backward(its, weights, values, error.slope(values[-1], target))[1])
    return [values[-1], loss, *gradients, *update(own, gradients, case.learning_rate)]


def overlap(case: Case, reading: Reading = DERIVATIVE) -> bool:
    """Whether the slides' equations and the truth come to the same numbers on this case."""
    with flint.ctx.workprec(BITS):
        return all(_overlap(ours, exact) for ours, exact in _pairs(case, reading))


class Numbers(StrEnum):
    """What came of one case."""

    EQUAL = "equal"
    """All balls overlap, and each is exact or NARROW: the same numbers, beside the largest one of their array."""
    APART = "apart"
    """Some balls do not overlap: the two sides are different numbers."""
    UNDETERMINED = "undetermined"
    """All balls overlap, but some are too wide to say anything, however many bits are tried."""


def compared(case: Case) -> Numbers:
    """The slides' equations against the truth on a case, with more bits while the balls are too wide."""
    for bits in BITS_TRIED:
        with flint.ctx.workprec(bits):
            pairs = _pairs(case, DERIVATIVE)
            if not all(_overlap(ours, exact) for ours, exact in pairs):
                return Numbers.APART
            if all(_narrow(ours, exact) for ours, exact in pairs):
                return Numbers.EQUAL
    return Numbers.UNDETERMINED


def compared_all(cases: Sequence[Case]) -> list[tuple[Case, Numbers]]:
    """Every case with what came of it."""
    return [(case, compared(case)) for case in cases]


def _pairs(case: Case, reading: Reading) -> list[tuple[list[flint.arb], list[flint.arb]]]:
    """The entries of each quantity by the slides' equations, and as the truth has them."""
    ours, exact = slides(case, reading), quantities(graph(case), case.learning_rate)
    return [(list(a.entries.flat), b.entries()) for a, b in zip(ours, exact, strict=True)]


def _overlap(ours: list[flint.arb], exact: list[flint.arb]) -> bool:
    return all(a.overlaps(b) for a, b in zip(ours, exact, strict=True))


def _narrow(ours: list[flint.arb], exact: list[flint.arb]) -> bool:
    """Whether every ball is exact, or small beside the largest number of its quantity."""
    both = [*ours, *exact]
    largest = max((abs(ball.mid()) for ball in both), default=flint.arb(0))
    limit = largest * NARROW
    return all(ball.is_exact() or ball.rad() <= limit for ball in both)
