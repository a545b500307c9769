"""Mistakes in the weight change ΔW = h ⊗ Δ (S22, S23, S26)."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from harness.mistakes.bent import Bent
from harness.mistakes.mistake import Change, Mistake, Unless, all_of, no_hidden_layer, one_sample
from harness.mistakes.recipe import Recipe, Seen, Setting
from reference.layers import Layer


def of_other(offset: int) -> Change:
    """ΔW with another value than h as its left factor: ``offset`` places further in the chain, where it fits."""

    def change(seen: Seen) -> list[Layer]:
        layers = list(seen.layers)
        for i in range(0, len(layers), 2):
            if 0 < i + offset < len(seen.values) and seen.values[i + offset].shape == seen.values[i].shape:
                layers[i] = Bent(layers[i], to_weight=partial(_with_input, seen.values[i + offset]))
        return layers

    return lambda recipe: recipe.seeing(change)


def _with_input(other: Any, layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
    return layer.pullback_weight(W, other, I, delta)


def samples(matrix: Any, of: str) -> Change:
    """Δ or h with its samples mixed by a matrix (B, B) that ``matrix(B)`` gives."""

    def change(recipe: Recipe) -> Recipe:
        mixing = matrix(recipe.setting.batch)

        def pull(layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
            mixed = recipe.like(mixing, h) @ (h if of == "h" else delta)
            return layer.pullback_weight(W, mixed, I, delta) if of == "h" else layer.pullback_weight(W, h, I, mixed)

        return recipe.every_dense(to_weight=pull)

    return change


def first(B: int) -> Any:
    """Only the first sample."""
    return np.diag([1.0, *[0.0] * (B - 1)])


def last(B: int) -> Any:
    """Only the last sample."""
    return first(B)[::-1, ::-1]


def reversed_(B: int) -> Any:
    """Samples in reverse order."""
    return np.eye(B)[::-1]


def mean(B: int) -> Any:
    """The mean of the samples in place of each."""
    return np.full((B, B), 1.0 / B)


def masked(mask: Any, last_layer_only: bool = False) -> Change:
    """ΔW with the entries left at 0 where ``mask(shape)`` is 0."""

    def change(recipe: Recipe) -> Recipe:
        def pull(layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
            gradient = layer.pullback_weight(W, h, I, delta)
            return gradient * recipe.like(mask(gradient.shape[-2:]), gradient)

        def bend(seen: Seen) -> list[Layer]:
            chosen = [2 * recipe.setting.depth - 2] if last_layer_only else range(0, len(seen.layers), 2)
            return [Bent(layer, to_weight=pull) if i in chosen else layer for i, layer in enumerate(seen.layers)]

        return recipe.seeing(bend)

    return change


def first_layer_zero(recipe: Recipe) -> Recipe:
    """ΔW^1 left at 0."""

    def pull(layer: Layer, W: Any, h: Any, I: Any, delta: Any) -> Any:
        gradient = layer.pullback_weight(W, h, I, delta)
        return gradient * recipe.like(np.zeros(gradient.shape[-2:]), gradient)

    return recipe.seeing(lambda seen: [Bent(seen.layers[0], to_weight=pull), *seen.layers[1:]])


def but_corner(shape: tuple[int, ...]) -> Any:
    """1 but for the last entry."""
    mask = np.ones(shape)
    mask[-1, -1] = 0
    return mask


def but_row(shape: tuple[int, ...]) -> Any:
    """1 but for the first row."""
    return np.concatenate([np.zeros((1, shape[1])), np.ones((shape[0] - 1, shape[1]))])


def but_column(shape: tuple[int, ...]) -> Any:
    """1 but for the last column."""
    return np.concatenate([np.ones((shape[0], shape[1] - 1)), np.zeros((shape[0], 1))], axis=1)


def no_equal_widths(setting: Setting) -> str | None:
    """h of the next layer does not fit."""
    widths = setting.widths
    return None if any(a == b for a, b in pairwise(widths)) else "no two layers of one width"


def same_inputs(setting: Setting) -> str | None:
    """I = h at every layer."""
    return "I = h for identity" if setting.activation == "identity" else None


BATCH: Unless = one_sample

MISTAKES = (
    Mistake(
        "input-for-h", "ΔW = I ⊗ Δ with the layer's input I, as S26 prints it, not its output h", "S22, S23, S26",
        "the left factor is the output h of the layer that the weights leave", of_other(-1),
        all_of(no_hidden_layer, same_inputs),
    ),
    Mistake(
        "next-layer-h", "the left factor of ΔW is the h of the layer that the weights enter", "S22, S23",
        "ΔW^{l,l+1} = h^l ⊗ Δ^{l+1}", of_other(2), no_equal_widths,
    ),
    Mistake(
        "first-sample-only", "only the first sample of the batch changes the weights", "S23",
        "sum h ⊗ Δ over all samples", samples(first, "h"), BATCH,
    ),
    Mistake(
        "last-sample-only", "only the last sample of the batch changes the weights: each overwrites the one before",
        "S23", "add up, with +=, over the samples", samples(last, "h"), BATCH, variant_of="first-sample-only",
    ),
    Mistake(
        "samples-mixed", "h of one sample is paired with Δ of another: one of them is in reverse order", "S23",
        "pair row b of h with row b of Δ", samples(reversed_, "delta"), BATCH,
    ),
    Mistake(
        "means-multiplied", "h and Δ are averaged over the samples before they are multiplied", "S23",
        "multiply sample by sample, then add: the mean of products is no product of means", samples(mean, "h"), BATCH,
    ),
    Mistake(
        "first-layer-forgotten", "ΔW of the first layer is left at 0: the loop over the layers ends one early", "S23",
        "give every layer its ΔW, the one that the input enters too", first_layer_zero, no_hidden_layer,
    ),
    Mistake(
        "entry-forgotten", "the last entry of the output layer's ΔW is left at 0", "S22", "fill every entry of ΔW",
        masked(but_corner, last_layer_only=True),
    ),
    Mistake(
        "row-forgotten", "the first row of each ΔW is left at 0: a loop starts at 1", "S22",
        "count the nodes from 0 in code", masked(but_row),
    ),
    Mistake(
        "column-forgotten", "the last column of each ΔW is left at 0: a loop ends one early", "S22",
        "loop over all nodes that the weights enter", masked(but_column), variant_of="row-forgotten",
    ),
)  # fmt: skip
