"""What may be taken for σ' by mistake: other functions, other arguments, other formulas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.mistakes.mistake import Change
from harness.mistakes.recipe import Recipe
from reference.activations import Sigma

Slope = Callable[[Sigma, Any, Any], Any]
"""What is taken for σ'(I), given σ, I and h = σ(I)."""

GATES = {"silu": "sigmoid", "hardswish": "hardsigmoid"}
"""Activations of the form x·g(x), and their g."""

STEP = 1e-5
"""Step of a difference quotient, as people choose it."""


@dataclass(frozen=True)
class Sloped:
    """σ with another derivative."""

    sigma: Sigma
    slope: Slope

    def value(self, x: Any) -> Any:
        """σ(x), as it was."""
        return self.sigma.value(x)

    def derivative(self, x: Any, y: Any) -> Any:
        """What is taken for σ'(x)."""
        return self.slope(self.sigma, x, y)


def hidden_slope(slope: Callable[[Recipe], Slope]) -> Change:
    """Another σ' at the hidden layers; ``slope(recipe)`` makes it of σ, I and h."""
    return lambda recipe: recipe.hidden(lambda sigma: Sloped(sigma, slope(recipe)))


def output_slope(slope: Callable[[Recipe], Slope]) -> Change:
    """Another σ' at the output."""
    return lambda recipe: recipe.output(lambda sigma: Sloped(sigma, slope(recipe)))


def ones(recipe: Recipe) -> Slope:
    """1 everywhere."""
    identity = recipe.kind.sigma("identity")
    return lambda sigma, x, y: identity.derivative(x, x)


def at_output_of(recipe: Recipe) -> Slope:
    """σ' at h."""
    return lambda sigma, x, y: at(sigma, y)


def value(recipe: Recipe) -> Slope:
    """σ in place of σ'."""
    return lambda sigma, x, y: y


def squared(recipe: Recipe) -> Slope:
    """σ' twice."""
    return lambda sigma, x, y: sigma.derivative(x, y) * sigma.derivative(x, y)


def of(name: str) -> Callable[[Recipe], Slope]:
    """σ' of another activation, at the same I."""

    def slope(recipe: Recipe) -> Slope:
        other = recipe.kind.sigma(name)
        return lambda sigma, x, y: other.derivative(x, other.value(x))

    return slope


def one_minus(recipe: Recipe) -> Slope:
    """1 − y."""
    return lambda sigma, x, y: ones(recipe)(sigma, x, y) - y


def sigmoid_formula(recipe: Recipe) -> Slope:
    """y(1 − y)."""
    return lambda sigma, x, y: y * (ones(recipe)(sigma, x, y) - y)


def gate(recipe: Recipe) -> Slope:
    """g(x) in place of (x·g(x))'."""
    g = recipe.kind.sigma(GATES[recipe.setting.activation])
    return lambda sigma, x, y: g.value(x)


def difference(recipe: Recipe) -> Slope:
    """(σ(I + step) − σ(I))/step."""
    one = recipe.kind.sigma("identity")
    return lambda sigma, x, y: (1 / STEP) * (sigma.value(x + STEP * one.derivative(x, x)) - y)


def right_slope(recipe: Recipe) -> Slope:
    """σ' from the right at 0, for a σ of two straight pieces: its slope at −1 below 0, that at 1 from 0 on."""
    step = recipe.kind.sigma("relu")

    def slope(sigma: Sigma, x: Any, y: Any) -> Any:
        one = ones(recipe)(sigma, x, y)
        below = step.derivative(-x, -x)
        return below * at(sigma, -one) + (one - below) * at(sigma, one)

    return slope


def at(sigma: Sigma, x: Any) -> Any:
    """σ' at x."""
    return sigma.derivative(x, sigma.value(x))
