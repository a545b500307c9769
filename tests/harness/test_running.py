"""Running-error numbers hold whatever float32 arithmetic computes, in any order, fused or not, flushed or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from harness.bound import INFLATION
from harness.numbers.running import Running, given
from harness.precision import PRECISIONS

SINGLE = PRECISIONS["float32"]
F = np.float32


def kept(value: Any) -> Any:
    return F(value)


def flushed(value: Any) -> Any:
    """Subnormal numbers become zero, as on a processor with flush to zero and denormals are zero."""
    return F(0) if abs(F(value)) < np.finfo(F).smallest_normal else F(value)


def forward(a: list[Any], b: list[Any], r: Callable[[Any], Any]) -> Any:
    total = F(0)
    for x, y in zip(a, b, strict=True):
        total = r(total + r(r(x) * r(y)))
    return total


def backward(a: list[Any], b: list[Any], r: Callable[[Any], Any]) -> Any:
    return forward(a[::-1], b[::-1], r)


def fused(a: list[Any], b: list[Any], r: Callable[[Any], Any]) -> Any:
    total = F(0)
    for x, y in zip(a, b, strict=True):
        total = r(np.float64(total) + np.float64(r(x)) * np.float64(r(y)))
    return total


def once(a: list[Any], b: list[Any], r: Callable[[Any], Any]) -> Any:
    return r(sum(np.float64(r(x)) * np.float64(r(y)) for x, y in zip(a, b, strict=True)))


def pairwise(a: list[Any], b: list[Any], r: Callable[[Any], Any]) -> Any:
    if len(a) < 3:
        return forward(a, b, r)
    half = len(a) // 2
    return r(pairwise(a[:half], b[:half], r) + pairwise(a[half:], b[half:], r))


ORDERS = (forward, backward, fused, once, pairwise)


def ordinary(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.uniform(-1, 1, shape).astype(F)


def cancelling(rng: np.random.Generator, *shape: int) -> np.ndarray:
    values = ordinary(rng, *shape)
    values.flat[1::2] = -values.flat[: values.size - 1 : 2] * (1 + F(2) ** -rng.integers(1, 24))
    return values


def everywhere(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Exponents over the whole format, subnormal numbers and zeros among them."""
    values = np.ldexp(rng.uniform(-2, 2, shape), rng.integers(-149, 62, shape))
    return np.where(rng.random(shape) < 0.1, 0, values).astype(F)


def subnormal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return np.ldexp(rng.uniform(-2, 2, shape), rng.integers(-149, -120, shape)).astype(F)


KINDS = (ordinary, cancelling, everywhere, subnormal)


def draws(count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(17)
    for number in range(count):
        n = int(rng.integers(1, 9))
        left, right = KINDS[number % 4], KINDS[number // 4 % 4]
        yield left(rng, 2, n), right(rng, n, 3)


def number(array: np.ndarray) -> Running:
    return given(array[None], SINGLE)


def rational(array: np.ndarray) -> np.ndarray:
    return np.frompyfunc(lambda v: Fraction(float(v)), 1, 1)(array)


def require_held(found: np.ndarray, exact: np.ndarray, bound: Running) -> None:
    """|found − exact| ≤ delta, in rationals; INFLATION stands for the rounding of delta itself."""
    assert bound.value.shape[1:] == found.shape
    for value, truth, delta in zip(found.flat, exact.flat, bound.delta[0].flat, strict=True):
        if np.isfinite(delta):
            assert np.isfinite(value) or bound.range[0]
            if np.isfinite(value):
                assert abs(Fraction(float(value)) - truth) <= Fraction(float(delta)) * Fraction(INFLATION)


@pytest.mark.parametrize("rounded", [kept, flushed])
@pytest.mark.parametrize("order", ORDERS)
def test_a_product_of_matrices_in_any_order(order: Callable[..., Any], rounded: Callable[..., Any]) -> None:
    with np.errstate(all="ignore"):
        for a, b in draws(160):
            found = np.array([[order(list(row), list(column), rounded) for column in b.T] for row in a])
            require_held(found, rational(a) @ rational(b), number(a) @ number(b))


@pytest.mark.parametrize("rounded", [kept, flushed])
def test_entry_by_entry(rounded: Callable[[Any], Any]) -> None:
    each = np.frompyfunc(rounded, 1, 1)

    def r(array: Any) -> Any:
        return np.asarray(each(array), F)

    with np.errstate(all="ignore"):
        for left, right in draws(160):
            a, b = left[:, :1], right[:1, :].repeat(2, 0)
            a = a.repeat(3, 1)
            for operation in (np.add, np.subtract, np.multiply):
                found = r(operation(r(a), r(b)))
                bound = operation(number(a), number(b))
                require_held(found, operation(rational(a), rational(b)), bound)
            product = r(r(a) * r(b))  # an error on the way in is carried on
            require_held(r(product + r(a)), rational(a) * rational(b) + rational(a), number(a) * number(b) + number(a))


@pytest.mark.parametrize("rounded", [kept, flushed])
def test_a_factor_applied_at_once_or_in_stages(rounded: Callable[[Any], Any]) -> None:
    with np.errstate(all="ignore"):
        for a, _ in draws(80):
            for value in a.flat:
                exact, v = Fraction(float(value)), rounded(value)
                bound = 2 * number(np.array([[value]])) / 21
                ways = [
                    rounded(rounded(2 * v) / F(21)),
                    rounded(2 * rounded(v / F(21))),
                    rounded(v * rounded(F(2) / F(21))),
                    rounded(rounded(rounded(2 * v) / F(7)) / F(3)),
                    rounded(rounded(2 * v) * rounded(F(1) / F(21))),
                    rounded(rounded(rounded(2 * v) * rounded(1 / F(7))) * rounded(1 / F(3))),
                ]
                for way in ways:
                    require_held(np.array([[way]]), np.array([[exact * 2 / 21]]), bound)


@pytest.mark.parametrize("rounded", [kept, flushed])
@pytest.mark.parametrize("order", ORDERS)
def test_a_sum_in_any_order(order: Callable[..., Any], rounded: Callable[..., Any]) -> None:
    with np.errstate(all="ignore"):
        for a, _ in draws(120):
            found = order(list(a.flat), [F(1)] * a.size, rounded)
            total = number(a).sum(axis=(-2, -1))
            require_held(np.asarray(found), np.asarray(sum(rational(a).flat)), total)


def test_without_underflow_terms_or_half_the_roundings_the_same_draws_are_not_held() -> None:
    """That the tests above can fail: a bound of half a rounding, or none for underflow, is broken by them."""
    broken = {"half a rounding": 0, "no underflow": 0}
    with np.errstate(all="ignore"):
        for a, b in draws(160):
            found = np.array([[backward(list(row), list(column), flushed) for column in b.T] for row in a])
            exact, product = rational(a) @ rational(b), number(a) @ number(b)
            sizes = np.abs(rational(a)) @ np.abs(rational(b))
            for value, truth, size, delta in zip(found.flat, exact.flat, sizes.flat, product.delta.flat, strict=True):
                if np.isfinite(value) and np.isfinite(delta):
                    error = abs(Fraction(float(value)) - truth)
                    broken["half a rounding"] += error > size * Fraction(SINGLE.u) / 2
                    broken["no underflow"] += error > size * Fraction(SINGLE.u) * a.shape[1]
    assert all(count > 20 for count in broken.values())


def test_an_exact_zero_times_what_may_be_no_number_may_be_none() -> None:
    """0·NaN is NaN, and so is 0·inf; other rows and columns keep their zeros."""
    zeros = given(np.zeros((1, 2, 2)), SINGLE)
    plain = given(np.ones((1, 2, 2)), SINGLE)
    lost = replace(plain, delta=np.array([[[0.0, np.inf], [0.0, 0.0]]]))
    with np.errstate(all="ignore"):
        assert (zeros @ lost).delta.tolist() == [[[0.0, np.inf], [0.0, np.inf]]]
        assert (lost @ zeros).delta.tolist() == [[[np.inf, np.inf], [0.0, 0.0]]]
        for product in (zeros * lost, lost * zeros):
            assert product.delta.tolist() == [[[0.0, np.inf], [0.0, 0.0]]]
        assert not (zeros @ lost).exact[0, :, 1].any() and (zeros @ lost).exact[0, :, 0].all()
