"""The three places where the deck says two things: which field of a reading changes what, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reference import error
from reference.backward import Backward, backward
from reference.network import forward
from reference.readings import DERIVATIVE, OUTER, READINGS, SCALE, SIGN, Reading


@pytest.fixture
def back(whole: Callable[..., Any]) -> Callable[..., Backward]:
    """Return a function: the backward run of a 3-4-4 network, two samples, under a reading."""

    def run(reading: Reading, **options: Any) -> Backward:
        example = whole(*options.pop("widths", (3, 4, 4)), batch=2, seed=9, **options)
        there = forward(example.network, example.weights, example.x)
        return backward(example.network, example.weights, there, example.target, reading)

    return run


def same(ours: Any, theirs: Any, factor: float = 1.0) -> bool:
    return all(np.array_equal(factor * a, b) for a, b in zip(ours, theirs, strict=True))


def test_the_derivative_is_the_default_and_the_first(whole: Callable[..., Any]) -> None:
    example = whole(3, 4, 4, batch=2)
    run = forward(example.network, example.weights, example.x)
    default = backward(example.network, example.weights, run, example.target)
    named = backward(example.network, example.weights, run, example.target, DERIVATIVE)
    assert same(default.gradients, named.gradients) and same(default.deltas, named.deltas)
    assert READINGS == (DERIVATIVE, SIGN, SCALE, OUTER)
    assert np.array_equal(error.slope(run.Y, example.target), error.slope(run.Y, example.target, DERIVATIVE))


def test_each_reading_differs_from_the_derivative_in_one_field() -> None:
    fields = ("descends", "scaled", "output_of_layer")
    assert [getattr(DERIVATIVE, field) for field in fields] == [True, True, True]
    for reading, field in zip(READINGS[1:], fields, strict=True):
        assert [name for name in fields if not getattr(reading, name)] == [field]
    assert len({reading.name for reading in READINGS}) == len(READINGS)
    assert all(reading.equations.startswith("S") and reading.statement for reading in READINGS)


def test_the_sign_turns_every_delta_and_every_gradient_round(back: Callable[..., Backward]) -> None:
    right, wrong = back(DERIVATIVE), back(SIGN)
    assert same(right.deltas, wrong.deltas, -1) and same(right.gradients, wrong.gradients, -1)
    assert any(g.any() for g in right.gradients)


def test_the_scale_is_the_factor_2_over_the_number_of_outputs(back: Callable[..., Backward]) -> None:
    right, wrong = back(DERIVATIVE), back(SCALE)
    assert same(right.deltas, wrong.deltas, 2) and same(right.gradients, wrong.gradients, 2)
    two = {"widths": (3, 4, 2)}
    assert same(back(DERIVATIVE, **two).gradients, back(SCALE, **two).gradients)


@pytest.mark.parametrize("outputs", [1, 2, 4, 8])
def test_the_slope_of_the_total_error_with_and_without_the_factor(outputs: int) -> None:
    Y, target = np.full((4, outputs), 5.0), np.full((4, outputs), 3.0)
    assert np.array_equal(error.slope(Y, target), np.full((4, outputs), 2 * 2 / (4 * outputs)))
    assert np.array_equal(error.slope(Y, target, SCALE), np.full((4, outputs), 2 / 4))
    assert np.array_equal(error.slope(Y, target, SIGN), -error.slope(Y, target))
    assert np.array_equal(error.slope(Y, target, OUTER), error.slope(Y, target))
    both = replace(SIGN, scaled=False)
    assert np.array_equal(error.slope(Y, target, both), -error.slope(Y, target, SCALE))


def test_the_outer_product_with_the_input_of_a_layer_leaves_the_deltas_alone(back: Callable[..., Backward]) -> None:
    right, wrong = back(DERIVATIVE), back(OUTER)
    assert same(right.deltas, wrong.deltas)
    assert np.array_equal(right.gradients[0], wrong.gradients[0])  # I^0 = h^0 = x
    assert not np.array_equal(right.gradients[1], wrong.gradients[1])  # a unit is off


def test_the_outer_product_is_the_same_where_every_node_hands_on_what_it_gets(back: Callable[..., Backward]) -> None:
    for options in ({"hidden": "identity"}, {"widths": (3, 4)}):
        assert same(back(DERIVATIVE, **options).gradients, back(OUTER, **options).gradients)


def test_on_the_deck_s_own_relu_network_scale_and_outer_product_do_not_show(deck: Callable[..., Any]) -> None:
    found = {}
    for hidden in ("relu", "sigmoid"):
        example = deck(hidden, None)
        run = forward(example.network, example.weights, example.x)
        gradients = {r: backward(example.network, example.weights, run, example.target, r).gradients for r in READINGS}
        found[hidden] = {r.name: same(gradients[DERIVATIVE], gradients[r]) for r in READINGS[1:]}
    assert found["relu"] == {"sign": False, "scale": True, "outer": True}
    assert found["sigmoid"] == {"sign": False, "scale": True, "outer": False}


def test_error_and_total_error_as_the_deck_prints_them() -> None:
    """S10: e = y* − y, whatever the reading. S11: (9 + 16)/2."""
    E = error.error(np.array([[5.0, 0.0]]), np.array([[2.0, 4.0]]))
    assert E.tolist() == [[-3, 4]]
    assert error.total_error(E) == 12.5
    assert error.total_error(np.repeat(E, 8, 0)) == 12.5
    assert error.total_error(np.array([[2.0, 0.0, 0.0, 0.0]])) == 1
