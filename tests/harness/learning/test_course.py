"""Backends running freely: to the end, to an overflow, or to what stops them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from harness.backends import Evaluation
from harness.backends.reference import matrix, readings
from harness.learning.course import course
from harness.learning.training import deck_case
from reference.readings import SIGN


@pytest.fixture
def start():
    return deck_case()


def test_a_free_run_is_the_update_again_and_again(start):
    found = course(matrix, start, 3)
    assert found.rows.shape == (4, 25) and found.loss.shape == (4,) and found.finite == 4 and not found.note
    again = course(matrix, replace(start, weights=found.states[1]), 2)
    np.testing.assert_array_equal(again.rows, found.rows[1:])
    assert (np.diff(found.loss) < 0).all()


def test_a_backend_without_updates_is_taken_along_its_own_gradients(start, spoiled):
    bare = spoiled(lambda found: replace(found, updated=None), real="reference")
    np.testing.assert_array_equal(course(bare, start, 5).rows, course(matrix, start, 5).rows)


@dataclass
class Failing:
    """The reference until its fourth call."""

    what: object
    name: str = "failing"
    calls: int = 0

    def supports(self, case):
        return None

    def evaluate(self, stack):
        self.calls += 1
        found = matrix.evaluate(stack)
        if self.calls < 4:
            return found
        if isinstance(self.what, Exception):
            raise self.what
        return replace(found, updated=self.what(found.updated))


@pytest.mark.parametrize(
    ("what", "note"),
    [
        (RuntimeError("out of luck"), "step 3: RuntimeError at test_course.py"),
        (lambda ws: [w[..., :1] for w in ws], "step 3: update of layer 1 is not of shape"),
        (lambda ws: [w.astype(np.float32) for w in ws], "and dtype float64"),
        (lambda ws: ws[:1], "step 3: update of layer 1: 1 arrays, expected 2"),
        (lambda ws: [None, None], "step 3: update of layer 1: None, expected an array"),
    ],
)
def test_it_ends_where_the_backend_does(start, what, note):
    found = course(Failing(what), start, 10)
    assert note in found.note
    assert len(found.states) == len(found.loss) == (3 if isinstance(what, Exception) else 4)


def test_a_backend_that_fails_at_once_has_a_start_and_no_error(start):
    failing = Failing(RuntimeError("no"), calls=10)
    found = course(failing, start, 5)
    assert len(found.states) == 1 and len(found.loss) == 0 and found.note


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_under_the_wrong_sign_the_error_rises_until_it_overflows(training, dtype):
    start = training(f"3-5-2-sigmoid-prediction-{dtype}-10").start
    sign = next(reading for reading in readings if reading.reading is SIGN)
    found = course(sign, start, 200)
    numbers = found.loss[np.isfinite(found.loss)]
    assert (np.diff(numbers) > 0).all() and len(numbers) > 5
    assert f"weights leave the range of {dtype}" in found.note
    assert not np.isfinite(found.rows[-1]).all() and found.finite == len(found.states) - 1


def test_a_loss_that_is_none_is_no_number(start, spoiled):
    for loss in (None, np.array(["a"]), np.zeros((1, 2))):
        bare = spoiled(lambda found, loss=loss: Evaluation(found.output, loss, found.gradients, found.updated))
        assert np.isnan(course(bare, start, 2).loss).all()
