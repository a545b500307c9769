"""The comparison: its ladder, its arithmetic, and every checker that does not check (STYLE)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from harness.compare import Comparison, Standard, ladder, shares
from harness.precision import PRECISIONS
from harness.truth import Exact
from reports.verdict import Verdict

DOUBLE, SINGLE = PRECISIONS["float64"], PRECISIONS["float32"]
U = 2.0**-53


def standard(high: object, bound: object, low: object = 0.0, radius: object = 0.0, range_: bool = False) -> Standard:
    """Exact values and a bound; numbers are spread over the shape of ``high``."""
    shape = np.shape(high)
    parts = [np.array(np.broadcast_to(np.asarray(part, np.float64), shape)) for part in (high, low, radius, bound)]
    return Standard(Exact(*parts[:3]), parts[3], range=range_)


def compared(values: object, high: object, bound: object, **rest: object) -> Comparison:
    return ladder(values, standard(high, bound, **rest), DOUBLE)  # type: ignore[arg-type]


# the ladder


def test_shape_is_looked_at_before_dtype_before_finiteness_before_values() -> None:
    exact, bound = np.ones((2, 3)), 1e-15
    everything_wrong = np.full((3, 2), np.nan, np.float32)
    assert compared(everything_wrong, exact, bound).detail == "shape (3, 2), expected (2, 3)"
    dtype_wrong = np.full((2, 3), np.nan, np.float32)
    assert compared(dtype_wrong, exact, bound).detail == "dtype float32, expected float64"
    not_finite = np.where(np.eye(2, 3) == 1, np.nan, 7.0)
    assert compared(not_finite, exact, bound).verdict == Verdict.NONFINITE
    assert compared(np.full((2, 3), 7.0), exact, bound).verdict == Verdict.VIOLATION
    assert compared(np.ones((2, 3)), exact, bound).verdict == Verdict.EXACT


@pytest.mark.parametrize("precision", [DOUBLE, SINGLE], ids=lambda p: p.name)
def test_each_precision_takes_its_own_dtype_only(precision: object) -> None:
    for dtype in (np.float16, np.float32, np.float64, np.longdouble):
        found = ladder(np.ones(2, dtype), standard([1.0, 1.0], 1e-3), precision)  # type: ignore[arg-type]
        right = np.dtype(dtype) == np.dtype(precision.dtype)  # type: ignore[attr-defined]
        assert (found.verdict == Verdict.EXACT) == right
        assert (found.verdict == Verdict.MALFORMED) != right


def test_a_scalar_is_not_an_array_of_one() -> None:
    assert compared(np.ones(1), 1.0, U).verdict == Verdict.MALFORMED
    assert compared(np.float64(1), 1.0, U).verdict == Verdict.EXACT


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("bound", [0.0, 1e-15, 1e300, np.inf])
def test_no_bound_lets_nan_or_infinity_pass(poison: float, bound: float) -> None:
    found = compared(np.array([1.0, poison]), [1.0, 1.0], bound)
    assert (found.verdict, found.worst_index) == (Verdict.NONFINITE, (1,))
    in_range = compared(np.array([1.0, poison]), [1.0, 1.0], bound, range_=True)
    assert in_range.verdict == Verdict.RANGE


def test_without_error_a_bound_of_zero_passes_and_with_any_error_it_fails() -> None:
    assert compared(np.zeros(2), [0.0, 0.0], 0.0).share == 0
    found = compared(np.array([0.0, 5e-324]), [0.0, 0.0], 0.0)
    assert (found.verdict, found.share, found.worst_index) == (Verdict.VIOLATION, np.inf, (1,))
    assert "which no rounding explains" in found.detail
    assert compared(-np.zeros(2), [0.0, 0.0], 0.0).verdict == Verdict.EXACT


@pytest.mark.parametrize("side", [-1, 1])
def test_an_error_passes_up_to_the_bound_and_no_further(side: int) -> None:
    value, error = np.array([1 + side * 2.0**-30]), 2.0**-30
    assert compared(value, [1.0], error * (1 + 2.0**-49)).verdict == Verdict.ROUNDING
    assert compared(value, [1.0], error * (1 - 2.0**-49)).verdict == Verdict.VIOLATION
    assert compared(value, [1.0], error).verdict == Verdict.VIOLATION  # the error itself is rounded upwards


# the arithmetic


def test_the_error_is_never_underestimated() -> None:
    rng, count = np.random.default_rng(20260101), 20_000
    high = np.ldexp(rng.uniform(-2, 2, count), rng.integers(-1074, 1000, count))
    low = high * rng.uniform(-1, 1, count) * 2.0**-54
    values = high * (1 + rng.integers(-1, 2, count) * 2.0 ** -rng.integers(1, 54, count).astype(float))
    radius = np.abs(high) * np.ldexp(rng.random(count), -rng.integers(1, 120, count))
    error = shares(values, standard(high, 1.0, low=low, radius=radius))
    for found, *parts in zip(error, values, high, low, radius, strict=True):
        value, h, l, r = map(Fraction, parts)
        # by the last bit of low; where that is subnormal, every bound that is not 0 is far larger
        left_out = abs(l) / 2**53 if abs(l) >= Fraction(1, 2**1021) else 0
        assert Fraction(found) >= abs(value - h - l) + left_out + r


def test_errors_below_the_last_bit_of_the_exact_value_are_measured() -> None:
    found = compared(np.ones(1), [1.0], 1e-15, low=2.0**-60)
    assert found.max_abs == 2.0**-60
    assert found.max_ulp == 2.0**-8
    assert found.max_rel == 2.0**-60


def test_exact_means_correctly_rounded() -> None:
    rng = np.random.default_rng(5)
    for precision in (DOUBLE, SINGLE):
        draws = np.ldexp(rng.uniform(1, 2, 300), rng.integers(-20, 20, 300))
        edges = 2.0 ** rng.integers(-9, 9, 300) * (1 + rng.integers(-3, 4, 300) * 2.0**-1 * precision.u)
        for high in np.concatenate([draws, edges]):
            nearest = np.asarray(high).astype(precision.dtype)
            near = [nearest, np.nextafter(nearest, np.inf), np.nextafter(nearest, -np.inf)]
            distances = [abs(Fraction(float(v)) - Fraction(high)) for v in near]
            for value, distance in zip(near, distances, strict=True):
                found = ladder(value, standard(high, 1.0e9), precision)
                assert found.blind == 1  # so the verdict below is not masked by a bound this wide
                found = ladder(value, standard(high, abs(high) / 2), precision)
                assert (found.verdict == Verdict.EXACT) == (distance == min(distances)), (value, high)


def test_blind_and_zero_entries_are_counted_apart() -> None:
    held = standard([1.0, 1.0, -1.0, 0.0, 1e-300], [0.5, 1.0, 2.0, 0.5, np.inf])
    assert held.alone.blind[0].tolist() == [False, True, True, False, True]
    assert held.alone.zero[0].tolist() == [False, False, False, True, False]
    found = ladder(held.exact.high.copy(), held, DOUBLE)
    assert (found.entries, found.blind, found.zero, found.verdict) == (5, 3, 1, Verdict.EXACT)


@pytest.mark.parametrize(
    ("high", "bound", "verdict"),
    [
        ([1.0, 1.0], [1.0, 2.0], Verdict.BLIND),
        ([1.0, 0.0], [1.0, 0.0], Verdict.BLIND),
        ([1.0, 1.0], [1.0, 0.9], Verdict.EXACT),
        ([0.0, 0.0], [0.0, 0.0], Verdict.EXACT),
    ],
    ids=["all", "all-but-zeros", "all-but-one", "zeros-alone"],
)
def test_an_array_is_blind_where_every_nonzero_entry_is(high: list[float], bound: object, verdict: Verdict) -> None:
    assert compared(np.array(high), high, bound).verdict == verdict


def test_the_entry_of_largest_share_is_named_and_not_that_of_largest_error() -> None:
    found = compared(np.array([[1.5, 1.0], [1.0 + 2e-15, 1.0]]), np.ones((2, 2)), [[1.0, 1.0], [1e-15, 1.0]])
    assert (found.worst_index, found.worst_value, found.worst_exact) == ((1, 0), 1.0 + 2e-15, 1.0)
    assert found.max_abs == 0.5
    assert found.detail.startswith(f"1 of 4 entries; at [1, 0] {1 + 2e-15!r} where exact is 1.0, ")


# checkers that do not check


def test_a_sign_flip_below_any_floor_is_seen() -> None:
    for size in (4e-5, 1e-8, 1e-30, 1e-300):
        found = ladder(np.array([size]), standard([-size], size * 2.0**-50), DOUBLE)
        assert found.verdict == Verdict.VIOLATION


def test_permuted_entries_with_the_same_mean_are_seen() -> None:
    found = compared(np.array([1.0, -1.0]), [-1.0, 1.0], 4 * U)
    assert (found.verdict, found.detail[:16]) == (Verdict.VIOLATION, "2 of 2 entries; ")


def test_the_size_of_an_array_or_of_its_other_entries_loosens_nothing() -> None:
    for size in (1, 10, 1_000_000):
        high = np.full(size, 1e9)
        high[-1] = 1e-9
        values = high.copy()
        values[-1] *= 1.0005
        found = ladder(values, standard(high, np.abs(high) * 2.0**-45), DOUBLE)
        assert (found.verdict, found.worst_index) == (Verdict.VIOLATION, (size - 1,))


def test_nothing_is_cut_or_spread_to_make_shapes_fit() -> None:
    for values in (np.ones(2), np.ones(4), np.ones((1, 3)), np.ones((3, 1)), np.float64(1), np.ones((2, 3))):
        assert compared(values, np.ones(3), 1.0).verdict == Verdict.MALFORMED


@pytest.mark.parametrize("fill", [0.0, np.finfo(np.float64).max])
def test_nan_replaced_by_a_number_is_seen(fill: float) -> None:
    values = np.nan_to_num(np.array([np.nan, 1.0]), nan=fill)
    assert compared(values, [0.5, 1.0], 4 * U).verdict == Verdict.VIOLATION


def test_float32_numbers_in_float64_clothes_are_seen() -> None:
    exact = np.array([0.1, 1 / 3, 0.7])
    assert compared(exact.astype(np.float32).astype(np.float64), exact, 4 * U).verdict == Verdict.VIOLATION
