"""S27 over a range of α."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.learning import rates as module
from harness.learning.rates import rates
from harness.learning.training import deck_case, larger_case


@pytest.fixture(scope="module")
def prediction():
    return {rate.alpha: rate for rate in rates(replace(deck_case(), task="prediction"))}


def test_the_first_adjustment_is_proportional_to_alpha_until_rounding_swallows_it(prediction):
    moved = {alpha: rate.moved for alpha, rate in prediction.items()}
    assert moved[0.0] == moved[1e-20] == 0
    for alpha in (0.001, 0.01, 0.1, 10.0, 100.0):
        # each W' is rounded twice, in αΔW and in W − αΔW; the deck's weights are at most 3
        rounded = 2 * 2.0**-53 * ((3 + moved[alpha]) + alpha * (3 + moved[1.0]))
        assert abs(moved[alpha] - alpha * moved[1.0]) <= rounded < moved[alpha]


def test_the_larger_is_not_the_better(prediction):
    assert prediction[0.1].last < 1e-30 and prediction[10.0].last == pytest.approx(0.5)
    assert prediction[0.1].outcome == "falls" and prediction[0.0].outcome == "stays"
    assert prediction[10.0].outcome == "falls, up at 1 step" and prediction[10.0].sharpness > 2


def test_a_rise_that_rounding_explains_is_none(prediction):
    losses = np.array(prediction[1.0].loss)
    assert (np.diff(losses) > 0).sum() > 10, "at an error of 1e-32 it goes up and down"
    assert prediction[1.0].rises == 0


def test_overflow_is_taken_in_stride(recwarn):
    found = {rate.alpha: rate for rate in rates(replace(larger_case(), task="prediction"), (1.0, 30.0))}
    assert found[30.0].outcome == "overflows" and not np.isfinite(found[30.0].last)
    assert found[1.0].outcome == "falls" and not recwarn.list


def test_ascent_is_called_rising(monkeypatch):
    honest = module.update
    monkeypatch.setattr(module, "update", lambda W, dW, alpha: honest(W, dW, -alpha))
    assert [rate.outcome for rate in rates(deck_case(), (0.1, 1.0))] == ["rises", "rises"]
