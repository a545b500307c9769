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
from reference.backward import Backward, backward
from reference.network import Forward, Network, forward
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
    with np.errstate(all="ignore"):
        its = _pass(stack, member, precision, known)
        loss = error.total_error(error.error(its.run.Y, its.target))
        gradients = its.back.gradients
        updated = update(its.weights, gradients, constant(stack.first.learning_rate, its.target.precision))
        return Bounds(
            output=_limit(its.run.Y),
            loss=_limit(loss),
            gradients=tuple(_limit(g) for g in gradients),
            updated=tuple(_limit(w) for w in updated),
            on_kink=its.met(its.hidden.on_kink),
            near_kink=its.met(its.hidden.near_kink),
        )


@dataclass(frozen=True)
class TermLimits:
    """Bounds of the terms inside, l = 1 … L, each (K, B, N_l); ``slopes`` of σ' are one fewer at a linear output."""

    I: tuple[Limit, ...]
    h: tuple[Limit, ...]
    slopes: tuple[Limit, ...]
    deltas: tuple[Limit, ...]
    error: Limit
    on_kink: Mask


def term_limits(
    stack: Stack,
    member: str = "left",
    precision: Precision | None = None,
    known: Sequence[Deviation] = (),
) -> TermLimits:
    """Bounds of I, h, σ', Δ and E by the same numbers; arguments as of `bounds`."""
    with np.errstate(all="ignore"):
        its = _pass(stack, member, precision, known)
        sigmas = [its.hidden] * (len(its.weights) - 1) + ([its.output] if its.output else [])
        slopes = [sigma.derivative(I, h) for sigma, I, h in zip(sigmas, its.run.I[1:], its.run.h[1:], strict=False)]
        return TermLimits(
            I=tuple(_limit(term) for term in its.run.I[1:]),
            h=tuple(_limit(term) for term in its.run.h[1:]),
            slopes=tuple(_limit(term) for term in slopes),
            deltas=tuple(_limit(term) for term in its.back.deltas),
            error=_limit(error.error(its.run.Y, its.target)),
            on_kink=its.met(its.hidden.on_kink),
        )


@dataclass(frozen=True)
class _Pass:
    """The slides' equations run on running-error numbers, forward and back."""

    hidden: RunningSigma
    output: RunningSigma | None
    weights: list[Running]
    target: Running
    run: Forward
    back: Backward

    def met(self, kinks: Sequence[Mask]) -> Mask:
        """Which cases (K,) met one of them."""
        return np.asarray(np.logical_or.reduce([np.zeros_like(self.target.range), *kinks]))


def _pass(stack: Stack, member: str, precision: Precision | None, known: Sequence[Deviation]) -> _Pass:
    case, precision = stack.first, precision or stack.precision
    hidden = RunningSigma(case.activation, member, known)
    output = RunningSigma("sigmoid", member, known) if case.task == "classification" else None
    network = Network(hidden, output)
    weights = [given(w, precision) for w in stack.weights]
    target = given(stack.target, precision)
    run = forward(network, weights, given(stack.x, precision))
    return _Pass(hidden, output, weights, target, run, backward(network, weights, run, target))


def _limit(number: Running) -> Limit:
    typical = np.sqrt(number.variance) + number.precision.eta
    return Limit(bound=number.delta * INFLATION, typical=typical, range=number.range)
