"""Mistakes in what is done with right gradients: their order and layout, their format, what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.mistakes.mistake import Change, Mistake
from harness.mistakes.recipe import Recipe, Setting

FACTOR = 1.0005
"""A factor that a gradient check with its usual tolerances lets pass."""


def handed_out(what: Callable[[list[Any]], list[Any]]) -> Change:
    """Something done to the gradients as they are returned, after the update."""

    def change(recipe: Recipe) -> Recipe:
        returned = recipe.returned
        return replace(recipe, returned=lambda gradients, alpha: what(returned(gradients, alpha)))

    return change


def collected(what: Callable[[Recipe, list[Any]], list[Any]]) -> Change:
    """Something done to the gradients before the update."""

    def change(recipe: Recipe) -> Recipe:
        collect = recipe.collect
        return replace(recipe, collect=lambda gs, ws, alpha: what(recipe, collect(gs, ws, alpha)))

    return change


def clipped(recipe: Recipe, gradients: list[Any]) -> list[Any]:
    """Each entry cut off at ±1."""
    hard = recipe.kind.sigma("hardtanh")
    return [hard.value(g) for g in gradients]


def one_matrix(setting: Setting) -> str | None:
    """One matrix has no order."""
    return "one weight matrix" if setting.depth == 1 else None


def one_weight(setting: Setting) -> str | None:
    """A 1×1 matrix is its transpose."""
    return "every W is 1×1" if max(setting.widths) == 1 else None


def not_in(dtype: str) -> Callable[[Setting], str | None]:
    """A format no wider than the one computed in."""
    wider = {"float32": ("float64",), "float16": ("float64", "float32")}[dtype]
    return lambda setting: None if setting.dtype in wider else f"{setting.dtype} is no wider"


MISTAKES = (
    Mistake(
        "transposed", "each ΔW is transposed: Δ ⊗ h, (outputs, inputs) as torch.nn.Linear keeps its weights", "S23",
        "return ΔW in the shape of W: row i, column j is h_i Δ_j", handed_out(lambda gs: [g.mT for g in gs]),
        one_weight,
    ),
    Mistake(
        "layers-reversed", "gradients come in the order of the backward pass, the output layer's first", "S15, S26",
        "return them in the order of the weights, the input's first", handed_out(lambda gs: gs[::-1]), one_matrix,
    ),
    Mistake(
        "clipped", "gradients are cut off at ±1", "S13", "switch gradient clipping off", collected(clipped),
    ),
    Mistake(
        "inexact-factor", f"gradients are {FACTOR:g} times what they should be, as a constant of few digits makes them",
        "S11, S20", "write constants out, or compute them",
        collected(lambda recipe, gs: [FACTOR * g for g in gs]),
    ),
    Mistake(
        "accumulated", "gradients are added to those of the call before: they are not cleared", "S13, S26",
        "clear gradients before each backward pass (zero_grad)", collected(lambda recipe, gs: [g + g for g in gs]),
        call=2,
    ),
    Mistake(
        "float32-inside", "float32 somewhere inside a float64 computation", "S26",
        "keep the dtype that was given (JAX needs jax_enable_x64); difference quotients lose as many digits",
        lambda recipe: recipe,
        not_in("float32"), computed_in="float32", rounding=True,
    ),
    Mistake(
        "float16-inside", "no more digits inside than float16 has, as under autocast", "S26",
        "keep the dtype that was given; difference quotients lose as many digits",
        lambda recipe: recipe, not_in("float16"), computed_in="float16",
        rounding=True, variant_of="float32-inside",
    ),
)  # fmt: skip
