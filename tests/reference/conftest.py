"""The deck's network, and random networks of any shape, for the tests of the equations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from reference import arrays, neuron
from reference.activations import Formula
from reference.network import Network

Array = np.ndarray


@dataclass(frozen=True)
class Example:
    """A network with its numbers; ``weights[l]`` (N_l, N_{l+1}), ``x`` (B, N_0), ``target`` (B, N_O)."""

    network: Network
    x: Any
    target: Any
    weights: tuple[Any, ...]

    @property
    def widths(self) -> tuple[int, ...]:
        return (self.x.shape[-1], *(w.shape[-1] for w in self.weights))

    def sigma(self, layer: int) -> Formula:
        """σ of a layer of nodes, as the scalar form asks for it."""
        last = layer == len(self.weights)
        found = self.network.output or Formula("identity", arrays)
        return found if last else self.network.hidden  # type: ignore[return-value]

    def link_weights(self) -> dict[neuron.Link, Any]:
        """Weights by link, nodes counted from 1."""
        return {((l, i), (l + 1, j)): self.weights[l][i - 1, j - 1] for (l, i), (_, j) in neuron.links(self.widths)}


def of(hidden: str, output: str | None) -> Network:
    return Network(Formula(hidden, arrays), None if output is None else Formula(output, arrays))


@pytest.fixture
def deck() -> Callable[..., Example]:
    """Return a function: the deck's 3-5-2 network (S5); target (1, 0) is ours."""

    def make(hidden: str = "sigmoid", output: str | None = "sigmoid") -> Example:
        x = np.array([[-0.1, 0.2, 0.3]])
        w_ih = np.array([[0.1, 1.2, 0.3, 1, 1], [-0.1, 0.01, 0.4, 2, 0.1], [0.3, 0.9, 0.2, 2, 0.9]])
        w_ho = np.array([[0.1, 0.1], [-0.3, -0.5], [0.1, 3], [0.02, 0.01], [-0.4, 0.6]])
        return Example(of(hidden, output), x, np.array([[1.0, 0.0]]), (w_ih, w_ho))

    return make


@pytest.fixture
def whole() -> Callable[..., Example]:
    """Return a function: a network of small whole numbers, so that any order of evaluation is exact."""

    def make(
        *widths: int,
        batch: int = 1,
        hidden: str = "relu",
        output: str | None = None,
        dtype: Any = np.float64,
        stack: tuple[int, ...] = (),
        seed: int = 0,
    ) -> Example:
        rng = np.random.default_rng([seed, batch, *widths])

        def draw(*shape: int) -> Array:
            return rng.integers(-3, 4, (*stack, *shape)).astype(dtype)

        weights = tuple(draw(*shape) for shape in pairwise(widths))
        return Example(of(hidden, output), draw(batch, widths[0]), draw(batch, widths[-1]), weights)

    return make
