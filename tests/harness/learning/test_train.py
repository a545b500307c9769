"""Whole trainings: all backends within the predicted growth, and a wrong one beyond it."""

from __future__ import annotations

import json
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest

from cases.case import SLUG
from harness.gate import gate
from harness.learning.exhibit import exhibit, shown
from harness.learning.train import train
from harness.learning.training import STEPS, Training, trainings
from reports.record import encode

NAMES = [one.name.removeprefix("learning-") for one in trainings()]
FEW = 25


@pytest.fixture(scope="session")
def three(backends):
    return [backends[name] for name in ("reference", "torch", "jax")]


def test_trainings_have_names_of_their_own(training):
    names = [one.name for one in trainings()]
    assert len(set(names)) == len(names) == 18 and all(SLUG.fullmatch(name) for name in names)
    assert {one.steps for one in trainings()} == {STEPS}
    assert "learning-3-5-2-sigmoid-classification-float64-0.1" in names


@pytest.mark.parametrize("name", NAMES)
def test_all_backends_stay_within_the_predicted_growth(training, three, name):
    learned = train(training(name, FEW), three)
    assert [run.backend for run in learned.runs] == ["reference", "torch", "jax"]
    for run in learned.runs:
        assert run.within and run.ratio > 0, (run.backend, run.ratio)
        assert run.drift[0] == 0 and len(run.loss) <= FEW + 1
    assert learned.stable <= (learned.rises == 0), "where α is stable the total error falls at every step"
    assert gate([], learned.rows, {}).exit_code == 0
    assert learned.ascent.loss[1] > learned.ascent.loss[0]


def test_two_hundred_steps_of_the_deck(three):
    learned = train(trainings()[0], three)
    assert learned.stable and not learned.rises and len(learned.loss) == STEPS + 1
    for name in ("reference", "torch", "jax"):
        its = [row for row in learned.rows if row.backend == name]
        assert len(its) == 6 and sum(row.entries for row in its if row.quantity == "update") == STEPS * 25
    for run in learned.runs:
        assert run.within and run.drift.max() < 1e-14 and run.blind_from is None
        np.testing.assert_allclose(run.loss, learned.loss, rtol=1e-13)


def test_an_update_a_billionth_off_leaves_the_prediction(training, spoiled):
    wrong = spoiled(lambda found: replace(found, updated=[w * (1 + 1e-9) for w in found.updated]))
    run = train(training("3-5-2-sigmoid-classification-float64-0.1"), [wrong]).runs[0]
    assert not run.within and run.ratio > 1e5


def test_a_slow_leak_in_one_small_weight_does_not_hide_behind_a_large_one(training, spoiled):
    def leak(found):
        found.updated[0][:, 1, 1] *= 1 + 1e-14  # 0.01, beside weights of 2
        return found

    run = train(training("3-5-2-sigmoid-classification-float64-0.1", 60), [spoiled(leak)]).runs[0]
    assert (run.drift <= run.predicted).all() and not run.within


def test_a_diverging_run_is_blind_from_where_the_prediction_is_as_large_as_the_weights(training, three):
    learned = train(training("4-8-3-tanh-prediction-float32-4", 60), three)
    assert not learned.stable and learned.rises > 30
    for run in learned.runs:
        assert run.within and 5 < run.blind_from < 15 and "weights leave the range of float32" in run.note
        assert run.predicted[run.blind_from] > np.abs(run.drift[run.blind_from])


def test_a_prediction_a_million_times_the_drift_is_blind(training, three, monkeypatch):
    monkeypatch.setattr("harness.learning.train.BLIND", 10.0)
    learned = train(training("3-5-2-sigmoid-classification-float64-10"), three[:1])
    assert learned.runs[0].blind_from is not None


def test_the_same_training_gives_the_same_rows_and_can_be_sent_away(training, three):
    one, two = (train(training("3-5-2-sigmoid-prediction-float32-1", 5), three) for _ in range(2))
    assert one.rows == two.rows
    assert pickle.loads(pickle.dumps(one)).rows == one.rows


def test_a_backend_that_fails_costs_its_own_run(training, three, spoiled):
    learned = train(training("3-5-2-sigmoid-classification-float64-0.1", 5), [three[0], spoiled(lambda found: 1 / 0)])
    good, bad = learned.runs
    assert good.within and not good.note and bad.note.startswith("step 0: ZeroDivisionError") and np.isnan(bad.ratio)


def test_the_exhibit_is_json_and_says_all_of_it(training, three):
    names = ("3-5-2-sigmoid-classification-float64-0.1", "4-8-3-tanh-prediction-float32-4")
    learned = [train(training(name, 40), three[:2]) for name in names]
    found = json.loads(json.dumps(encode(exhibit(learned)), allow_nan=False))
    first, second = found["trainings"]
    assert first["t"] == shown(40) == [*range(11), 15, 20, 25, 30, 35, 40]
    assert len(first["exact"]) == len(first["runs"][0]["drift"]) == 17 and first["alpha"] == 0.1
    assert first["stable"] is True and first["rises"] == 0 and first["runs"][1]["backend"] == "torch"
    assert 0 < first["runs"][0]["share"] <= 1 and first["runs"][0]["within"] is True
    assert second["runs"][0]["blind_from"] and second["runs"][0]["ended"] < 40 and second["wrong_sign"]["ended"]
    assert {(rate["structure"], rate["task"]) for rate in found["rates"]} == {
        (structure, task) for structure in ("3-5-2", "4-8-3") for task in ("classification", "prediction")
    }
    assert exhibit([]) == {}


def test_nothing_is_printed_on_overflow(training, three, recwarn, capsys):
    train(training("3-5-2-sigmoid-prediction-float32-10", 40), three[:1])
    assert not recwarn.list and capsys.readouterr() == ("", "")


def test_a_training_is_a_start_and_a_number_of_steps(training):
    one = training("3-5-2-sigmoid-classification-float32-0.1", 3)
    assert isinstance(one, Training) and re.search("float32", one.name)
    assert one.start.learning_rate == float(np.float32(0.1)) and one.start.weights[0].dtype == np.float32
