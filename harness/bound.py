"""The bound: how far from the exact value any correct implementation may be, entry by entry.

The text of ``reference/`` is run on running-error numbers; every ``delta`` that comes out is a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cases.known import Deviation
from harness.numbers.running import Floats, Mask, Running, constant, given
from harness.numbers.running_sigma import RunningSigma
from harness.precision import Precision
from harness.stack import Stack
from reference import error
from reference.backward import backward
from reference.network import Network, forward
from reference.update import update

INFLATION = 1 + 1e-9
"""For the rounding of the bound's own arithmetic, which is float64."""


@dataclass(frozen=True)
class Limit:
    """A bound for every entry of one quantity of a stack, and where its range is left.

    ``bound`` has the quantity's shape, cases first, and so has ``typical``, the standard deviation of the
    typical error; ``range`` is (K,): an intermediate may overflow.
    """

    bound: Floats
    typical: Floats
    range: Mask


@dataclass(frozen=True)
class Bounds:
    """Bounds of everything that a backend returns for a stack. ``on_kink`` (K,): a unit is exactly there."""

    output: Limit
    loss: Limit
    gradients: tuple[Limit, ...]
    updated: tuple[Limit, ...]
    on_kink: Mask
    near_kink: Mask


def bounds(
    stack: Stack,
    member: str = "left",
    precision: Precision | None = None,
    known: Sequence[Deviation] = (),
) -> Bounds:
    """Run the slides' equations on running-error numbers.

    ``member`` is σ' exactly on a kink; ``precision`` in place of the stack's, for other accumulators;
    ``known`` are deviations that replace the accuracy of activations in their intervals.
    """
    case, precision = stack.first, precision or stack.precision
    hidden = RunningSigma(case.activation, member, known)
    output = RunningSigma("sigmoid", member, known) if case.task == "classification" else None
    network = Network(hidden, output)
    with np.errstate(all="ignore"):
        weights = [given(w, precision) for w in stack.weights]
        target = given(stack.target, precision)
        run = forward(network, weights, given(stack.x, precision))
        loss = error.total_error(error.error(run.Y, target))
        gradients = backward(network, weights, run, target).gradients
        updated = update(weights, gradients, constant(case.learning_rate, precision))
        nowhere = np.zeros(len(stack.cases), dtype=bool)
        return Bounds(
            output=_limit(run.Y),
            loss=_limit(loss),
            gradients=tuple(_limit(g) for g in gradients),
            updated=tuple(_limit(w) for w in updated),
            on_kink=np.logical_or.reduce([nowhere, *hidden.on_kink]),
            near_kink=np.logical_or.reduce([nowhere, *hidden.near_kink]),
        )


def _limit(number: Running) -> Limit:
    typical = np.sqrt(number.variance) + number.precision.eta
    return Limit(bound=number.delta * INFLATION, typical=typical, range=number.range)
