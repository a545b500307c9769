"""The text of ``reference/`` on symbols, for one structure of network.

The left side of every claim is sympy's own derivative of the total error, made of the forward pass alone. The right
side is what ``reference/`` computes going backward, from symbols for every I^l and h^l, so that it reads as the deck
writes it; what these stand for is put in by the forward pass before the two sides are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import sympy

from harness.numbers.symbols import AnySigma, Symbols
from reference import chain, error
from reference.activations import Sigma
from reference.layers import Layer
from reference.layers.activation import Activation
from reference.network import Forward, Network, between

ALPHA = sympy.Symbol("α")
"""The learning rate."""


@dataclass(frozen=True)
class Layered(Network):
    """The plain network, but that each layer has a σ of its own: ``sigmas`` from the input to the output."""

    sigmas: tuple[Sigma, ...] = ()

    def layers(self, depth: int) -> list[Layer]:
        """The chain for ``depth`` weight matrices."""
        own, found = iter(self.sigmas), super().layers(depth)
        return [replace(layer, sigma=next(own)) if isinstance(layer, Activation) else layer for layer in found]


@dataclass(frozen=True)
class Structure:
    """Widths N_0 … N_L, samples B and task; nothing is known of its numbers, nor of its σ.

    ``hidden`` is the one σ of all hidden layers, where each has not its own.
    """

    widths: tuple[int, ...]
    task: str
    batch: int = 1
    hidden: Sigma | None = None

    @property
    def label(self) -> str:
        """``3-5-2``, ``2-3-1 with 2 samples``."""
        return "-".join(map(str, self.widths)) + (f" with {self.batch} samples" if self.batch > 1 else "")

    @property
    def depth(self) -> int:
        """Number of weight matrices L."""
        return len(self.widths) - 1

    def layer(self, l: int) -> str:
        """What the deck calls layer l of the nodes: H and O; where there are more, 1, 2, …, O."""
        return "O" if l == self.depth else ("H" if self.depth == 2 else str(l))

    def link(self, l: int) -> str:
        """What the deck calls the weights that leave layer l: IH and HO; where there are more, 01, 12, …"""
        return ("IH", "HO")[l] if self.depth == 2 else f"{l}{l + 1}"

    @cached_property
    def sigmas(self) -> tuple[Sigma, ...]:
        """σ_H and σ_O, unless the output is linear; where there are more layers, σ_1, σ_2, …"""
        inner = [self.hidden or AnySigma(f"σ_{self.layer(l)}") for l in range(1, self.depth)]
        return (*inner, *([AnySigma("σ_O")] if self.task == "classification" else []))

    @cached_property
    def network(self) -> Network:
        """The chain of ``reference/`` with these σ."""
        output = self.sigmas[-1] if self.task == "classification" else None
        return Layered(self.sigmas[0], output, self.sigmas)

    @cached_property
    def x(self) -> Symbols:
        """The input, (B, N_0)."""
        return self._nodes("x", 0)

    @cached_property
    def target(self) -> Symbols:
        """The target Y*, (B, N_O)."""
        return self._nodes("y*", self.depth)

    @cached_property
    def weights(self) -> list[Symbols]:
        """Each (N_l, N_{l+1})."""
        return [
            Symbols.named(lambda i, j, l=l: f"w_{i + 1}{j + 1}^{self.link(l)}", shape)
            for l, shape in enumerate(pairwise(self.widths))
        ]

    @cached_property
    def opaque(self) -> Forward:
        """A symbol for every I^l and h^l, as the deck calls them; h^0 is x, and at a linear output I is Y."""
        h = [self._nodes("h" if self.depth == 2 else f"h^{l}", l) for l in range(1, self.depth)]
        I = [self._nodes(f"I^{self.layer(l)}", l) for l in range(1, self.depth)]
        Y = self._nodes("y", self.depth)
        last = self._nodes("I^O", self.depth) if self.task == "classification" else Y
        return Forward(I=(self.x, *I, last), h=(self.x, *h, Y))

    def meaning(self, start: int = 0) -> dict[Any, Any]:
        """What the forward pass makes of every I^l and h^l, starting from x, or from I^l of the layer ``start``."""
        if start not in self._meanings:
            self._meanings[start] = self._forward(max(2 * start - 1, 0))
        return self._meanings[start]

    def total_after(self, layer: int) -> Any:
        """ℰ (S11) as a function of the h^l of a layer: what only comes after it."""
        Y = self.opaque.h[-1].replaced(self._forward(2 * layer))
        return error.total_error(error.error(Y, self.target)).entries[()]

    def total(self, start: int = 0) -> Any:
        """ℰ (S11) by the forward pass from x, or as a function of the I^l of layer ``start`` and all after it."""
        Y = self.opaque.h[-1].replaced(self.meaning(start))
        return error.total_error(error.error(Y, self.target)).entries[()]

    def brief(self, expression: Any, start: int = 0) -> Any:
        """The same with a symbol for every I^l, h^l and y − y* that stands in it as the forward pass has it."""
        meaning = self.meaning(start)
        apart = {t: meaning.get(y, y) - d for y, t, d in self._ends}
        return expression.xreplace(apart).xreplace({value: symbol for symbol, value in meaning.items()})

    def paired(self, expression: Any) -> Any:
        """The same, of an expression in the symbols for I^l and h^l, with one symbol for y − y*."""
        return expression.xreplace({t: y - d for y, t, d in self._ends})

    def gradient(self, layer: int) -> list[Any]:
        """sympy's ∂ℰ/∂w for every weight that enters a layer, from the forward pass alone."""
        if layer not in self._gradients:
            total = self.total()
            self._gradients[layer] = [sympy.diff(total, w) for w in self.weights[layer - 1].entries.flat]
        return self._gradients[layer]

    def _forward(self, first: int) -> dict[Any, Any]:
        """What comes of x, I^1, h^1, …, the ``first`` of which is given."""
        layers = self.network.layers(self.depth)
        nodes = [value for pair in zip(self.opaque.I[1:], self.opaque.h[1:], strict=True) for value in pair]
        nodes = [self.x, *nodes][: len(layers) + 1]
        values = chain.forward(layers[first:], between(self.weights, len(layers))[first:], nodes[first])
        pairs = zip(nodes[first + 1 :], values[1:], strict=True)
        return {n: v for node, value in pairs for n, v in zip(node.entries.flat, value.entries.flat, strict=True)}

    @cached_property
    def _meanings(self) -> dict[int, dict[Any, Any]]:
        return {}

    @cached_property
    def _gradients(self) -> dict[int, list[Any]]:
        return {}

    @cached_property
    def _ends(self) -> list[tuple[Any, Any, Any]]:
        """For each output node of each sample: y, y*, and a symbol for y − y*."""
        pairs = zip(self.opaque.h[-1].entries.flat, self.target.entries.flat, strict=True)
        return [(y, t, sympy.Symbol(f"({y} − {t})")) for y, t in pairs]

    def _nodes(self, name: str, l: int) -> Symbols:
        def called(b: int, j: int) -> str:
            return f"{name}_{j + 1}" + (f"^({b + 1})" if self.batch > 1 else "")

        return Symbols.named(called, (self.batch, self.widths[l]))


STRUCTURES: Sequence[Structure] = tuple(
    Structure(widths, task, batch)
    for widths, batch in (((3, 5, 2), 1), ((2, 3, 2, 2), 1), ((2, 2, 3), 1), ((2, 3, 1), 2))
    for task in ("classification", "prediction")
)
"""The deck's network first; three weight matrices; another N_O, so that 2/N_O is seen; and two samples, averaged."""
