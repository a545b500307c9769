"""The exact trajectory against rational numbers, and its bits."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from harness.learning import path as module
from harness.learning.path import exact_path, flat, layered
from harness.learning.training import at_weights
from harness.stack import Stack
from harness.truth import graph


def test_the_path_of_one_weight_is_that_of_rational_numbers(line):
    case = line()
    x, y, alpha = Fraction(0.5), Fraction(0.375), Fraction(0.75)
    path, w = exact_path(case, 30), Fraction(1.25)
    for t in range(31):
        error = abs(Fraction(path.high[t, 0]) + Fraction(path.low[t, 0]) - w)
        assert error <= Fraction(2) ** -100
        assert abs(Fraction(path.loss[t]) - (x * w - y) ** 2) <= Fraction(2) ** -52 * (x * w - y) ** 2
        w -= alpha * 2 * x * (x * w - y)
    assert path.falls.all() and path.steps == 30


def test_more_bits_are_taken_where_balls_widen(training, monkeypatch):
    start = training("3-5-2-sigmoid-prediction-float64-1").start
    wide = exact_path(start, 200)
    assert wide.bits == 512 and wide.steps == 200
    monkeypatch.setattr(module, "BITS", (256,))
    narrow = exact_path(start, 200)
    assert 0 < narrow.steps < 200, "a step that 256 bits do not know is not shown"
    np.testing.assert_array_equal(narrow.high, wide.high[: narrow.steps + 1])


def test_where_the_error_stands_still_it_does_not_fall(line):
    at_rest = line(target=0.625)  # x·w exactly
    assert not exact_path(at_rest, 3).falls.any()
    away = line(alpha=5.0)  # 1 − αH = −1.5
    path = exact_path(away, 3)
    assert not path.falls.any() and path.loss[-1] > path.loss[0]


def test_weights_and_rows_of_weights_are_the_same_numbers(draw):
    case = draw(3, 5, 2)
    rows = flat([w[None] for w in case.weights])
    assert rows.shape == (1, 25)
    for before, after in zip(case.weights, layered(rows, case), strict=True):
        np.testing.assert_array_equal(before, after[0])
    stack = Stack(tuple(at_weights(case, [case.weights] * 3)))
    assert stack.weights[0].shape == (3, 3, 5) and len({c.name for c in stack.cases}) == 3


def test_the_graph_takes_weights_that_are_no_floating_point_numbers(line):
    third = module.flint.arb(1) / 3
    weight = module.flint.arb_mat([[third]])
    found = graph(line(), weights=[weight])
    assert found.I[0].value[0, 0].overlaps(third / 2)
    assert not found.I[0].value[0, 0].overlaps(module.flint.arb(1.25) / 2)


@pytest.mark.parametrize("steps", [0, 1])
def test_few_steps(line, steps):
    path = exact_path(line(), steps)
    assert path.steps == steps and len(path.falls) == steps
