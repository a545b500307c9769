"""Narrow formats: what ml_dtypes and NumPy do by themselves, and what `Narrow` does instead, as torch does it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from cases.case import DTYPES, Case
from harness.backends import Backend, Evaluation
from harness.backends.reference import matrix, sigma
from harness.numbers.narrow import Narrow
from harness.stack import Stack

BF16 = ml_dtypes.bfloat16
each_dtype = pytest.mark.parametrize("dtype", ["bfloat16", "float16"])


# the traps: if one of these changes, the reason for `Narrow` has changed


def test_bfloat16_by_itself_becomes_float32() -> None:
    a = np.ones((2, 2), BF16)
    assert {x.dtype for x in (a @ a, a * 2.0, np.clip(a, -1, 1))} == {np.dtype(np.float32)}
    assert {x.dtype for x in (a * a, a + a, 2 * a, a / 3)} == {np.dtype(BF16)}
    with pytest.raises(TypeError, match="einsum"):
        np.einsum("ij,jk->ik", a, a)


def test_narrow_sums_by_themselves_stop_growing() -> None:
    assert np.ones(400, BF16).sum() == 256
    assert np.ones((3000, 2), np.float16).sum(axis=0).tolist() == [2048, 2048]
    assert np.einsum("ij->j", np.ones((3000, 2), np.float16)).tolist() == [2048, 2048]


# what is done instead


def numbers(dtype: str, *shape: int, seed: int = 0) -> np.ndarray:
    """Ordinary, tiny, huge; zeros of both signs."""
    rng = np.random.default_rng([seed, *shape])
    values = np.ldexp(rng.uniform(-2, 2, shape), rng.integers(-16, 8, shape))
    values.flat[:2] = 0.0, -0.0
    return values.astype(DTYPES[dtype])


def assert_kept(result: Narrow) -> None:
    """What is carried on is what would be stored."""
    stored = result.array().astype(np.float32)
    assert np.array_equal(result.values, stored, equal_nan=True)


def bits(array: Any) -> list[int]:
    return np.asarray(array).view(np.uint16).ravel().tolist()


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a * b,
    "a / b": lambda a, b: a / b,
    "2 * a": lambda a, b: 2 * a,
    "a / 12": lambda a, b: a / 12,
    "1 - a": lambda a, b: 1 - a,
    "1 / b": lambda a, b: 1 / b,
    "-a": lambda a, b: -a,
    "0.1 * a": lambda a, b: 0.1 * a,
}


@each_dtype
@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_is_that_of_float32_rounded(dtype: str, operation: str) -> None:
    a, b, do = numbers(dtype, 300), numbers(dtype, 300, seed=1), OPERATIONS[operation]
    with np.errstate(all="ignore"):
        result = do(Narrow.of(a), Narrow.of(b))
        found = result.array()
        assert_kept(result)
        single = do(a.astype(np.float32), b.astype(np.float32))
        assert single.dtype == np.float32 and found.dtype == np.dtype(DTYPES[dtype])
        assert bits(found) == bits(single.astype(DTYPES[dtype]))


@each_dtype
@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name != "0.1 * a"])
def test_each_operation_is_torch_s_bit_for_bit(dtype: str, operation: str) -> None:
    import torch

    a, b, do = numbers(dtype, 300), numbers(dtype, 300, seed=1), OPERATIONS[operation]

    def tensor(array: np.ndarray) -> Any:
        return torch.from_numpy(array.view(np.int16).copy()).view(getattr(torch, dtype))

    with np.errstate(all="ignore"):
        found = do(Narrow.of(a), Narrow.of(b)).array()
    theirs = do(tensor(a), tensor(b)).view(torch.int16).numpy().view(np.uint16)
    same = np.asarray(found).view(np.uint16) == theirs
    assert np.all(same | np.isnan(found.astype(np.float32)))


@each_dtype
def test_a_rounded_product_is_the_nearest_number(dtype: str) -> None:
    """In rationals: float32 holds the product of two narrow numbers, so it is rounded once."""
    a, b = numbers(dtype, 200)[2:], numbers(dtype, 200, seed=1)[2:]
    found = (Narrow.of(a) * Narrow.of(b)).array()
    for x, y, z in zip(a, b, found, strict=True):
        exact = Fraction(float(x)) * Fraction(float(y))
        beside = [np.nextafter(z, z.dtype.type(side)) for side in (-np.inf, np.inf)]
        nearest = min(abs(Fraction(float(v)) - exact) for v in beside if np.isfinite(float(v)))
        assert abs(Fraction(float(z)) - exact) <= nearest


@each_dtype
def test_sums_and_products_of_matrices_accumulate_in_float32(dtype: str) -> None:
    ones = np.ones((3000, 2), DTYPES[dtype])
    rounded = float(np.asarray(3000.0).astype(DTYPES[dtype]))
    assert Narrow.of(ones).sum(axis=(0,)).array().astype(float).tolist() == [rounded] * 2
    product = Narrow.of(ones).mT @ Narrow.of(ones)
    for result in (product, Narrow.of(ones).sum(axis=(0,))):
        assert_kept(result)
    assert product.array().astype(float).tolist() == [[rounded] * 2] * 2
    assert product.array().dtype == np.dtype(DTYPES[dtype])


@each_dtype
def test_a_sum_is_rounded_once_and_not_term_by_term(dtype: str) -> None:
    unit = float(np.asarray(ml_dtypes.finfo(DTYPES[dtype]).eps))
    row = np.array([[1.0, unit / 4, unit / 4, unit / 4]]).astype(DTYPES[dtype])
    assert (Narrow.of(row) @ Narrow.of(np.ones((4, 1), DTYPES[dtype]))).array().astype(float).item() == 1 + unit
    assert Narrow.of(row).sum(axis=(-2, -1)).array().astype(float) == 1 + unit


@each_dtype
@pytest.mark.parametrize("name", ["sigmoid", "softplus", "gelu", "selu", "hardswish"])
def test_an_activation_is_evaluated_in_float32_and_rounded_once(dtype: str, name: str) -> None:
    from reference import arrays
    from reference.activations import Formula

    x = numbers(dtype, 400)
    single, formula = x.astype(np.float32), Formula(name, arrays)
    with np.errstate(all="ignore"):
        narrow, y = sigma(name, dtype), formula.value(single)
        value = narrow.value(Narrow.of(x))
        slope = narrow.derivative(Narrow.of(x), value)
        assert bits(value.array()) == bits(y.astype(DTYPES[dtype]))
        assert bits(slope.array()) == bits(formula.derivative(single, y).astype(DTYPES[dtype]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", ["sigmoid", "gelu_tanh", "hardsigmoid"])
def test_everything_that_the_reference_returns_is_of_the_case_s_dtype(
    draw: Callable[..., Case], activation: str, dtype: str
) -> None:
    stack = Stack((draw(3, 5, 4, activation=activation, dtype=dtype, seed=1),))
    found, inner = matrix.evaluate(stack), matrix.terms(stack)
    arrays = [found.output, found.loss, *(found.gradients or ()), *(found.updated or ())]
    arrays += [*inner.I, *inner.h, *inner.deltas]
    assert {np.asarray(array).dtype for array in arrays} == {np.dtype(DTYPES[dtype])}


@each_dtype
@pytest.mark.parametrize("name", ["torch", "jax"])
def test_so_is_what_the_frameworks_return(
    draw: Callable[..., Case], backends: dict[str, Backend], dtype: str, name: str
) -> None:
    found = backends[name].evaluate(Stack((draw(3, 5, 4, dtype=dtype, seed=1),)))
    assert isinstance(found, Evaluation)
    arrays = [found.output, found.loss, *(found.gradients or ()), *(found.updated or ())]
    assert {np.asarray(array).dtype for array in arrays} == {np.dtype(DTYPES[dtype])}
