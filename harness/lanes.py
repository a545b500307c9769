"""Lanes: the plain forward pass (S6–S11) many times at once, each with one number of one array changed.

A *site* is an array whose numbers are changed one at a time: a weight matrix, or zeros added to the input I^l of a
layer. The pass is the text of ``reference/`` on whatever kind of number is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cases.case import DTYPES, Array, Case
from reference import arrays, chain, error
from reference.activations import Formula, Sigma
from reference.network import Network, between, forward

Indices = npt.NDArray[np.intp]

MOST_NUMBERS = 2_000_000
"""Numbers of the largest array of one chunk of lanes: 16 MB in float64."""

MOST_WEIGHTS = 2_000
"""Weights of the largest network that is worth so many forward passes."""


@dataclass(frozen=True)
class Plus:
    """A layer whose output has numbers added to it: I = h·W + t. It is never asked for a derivative."""

    layer: Any
    added: Any

    def forward(self, w: Any, x: Any) -> Any:
        """f(w, x) + t."""
        return self.layer.forward(w, x) + self.added

    def pullback_input(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        """Not by these routes."""
        raise NotImplementedError("lanes know the forward pass alone")

    pullback_weight = pullback_input


@dataclass(frozen=True)
class Site:
    """The weight matrix W^{l,l+1} of a case, l = ``layer``; with ``added``, what is added to I^{l+1}, (B, N_{l+1})."""

    case: Case
    layer: int
    added: bool = False

    @property
    def values(self) -> Array:
        """The array itself, (rows, columns)."""
        if self.added:
            return np.zeros((self.case.batch, self.case.layers[self.layer + 1]), DTYPES[self.case.dtype])
        return self.case.weights[self.layer]

    def chunks(self, count: int) -> Iterator[slice]:
        """``count`` lanes in runs that fit into memory."""
        widest = max(self.values.size, self.case.batch * max(self.case.layers))
        most = max(1, MOST_NUMBERS // widest)
        return (slice(start, start + most) for start in range(0, count, most))

    def total_error(self, sigma: Callable[[str], Sigma], number: Callable[[Array], Any], changed: Any) -> Any:
        """ℰ (n,) of n lanes: those of the site as ``changed``, (n, rows, columns), all else as the case has it."""
        case = self.case
        weights = [number(w[None]) for w in case.weights]
        layers = network(case, sigma).layers(len(weights))
        if self.added:
            layers[2 * self.layer] = Plus(layers[2 * self.layer], changed)
        else:
            weights[self.layer] = changed
        values = chain.forward(layers, between(weights, len(layers)), number(case.x[None]))
        return error.total_error(error.error(values[-1], number(case.target[None])))

    def before(self) -> Array:
        """What the layer is given, h^l (B, N_l), in float64."""
        weights = [np.asarray(w, np.float64) for w in self.case.weights]
        run = forward(network(self.case, lambda name: Formula(name, arrays)), weights, np.asarray(self.case.x, float))
        return np.asarray(run.h[self.layer])

    def lanes(self, index: Indices, numbers: Array) -> Array:
        """Copies of the array, (n, rows, columns), with ``numbers`` (n,) at the flat indices ``index`` (n,)."""
        stacked = np.repeat(self.values.reshape(1, -1), index.size, axis=0).astype(numbers.dtype)
        stacked[np.arange(index.size), index] = numbers
        found: Array = stacked.reshape(-1, *self.values.shape)
        return found

    def marks(self, index: Indices) -> Array:
        """1 at the number that a lane changes, 0 elsewhere; (n, rows, columns)."""
        every = np.arange(self.values.size)
        marked: Array = (index[:, None] == every).astype(np.float64).reshape(-1, *self.values.shape)
        return marked


def network(case: Case, sigma: Callable[[str], Sigma]) -> Network:
    """The network of a case, with σ of some kind of number by name."""
    return Network(sigma(case.activation), sigma("sigmoid") if case.task == "classification" else None)


def sites(case: Case, added: bool = False) -> list[Site]:
    """One site a layer, from the input."""
    return [Site(case, layer, added) for layer in range(len(case.weights))]


def too_many(case: Case) -> str | None:
    """Why a network is too large for one or two forward passes a weight; None where it is not."""
    count = sum(w.size for w in case.weights)
    if count > MOST_WEIGHTS:
        return f"{count:,} weights would take a forward pass each, and the limit is {MOST_WEIGHTS:,}"
    return None
