"""Mistakes in the error that is sent back, and in the total error (S10, S11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from harness.mistakes.mistake import Change, Mistake, Unless, one_sample, only_task
from harness.mistakes.recipe import Recipe, Setting


def slope_times(factor: Any) -> Change:
    """∂ℰ/∂Y times ``factor(setting)``."""

    def change(recipe: Recipe) -> Recipe:
        times, slope = factor(recipe.setting), recipe.slope
        return replace(recipe, slope=lambda Y, target, values: times * slope(Y, target, values))

    return change


def where_factor_is_one(factor: Any) -> Unless:
    """The factor is 1 in some settings."""
    return lambda setting: "the factor is 1 here" if factor(setting) == 1 else None


def scaled(name: str, what: str, fix: str, factor: Any, variant_of: str = "", equations: str = "S11") -> Mistake:
    """A mistake in the factor 2/(B·N_O)."""
    return Mistake(name, what, equations, fix, slope_times(factor), where_factor_is_one(factor), variant_of)


def of_signs(recipe: Recipe) -> Recipe:
    """The derivative of |e| in place of that of e²: the sign of Y − Y*."""
    relu = recipe.kind.sigma("relu")

    def step(x: Any) -> Any:
        return relu.derivative(x, x)

    def slope(Y: Any, target: Any, values: Any) -> Any:
        e = Y - target
        return (step(e) - step(-e)) / (recipe.setting.batch * recipe.setting.N_O)

    return replace(recipe, slope=slope)


def before_sigma(recipe: Recipe) -> Recipe:
    """I^O in place of Y in the error that is sent back."""
    slope = recipe.slope

    def of_input(Y: Any, target: Any, values: Any) -> Any:
        return slope(values[-2] if recipe.sigmas[-1] else Y, target, values)

    return replace(recipe, slope=of_input)


def shifted(recipe: Recipe) -> Recipe:
    """Each sample held against the target of the next."""
    slope, total, B = recipe.slope, recipe.total_error, recipe.setting.batch

    def next_of(target: Any) -> Any:
        return recipe.like(np.roll(np.eye(B), 1, axis=1), target) @ target

    return replace(
        recipe,
        slope=lambda Y, target, values: slope(Y, next_of(target), values),
        total_error=lambda Y, target: total(Y, next_of(target)),
    )


def half_of_sum(recipe: Recipe) -> Recipe:
    """½ Σ e² as the total error, and its derivative."""
    N_O = recipe.setting.N_O
    halved = slope_times(lambda setting: N_O / 2)(recipe)
    total = recipe.total_error
    return replace(halved, total_error=lambda Y, target: (N_O / 2) * total(Y, target))


def loss_summed(recipe: Recipe) -> Recipe:
    """Σ e² as the total error, while the gradients are those of the mean."""
    total, entries = recipe.total_error, recipe.setting.batch * recipe.setting.N_O
    return replace(recipe, total_error=lambda Y, target: entries * total(Y, target))


def two_outputs(setting: Setting) -> str | None:
    """½ Σ e² is S11 there."""
    return "N_O = 2" if setting.N_O == 2 else None


def one_entry(setting: Setting) -> str | None:
    """Sum and mean are the same there."""
    return "one output of one sample" if setting.batch * setting.N_O == 1 else None


MISTAKES = (
    Mistake(
        "wrong-sign", "the error is Y* − Y, and the update subtracts it: the step goes uphill", "S10, S18, S26",
        "send back Y − Y*, as S26 has it", slope_times(lambda setting: -1),
    ),
    scaled(
        "no-scale", "the factor 2/N_O is left out, as S18 to S26 print it", "multiply Y − Y* by 2/N_O",
        lambda setting: setting.N_O / 2, equations="S11, S18–S26",
    ),
    scaled(
        "half-scale", "the factor is 1/N_O: the 2 of the square's derivative is missing",
        "the derivative of e² is 2e: multiply by 2/N_O", lambda setting: 0.5, "no-scale",
    ),
    scaled(
        "double-scale", "the factor is 4/N_O: the 2 of the square's derivative stands twice",
        "multiply Y − Y* by 2/N_O once", lambda setting: 2, "no-scale",
    ),
    scaled(
        "no-factor", "no factor at all: Y − Y* itself, neither 2/N_O nor the mean over the samples",
        "multiply Y − Y* by 2/(B·N_O)", lambda setting: setting.batch * setting.N_O / 2, "no-scale",
    ),
    scaled(
        "nothing-averaged", "the derivative of Σ e²: 2(Y − Y*), averaged over neither outputs nor samples",
        "multiply Y − Y* by 2/(B·N_O)", lambda setting: setting.batch * setting.N_O, "outputs-summed",
    ),
    scaled(
        "outputs-summed", "squared errors are summed over the output nodes, not averaged: the factor is 2",
        "divide by N_O, the number of output nodes", lambda setting: setting.N_O,
    ),
    scaled(
        "inputs-counted", "the mean is over N_I, the number of input nodes: the factor is 2/N_I",
        "divide by N_O, the number of output nodes", lambda setting: setting.N_O / setting.widths[0],
    ),
    scaled(
        "batch-summed", "gradients of the samples are summed, not averaged", "divide by B, the number of samples",
        lambda setting: setting.batch,
    ),
    scaled(
        "batch-averaged-twice", "gradients are divided by the number of samples twice",
        "divide by B once", lambda setting: 1 / setting.batch,
    ),
    scaled(
        "batch-less-one", "gradients are averaged over B − 1 samples, as a variance is",
        "divide by B, the number of samples", lambda setting: setting.batch / max(setting.batch - 1, 1),
    ),
    Mistake(
        "error-as-sign", "the sign of Y − Y* is sent back: the derivative of |e|, not of e²", "S11",
        "send back 2(Y − Y*)/N_O", of_signs,
    ),
    Mistake(
        "error-before-sigma", "the target is held against I^O, the output before its σ", "S10",
        "compute the error from Y = σ(I^O)", before_sigma,
        only_task("classification"),
    ),
    Mistake(
        "targets-shifted", "each sample is held against the target of the next one", "S10, S11",
        "pair row b of Y with row b of Y*", shifted, one_sample,
    ),
    Mistake(
        "half-of-sum", "the total error is ½ Σ e², and the gradients are its derivative", "S11",
        "the deck's total error is (1/N_O) Σ e²: its derivative has the factor 2/N_O", half_of_sum, two_outputs,
    ),
    Mistake(
        "loss-summed", "the total error is reported as Σ e², while the gradients are those of the mean", "S11",
        "divide the reported total error by B·N_O", loss_summed, one_entry,
    ),
)  # fmt: skip
