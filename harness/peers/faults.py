"""What is wrong with a claimed gradient: each fault takes a case and its correct gradients, and gives others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cases.case import Array, Case
from harness.peers.networks import cast, gradients
from reference import arrays
from reference.activations import Formula

Fault = Callable[[Case, Sequence[Array]], list[Array]]


def none(case: Case, right: Sequence[Array]) -> list[Array]:
    """Nothing is wrong."""
    return list(right)


def scaled(factor: float) -> Fault:
    """Every entry times a factor."""
    return lambda case, right: [g * g.dtype.type(factor) for g in right]


def without_scale(case: Case, right: Sequence[Array]) -> list[Array]:
    """S11's factor 2/N_O is lost."""
    return [g * (case.layers[-1] / 2) for g in right]


def in_float32(case: Case, right: Sequence[Array]) -> list[Array]:
    """Computed in float32, and only stored in float64."""
    return [g.astype(np.float64) for g in gradients(cast(case, "float32"))]


def layer_scaled(number: int, factor: float) -> Fault:
    """One layer, counted from 1, times a factor."""
    return lambda case, right: [g * g.dtype.type(factor) if n == number else g for n, g in enumerate(right, start=1)]


def shifted(case: Case, right: Sequence[Array]) -> list[Array]:
    """The entries of each layer moved on by one place, so that sums and means stay."""
    return [np.roll(g.ravel(), 1).reshape(g.shape) for g in right]


def one_nan(case: Case, right: Sequence[Array]) -> list[Array]:
    """NaN in one entry of the first layer."""
    return _first_layer(right, (1, 2), lambda entry: np.full_like(entry, np.nan))


def last_negated(case: Case, right: Sequence[Array]) -> list[Array]:
    """The wrong sign in the last entry of the first layer."""
    return _first_layer(right, (-1, -1), np.negative)


def unit_negated(case: Case, right: Sequence[Array]) -> list[Array]:
    """The wrong sign in all that leads to the first hidden unit."""
    return _first_layer(right, (slice(None), 0), np.negative)


def unit_slope(derivative: Callable[[Array], Array]) -> Fault:
    """Two layers, prediction: h' of the first hidden unit is computed from its input I in this way."""

    def fault(case: Case, right: Sequence[Array]) -> list[Array]:
        W, V = case.weights
        I = case.x @ W
        error = Formula(case.activation, arrays).value(I) @ V - case.target
        delta = 2 / error.size * (error @ V.T)[:, 0] * derivative(I[:, 0])
        return _first_layer(right, (slice(None), 0), lambda entries: case.x.T @ delta)

    return fault


def _ones(I: Array) -> Array:
    return np.ones_like(I)


def _exponentials(I: Array) -> Array:
    e: Array = np.exp(-I)
    slope: Array = e / (1 + e) ** 2
    return slope


slope_of_one = unit_slope(_ones)
"""h' = 1 for the first hidden unit, whatever its I."""

by_exponentials = unit_slope(_exponentials)
"""σ'(I) of the first hidden unit, a sigmoid at I ≥ 0, as e^−I/(1 + e^−I)², in which nothing cancels."""

CORRECT = (none, by_exponentials)
"""Those that are none."""


def _first_layer(right: Sequence[Array], index: Any, change: Callable[[Array], Array]) -> list[Array]:
    first = right[0].copy()
    first[index] = change(first[index])
    return [first, *right[1:]]
