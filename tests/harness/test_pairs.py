"""Pairs hold the exact numbers: of rationals under every operator, and of balls under every function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb

from harness.numbers import pair_functions as functions
from harness.numbers.pairs import LOST, TINY, Pairs, gradual, two_product, two_sum

RNG = np.random.default_rng(53)


def drawn(shape: tuple[int, ...], powers: int = 30, wide: float = 0.0) -> Pairs:
    """Random pairs of mixed magnitude; every third is a float64, every fifth 0; ``wide``: radii over magnitudes."""
    high = RNG.uniform(-1, 1, shape) * 2.0 ** RNG.integers(-powers, powers, shape)
    low = RNG.uniform(-1, 1, shape) * np.spacing(high) / 2
    high, low = two_sum(high, np.where(RNG.integers(0, 3, shape) == 0, 0.0, low))
    zero = RNG.integers(0, 5, shape) == 0
    high, low = np.where(zero, 0.0, high), np.where(zero, 0.0, low)
    return Pairs(high, low, wide * np.abs(high) * RNG.integers(0, 2, shape))


def corners(a: Pairs, way: int) -> Any:
    """An array of rationals that the pairs may be: their sums, or either end."""
    fraction = np.frompyfunc(Fraction, 1, 1)
    return fraction(a.high) + fraction(a.low) + way * fraction(np.broadcast_to(a.radius, a.shape))


def worst(found: Pairs, exact: Any) -> Fraction:
    """The largest distance between the pairs and numbers over the radius; 0 where both are 0.

    Over the radius before it is doubled, but for the roundings of the radius itself: or half of it could be missing.
    """
    its = replace(found.bounded, radius=np.broadcast_to(found.radius, found.shape) * (1 + 2.0**-40))
    ratio = Fraction(0)
    for high, low, radius, number in zip(
        its.high.flat, its.low.flat, its.radius.flat, np.asarray(exact).flat, strict=True
    ):
        error = abs(Fraction(high) + Fraction(low) - number)
        if error:
            assert radius, f"off by {float(error)} and called exact"
            ratio = max(ratio, error / Fraction(radius))
    return ratio


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "@": lambda a, b: a @ b,
}


@pytest.mark.parametrize("wide", [0.0, 2.0**-60, 2.0**-3])
@pytest.mark.parametrize("name", OPERATORS)
def test_operators_hold_the_rational_result_of_any_numbers_that_the_operands_may_be(name: str, wide: float) -> None:
    of = OPERATORS[name]
    for n in (1, 2, 3, 5, 8, 13):
        shape = (2, n, n) if name == "@" else (100,)
        a, b = drawn(shape, wide=wide), drawn(shape, wide=wide)
        for left, right in ((a, b), (Pairs.of(a.high), b), (a, Pairs.of(b.high)), (Pairs.of(a.high), Pairs.of(b.high))):
            found = of(left, right)
            for way in (-1, 0, 1):
                assert worst(found, of(corners(left, way), corners(right, way * (1 if n % 2 else -1)))) <= 1
            assert np.all(np.abs(found.low) <= np.spacing(np.abs(found.high)) / 2)


@pytest.mark.parametrize("wide", [0.0, 2.0**-60, 0.75])
def test_quotients_hold_the_rational_quotient(wide: float) -> None:
    for _ in range(3):
        a, b = drawn((200,), wide=wide), drawn((200,), wide=wide)
        some = b.high != 0
        a, b = (Pairs(p.high[some], p.low[some], p.radius[some]) for p in (a, b))
        for way in (-1, 0, 1):
            assert worst(a / b, corners(a, way) / corners(b, -way)) <= 1
            assert worst(Pairs.of(1.0) / b, 1 / corners(b, way)) <= 1


@pytest.mark.parametrize("count", [1, 2, 3, 6, 8, 10])
def test_division_by_a_count_is_exact_where_it_can_be(count: int) -> None:
    a = drawn((200,))
    assert worst(a.over(count), corners(a, 0) / count) <= 1
    whole = Pairs.of(np.arange(-50.0, 50.0) * count).over(count)
    assert not whole.bounded.radius.any()


def test_a_radius_is_no_wider_than_a_few_roundings_of_the_rest() -> None:
    """A radius that holds everything holds nothing: these are what the docstrings count, twice for the radii."""
    a, b = drawn((500,), 10), drawn((500,), 10)
    u2 = 2.0**-106
    with np.errstate(all="ignore"):
        assert np.nanmax((a * b).bounded.radius / np.abs(a.high * b.high)) <= 2 * 14 * u2
        assert np.nanmax((a / b).bounded.radius[b.high != 0] / np.abs(a.high / b.high)[b.high != 0]) <= 2 * 17 * u2
        sums = (a + b).bounded
        assert np.all(sums.radius <= 2 * 4 * u2 * (np.abs(a.high) + np.abs(b.high)))


def test_what_is_not_rounded_has_no_radius() -> None:
    a, b = Pairs.of(RNG.uniform(-1, 1, (3, 8, 8))), Pairs.of(RNG.uniform(-1, 1, (3, 8, 8)))
    assert not (a + b).radius.any() and not (a * b).radius.any()
    few = Pairs.of(RNG.integers(-9, 9, (3, 8, 8)) / 8)
    product = few @ few
    assert not product.radius.any() and not product.low.any()
    nothing = Pairs.of(np.zeros((3, 8, 8)))
    assert not (nothing @ (a * b)).bounded.radius.any() and not (nothing * (a * b)).bounded.radius.any()
    assert not ((a * b) - (a * b)).bounded.high.any()
    assert not ((a * b) - (a * b)).bounded.radius.any()


def test_sums_that_cancel_keep_their_radius() -> None:
    x = np.array([[[1.0, 2.0**-60, -1.0, -(2.0**-60)]]])
    found = Pairs.of(x) @ Pairs.of(np.ones((1, 4, 1)))
    assert abs(found.high[0, 0, 0] + found.low[0, 0, 0]) <= found.bounded.radius[0, 0, 0]


def test_each_rounding_of_a_product_of_matrices_is_in_its_radius() -> None:
    """One at a time, for they hide behind each other: of rests of sums, and of what a factor with a rest adds."""
    for n in (3, 5, 12):
        ones, spread = Pairs.of(np.ones((6, 1, n))), Pairs.of(drawn((6, n, 1), 60).high)
        assert worst(ones @ spread, corners(ones, 0) @ corners(spread, 0)) <= 1
        few = np.sign(RNG.uniform(-1, 1, (2, n, n))) * RNG.integers(1, 4, (2, n, n))
        rests = Pairs(few, RNG.uniform(-1, 1, few.shape) * 2.0**-54, np.zeros(few.shape))
        plain = Pairs.of(RNG.integers(1, 2**20, (2, n, n)) * 2.0**-20)
        for a, b in ((plain, rests), (rests, plain), (rests, rests)):
            assert worst(a @ b, corners(a, 0) @ corners(b, 0)) <= 1


@pytest.mark.parametrize("size", [2.0**-450, 2.0**-500, 2.0**-530, 2.0**-537, 2.0**-1000])
def test_products_that_underflow_say_so(size: float) -> None:
    a, b = drawn((60,), 2), drawn((60,), 2)
    small = [Pairs(p.high * size, p.low * size, p.radius * size) for p in (a, b)]
    for left, right in ((small[0], small[1]), (small[0], b), (Pairs.of(small[0].high), Pairs.of(small[1].high))):
        assert worst(left * right, corners(left, 0) * corners(right, 0)) <= 1
        row, column = left.reshape(1, 1, 60), right.reshape(1, 60, 1)
        assert worst(row @ column, (corners(left, 0) * corners(right, 0)).sum()) <= 1
    assert worst(small[0].scaled(-600), corners(small[0], 0) / 2**600) <= 1
    some = b.high != 0
    small[0], b = (Pairs(p.high[some], p.low[some], p.radius[some]) for p in (small[0], b))
    assert worst(small[0] / b, corners(small[0], 0) / corners(b, 0)) <= 1
    big = Pairs(b.high * 2.0**500, b.low * 2.0**500, b.radius)
    assert worst(small[0] / big, corners(small[0], 0) / corners(big, 0)) <= 1


def test_above_tiny_a_product_is_split_without_error() -> None:
    a, b = RNG.uniform(1, 2, 1000) * 2.0**-450, RNG.uniform(1, 2, 1000) * 2.0**-449.5
    product, rest = two_product(Pairs.of(a), Pairs.of(b))
    assert np.all(product >= TINY) and TINY < LOST
    for x, y, p, r in zip(a, b, product, rest, strict=True):
        assert Fraction(x) * Fraction(y) == Fraction(p) + Fraction(r)


def test_an_overflow_is_in_all_that_comes_of_it() -> None:
    one = np.ones((1, 1, 1))
    with np.errstate(all="ignore"):
        for huge in (1e200, 2.0**1000, np.inf, np.nan):
            a = Pairs.of(huge * one)
            for found in (a * a, a @ a, a * a + a, Pairs.of(one) / (a * a), functions.exp(a * a), (a * a).scaled(-900)):
                its = found.bounded
                assert not (np.isfinite(its.high) & np.isfinite(its.low) & np.isfinite(its.radius)).any()


def test_blocks_do_not_change_a_product(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = drawn((5, 7, 9)), drawn((5, 9, 6))
    whole = a @ b
    for block in (1, 9, 40, 120, 500):
        monkeypatch.setattr("harness.numbers.pairs.BLOCK", block)
        found = a @ b
        assert all(np.array_equal(getattr(found, p), getattr(whole, p)) for p in ("high", "low", "radius"))


def test_subnormal_numbers_are_what_they_should_be() -> None:
    assert gradual()


# functions


def arguments(low: float, high: float, wide: float) -> Pairs:
    middle = np.concatenate((RNG.uniform(low, high, 150), np.linspace(low, high, 41), [low, high]))
    rest = RNG.uniform(-1, 1, middle.shape) * np.spacing(np.abs(middle)) / 2
    near = np.where(np.abs(middle) < 1, middle * 2.0 ** RNG.integers(-20, 1, middle.shape), middle)
    return Pairs(
        *two_sum(near, np.where(near == 0, 0.0, rest * near / np.where(middle == 0, 1, middle))), wide * np.abs(near)
    )


FUNCTIONS: dict[str, tuple[Callable[[Pairs], Pairs], Callable[[arb], arb], float, float]] = {
    "exp": (functions.exp, lambda x: x.exp(), -599.0, 599.0),
    "far below": (functions.exp, lambda x: x.exp(), -5000.0, -601.0),
    "expm1": (functions.expm1, lambda x: x.expm1(), -50.0, 50.0),
    "tanh": (lambda x: functions.tanh_and_slope(x)[0], lambda x: x.tanh(), -40.0, 40.0),
    "tanh slope": (lambda x: functions.tanh_and_slope(x)[1], lambda x: x.sech() ** 2, -40.0, 40.0),
    "log1p": (functions.log1p, lambda x: x.log1p(), 0.0, 1.0),
    "erfc": (functions.erfc, lambda x: x.erfc(), -8.0, 8.0),
}


@pytest.mark.parametrize("wide", [0.0, 2.0**-90])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_hold_the_exact_value(name: str, wide: float) -> None:
    of, exact, low, high = FUNCTIONS[name]
    x = arguments(low, high, wide)
    with np.errstate(all="ignore"):
        found = of(x).bounded
    with flint.ctx.workprec(600):
        for k in range(x.shape[0]):
            middle = arb(x.high[k]) + arb(x.low[k])
            for way in (-1, 0, 1):
                error = abs(exact(middle + way * arb(x.radius[k])) - arb(found.high[k]) - arb(found.low[k]))
                assert error.upper() <= arb(found.radius[k]), (x.high[k], found.high[k])
            if wide == 0 and abs(x.high[k]) > 2.0**-10 and name != "far below":
                assert found.radius[k] <= 2.0**-90 * abs(found.high[k]) or name in ("log1p", "erfc")
                assert found.radius[k] <= 2.0**-90 * max(1.0, abs(found.high[k]))


@pytest.mark.parametrize("off", [2.0**-40, 2.0**-12, -(2.0**-4)])
def test_a_logarithm_does_not_rely_on_that_of_the_library(off: float, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = np.log1p
    monkeypatch.setattr(np, "log1p", lambda x: honest(x) + off)
    x = arguments(0.0, 1.0, 0.0)
    found = functions.log1p(x).bounded
    with flint.ctx.workprec(600):
        for k in range(x.shape[0]):
            error = abs((arb(x.high[k]) + arb(x.low[k])).log1p() - arb(found.high[k]) - arb(found.low[k]))
            assert error.upper() <= arb(found.radius[k])


def test_what_a_function_cannot_say_is_no_number() -> None:
    with np.errstate(all="ignore"):
        for x in (Pairs.of(601.0), Pairs.of(np.nan), Pairs(np.asarray(1.0), np.asarray(0.0), np.asarray(2.0**-70))):
            assert not functions.exp(x).bounded.radius <= 1
        assert not functions.log1p(Pairs(np.asarray(1.0), np.asarray(0.0), np.asarray(2.0))).bounded.radius <= 1
