"""The bound: how far from the exact value any correct implementation may be, entry by entry.

The text of ``reference/`` is run on running-error numbers; every ``delta`` that comes out is a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cases.known import Deviation
from harness.chains import between, running_layers, weighted
from harness.numbers.running import Floats, Mask, Running, constant, given
from harness.numbers.running_sigma import RunningSigma
from harness.precision import Precision
from harness.stack import Stack
from reference import chain, error
from reference.layers import Layer
from reference.layers.activation import Activation
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
        loss = error.total_error(error.error(its.Y, its.target))
        gradients = its.gradients
        updated = update(its.weights, gradients, constant(stack.first.learning_rate, its.target.precision))
        return Bounds(
            output=_limit(its.Y),
            loss=_limit(loss),
            gradients=tuple(_limit(g) for g in gradients),
            updated=tuple(_limit(w) for w in updated),
            on_kink=its.met("on_kink"),
            near_kink=its.met("near_kink"),
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
        places = list(zip(its.layers, its.values[:-1], its.values[1:], strict=True))
        slopes = [layer.sigma.derivative(I, h) for layer, I, h in places if isinstance(layer, Activation)]
        h = its.values[2::2] if len(its.values) % 2 else [*its.values[2::2], its.Y]
        return TermLimits(
            I=tuple(_limit(term) for term in its.values[1::2]),
            h=tuple(_limit(term) for term in h),
            slopes=tuple(_limit(term) for term in slopes),
            deltas=tuple(_limit(term) for term in its.deltas[0::2]),
            error=_limit(error.error(its.Y, its.target)),
            on_kink=its.met("on_kink"),
        )


@dataclass(frozen=True)
class LinkLimits:
    """Bounds inside any chain, for every link: its output and ∂ℰ/∂ its output, each (K, B, N)."""

    values: tuple[Limit, ...]
    deltas: tuple[Limit, ...]
    error: Limit
    on_kink: Mask


def link_limits(
    stack: Stack,
    member: str = "left",
    precision: Precision | None = None,
    known: Sequence[Deviation] = (),
) -> LinkLimits:
    """The same of every link of a chain; arguments as of `bounds`."""
    with np.errstate(all="ignore"):
        its = _pass(stack, member, precision, known)
        return LinkLimits(
            values=tuple(_limit(value) for value in its.values[1:]),
            deltas=tuple(_limit(delta) for delta in its.deltas),
            error=_limit(error.error(its.Y, its.target)),
            on_kink=its.met("on_kink"),
        )


@dataclass(frozen=True)
class _Pass:
    """The chain of the stack's cases run on running-error numbers, forward and back."""

    layers: list[Layer]
    weights: list[Running]
    target: Running
    values: list[Running]
    deltas: list[Running]
    gradients: list[Running]

    @property
    def Y(self) -> Running:
        """The output."""
        return self.values[-1]

    def met(self, kinks: str) -> Mask:
        """Which cases (K,) met a kink: ``on_kink`` or ``near_kink`` of an activation."""
        every = [layer.sigma for layer in self.layers if isinstance(layer, Activation)]
        its = [mask for sigma in every for mask in getattr(sigma, kinks)]
        return np.asarray(np.logical_or.reduce([np.zeros_like(self.target.range), *its]))


def _pass(stack: Stack, member: str, precision: Precision | None, known: Sequence[Deviation]) -> _Pass:
    case, precision = stack.first, precision or stack.precision
    layers = running_layers(case, lambda name: RunningSigma(name, member, known))
    weights = [given(w, precision) for w in stack.weights]
    target, their = given(stack.target, precision), between(case.chain, weights)
    values = chain.forward(layers, their, given(stack.x, precision))
    deltas, gradients = chain.backward(layers, their, values, error.slope(values[-1], target))
    return _Pass(layers, weights, target, values, deltas, weighted(case.chain, gradients))


def _limit(number: Running) -> Limit:
    typical = np.sqrt(number.variance) + number.precision.eta
    return Limit(bound=number.delta * INFLATION, typical=typical, range=number.range)
