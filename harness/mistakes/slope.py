"""Mistakes in σ' (S17 to S20): left out, of the wrong argument, of the wrong function."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from harness.mistakes.bent import Bent
from harness.mistakes.mistake import (
    Mistake,
    all_of,
    no_hidden_layer,
    not_activation,
    only_activation,
    only_task,
)
from harness.mistakes.recipe import Recipe, Seen, Setting
from harness.mistakes.sloped import (
    GATES,
    STEP,
    at_output_of,
    difference,
    gate,
    hidden_slope,
    of,
    one_minus,
    ones,
    output_slope,
    right_slope,
    sigmoid_formula,
    squared,
    value,
)
from reference.layers import Layer


def at_linear_output(recipe: Recipe) -> Recipe:
    """σ' of a sigmoid at an output that has none."""
    sigmoid, slope = recipe.kind.sigma("sigmoid"), recipe.slope

    def sloped(Y: Any, target: Any, values: Any) -> Any:
        return sigmoid.derivative(Y, sigmoid.value(Y)) * slope(Y, target, values)

    return recipe if recipe.sigmas[-1] else replace(recipe, slope=sloped)


def of_neighbour(recipe: Recipe) -> Recipe:
    """σ' of the next layer's I, where that layer is as wide and has a σ."""

    def change(seen: Seen) -> list[Layer]:
        layers, values = list(seen.layers), seen.values
        for i in range(1, len(layers) - 2, 2):
            if values[i].shape == values[i + 2].shape:
                layers[i] = Bent(layers[i], to_input=partial(_elsewhere, values[i + 2]))
        return layers

    return recipe.seeing(change)


def _elsewhere(other: Any, layer: Layer, w: Any, x: Any, y: Any, delta: Any) -> Any:
    return layer.pullback_input(w, other, layer.forward(w, other), delta)


def nothing_as_wide(setting: Setting) -> str | None:
    """No two neighbouring layers with a σ of the same width."""
    last = setting.depth - (setting.task == "prediction")
    wide = [l for l in range(1, last) if setting.widths[l] == setting.widths[l + 1]]
    return None if wide else "no two neighbouring layers of one width"


def guided(recipe: Recipe) -> Recipe:
    """Only positive errors pass: ReLU applied to what comes back."""
    relu = recipe.kind.sigma("relu")

    def change(seen: Seen) -> list[Layer]:
        return [
            Bent(layer, to_input=lambda l, w, x, y, delta: relu.value(l.pullback_input(w, x, y, delta)))
            if i % 2 == 1 and i < len(seen.layers) - 1
            else layer
            for i, layer in enumerate(seen.layers)
        ]

    return recipe.seeing(change)


MISTAKES = (
    Mistake(
        "no-output-slope", "σ' is left out at the output node: ε = e", "S18", "multiply by σ'(I) there too",
        output_slope(ones), only_task("classification"),
    ),
    Mistake(
        "no-hidden-slope", "σ' is left out at the hidden nodes: errors pass them unchanged", "S19, S20",
        "multiply what comes back by σ'(I^l)", hidden_slope(ones), all_of(no_hidden_layer, not_activation("identity")),
    ),
    Mistake(
        "slope-at-h", "σ' is taken at the node's output h, not at its input I", "S18 to S20",
        "call σ' with I, or write it in terms of h = σ(I)", hidden_slope(at_output_of),
        all_of(no_hidden_layer, not_activation("relu", "leaky_relu", "identity")),
    ),
    Mistake(
        "slope-at-y", "σ' of the output is taken at Y, not at I^O", "S18",
        "call σ' with I, or write it in terms of Y = σ(I)", output_slope(at_output_of), only_task("classification"),
        variant_of="slope-at-h",
    ),
    Mistake(
        "sigmoid-slope", "h(1 − h), the sigmoid's derivative, is used for another activation", "S3, S20",
        "use the derivative of the σ that the layer has", hidden_slope(sigmoid_formula),
        all_of(no_hidden_layer, not_activation("sigmoid")),
    ),
    Mistake(
        "hidden-slope-at-output", "the output's σ' is that of the hidden layers", "S18",
        "the output of a classification is a sigmoid (S8): use its derivative",
        lambda recipe: output_slope(of(recipe.setting.activation))(recipe),
        all_of(only_task("classification"), not_activation("sigmoid")),
    ),
    Mistake(
        "slope-at-linear-output", "a sigmoid's σ' is multiplied in at the output of a prediction, which has no σ",
        "S9, S18", "with a linear output ε = e", at_linear_output, only_task("prediction"),
    ),
    Mistake(
        "value-for-slope", "σ(I) stands where σ'(I) belongs", "S17 (step 3)", "replace σ by σ' on the way back",
        hidden_slope(value), no_hidden_layer,
    ),
    Mistake(
        "slope-twice", "σ' is multiplied in twice at the hidden nodes", "S20", "multiply by σ'(I^l) once",
        hidden_slope(squared),
        all_of(no_hidden_layer, not_activation("identity", "relu", "hardtanh")),
    ),
    Mistake(
        "one-minus-h", "1 − h for σ': a factor of h(1 − h), or the square in 1 − h², is missing", "S20",
        "sigmoid' = h(1 − h); tanh' = 1 − h²", hidden_slope(one_minus),
        all_of(no_hidden_layer, only_activation("sigmoid", "tanh")),
    ),
    Mistake(
        "product-rule", "σ = x·g(x) is differentiated to g(x): the term x·g'(x) is missing", "S14, S20",
        "σ' = g(x) + x·g'(x)", hidden_slope(gate), all_of(no_hidden_layer, only_activation(*GATES)),
    ),
    Mistake(
        "leaky-slope", "ReLU's derivative leaks: 0.01 instead of 0 for I ≤ 0", "S4", "ReLU' is 0 there",
        hidden_slope(of("leaky_relu")), all_of(no_hidden_layer, only_activation("relu")),
    ),
    Mistake(
        "slope-1-at-kink", "the derivative at 0 is the one from the right: ReLU'(0) = 1", "S4",
        "S4 puts 0 on the ≤ side: take the left derivative, or grade with --convention relu=right",
        hidden_slope(right_slope), all_of(no_hidden_layer, only_activation("relu")),
    ),
    Mistake(
        "leaky-slope-at-kink", "leaky ReLU's derivative at 0 is the one from the right: 1", "S4",
        "take the left derivative, or grade with --convention leaky_relu=right",
        hidden_slope(right_slope), all_of(no_hidden_layer, only_activation("leaky_relu")),
    ),
    Mistake(
        "straight-through", "a σ that is cut off is differentiated as if it were not: 1 beyond the cut", "S20",
        "σ' is 0 where σ is constant", hidden_slope(ones), all_of(no_hidden_layer, only_activation("hardtanh")),
        variant_of="no-hidden-slope",
    ),
    Mistake(
        "only-positive-errors", "negative errors are dropped at the hidden nodes: ReLU is applied to Δ", "S20",
        "ReLU' depends on I alone, not on the sign of what comes back", guided,
        all_of(no_hidden_layer, only_activation("relu")),
    ),
    Mistake(
        "slope-of-next-layer", "σ' of the next layer's I: an index is off by one", "S20",
        "the Δ of layer l has σ'(I^l)", of_neighbour, nothing_as_wide,
    ),
    Mistake(
        "difference-slope", f"σ' is a difference quotient with the step {STEP:g}", "S20",
        "use the derivative's formula: the quotient is off by half the step times σ''", hidden_slope(difference),
        all_of(no_hidden_layer, not_activation("identity")),
    ),
)  # fmt: skip
