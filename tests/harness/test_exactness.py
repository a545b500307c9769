"""Where running-error numbers are exact, where they may leave the format's range, and what they start from."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from harness.numbers.running import Running, constant, given
from harness.precision import PRECISIONS

SINGLE, DOUBLE = PRECISIONS["float32"], PRECISIONS["float64"]


def dot(a: list[float], b: list[float], precision: Any = DOUBLE) -> Running:
    return given([[a]], precision) @ given([[[v] for v in b]], precision)


@pytest.mark.parametrize(
    ("a", "b", "exact"),
    [
        ([3, -2, 5], [7, 1, -4], True),
        ([0.5, 0.25, -8], [1, -3, 0.125], True),
        ([1, 2**-60, -1, -(2**-60)], [1, 1, 1, 1], False),
        ([2.0**53, 1], [1, 1], False),
        ([2.0**52, 1], [1, 1], True),
        ([321], [28059810762433], False),
        ([0.1, 0.2], [0, 0], True),
        ([0.1], [0.1], False),
        ([5e-324, 1], [1, 1], False),
        ([2.0**-600], [2.0**-600], False),
        ([2.0**-530], [2.0**-530], False),
        ([2.0**-1022, 2.0**-1022], [1, -1], True),
    ],
    ids=str,
)
def test_a_product_is_exact_where_no_order_of_summation_rounds(a: list[float], b: list[float], exact: bool) -> None:
    found = dot(a, b)
    assert found.exact.item() == exact
    assert (found.delta.item() == 0) == exact


def test_what_is_rounded_stays_so_through_an_exact_product() -> None:
    column = given([[[0.1], [2.0]]], DOUBLE) @ given([[[0.1]]], DOUBLE)
    assert column.exact.ravel().tolist() == [False, True]
    assert (column @ given([[[4.0]]], DOUBLE)).exact.ravel().tolist() == [False, True]
    assert (column @ given([[[0.0]]], DOUBLE)).exact.all()


def in_order(a: np.ndarray, b: np.ndarray) -> Fraction:
    total = np.float32(0)
    for x, y in zip(a, b, strict=True):
        total = total + x * y
    return Fraction(float(total))


def test_where_a_product_is_called_exact_every_order_of_summation_gives_it() -> None:
    rng, exact = np.random.default_rng(3), 0
    for _ in range(400):
        width = int(rng.integers(1, 24))
        a = (rng.integers(-(2**width), 2**width, 4) * 2.0 ** rng.integers(-3, 3)).astype(np.float32)
        b = (rng.integers(-(2**8), 2**8, 4) * 2.0 ** rng.integers(-3, 3)).astype(np.float32)
        orders = {in_order(a[list(p)], b[list(p)]) for p in permutations(range(4))}
        truth = sum(Fraction(float(x)) * Fraction(float(y)) for x, y in zip(a, b, strict=True))
        found = dot(a.tolist(), b.tolist(), SINGLE)
        if found.exact.item():
            exact += 1
            assert orders == {truth}
    assert 100 < exact < 400


def test_what_is_exact_in_float64_may_not_be_in_float32() -> None:
    assert dot([2.0**24, 1], [1, 1], DOUBLE).exact.item()
    assert not dot([2.0**24, 1], [1, 1], SINGLE).exact.item()


# range


def test_range_is_flagged_where_an_intermediate_may_overflow_and_for_that_case_alone() -> None:
    values = given([[[2e19, 2e19]], [[1.0, 2.0]]], SINGLE)
    assert (values * values).range.tolist() == [True, False]
    assert (values @ values.mT).range.tolist() == [True, False]
    assert values.range.tolist() == [False, False]
    assert ((values * values) - (values * values)).range.tolist() == [True, False]


def test_range_is_flagged_for_sums_that_overflow_on_the_way_to_a_small_result() -> None:
    cancelling = given([[[2.0**64, 2.0**64]]], SINGLE) @ given([[[2.0**63], [-(2.0**63)]]], SINGLE)
    assert cancelling.value.item() == 0 and cancelling.range.all()


def test_a_factor_that_may_be_applied_last_is_kept_in_mind() -> None:
    values = given([[[1e38]]], SINGLE)
    assert not values.range.any()
    assert (values / 100 + values / 100).range.all()


def test_nan_becomes_an_infinite_bound() -> None:
    with np.errstate(all="ignore"):
        huge = given([[[1e308, 1e308]]], DOUBLE)
        lost = huge @ huge.mT - huge @ huge.mT
    assert np.isinf(lost.delta).all() and lost.range.all()


@pytest.mark.parametrize("precision", [SINGLE, DOUBLE], ids=lambda p: p.name)
def test_given_numbers_are_exact_unless_they_may_be_flushed(precision: Any) -> None:
    tiny = precision.smallest_normal
    values = given([[1.0, 0.0, tiny, tiny / 2, -tiny / 4]], precision)
    assert values.exact.tolist() == [[True, True, True, False, False]]
    assert values.delta.tolist() == [[0, 0, 0, tiny / 2, tiny / 4]]
    assert constant(0.3, precision).delta == precision.u * 0.3
