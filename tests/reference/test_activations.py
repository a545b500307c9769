"""σ and σ': values at zeros of both signs, at infinities and NaN, and the dtype that comes in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from reference import arrays
from reference.activations import FORMULAS, Formula
from reference.layers.activation import Activation
from reference.layers.dense import Dense

DTYPES = [np.float64, np.float32]


def both(name: str, x: Any) -> tuple[Any, Any]:
    sigma = Formula(name, arrays)
    with np.errstate(all="ignore"):
        y = sigma.value(x)
        return y, sigma.derivative(x, y)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 3)], ids=str)
def test_dtype_and_shape_are_kept(name: str, dtype: Any, shape: tuple[int, ...]) -> None:
    for part in both(name, np.full(shape, 0.5, dtype)):
        assert (np.asarray(part).dtype, np.shape(part)) == (np.dtype(dtype), shape)


@pytest.mark.parametrize("dtype", DTYPES)
def test_relu_at_zero_of_either_sign_and_around_it(dtype: Any) -> None:
    tiny = np.finfo(dtype).smallest_subnormal
    x = np.array([-np.inf, -3.0, -tiny, -0.0, 0.0, tiny, 3.0, np.inf], dtype)
    y, slope = both("relu", x)
    assert y.tolist() == [0, 0, 0, 0, 0, tiny, 3, np.inf]
    assert slope.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]
    assert not np.signbit(y[:5]).any(), "0 for x ≤ 0, as the deck writes it, and no −0.0"


@pytest.mark.parametrize("name", FORMULAS)
def test_nan_goes_through_and_is_never_hidden(name: str) -> None:
    y, _ = both(name, np.array([np.nan, 1.0]))
    assert np.isnan(y[0]) and not np.isnan(y[1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_at_values_that_are_not_rounded(dtype: Any) -> None:
    y, slope = both("sigmoid", np.array([-np.inf, 0.0, -0.0, np.inf, -1e4, 1e4], dtype))
    assert y.tolist() == [0, 0.5, 0.5, 1, 0, 1]
    assert slope.tolist() == [0, 0.25, 0.25, 0, 0, 0]


def test_sigmoid_s_derivative_uses_the_value_that_is_known() -> None:
    assert Formula("sigmoid", arrays).derivative(np.array([99.0]), np.array([0.25])).tolist() == [0.1875]


def test_identity_hands_on_what_it_gets() -> None:
    x = np.array([[-2.0, 0.0, np.inf]])
    y, slope = both("identity", x)
    assert y is x
    assert slope.tolist() == [[1, 1, 1]]


def test_a_formula_takes_every_function_from_its_namespace() -> None:
    """So the same text runs on other kinds of number."""
    asked: list[str] = []

    def noted(name: str) -> Any:
        def call(*args: Any) -> Any:
            asked.append(name)
            return getattr(arrays, name)(*args)

        return call

    xp = SimpleNamespace(**{name: noted(name) for name in arrays.__all__})
    for name in FORMULAS:
        x = np.array([0.5])
        assert np.array_equal(Formula(name, xp).value(x), Formula(name, arrays).value(x))
        Formula(name, xp).derivative(x, x)
    assert set(asked) == set(arrays.__all__) - {"largest", "padded", "windows"}, "but for those of layers"


# the two kinds of layer


def test_an_activation_layer_pulls_back_by_its_derivative_and_has_no_weight() -> None:
    layer, I = Activation(Formula("relu", arrays)), np.array([[-1.0, 2.0]])
    h = layer.forward(None, I)
    assert h.tolist() == [[0, 2]]
    assert layer.pullback_input(None, I, h, np.array([[5.0, 7.0]])).tolist() == [[0, 7]]
    assert layer.pullback_weight(None, I, h, np.array([[5.0, 7.0]])) is None


def test_a_dense_layer_by_hand() -> None:
    """Two samples, 2 → 3; ΔW = hᵀ·Δ sums over them."""
    layer, h, W = Dense(), np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]])
    I, delta = layer.forward(W, h), np.array([[1.0, 0.0, 7.0], [0.0, 10.0, 0.0]])
    assert I.tolist() == [[1, 2, 0], [3, 5, 1]]
    assert layer.pullback_input(W, h, I, delta).tolist() == [[15, -7], [0, 10]]
    assert layer.pullback_weight(W, h, I, delta).tolist() == [[1, 30, 7], [2, 50, 14]]


@pytest.mark.parametrize("stack", [(), (4,)])
def test_both_pullbacks_of_a_dense_layer_are_adjoint_to_it(stack: tuple[int, ...]) -> None:
    """⟨Δ, dI⟩ = ⟨pullback(Δ), dh⟩ for random whole cotangents: exact, and no transpose can hide."""
    rng = np.random.default_rng(4)

    def draw(*shape: int) -> Any:
        return rng.integers(-9, 10, (*stack, *shape)).astype(float)

    layer, h, W, dh, dW, delta = Dense(), draw(2, 3), draw(3, 5), draw(2, 3), draw(3, 5), draw(2, 5)
    axes = (-2, -1)
    I = layer.forward(W, h)
    left = (delta * layer.forward(W, dh)).sum(axes), (delta * layer.forward(dW, h)).sum(axes)
    right = (
        (layer.pullback_input(W, h, I, delta) * dh).sum(axes),
        (layer.pullback_weight(W, h, I, delta) * dW).sum(axes),
    )
    assert np.array_equal(left, right)
