"""Layers one after another (S15), and the chain rule through them (S16).

S15 writes y = f_1(w_1, f_2(w_2, … f_n(w_n, x))) and so counts the f_i from the output. Here layers and
weights are listed from the input, the way the numbers flow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference.layers import Layer


def forward(layers: Sequence[Layer], weights: Sequence[Any], x: Any) -> list[Any]:
    """S15: every intermediate value, from the input x to the output y; one more than there are layers."""
    values = [x]
    for layer, w in zip(layers, weights, strict=True):
        values.append(layer.forward(w, values[-1]))
    return values


def backward(
    layers: Sequence[Layer], weights: Sequence[Any], values: Sequence[Any], slope: Any
) -> tuple[list[Any], list[Any]]:
    """S16, the recursion: from ∂ℰ/∂y back to every layer.

    ``values`` are those of `forward`, ``slope`` is ∂ℰ/∂y. Returns (deltas, gradients): deltas[i] is the
    derivative with respect to the output of layer i, gradients[i] that with respect to its weight.
    """
    deltas = [slope]
    for i in reversed(range(1, len(layers))):
        # ∂y/∂x_i = ∂y/∂x_{i−1} · ∂x_{i−1}/∂x_i
        deltas.insert(0, layers[i].pullback_input(weights[i], values[i], values[i + 1], deltas[0]))
    # ∂y/∂w_i = ∂y/∂x_i · ∂x_i/∂w_i
    parts = zip(layers, weights, values[:-1], values[1:], deltas, strict=True)
    return deltas, [layer.pullback_weight(w, x, y, delta) for layer, w, x, y, delta in parts]
