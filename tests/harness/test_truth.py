"""The truth: a differentiator that knows products, sums and σ, as precise as the bound asks for."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb, arb_mat

from cases.case import Case, make_case
from harness.bound import bounds
from harness.nodes import Node, apply, differentiate, mean_square, product
from harness.stack import Stack
from harness.truth import (
    FAR_BELOW,
    Exact,
    Truth,
    graph,
    split,
    truth,
)


def wanted(case: Case) -> list[np.ndarray]:
    limits = bounds(Stack((case,)))
    return [limit.bound[0] for limit in (limits.output, limits.loss, *limits.gradients, *limits.updated)]


def parts(found: Truth) -> list[Exact]:
    return [found.output, found.loss, *found.gradients, *found.updated]


def rational(exact: Exact, index: Any = ()) -> Fraction:
    return Fraction(float(exact.high[index])) + Fraction(float(exact.low[index]))


# the differentiator


def test_products_and_squares_are_differentiated() -> None:
    a, b = Node(arb_mat([[2, 3]])), Node(arb_mat([[5, 7], [11, 13]]))
    loss = mean_square(product(a, b), arb_mat([[40, 50]]))  # y = (43, 53), e = (3, 3)
    differentiate(loss)
    assert loss.value[0, 0] == 9
    assert a.slope == arb_mat([[3 * 5 + 3 * 7, 3 * 11 + 3 * 13]])
    assert b.slope == arb_mat([[6, 6], [9, 9]])


def test_a_node_used_twice_gets_both_parts() -> None:
    a = Node(arb_mat([[3]]))
    loss = mean_square(product(a, a), arb_mat([[0]]))  # a⁴
    differentiate(loss)
    assert a.slope == arb_mat([[4 * 27]])


def test_an_activation_is_differentiated_by_its_formula() -> None:
    a = Node(arb_mat([[0, 2, -2]]))
    loss = mean_square(apply("sigmoid", a, "left", True)[0], arb_mat([[0, 0, 0]]))
    differentiate(loss)
    assert a.slope is not None
    assert a.slope[0, 0].overlaps(arb(1) / 12)  # (2/3)·½·¼
    assert a.slope[0, 1] != a.slope[0, 2]


def test_every_intermediate_has_its_slope(draw: Callable[..., Case]) -> None:
    g = graph(draw(3, 4, 2, seed=1))
    assert all(node.slope is not None for node in (*g.weights, *g.I, *g.h))


# how exact it is


def test_a_ball_is_split_into_two_doubles_and_a_radius_that_hold_it() -> None:
    with flint.ctx.workprec(300):
        balls = [arb(1) / 3, arb(2).sqrt() * 10**200, arb(0), arb(0.1), -arb(1).exp() / 10**300]
        balls.append(arb(1.5, 2.0**-40))
        found = split(arb_mat([balls]))
        for ball, high, low, radius in zip(balls, found.high[0], found.low[0], found.radius[0], strict=True):
            held = arb(float(high)) + arb(float(low))
            rest = abs(arb(float(low))) * arb(2) ** -53  # what the last bit of low leaves out; see compare.shares
            assert abs(ball - held).upper() <= (arb(float(radius)) + rest) * (1 + arb(2) ** -50)
            assert high == float(ball.mid())
    assert found.radius[0][2] == found.radius[0][3] == 0
    assert found.low[0][3] == 0 != found.low[0][0]


def test_a_radius_below_the_smallest_double_is_not_called_exact() -> None:
    tiny = split(arb_mat([[arb(1, arb(2) ** -5000)]]))
    assert tiny.radius[0, 0] == 5e-324
    assert split(arb_mat([[arb(1)]])).radius[0, 0] == 0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", ["sigmoid", "relu", "identity"])
def test_the_radius_is_far_below_the_bound(draw: Callable[..., Case], activation: str, dtype: str) -> None:
    case = draw(3, 5, 4, 3, activation=activation, dtype=dtype, seed=4)
    limits = wanted(case)
    for exact, limit in zip(parts(truth(case, limits)), limits, strict=True):
        assert np.all(exact.radius <= FAR_BELOW * limit)


def test_precision_is_raised_where_the_truth_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Y = Y* to a part in 2^1022: 128 bits see nothing of the error, and the bound asks for its size."""
    used: list[int] = []
    honest = graph

    def watched(case: Case, member: str = "left", hull: bool = True) -> Any:
        used.append(flint.ctx.prec)
        return honest(case, member, hull)

    monkeypatch.setattr("harness.truth.graph", watched)
    x, target = [[1.0, 2.0**-500]], [[1.0]]
    case = make_case("near", "identity", "prediction", "float64", x, target, [[[1.0], [2.0**-300]]])
    tiny = [np.full(shape, 2.0**-900) for shape in ((1, 1), (), (2, 1), (2, 1))]
    found = truth(case, tiny)
    assert len(used) > 1 and used == sorted(set(used))
    assert rational(found.gradients[0], (0, 0)) == Fraction(2, 2**800)
    used.clear()
    truth(case, [np.full(shape, 1.0) for shape in ((1, 1), (), (2, 1), (2, 1))])
    assert used == [128]


def test_where_output_and_target_are_equal_the_truth_is_zero() -> None:
    case = make_case("same", "sigmoid", "classification", "float64", [[1.0, 2.0]], [[0.5]], [[[2.0], [-1.0]]])
    found = truth(case, wanted(case))
    assert (found.loss.high, found.loss.low) == (0, 0)
    assert not found.gradients[0].high.any() and not found.gradients[0].radius.any()
    assert found.updated[0].high.tolist() == [[2.0], [-1.0]]


@pytest.mark.parametrize("size", [40.0, 800.0, 1e300])
def test_a_saturated_sigmoid_keeps_its_sign_or_its_radius_says_that_it_is_lost(size: float) -> None:
    case = make_case("far", "sigmoid", "classification", "float64", [[1.0]], [[0.25]], [[[size]]])
    found = truth(case, wanted(case))
    slope, radius = float(found.gradients[0].high[0, 0]), float(found.gradients[0].radius[0, 0])
    assert slope > radius if size == 40 else abs(slope) <= max(radius, 5e-324)
    assert rational(found.output, (0, 0)) <= 1


def test_truth_without_rounding_is_rational_arithmetic() -> None:
    rng = np.random.default_rng(8)
    x, target, w = rng.uniform(-1, 1, (3, 2)), rng.uniform(-1, 1, (3, 4)), rng.uniform(-1, 1, (2, 4))
    case = make_case("linear", "identity", "prediction", "float64", x, target, [w], 0.25)
    found = truth(case, wanted(case))
    fraction = np.frompyfunc(Fraction, 1, 1)
    X, T, W = fraction(x), fraction(target), fraction(w)
    e = X @ W - T
    expected = [X @ W, np.asarray((e * e).sum() / 12), X.T @ e / 6, W - X.T @ e / 24]
    for exact, array in zip(parts(found), expected, strict=True):
        for index in np.ndindex(array.shape):
            rest = Fraction(float(exact.radius[index])) + abs(Fraction(float(exact.low[index]))) / 2**53
            assert abs(rational(exact, index) - array[index]) <= rest


@pytest.mark.parametrize(("member", "slope"), [("left", 0), ("right", 6), ("mean", 3)])
def test_on_a_kink_there_is_a_truth_for_each_member(member: str, slope: int) -> None:
    case = make_case("kink", "relu", "prediction", "float64", [[1.0]], [[-1.0]], [[[0.0]], [[3.0]]])
    found = truth(case, wanted(case), member)
    assert rational(found.gradients[0], (0, 0)) == slope
    assert rational(found.gradients[1], (0, 0)) == 0


def test_what_no_precision_determines_is_said(monkeypatch: pytest.MonkeyPatch, draw: Callable[..., Case]) -> None:
    def undetermined(case: Case, member: str = "left", hull: bool = True) -> Any:
        raise ValueError("division by a ball that holds 0")

    monkeypatch.setattr("harness.truth.graph", undetermined)
    case = draw(2, 3, 1)
    with pytest.raises(ArithmeticError, match=f"{case.name}: the exact value is not determined by 8192 bits"):
        truth(case, wanted(case))


def test_precision_is_left_as_it_was(draw: Callable[..., Case]) -> None:
    case, before = draw(2, 3, 1), flint.ctx.prec
    truth(case, wanted(case))
    assert flint.ctx.prec == before
