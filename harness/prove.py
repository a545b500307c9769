"""BP equals autodiff for given numbers: the slides' equations on balls against the truth.

Both sides are exact to hundreds of bits, and come from different texts: the one from S18–S23 as
``reference/`` states them, the other from S11 by a differentiator that has never heard of them.
"""

from __future__ import annotations

import flint
import numpy as np

from cases.case import Case
from harness.numbers.balls import Balls
from harness.truth import graph, quantities
from reference import error
from reference.activations import Formula
from reference.backward import backward
from reference.network import Network, forward
from reference.readings import DERIVATIVE, Reading
from reference.update import update

BITS = 512
"""Precision of both sides; a difference of one part in 10^150 would show."""


def slides(case: Case, reading: Reading = DERIVATIVE) -> list[Balls]:
    """The text of ``reference/`` on balls: output, loss, gradients, updated weights."""
    output = Formula("sigmoid", Balls) if case.task == "classification" else None
    network = Network(Formula(case.activation, Balls), output)
    weights = [Balls(np.asarray(w, np.float64)) for w in case.weights]
    target = Balls(np.asarray(case.target, np.float64))
    run = forward(network, weights, Balls(np.asarray(case.x, np.float64)))
    loss = error.total_error(error.error(run.Y, target))
    gradients = backward(network, weights, run, target, reading).gradients
    return [run.Y, loss, *gradients, *update(weights, gradients, case.learning_rate)]


def overlap(case: Case, reading: Reading = DERIVATIVE) -> bool:
    """Whether the slides' equations and the truth come to the same numbers on this case."""
    with flint.ctx.workprec(BITS):
        ours = slides(case, reading)
        exact = quantities(graph(case), case.learning_rate)
        return all(
            a.overlaps(b)
            for mine, theirs in zip(ours, exact, strict=True)
            for a, b in zip(mine.entries.flat, theirs.entries(), strict=True)
        )
