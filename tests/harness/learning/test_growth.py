"""How far rounding is predicted to carry a run: Hessians, products, bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.learning.growth import hessians, local_bounds, predicted, sharpness
from harness.learning.path import exact_path, flat
from harness.learning.train import train


def test_the_hessian_of_one_weight(line):
    np.testing.assert_array_equal(hessians(line(), np.array([[1.25], [7.0]])), [[[0.5]], [[0.5]]])


@pytest.mark.parametrize("task", ["classification", "prediction"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_hessians_are_symmetric_and_the_slope_of_the_gradient(draw, activation, task):
    case = draw(3, 4, 2, activation=activation, task=task)
    row = flat([w[None] for w in case.weights])
    H = hessians(case, row)[0]
    np.testing.assert_allclose(H, H.T, rtol=0, atol=1e-15 * np.abs(H).max() * len(H))
    there = exact_path(case, 1)  # W − αΔW: the gradient, exactly
    direction = np.cos(np.arange(row.size))
    far = 2.0**-20 * direction
    moved = replace(case, weights=tuple(_shaped(row[0] + far, case)))
    gradients = [(p.high[0] - p.high[1]) / case.learning_rate for p in (there, exact_path(moved, 1))]
    slope = (gradients[1] - gradients[0]) * 2.0**20
    np.testing.assert_allclose(H @ direction, slope, rtol=0, atol=2.0**-17 * np.abs(slope).max() * 10)


def _shaped(row, case):
    ends = np.cumsum([w.size for w in case.weights])[:-1]
    return [part.reshape(w.shape) for part, w in zip(np.split(row, ends), case.weights, strict=True)]


def test_an_activation_with_a_kink_has_no_complex_step(draw):
    case = draw(3, 4, 2, activation="relu")
    with pytest.raises(ValueError, match="relu has no complex step"):
        hessians(case, flat([w[None] for w in case.weights]))


def test_growth_of_one_weight_is_a_geometric_sum():
    H, alpha, bound = np.full((6, 1, 1), 0.5), 6.0, np.full((1, 6, 1), 3.0)  # 1 − αH = −2
    np.testing.assert_array_equal(predicted(H, alpha, bound)[0, :, 0], [3 * (2**t - 1) for t in range(7)])


def test_products_are_taken_in_their_order(draw):
    rng = np.random.default_rng(7)
    H = rng.integers(-4, 5, (5, 3, 3)) / 4.0  # and α = 1/2: numbers of few bits, so that nothing is ever rounded
    local = rng.integers(0, 9, (2, 5, 3)) / 8.0
    for kind in range(2):
        expected = np.zeros(3)
        for s in range(5):
            product = np.eye(3)
            for r in range(s + 1, 5):
                product = (np.eye(3) - 0.5 * H[r]) @ product
            expected += np.abs(product) @ local[kind, s]
        np.testing.assert_array_equal(predicted(H, 0.5, local)[kind, -1], expected)


def test_without_the_products_a_run_leaves_the_prediction(training, backends, monkeypatch):
    diverging = training("4-8-3-tanh-prediction-float64-4", 13)
    run = train(diverging, [backends["torch"]]).runs[0]
    assert run.within and run.blind_from is None
    monkeypatch.setattr("harness.learning.train.hessians", lambda case, rows: np.zeros((*rows.shape, rows.shape[-1])))
    assert not train(diverging, [backends["torch"]]).runs[0].within


def test_stable_is_below_two_over_the_largest_eigenvalue(line):
    assert sharpness(hessians(line(), np.ones((1, 1))), 3.0).tolist() == [1.5]
    assert np.isnan(sharpness(np.full((1, 1, 1), np.nan), 3.0)).all()


def test_a_step_in_storage_precision_may_be_further_off(training):
    start = training("3-5-2-sigmoid-classification-float32-0.1").start
    rows = flat([w[None] for w in start.weights])
    ours, coarse = local_bounds(start, rows), local_bounds(start, rows, ("tf32", "reverse"))
    assert (coarse > ours).all()
