"""The truth of a scan is known far below a ulp of the format, also where float64 formulas lose their digits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from cases.case import ACTIVATIONS, DTYPES
from harness.pointwise_truth import SMALLEST, exact
from harness.precision import PRECISIONS
from harness.scan import points
from harness.truth import FAR_BELOW

each_dtype = pytest.mark.parametrize("dtype", DTYPES)


@each_dtype
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_radius_is_far_below_a_ulp(activation: str, dtype: str) -> None:
    precision, every = PRECISIONS[dtype], points(dtype).astype(np.float64)
    with np.errstate(all="ignore"):
        for its in exact(activation, every[:: len(every) // 150], precision):
            inside = np.abs(its.high) <= precision.largest / 2
            fine = FAR_BELOW * precision.spacing(its.high)
            assert inside.any() and np.all((its.radius <= np.maximum(fine, SMALLEST))[inside])


def sigmoid_slope(x: float) -> mpmath.mpf:
    return mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2


FAR_OUT = {
    "1/x², where |x| has more digits than balls begin with": (
        "softsign", "float64", -4.631683569492648e77, lambda x: 1 / (1 + abs(x)) ** 2,
    ),
    "1 − y, where y is 1 in float64": ("sigmoid", "float32", 40.0, sigmoid_slope),
    "1 − y², where y is 1 in float64": ("tanh", "float32", 21.0, lambda x: 1 / mpmath.cosh(x) ** 2),
}  # fmt: skip


@pytest.mark.parametrize("where", FAR_OUT)
def test_what_cancels_in_float64_is_known_all_the_same(where: str) -> None:
    activation, dtype, x, formula = FAR_OUT[where]
    _, slope = exact(activation, np.array([x]), PRECISIONS[dtype])
    with mpmath.workdps(1000):
        right = formula(mpmath.mpf(x))
        off = abs(mpmath.mpf(slope.high[0]) + mpmath.mpf(slope.low[0]) - right)
        assert right > 0 and off < right / 2**40


def test_a_slope_of_exactly_zero_is_zero_to_the_last_float64() -> None:
    _, slope = exact("hardswish", np.array([-1.5]), PRECISIONS["float64"])
    assert abs(slope.high[0]) <= SMALLEST and slope.radius[0] <= SMALLEST


def test_zero_stays_signed_and_what_is_beyond_the_range_does_no_harm() -> None:
    value, slope = exact("selu", np.array([0.0, -math.inf, 1.79e308]), PRECISIONS["float64"])
    assert value.high[0] == 0 and not np.isfinite(value.high[2]) and slope.high[2] > 1
