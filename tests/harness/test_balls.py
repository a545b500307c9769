"""Balls and jets: exact numbers under the operators of the equations, and σ' from σ's own formula."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb

from harness.accuracy import ACCURACY
from harness.nodes import sigma
from harness.numbers.balls import Balls, at_most
from harness.numbers.jets import VAST, Jet
from reference.activations import FORMULAS, Formula


@pytest.fixture(autouse=True)
def bits() -> Any:
    """256 bits for every test here, and none left changed."""
    with flint.ctx.workprec(256):
        yield


def holds(ball: arb, exact: Fraction) -> bool:
    return bool(ball.overlaps(arb(exact.numerator) / exact.denominator))


def rational(array: np.ndarray) -> np.ndarray:
    return np.frompyfunc(lambda v: Fraction(float(v)), 1, 1)(array)


def require_holds(balls: Balls, exact: Any) -> None:
    assert balls.shape == np.shape(exact)
    for ball, value in zip(balls.entries.flat, np.ravel(exact), strict=True):
        assert holds(ball, value)
        assert ball.rad() < arb(2) ** -200


def test_operators_give_the_exact_number() -> None:
    rng = np.random.default_rng(1)
    a, b, c = rng.uniform(-1, 1, (2, 3)), rng.uniform(-1, 1, (3, 4)), rng.uniform(1, 2, (2, 3))
    A, B, C, x, y, z = Balls(a), Balls(b), Balls(c), rational(a), rational(b), rational(c)
    require_holds(A @ B, x @ y)
    require_holds(A + C, x + z)
    require_holds(A - C, x - z)
    require_holds(A * C, x * z)
    require_holds(A / C, x / z)
    require_holds(-A, -x)
    require_holds(2 * A / 6, x / 3)
    require_holds(1 - A, 1 - x)
    require_holds(1 + A, 1 + x)
    require_holds(1 / C, 1 / z)
    require_holds(A.mT @ C, x.T @ z)
    require_holds(A.sum(axis=(-2, -1)), x.sum())
    require_holds(Balls.ones_like(A), np.full((2, 3), Fraction(1)))
    require_holds(Balls.zeros_like(A), np.full((2, 3), Fraction(0)))


def test_a_difference_in_the_last_bit_is_no_overlap() -> None:
    assert Balls([0.1, 0.2]).overlaps(Balls([0.1, 0.2]))
    assert not Balls([0.1, 0.2]).overlaps(Balls([0.1, np.nextafter(0.2, 1)]))
    assert not Balls([[0.0]]).overlaps(Balls([0.0]))
    assert not Balls([0.1, 0.2]).overlaps(Balls([0.1]))


def test_exp_is_that_of_the_number() -> None:
    (value,) = Balls.exp(Balls([1.0])).entries
    assert value.overlaps(arb(1).exp()) and not value.overlaps(arb(float(np.e)))


def straddling(middle: float = 0.0) -> arb:
    return arb(middle, 2.0**-100)


def test_a_comparison_that_a_ball_does_not_decide_is_none() -> None:
    assert [at_most(v, 0) for v in (arb(-1), arb(0), arb(1), straddling())] == [True, True, False, None]
    assert (Balls([[arb(-1), straddling(), arb(1)]]) <= 0).tolist() == [[True, None, False]]


def test_an_undecided_comparison_gives_a_hull_of_both_branches() -> None:
    relu = Formula("relu", Balls)
    x = Balls([straddling(), arb(2), arb(-2)])
    y = relu.value(x)
    slope = relu.derivative(x, y)
    hull, on, off = slope.entries
    assert hull.contains(arb(0)) and hull.contains(arb(1))
    assert (on == 1, off == 0) == (True, True)
    assert y.entries[0].contains(arb(0)) and y.entries[0].contains(arb(2) ** -101)


def jet(name: str, x: Any, right: bool = False) -> Jet:
    found = FORMULAS[name].value(Jet, Jet.variable(x if isinstance(x, arb) else arb(x), right))
    assert isinstance(found, Jet)
    return found


@pytest.mark.parametrize(("member", "slope"), [("left", 0.0), ("right", 1.0), ("mean", 0.5)])
def test_on_a_kink_the_named_derivative_is_taken(member: str, slope: float) -> None:
    for zero in (0.0, -0.0):
        value, found = sigma("relu", arb(zero), member)
        assert (value == 0, found == slope) == (True, True)
    for x, expected in ((2.0**-1000, 1), (-(2.0**-1000), 0)):
        assert sigma("relu", arb(x), member)[1] == expected


@pytest.mark.parametrize("member", ["left", "right", "mean"])
def test_near_a_kink_both_slopes_are_held(member: str) -> None:
    value, slope = sigma("relu", straddling(), member)
    assert slope.contains(arb(0)) and slope.contains(arb(1))
    assert value.contains(arb(2) ** -101)


@pytest.mark.parametrize("right", [False, True])
def test_a_jet_takes_the_side_that_it_is_told_on_a_kink_and_on_a_narrow_ball_around_it(right: bool) -> None:
    for x in (arb(0), straddling()):
        assert jet("relu", x, right).slope == right
    with pytest.raises(ValueError, match="more bits are needed"):
        jet("relu", arb(0, 2.0**-19), right)


@pytest.mark.parametrize("name", ["hardtanh", "hardsigmoid", "hardswish"])
def test_at_each_of_two_kinks_each_side_has_the_slope_of_the_points_beside_it(name: str) -> None:
    for kink in ACCURACY[name].kinks:
        sides = [sigma(name, arb(kink) + side * arb(2) ** -100)[1] for side in (-1, 1)]
        left, right = (sigma(name, arb(kink), member)[1] for member in ("left", "right"))
        assert abs(left - sides[0]) < 2.0**-90 and abs(right - sides[1]) < 2.0**-90
        assert not left.overlaps(right)
        inner, outer = (sigma(name, arb(kink), member)[1] for member in ("inner", "outer"))
        assert all(a.overlaps(b) for a, b in zip((inner, outer), (left, right)[:: 1 if kink > 0 else -1], strict=True))


@pytest.mark.parametrize("x", [0.0, 1.0, -1.0, 36.7, -36.7, 800.0, -800.0])
def test_the_jet_of_sigmoid_is_its_value_and_derivative(x: float) -> None:
    with flint.ctx.workprec(4096):
        value = 1 / (1 + (-arb(x)).exp())
        slope = value * (1 - value)
    found = jet("sigmoid", x)
    assert found.value.overlaps(value) and found.slope.overlaps(slope)
    wrong = value * (1 + arb(2) ** -100), slope * (1 + arb(2) ** -100)
    assert not found.value.overlaps(wrong[0])
    assert found.slope > 0 or x > 0  # to the right 1 − σ loses bits, and the truth asks for more of them


@pytest.mark.parametrize("x", [1e300, 1.7976931348623157e308, 1e20])
def test_a_sigmoid_beyond_all_exponents_is_held_between_what_can_be_written(x: float) -> None:
    far_right, far_left = jet("sigmoid", x), jet("sigmoid", -x)
    assert far_right.value.overlaps(arb(1)) and far_left.value.overlaps(arb(0))
    for found in (far_left.value, far_left.slope):
        assert abs(found) < arb(2) ** -1100  # below the smallest float64
    for found in (far_right.value - 1, far_right.slope):
        assert abs(found) < arb(2) ** -250  # all that 256 bits can say next to 1


def test_a_number_too_large_to_write_down_is_refused_rather_than_wrong() -> None:
    vast = Jet.exp(Jet.variable(arb(2 * VAST)))
    small = Jet.variable(arb(1))
    operations = (
        lambda: vast * 2,
        lambda: vast / 3,
        lambda: 1 - vast,
        lambda: -vast,
        lambda: small * vast,
        lambda: vast * small,
        lambda: vast / vast,
        lambda: vast / (1 + vast),
        lambda: small - vast,
        lambda: small + vast,
    )
    for operation in operations:
        with pytest.raises(ArithmeticError):
            operation()
    assert (vast + 1).vast and (vast - 1).vast
    for quotient in (3 / (1 + vast), small / vast, small / (1 + vast)):
        assert not quotient.vast
        for part in (quotient.value, quotient.slope):
            assert abs(part) < arb(2) ** -1000 and part.contains(0)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("x", [-3.0, -0.25, 0.5, 2.0])
def test_the_formula_of_the_derivative_is_the_derivative_of_the_formula(name: str, x: float) -> None:
    sigma, found = Formula(name, Balls), jet(name, x)
    y = sigma.value(Balls([x]))
    assert y.entries[0].overlaps(found.value)
    assert sigma.derivative(Balls([x]), y).entries[0].overlaps(found.slope)
