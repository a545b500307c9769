"""Mistakes on the way of the error back through the links (S17, S19, S20)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from harness.mistakes.bent import Bent, Pullback
from harness.mistakes.mistake import Change, Mistake, Unless, all_of, no_hidden_layer, only_task
from harness.mistakes.recipe import Recipe, Seen, Setting
from reference.layers import Layer


def sent_back(pull: Pullback) -> Change:
    """Another way back through every dense layer."""
    return lambda recipe: recipe.every_dense(to_input=pull)


def untransposed(layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
    """Δ · W where W is square."""
    square = W.shape[-1] == W.shape[-2]
    return layer.pullback_input(W.mT if square else W, h, I, delta)


def mean_over_links(layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
    """The mean over the links in place of the sum."""
    return layer.pullback_input(W, h, I, delta) / W.shape[-1]


def without_weights(recipe: Recipe) -> Recipe:
    """Σ_j Δ_j: the links carry the error unweighted."""

    def pull(layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
        return layer.pullback_input(recipe.like(np.ones(W.shape[-2:]), W), h, I, delta)

    return recipe.every_dense(to_input=pull)


def through_updated(rate: float | None = None) -> Change:
    """Back through W' = W − αΔW, or at a rate of its own."""

    def change(seen: Seen) -> list[Layer]:
        def pull(layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
            alpha = seen.alpha if rate is None else rate
            (updated,) = seen.update([W], [layer.pullback_weight(W, h, I, delta)], alpha)
            return layer.pullback_input(updated, h, I, delta)

        return [Bent(layer, pull) if w is not None else layer for layer, w in _pairs(seen)]

    return lambda recipe: recipe.seeing(change)


def through_neighbour(recipe: Recipe) -> Recipe:
    """Back through the weights of the layer before, where they have the same shape."""

    def change(seen: Seen) -> list[Layer]:
        layers = list(seen.layers)
        for i in range(2, len(layers), 2):
            if seen.weights[i].shape == seen.weights[i - 2].shape:
                layers[i] = Bent(layers[i], partial(_with_weight, seen.weights[i - 2]))
        return layers

    return recipe.seeing(change)


def raw_error(recipe: Recipe) -> Recipe:
    """e in place of ε on the way back from the output."""

    def change(seen: Seen) -> list[Layer]:
        last = 2 * recipe.setting.depth - 2
        layers = list(seen.layers)
        layers[last] = Bent(layers[last], lambda layer, W, h, I, delta: layer.pullback_input(W, h, I, seen.slope))
        return layers

    return recipe.seeing(change)


def unit_forgotten(recipe: Recipe) -> Recipe:
    """No error reaches the last node of a hidden layer."""

    def pull(layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
        back = layer.pullback_input(W, h, I, delta)
        mask = np.ones(back.shape[-2:])
        mask[:, -1] = 0
        return back * recipe.like(mask, back)

    return recipe.every_dense(to_input=pull)


def only_last(recipe: Recipe) -> Recipe:
    """No error comes back from the output."""

    def pull(layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
        back = layer.pullback_input(W, h, I, delta)
        return back * recipe.like(np.zeros(back.shape[-2:]), back)

    return recipe.every_dense(to_input=pull)


def _pairs(seen: Seen) -> Any:
    return zip(seen.layers, seen.weights, strict=True)


def _with_weight(other: Any, layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
    return layer.pullback_input(other, h, I, delta)


def no_square(setting: Setting) -> str | None:
    """W cannot be taken for its transpose."""
    square = [l for l in range(1, setting.depth) if setting.widths[l] == setting.widths[l + 1] > 1]
    return None if square else "no square W to send an error back through"


def no_pair(setting: Setting) -> str | None:
    """No two neighbouring weight matrices of one shape."""
    pairs = zip(setting.widths, setting.widths[1:], setting.widths[2:], strict=False)
    return None if any(a == b == c for a, b, c in pairs) else "no two neighbouring W of one shape"


def one_node_ahead(setting: Setting) -> str | None:
    """One link is its own mean."""
    return None if any(n > 1 for n in setting.widths[2:]) else "every error comes from one node"


RATE = 0.1
"""A learning rate that is written into the code."""

BACK: Unless = no_hidden_layer

MISTAKES = (
    Mistake(
        "untransposed", "W is used where its transpose belongs, which only shows where W is square", "S20",
        "send errors back by Δ · Wᵀ (as the deck writes it, W · Δ with a column)", sent_back(untransposed),
        all_of(BACK, no_square),
    ),
    Mistake(
        "updated-weights", "errors are sent back through weights that are already updated", "S20, S26",
        "finish all Δ and ΔW before any weight is changed", through_updated(), BACK,
    ),
    Mistake(
        "updated-weights-own-rate", f"errors are sent back through weights already updated, at a rate of {RATE:g}",
        "S20, S26", "finish all Δ and ΔW before any weight is changed; the learning rate is the case's",
        through_updated(RATE), BACK, variant_of="updated-weights",
    ),
    Mistake(
        "neighbours-weights", "errors are sent back through the weights of the layer before: an index is off by one",
        "S20", "Δ^l comes back through W^{l,l+1}", through_neighbour, all_of(BACK, no_pair),
    ),
    Mistake(
        "no-weights", "errors are sent back without the weights of the links", "S19, S20",
        "δ_j = σ'(I_j) Σ_k w_jk ε_k: weight each error by its link", without_weights, BACK,
    ),
    Mistake(
        "mean-over-links", "errors that come back over several links are averaged, not summed", "S19",
        "sum over the links", sent_back(mean_over_links), all_of(BACK, one_node_ahead),
    ),
    Mistake(
        "raw-error-sent-back", "e is sent back instead of ε: the output's σ' is missing in the hidden layers only",
        "S18, S19", "send ε = σ'(I) e back", raw_error, all_of(BACK, only_task("classification")),
    ),
    Mistake(
        "only-last-layer", "only the output layer's weights learn: the error stops there", "S17, S20",
        "send the error back to every hidden layer", only_last, BACK,
    ),
    Mistake(
        "unit-forgotten", "the last node of each hidden layer gets no error: a loop ends one early", "S19",
        "loop over all nodes of the layer", unit_forgotten, BACK,
    ),
)  # fmt: skip
