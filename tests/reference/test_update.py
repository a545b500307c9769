"""One step of gradient descent (S13), and many (S12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from reference import error
from reference.backward import backward
from reference.network import forward
from reference.update import learn, update


def test_a_step_subtracts_alpha_times_the_gradient() -> None:
    weights = (np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    gradients = (np.array([[8.0, -16.0]]), np.array([[0.0], [4.0]]))
    first, second = update(weights, gradients, 0.25)
    assert first.tolist() == [[-1, 6]]
    assert second.tolist() == [[3], [3]]
    assert weights[0].tolist() == [[1, 2]], "the weights before the step are left as they were"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("alpha", [0.1, float(np.float32(0.1)), 0])
def test_a_step_keeps_dtype_and_shape(dtype: Any, alpha: float) -> None:
    weights = tuple(np.ones(shape, dtype) for shape in ((2, 3), (4, 3, 1)))
    for before, after in zip(weights, update(weights, weights, alpha), strict=True):
        assert (after.dtype, after.shape) == (before.dtype, before.shape)
        assert np.array_equal(after, before - before.dtype.type(alpha) * before)


def test_layers_without_a_gradient_are_not_cut() -> None:
    with pytest.raises(ValueError, match="zip"):
        update((np.ones(2), np.ones(2)), (np.ones(2),), 0.1)


def test_learning_is_descent_repeated() -> None:
    """w ↦ w − ½·w halves: 2⁻⁵ after five steps."""
    seen: list[float] = []

    def gradient(weights: Sequence[Any]) -> Sequence[Any]:
        seen.append(float(weights[0]))
        return weights

    (after,) = learn((np.float64(1.0),), gradient, 0.5, 5)
    assert after == 2.0**-5
    assert seen == [1, 0.5, 0.25, 0.125, 0.0625]


def test_no_step_changes_nothing() -> None:
    weights = (np.array([[1.0]]),)
    assert learn(weights, lambda w: w, 0.5, 0) == weights


@pytest.mark.parametrize(("alpha", "falls"), [(0.1, True), (-0.1, False)])
def test_the_total_error_of_the_deck_s_network_falls_with_descent_and_rises_with_ascent(
    deck: Callable[..., Any], alpha: float, falls: bool
) -> None:
    example = deck()

    def run(weights: Sequence[Any]) -> Any:
        return forward(example.network, weights, example.x)

    def gradient(weights: Sequence[Any]) -> Sequence[Any]:
        return backward(example.network, weights, run(weights), example.target).gradients

    def total(weights: Sequence[Any]) -> float:
        return float(error.total_error(error.error(run(weights).Y, example.target)))

    course = [total(learn(example.weights, gradient, alpha, steps)) for steps in range(0, 50, 10)]
    assert course == sorted(course, reverse=falls)
    assert len(set(course)) == 5


def test_the_larger_alpha_the_larger_the_step() -> None:
    """S27, with numbers that are not rounded: the step is proportional to α."""
    w, dw = (np.array([8.0, -4.0]),), (np.array([2.0, 16.0]),)
    steps = [w[0] - update(w, dw, alpha)[0] for alpha in (0.125, 0.25, 1.0)]
    assert np.array_equal(2 * steps[0], steps[1]) and np.array_equal(8 * steps[0], steps[2])
