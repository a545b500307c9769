"""Mistakes in the update W' = W − αΔW (S13, S26, S27)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.mistakes.mistake import Change, Mistake, Unless, all_of, one_sample
from harness.mistakes.recipe import Numbers, Recipe, Setting

DECAY = 5e-4
"""λ of a weight decay, as people choose it."""

MOMENTUM = 0.9
"""μ of a momentum, as people choose it."""


def rate(of: Callable[[Any, Setting], Any]) -> Change:
    """Another learning rate."""

    def change(recipe: Recipe) -> Recipe:
        update = recipe.update
        return replace(recipe, update=lambda ws, gs, alpha: update(ws, gs, of(alpha, recipe.setting)))

    return change


def step(of: Callable[[Recipe, Any, Any], Any]) -> Change:
    """Another gradient in the update: made of W and ΔW."""

    def change(recipe: Recipe) -> Recipe:
        update = recipe.update

        def other(weights: Numbers, gradients: Numbers, alpha: Any) -> Numbers:
            return update(weights, [of(recipe, W, g) for W, g in zip(weights, gradients, strict=True)], alpha)

        return replace(recipe, update=other)

    return change


def signs(recipe: Recipe, W: Any, gradient: Any) -> Any:
    """The sign of each entry: Adam's first step, but for its ε."""
    relu = recipe.kind.sigma("relu")
    return relu.derivative(gradient, gradient) - relu.derivative(-gradient, -gradient)


def clipped(recipe: Recipe, W: Any, gradient: Any) -> Any:
    """Each entry cut off at ±1."""
    return recipe.kind.sigma("hardtanh").value(gradient)


def penalised(recipe: Recipe) -> Recipe:
    """λ Σ W² added to the total error: 2λW in each gradient."""
    collect = recipe.collect

    def with_penalty(gradients: list[Any], weights: Numbers, alpha: Any) -> list[Any]:
        found = collect(gradients, weights, alpha)
        return [g + (2 * DECAY) * W for g, W in zip(found, weights, strict=True)]

    return replace(recipe, collect=with_penalty)


def rate_returned(recipe: Recipe) -> Recipe:
    """αΔW handed out as the gradient."""
    returned = recipe.returned
    return replace(recipe, returned=lambda gradients, alpha: [alpha * g for g in returned(gradients, alpha)])


def unchanged(recipe: Recipe) -> Recipe:
    """W' = W."""
    return replace(recipe, update=lambda weights, gradients, alpha: list(weights))


def first_layer_frozen(recipe: Recipe) -> Recipe:
    """Only the output layer's weights are updated."""
    update = recipe.update

    def other(weights: Numbers, gradients: Numbers, alpha: Any) -> Numbers:
        return [*weights[:-1], *update(weights[-1:], gradients[-1:], alpha)]

    return replace(recipe, update=other)


def output_frozen(recipe: Recipe) -> Recipe:
    """The output layer's weights are not updated."""
    update = recipe.update

    def other(weights: Numbers, gradients: Numbers, alpha: Any) -> Numbers:
        return [*update(weights[:-1], gradients[:-1], alpha), weights[-1]]

    return replace(recipe, update=other)


def rate_is(number: float, why: str) -> Unless:
    """The change does nothing at this learning rate."""
    return lambda setting: why if setting.learning_rate == number else None


no_rate = rate_is(0.0, "α = 0")
unit_rate = rate_is(1.0, "α = 1")


def one_layer(setting: Setting) -> str | None:
    """There is no other layer."""
    return "one layer" if setting.depth == 1 else None


MISTAKES = (
    Mistake(
        "uphill", "αΔW is added to the weights, not subtracted", "S13", "W' = W − αΔW",
        rate(lambda alpha, setting: -alpha), no_rate,
    ),
    Mistake(
        "rate-squared", "α is multiplied in twice, once in ΔW and once in the update", "S13", "multiply by α once",
        rate(lambda alpha, setting: alpha * alpha), all_of(no_rate, unit_rate),
    ),
    Mistake(
        "rate-ignored", "the learning rate is not used: W' = W − ΔW", "S13, S27", "multiply ΔW by α",
        rate(lambda alpha, setting: 1.0), unit_rate,
    ),
    Mistake(
        "stepped-twice", "the update is applied twice", "S13", "subtract αΔW once a step",
        rate(lambda alpha, setting: 2 * alpha), no_rate,
    ),
    Mistake(
        "rate-over-batch", "the update divides by the number of samples, although the gradient is a mean already",
        "S13", "divide by B once", rate(lambda alpha, setting: (1 / setting.batch) * alpha),
        all_of(no_rate, one_sample),
    ),
    Mistake(
        "rate-in-gradient", "αΔW is returned as the gradient", "S13", "return ΔW; α belongs into the update",
        rate_returned, unit_rate,
    ),
    Mistake(
        "not-updated", "the weights are not changed at all", "S13", "assign W' = W − αΔW", unchanged, no_rate,
    ),
    Mistake(
        "only-output-updated", "only the output layer's weights are updated", "S13, S26", "update every layer",
        first_layer_frozen, all_of(no_rate, one_layer),
    ),
    Mistake(
        "output-not-updated", "the output layer's weights are not updated: a loop ends one early", "S13, S26",
        "update every layer", output_frozen, no_rate, variant_of="only-output-updated",
    ),
    Mistake(
        "weight-decay", f"weight decay is on: {DECAY:g}·W is added to ΔW in the update", "S13",
        "switch it off: weight_decay=0", step(lambda recipe, W, g: g + DECAY * W), no_rate,
    ),
    Mistake(
        "penalty", f"a penalty {DECAY:g}·ΣW² is in the total error that is differentiated", "S11",
        "leave regularisation out: the total error is that of the outputs alone", penalised,
    ),
    Mistake(
        "momentum", f"momentum is on: from the second step {MOMENTUM:g} times the step before is added", "S13",
        "switch it off: momentum=0", step(lambda recipe, W, g: MOMENTUM * g + g), no_rate, call=2,
    ),
    Mistake(
        "sign-step", "the step is the sign of the gradient times α, as Adam's first is", "S13",
        "use plain gradient descent", step(signs), no_rate,
    ),
    Mistake(
        "clipped-step", "gradients are cut off at ±1 in the update", "S13",
        "switch gradient clipping off", step(clipped), no_rate, variant_of="clipped",
    ),
)  # fmt: skip
