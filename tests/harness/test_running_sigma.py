"""σ and σ' on running-error numbers: errors carried, kinks, their members, and known deviations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cases.known import Deviation
from harness import envelopes
from harness.accuracy import ACCURACY
from harness.bound import INFLATION
from harness.numbers.running import Running, given
from harness.numbers.running_sigma import MEMBERS, RunningSigma, members
from harness.precision import PRECISIONS

each_activation = pytest.mark.parametrize("name", ACCURACY)
KINKS = [(name, kink) for name, row in ACCURACY.items() for kink in row.kinks]
each_kink = pytest.mark.parametrize(("name", "kink"), KINKS, ids=[f"{n}{k:+g}" for n, k in KINKS])


def number(values: list[float], delta: float, precision: str = "float64", variance: float = 0.0) -> Running:
    plain = given([values], PRECISIONS[precision])
    exact = plain.exact & (delta == 0)
    spread = np.full_like(plain.value, variance)
    return Running(plain.value, plain.delta + delta, spread, exact, plain.range, plain.precision)


def both(sigma: RunningSigma, x: Running) -> tuple[Running, Running]:
    with np.errstate(all="ignore"):
        y = sigma.value(x)
        return y, sigma.derivative(x, y)


@each_activation
@pytest.mark.parametrize("delta", [0.0, 2.0**-40, 0.01, 3.0, 1e300])
def test_an_error_on_the_way_in_is_carried_to_value_and_derivative(name: str, delta: float) -> None:
    x = number([-800.0, -30.0, -1.5, -0.01, 0.3, 2.0, 37.0, 800.0], delta)
    y, slope = both(RunningSigma(name), x)
    for part in (-1.0, -0.5, 0.0, 0.7, 1.0):
        at = x.value + part * x.delta
        moved, derivative = envelopes.value(name, at), envelopes.slope(name, at)
        assert np.all(np.abs(moved - y.value) <= y.delta * INFLATION)
        assert np.all(np.abs(derivative - slope.value) <= slope.delta * INFLATION)
    assert np.all(y.delta <= ACCURACY[name].reach + y.precision.u * 8)


@each_activation
@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_rounding_on_the_way_in_is_not_carried_for_nothing(name: str, precision: str) -> None:
    """Power: at ordinary numbers the error grows by few roundings, not by a constant."""
    p = PRECISIONS[precision]
    y, slope = both(RunningSigma(name), number([-0.7, 0.3, 1.4], 4 * p.u, precision))
    assert np.all(y.delta <= 20 * p.u) and np.all(slope.delta <= 40 * p.u)


def test_values_of_activations_without_rounding_stay_exact() -> None:
    x = number([-2.0, 0.0, 3.0], 0.0)
    for name in ("relu", "identity", "hardtanh"):
        y = RunningSigma(name).value(x)
        assert y.exact.all() and not y.delta.any()
    assert not RunningSigma("sigmoid").value(x).exact.any()
    assert RunningSigma("tanh").value(x).exact.tolist() == [[False, True, False]]


@pytest.mark.parametrize(("member", "slope"), list(zip(MEMBERS, (0.0, 1.0, 0.5, 0.0, 1.0), strict=True)))
def test_exactly_on_a_kink_the_named_member_is_taken_without_any_error(member: str, slope: float) -> None:
    sigma, x = RunningSigma("relu", member), number([0.0, 1.0, -1.0], 0.0)
    found = both(sigma, x)[1]
    assert found.value.tolist() == [[slope, 1.0, 0.0]]
    assert not found.delta.any()
    assert (sigma.on_kink[0].tolist(), sigma.near_kink[0].tolist()) == ([True], [False])


@each_kink
def test_on_a_kink_each_member_is_the_slope_on_its_side(name: str, kink: float) -> None:
    sides = [float(envelopes.slope(name, np.array([kink + step]))[0]) for step in (-(2.0**-40), 2.0**-40)]
    found = {m: float(both(RunningSigma(name, m), number([kink], 0.0))[1].value[0, 0]) for m in MEMBERS}
    left, right = sides
    inner, outer = (left, right) if kink > 0 else (right, left)
    expected = {"left": left, "right": right, "mean": (left + right) / 2, "inner": inner, "outer": outer}
    assert all(abs(found[m] - expected[m]) < 2.0**-38 for m in MEMBERS if kink or m in members(name))
    assert abs(abs(left - right) - ACCURACY[name].kinks[kink]) < 1e-5  # selu's jump is written to five digits
    assert abs(left - right) <= ACCURACY[name].kinks[kink] + 2.0**-38


def test_inner_and_outer_are_members_where_there_is_a_kink_on_either_side_of_zero() -> None:
    two = {name for name, row in ACCURACY.items() if len(row.kinks) == 2}
    assert two == {"hardtanh", "hardsigmoid", "hardswish"}
    for name in ACCURACY:
        assert members(name) == (MEMBERS if name in two else MEMBERS[:3])


@pytest.mark.parametrize(("member", "slopes"), [("inner", [1.0, 1.0]), ("outer", [0.0, 0.0]), ("left", [0.0, 1.0])])
def test_units_on_both_kinks_take_the_member_of_their_own_side(member: str, slopes: list[float]) -> None:
    sigma = RunningSigma("hardtanh", member)
    found = both(sigma, number([-1.0, 1.0], 0.0))[1]
    assert found.value.tolist() == [slopes] and not found.delta.any()
    assert np.logical_or.reduce(sigma.on_kink).tolist() == [True]


@each_kink
@pytest.mark.parametrize("precision", PRECISIONS)
def test_near_a_kink_the_derivative_may_be_that_of_either_side(name: str, kink: float, precision: str) -> None:
    p = PRECISIONS[precision]
    step = 4 * p.u * (1 + abs(kink))
    sigma, x = RunningSigma(name), number([kink + step, kink - step, kink, kink + 0.5], step, precision)
    found = both(sigma, x)[1]
    jump = ACCURACY[name].kinks[kink]
    assert np.all(found.delta[0, :3] >= jump) and found.delta[0, 3] < jump
    assert not np.logical_or.reduce(sigma.on_kink).any() and np.logical_or.reduce(sigma.near_kink).all()
    assert np.all(found.variance[0, :3] >= jump**2)


def test_a_rounded_number_equal_to_the_kink_is_near_it_and_not_on_it() -> None:
    """It may have been computed on either side by another order of summation."""
    x = number([0.0], 0.0)
    x = Running(x.value, x.delta, x.variance, ~x.exact, x.range, x.precision)
    sigma = RunningSigma("relu")
    found = both(sigma, x)[1]
    assert found.delta.item() == 1.0
    assert (sigma.on_kink[0].tolist(), sigma.near_kink[0].tolist()) == ([False], [True])


# known deviations


def listed(**changes: Any) -> Deviation:
    row = {"id": "d", "activation": "softplus", "backend": "torch", "versions": ">=0", "dtype": "float64"}
    rest = {"of": "value", "x": ((20.0, 40.0),), "limit": 2.0**20, "what": "above its threshold the identity"}
    return Deviation.model_validate(row | rest | changes)


POINTS = [1.0, 19.0, 20.0, 30.0, 40.0, 41.0]
INSIDE = [False, False, True, True, True, False]


@pytest.mark.parametrize("of", ["value", "derivative"])
def test_a_known_deviation_widens_its_own_quantity_inside_its_interval_alone(of: str) -> None:
    x = number(POINTS, 0.0)
    plain, wide = both(RunningSigma("softplus"), x), both(RunningSigma("softplus", known=[listed(of=of)]), x)
    for part, before, after in zip(("value", "derivative"), plain, wide, strict=True):
        changed = (after.delta != before.delta)[0].tolist()
        assert changed == (INSIDE if part == of else [False] * 6)
        assert np.all(after.delta >= before.delta) and np.array_equal(after.value, before.value)
    row = ACCURACY["softplus"]
    scale = (row.scale if of == "value" else row.scale_slope)(np.array(POINTS[2:5]), x.precision)
    grown = wide[of == "derivative"].delta[0, 2:5]
    assert np.all(grown >= 2.0**20 * 2.0**-53 * scale) and np.all(grown <= 2.0**20 * 2.0**-53 * scale * 1.01)


def test_a_point_that_may_lie_inside_the_interval_is_widened_too() -> None:
    x = number([19.0, 10.0], 0.6)
    plain, wide = (RunningSigma("softplus", known=rows).value(x) for rows in ((), (listed(),)))
    assert (wide.delta != plain.delta)[0].tolist() == [True, False]


@pytest.mark.parametrize("changes", [{"activation": "silu"}, {"dtype": "float32"}], ids=lambda c: next(iter(c)))
def test_a_deviation_of_another_activation_or_precision_changes_nothing(changes: dict[str, str]) -> None:
    x = number(POINTS, 0.0)
    for plain, wide in zip(
        both(RunningSigma("softplus"), x), both(RunningSigma("softplus", known=[listed(**changes)]), x), strict=True
    ):
        assert np.array_equal(plain.delta, wide.delta)


def test_a_deviation_to_nan_gives_an_infinite_bound_there() -> None:
    y = RunningSigma("softplus", known=[listed(limit="nonfinite")]).value(number(POINTS, 0.0))
    assert np.isinf(y.delta)[0].tolist() == INSIDE
