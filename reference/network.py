"""The plain network (S6–S9): dense, σ, dense, σ, … with or without σ at the output.

Layers of nodes are numbered l = 0 … L from the input. I^l is what enters the nodes of layer l, h^l what
leaves them; h^0 = x, and I^0 is taken as x too. Shapes: I^l and h^l are (B, N_l).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reference import chain
from reference.activations import Sigma
from reference.layers import Layer
from reference.layers.activation import Activation
from reference.layers.dense import Dense


@dataclass(frozen=True)
class Network:
    """σ of the hidden layers, and of the output: a σ for classification (S8), None for prediction (S9)."""

    hidden: Sigma
    output: Sigma | None

    def layers(self, depth: int) -> list[Layer]:
        """The chain for ``depth`` weight matrices."""
        layers: list[Layer] = []
        for _ in range(depth):
            layers += [Dense(), Activation(self.hidden)]
        layers.pop()
        return layers if self.output is None else [*layers, Activation(self.output)]


@dataclass(frozen=True)
class Forward:
    """A forward pass: every I^l and h^l, l = 0 … L, each of shape (B, N_l)."""

    I: tuple[Any, ...]
    h: tuple[Any, ...]

    @property
    def Y(self) -> Any:
        """The output h^L, shape (B, N_O)."""
        return self.h[-1]


def forward(network: Network, weights: Sequence[Any], x: Any) -> Forward:
    """H = σ(X · W^{IH}), Y = σ(H · W^{HO}) or H · W^{HO} (S6–S9), keeping every I and h."""
    layers = network.layers(len(weights))
    values = chain.forward(layers, between(weights, len(layers)), x)
    I, h = values[1::2], values[0::2]
    if network.output is None:
        h.append(I[-1])
    return Forward(I=(x, *I), h=tuple(h))


def between(weights: Sequence[Any], length: int) -> list[Any]:
    """Weights as a chain of ``length`` layers takes them: None at each activation."""
    return [weights[i // 2] if i % 2 == 0 else None for i in range(length)]
