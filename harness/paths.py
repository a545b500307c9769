"""The bound of forward mode, which sums over paths.

Reverse mode adds what comes back to a node before it goes on, and so may cancel early; a Jacobian-vector
product carries every path from a weight to the total error to its end. Its errors are those of the paths'
magnitudes: P^l = (P^{l+1}·|W|ᵀ) ⊙ |σ'|, times every rounding on the way (NUMERICS: Bound).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cases.known import Deviation
from harness.numbers.running import Floats, Mask, Running, given
from harness.numbers.running_sigma import RunningSigma
from harness.precision import Precision
from harness.stack import Stack
from reference import chain, error
from reference.activations import Sigma
from reference.layers import Layer
from reference.layers.activation import Activation
from reference.network import Network, between, forward

LAST_ROUNDINGS = 4
"""Of the two factors of a slope e·dY, its scale, and the sum's own storage."""


@dataclass(frozen=True)
class Paths:
    """Bounds of a gradient summed over paths, and the variance of its typical error; one array a layer.

    Shapes as of the gradients, cases first. ``deltas`` are bounds of every Δ^l, (K, B, N_l). ``range`` (K,): a
    tangent may overflow.
    """

    gradients: tuple[Floats, ...]
    variances: tuple[Floats, ...]
    deltas: tuple[Floats, ...]
    range: Mask


@dataclass(frozen=True)
class Magnitude:
    """|σ'| as σ', with its own error."""

    sigma: Sigma

    def value(self, x: Any) -> Any:
        """σ(x)."""
        return self.sigma.value(x)

    def derivative(self, x: Any, y: Any) -> Any:
        """|σ'(x)|."""
        return magnitude(self.sigma.derivative(x, y))


def magnitude(number: Running) -> Running:
    """|number|, whose products may be grouped in another way: nothing counts as exact."""
    return replace(number, value=np.abs(number.value), exact=np.zeros_like(number.exact))


def paths(stack: Stack, member: str, precision: Precision, known: Sequence[Deviation] = ()) -> Paths:
    """Run S16's recursion on magnitudes; ``member`` and ``known`` as for `harness.bound.bounds`."""
    case = stack.first
    hidden = Magnitude(RunningSigma(case.activation, member, known))
    output = Magnitude(RunningSigma("sigmoid", member, known)) if case.task == "classification" else None
    network = Network(hidden, output)
    with np.errstate(all="ignore"):
        weights = [given(w, precision) for w in stack.weights]
        run = forward(network, weights, given(stack.x, precision))
        layers = network.layers(len(weights))
        sizes = between([magnitude(w) for w in weights], len(layers))
        nodes = [value for pair in zip(run.I[1:], map(magnitude, run.h[1:]), strict=True) for value in pair]
        values = [magnitude(run.h[0]), *nodes][: len(layers) + 1]
        start = magnitude(error.slope(run.Y, given(stack.target, precision)))
        deltas, gradients = chain.backward(layers, sizes, values, start)
        found, downstream = gradients[0::2], _downstream(deltas)[0::2]
        samples = stack.x.shape[-2] * stack.target.shape[-1]
        roundings = samples * precision.u_accumulate + LAST_ROUNDINGS * precision.u
        flushed = [2 * (max(case.layers) + 2 + samples) * precision.eta * below for below in downstream]
        return Paths(
            gradients=tuple(
                _finite(g, g.delta + roundings * g.magnitude + f) for g, f in zip(found, flushed, strict=True)
            ),
            variances=tuple(g.variance + roundings**2 * g.value**2 / 3 for g in found),
            deltas=tuple(
                _finite(d, d.delta + roundings * d.magnitude + f) for d, f in zip(deltas[0::2], flushed, strict=True)
            ),
            range=_tangents_leave(layers, sizes, values, precision),
        )


def _tangents_leave(layers: Sequence[Layer], sizes: Sequence[Any], values: Sequence[Any], p: Precision) -> Mask:
    """Whether the tangent of some weight may leave the range on its way forward, (K,).

    Tangents of all weights of a matrix go together here, each node's as large as the largest input of the matrix.
    """
    left = np.zeros(values[0].shape[0], dtype=bool)
    for first in range(0, len(layers), 2):
        widest = values[first].magnitude.max(axis=-1, keepdims=True)
        size = np.broadcast_to(widest, (*widest.shape[:-1], sizes[first].shape[-1]))
        for layer, w, x, y in zip(layers[first:], sizes[first:], values[first:], values[first + 1 :], strict=False):
            if isinstance(layer, Activation):
                size = size * layer.sigma.derivative(x, y).magnitude
            elif layer is not layers[first]:
                size = size @ w.magnitude
            left |= ~(size <= p.largest / 2).all(axis=(1, 2))
    return left


def _downstream(deltas: Sequence[Running]) -> list[Floats]:
    """For each node of the chain, (K, 1, 1): how far one underflow there or after it can move the total error."""
    found: list[Floats] = []
    total = np.zeros((len(deltas[0].value), 1, 1))
    for delta in reversed(deltas):
        total = total + (np.maximum(delta.swell, 1.0) * delta.magnitude).sum(axis=(1, 2), keepdims=True)
        found.insert(0, 1.0 + total)
    return found


def _finite(number: Running, bound: Floats) -> Floats:
    """The bound, infinite where a result may be NaN, and 0 where every path has a factor that is exactly 0."""
    return np.where(np.isnan(bound) | number.lost, np.inf, np.where(number.nonzero, bound, 0.0))
