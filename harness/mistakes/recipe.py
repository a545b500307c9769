"""The whole run (S26) as a recipe: the steps of ``reference/``, each of which a mistake may replace.

A recipe runs on any kind of number. On arrays it is an implementation, on balls it says what that
implementation comes to exactly, and on running-error numbers how far rounding may take it from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cases.case import Case
from harness.mistakes.bent import Bent, Pullback
from harness.numbers.kinds import Kind
from reference import chain, error
from reference.activations import Sigma
from reference.layers import Layer
from reference.layers.activation import Activation
from reference.layers.dense import Dense
from reference.network import between
from reference.readings import DERIVATIVE
from reference.update import update

Numbers = Sequence[Any]


@dataclass(frozen=True)
class Seen:
    """What the backward pass has before it: layers, their weights and values, ∂ℰ/∂Y, α and the update."""

    layers: list[Layer]
    weights: Numbers
    values: Numbers
    slope: Any
    alpha: Any
    update: Callable[[Numbers, Numbers, Any], Numbers]


@dataclass(frozen=True)
class Setting:
    """What is known of a case before its numbers: widths N_0 … N_L, samples B, σ, task, α, dtype."""

    widths: tuple[int, ...]
    batch: int
    activation: str
    task: str
    learning_rate: float
    dtype: str

    @classmethod
    def of(cls, case: Case) -> Setting:
        """The setting of a case."""
        return cls(case.layers, case.batch, case.activation, case.task, case.learning_rate, case.dtype)

    @property
    def depth(self) -> int:
        """Number of weight matrices L."""
        return len(self.widths) - 1

    @property
    def N_O(self) -> int:
        """Number of output nodes."""
        return self.widths[-1]


@dataclass(frozen=True)
class Sums:
    """What a run comes to: output (…, B, N_L), loss, and gradients and updated weights, one a layer."""

    output: Any
    loss: Any
    gradients: list[Any]
    updated: list[Any]


@dataclass(frozen=True)
class Recipe:
    """Steps of a run; layers are counted from the input, from 0 here.

    ``dense[l]`` carries h^l to I^{l+1}; ``sigmas[l]`` takes that to h^{l+1}, None at a linear output.
    ``backward`` is S16's recursion, ``collect`` what is made of the gradients before the update,
    ``returned`` what is handed out as gradients in the end. ``dtype`` is the format computed in.
    """

    kind: Kind
    setting: Setting
    dense: tuple[Layer, ...]
    sigmas: tuple[Sigma | None, ...]
    total_error: Callable[[Any, Any], Any]
    slope: Callable[[Any, Any, Numbers], Any]
    backward: Callable[[Seen], tuple[list[Any], list[Any]]]
    collect: Callable[[list[Any], Numbers, Any], list[Any]]
    update: Callable[[Numbers, Numbers, Any], Numbers]
    returned: Callable[[list[Any], Any], list[Any]]

    @property
    def layers(self) -> list[Layer]:
        """The chain of S15: dense, σ, dense, σ, …"""
        pairs = zip(self.dense, self.sigmas, strict=True)
        return [layer for dense, sigma in pairs for layer in (dense, sigma and Activation(sigma)) if layer]

    def run(self, weights: Numbers, x: Any, target: Any, alpha: Any) -> Sums:
        """Forward, error, backward, update."""
        layers = self.layers
        listed = between(weights, len(layers))
        values = chain.forward(layers, listed, x)
        slope = self.slope(values[-1], target, values)
        _, changes = self.backward(Seen(layers, listed, values, slope, alpha, self.update))
        gradients = self.collect(changes[0::2], weights, alpha)
        updated = self.update(weights, gradients, alpha)
        loss = self.total_error(values[-1], target)
        return Sums(values[-1], loss, self.returned(gradients, alpha), list(updated))

    def hidden(self, change: Callable[[Sigma], Sigma]) -> Recipe:
        """The same with another σ at the hidden layers."""
        return replace(self, sigmas=(*(change(s) for s in self.sigmas[:-1] if s), self.sigmas[-1]))

    def output(self, change: Callable[[Sigma], Sigma]) -> Recipe:
        """The same with another σ at the output, where it has one."""
        last = self.sigmas[-1]
        return replace(self, sigmas=(*self.sigmas[:-1], last and change(last)))

    def every_dense(self, to_input: Pullback | None = None, to_weight: Pullback | None = None) -> Recipe:
        """The same with other pullbacks in every dense layer."""
        return replace(self, dense=tuple(Bent(layer, to_input, to_weight) for layer in self.dense))

    def seeing(self, change: Callable[[Seen], list[Layer]]) -> Recipe:
        """The same with layers that are changed once the backward pass sees what it has before it."""
        inner = self.backward
        return replace(self, backward=lambda seen: inner(replace(seen, layers=change(seen))))

    def like(self, values: npt.ArrayLike, model: Any) -> Any:
        """Plain numbers of the last two axes as a number of this kind, with the stack's axis of ``model``."""
        array = np.asarray(values, np.float64)
        return self.kind.number(np.broadcast_to(array, (*model.shape[:-2], *array.shape[-2:])))


def recipe(kind: Kind, setting: Setting) -> Recipe:
    """The steps as ``reference/`` has them: the derivative of S11."""
    sigma = kind.sigma(setting.activation)
    last = kind.sigma("sigmoid") if setting.task == "classification" else None
    return Recipe(
        kind=kind,
        setting=setting,
        dense=(Dense(),) * setting.depth,
        sigmas=(*(sigma,) * (setting.depth - 1), last),
        total_error=lambda Y, target: error.total_error(error.error(Y, target)),
        slope=lambda Y, target, values: error.slope(Y, target, DERIVATIVE),
        backward=lambda seen: chain.backward(seen.layers, seen.weights, seen.values, seen.slope),
        collect=lambda gradients, weights, alpha: gradients,
        update=update,
        returned=lambda gradients, alpha: gradients,
    )
