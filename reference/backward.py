"""The whole run backward (S26): errors back by S18 and S20, weight changes by S23."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reference import chain, error
from reference.network import Forward, Network, between
from reference.readings import DERIVATIVE, Reading


@dataclass(frozen=True)
class Backward:
    """Δ^l for l = 1 … L, each (B, N_l), and ΔW^{l,l+1} for l = 0 … L−1, each (N_l, N_{l+1})."""

    deltas: tuple[Any, ...]
    gradients: tuple[Any, ...]


def backward(
    network: Network, weights: Sequence[Any], run: Forward, target: Any, reading: Reading = DERIVATIVE
) -> Backward:
    """Send the output error back layer by layer, and adjust each weight from what it joins.

    Δ^L = σ'(I^L) ⊙ ∂ℰ/∂Y (S18), Δ^l = σ'(I^l) ⊙ (Δ^{l+1} · Wᵀ) (S20), ΔW^{l,l+1} = h^l ⊗ Δ^{l+1} (S23).
    """
    layers = network.layers(len(weights))
    nodes = [value for pair in zip(run.I[1:], run.h[1:], strict=True) for value in pair]
    values = [run.h[0], *nodes][: len(layers) + 1]
    slope = error.slope(run.Y, target, reading)
    deltas, gradients = chain.backward(layers, between(weights, len(layers)), values, slope)
    deltas, gradients = deltas[0::2], gradients[0::2]
    if not reading.output_of_layer:
        gradients = [I.mT @ delta for I, delta in zip(run.I[:-1], deltas, strict=True)]
    return Backward(deltas=tuple(deltas), gradients=tuple(gradients))
