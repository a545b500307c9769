"""Correct implementations written otherwise: whatever the gate holds against one of them is a false alarm.

Each is the recipe of the whole run with a change that leaves the exact numbers as they are: on balls it overlaps
the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.mistakes.bent import Bent
from harness.mistakes.mistake import Change, Unless, all_of, anywhere, one_sample, only_activation
from harness.mistakes.recipe import Recipe, Setting
from harness.mistakes.sloped import Sloped
from harness.precision import PRECISIONS
from reference.activations import Sigma
from reference.layers import Layer


@dataclass(frozen=True)
class Rewriting:
    """``what`` it does otherwise; ``unless(setting)`` is the reason where it is the same program, or not covered."""

    name: str
    what: str
    change: Change
    unless: Unless = anywhere
    computed_in: str = ""


@dataclass(frozen=True)
class Summed:
    """A dense layer whose sums Σ_i a_i b_i are made in another way."""

    layer: Layer
    product: Callable[[Any, Any], Any]

    def forward(self, W: Any, h: Any) -> Any:
        """I = h · W."""
        return self.product(h, W)

    def pullback_input(self, W: Any, h: Any, I: Any, delta: Any) -> Any:
        """Δ · Wᵀ."""
        return self.product(delta, W.mT)

    def pullback_weight(self, W: Any, h: Any, I: Any, delta: Any) -> Any:
        """hᵀ · Δ."""
        return self.product(h.mT, delta)


def summed(product: Callable[[Recipe], Callable[[Any, Any], Any]]) -> Change:
    """Every matrix product made in another way."""
    return lambda recipe: replace(recipe, dense=tuple(Summed(layer, product(recipe)) for layer in recipe.dense))


def backwards(recipe: Recipe) -> Callable[[Any, Any], Any]:
    """Σ from the last term to the first."""

    def product(a: Any, b: Any) -> Any:
        n = a.shape[-1]
        return (a @ recipe.like(np.eye(n)[::-1], a)) @ (recipe.like(np.eye(n)[::-1], b) @ b)

    return product


def in_halves(recipe: Recipe) -> Callable[[Any, Any], Any]:
    """Σ over the even terms and over the odd ones, then both together."""

    def product(a: Any, b: Any) -> Any:
        even = np.broadcast_to(np.arange(a.shape[-1]) % 2 == 0, a.shape[-2:])
        return (a * recipe.like(even, a)) @ b + (a * recipe.like(~even, a)) @ b

    return product


def scaled_last(recipe: Recipe) -> Recipe:
    """2/(B·N_O) multiplied into the finished ΔW."""
    setting, collect = recipe.setting, recipe.collect

    def scaled(gradients: list[Any], weights: Any, alpha: Any) -> list[Any]:
        return [2 * g / (setting.batch * setting.N_O) for g in collect(gradients, weights, alpha)]

    return replace(recipe, slope=lambda Y, target, values: Y - target, collect=scaled)


def sample_by_sample(recipe: Recipe) -> Recipe:
    """ΔW added up over the samples, the last one first."""
    B = recipe.setting.batch

    def pull(layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
        total = None
        for b in reversed(range(B)):
            only = recipe.like(np.diag((np.arange(B) == b).astype(float)), delta)
            part = layer.pullback_weight(W, h, I, only @ delta)
            total = part if total is None else total + part
        return total

    return replace(recipe, dense=tuple(Bent(layer, to_weight=pull) for layer in recipe.dense))


def slope_of_input(recipe: Recipe) -> Recipe:
    """Sigmoid' as σ(I)·σ(−I), tanh' as (1 − t)(1 + t)."""
    one = recipe.kind.sigma("identity")

    def sigmoid(sigma: Sigma, x: Any, y: Any) -> Any:
        return sigma.value(x) * sigma.value(-x)

    def tanh(sigma: Sigma, x: Any, y: Any) -> Any:
        t = sigma.value(x)
        return (one.derivative(x, x) - t) * (one.derivative(x, x) + t)

    formula = {"sigmoid": sigmoid, "tanh": tanh}.get(recipe.setting.activation)
    changed = recipe.output(lambda sigma: Sloped(sigma, sigmoid))
    return changed.hidden(lambda sigma: Sloped(sigma, formula)) if formula else changed


def wide(setting: Setting) -> str | None:
    """In a narrow format it would round its partial sums to storage."""
    return f"adds in storage precision in {setting.dtype}" if PRECISIONS[setting.dtype].narrow else None


REWRITINGS = (
    Rewriting("scaled-last", "the factor 2/(B·N_O) is multiplied into the finished ΔW", scaled_last),
    Rewriting("sums-backwards", "sums run from the last term to the first", summed(backwards)),
    Rewriting("sums-in-halves", "even terms and odd terms are summed apart", summed(in_halves), wide),
    Rewriting(
        "sample-by-sample", "ΔW is added up over the samples, the last first", sample_by_sample,
        all_of(one_sample, wide),
    ),
    Rewriting(
        "slope-of-input", "sigmoid' and tanh' are computed from I, not from h", slope_of_input,
        lambda setting: None if setting.task == "classification" else only_activation("sigmoid", "tanh")(setting),
    ),
)  # fmt: skip
"""Every rewriting."""
