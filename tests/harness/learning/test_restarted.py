"""Steps started again from the reference's weights: judged as the catalogue is, and seen by the gate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.backends.reference import matrix, readings
from harness.check import attempt
from harness.gate import gate
from harness.judge import Judge
from harness.learning import restarted as module
from harness.learning.course import course
from harness.learning.restarted import Restarts, restarted, step_by_step, together
from harness.learning.training import at_weights
from harness.stack import Stack
from reference.readings import SIGN
from reports.verdict import Verdict

FIGURES = ("entries", "blind", "zero", "max_abs", "max_ulp", "max_rel", "reference_abs", "reference_ulp", "share",
           "typical", "worst_index", "worst_value", "worst_exact", "verdict")  # fmt: skip


@pytest.fixture
def steps(training):
    """Start and states of a training."""

    def make(name="3-5-2-sigmoid-classification-float64-0.1", count=6):
        start = training(name).start
        own = course(matrix, start, count)
        return start, own.states[: min(own.finite, count)]

    return make


def shifted(factor):
    """An update whose adjustment is ``factor`` times what it should be."""
    return lambda found: replace(found, updated=[w * factor for w in found.updated])


def test_every_quantity_of_every_layer_is_a_row(steps, frameworks):
    start, states = steps()
    rows = restarted(start, states, frameworks)
    assert len(rows) == 2 * 6 and {row.backend for row in rows} == {"torch", "jax"}
    assert {(row.quantity, row.layer) for row in rows} == {
        ("output", 0), ("loss", 0), ("gradient", 1), ("gradient", 2), ("update", 1), ("update", 2)
    }  # fmt: skip
    assert {row.case for row in rows} == {start.name} and {row.family for row in rows} == {"learning"}
    assert sum(row.entries for row in rows if row.backend == "jax") == 6 * (2 + 1 + 25 + 25)
    assert gate([], rows, {}).exit_code == 0


@pytest.mark.parametrize("name", ["3-5-2-sigmoid-classification-float64-0.1", "4-8-3-tanh-prediction-float32-0.1"])
def test_all_steps_at_once_come_to_what_each_comes_to_by_itself(steps, backends, name):
    start, states = steps(name)
    stack = Stack(tuple(at_weights(start, states)))
    its = Restarts(start, Judge(stack), matrix.evaluate(stack))
    found = attempt(backends["torch"], stack)
    quick, slow = together(its, "torch", found), step_by_step(its, "torch", found)
    assert len(quick) == len(slow) == 6
    for a, b in zip(quick, slow, strict=True):
        assert [getattr(a, name) for name in FIGURES] == [getattr(b, name) for name in FIGURES]


@pytest.mark.parametrize("factor", [1 + 1e-9, 1 - 1e-14])
def test_an_update_that_is_off_is_a_violation(steps, spoiled, factor):
    start, states = steps()
    rows = restarted(start, states, [spoiled(shifted(factor))])
    assert {row.verdict for row in rows if row.quantity == "update"} == {Verdict.VIOLATION}
    assert all(row.verdict in (Verdict.EXACT, Verdict.ROUNDING) for row in rows if row.quantity != "update")
    answer = gate([], rows, {})
    assert answer.exit_code == 1 and answer.failures[0].case == start.name
    assert "6 of 6 steps violation" in answer.failures[0].reason


def test_one_wrong_step_among_many_is_seen(steps, spoiled):
    def spoil(found):
        for w in found.updated:
            w[4] *= 1 + 1e-12
        return found

    start, states = steps()
    rows = restarted(start, states, [spoiled(spoil)])
    its = [row for row in rows if row.quantity == "update"]
    assert {row.verdict for row in its} == {Verdict.VIOLATION}
    assert all(row.detail.startswith("step 4, 1 of 6 steps violation") for row in its)


def test_the_wrong_sign_is_a_violation(steps):
    start, states = steps()
    rows = restarted(start, states, [next(r for r in readings if r.reading is SIGN)])
    assert {row.quantity for row in rows if row.verdict == Verdict.VIOLATION} == {"gradient", "update"}


@pytest.mark.parametrize(
    ("spoil", "verdict"),
    [
        (lambda f: replace(f, updated=[w * np.nan for w in f.updated]), Verdict.NONFINITE),
        (lambda f: replace(f, updated=[w.astype(np.float32) for w in f.updated]), Verdict.MALFORMED),
        (lambda f: replace(f, updated=[w[..., :1] for w in f.updated]), Verdict.MALFORMED),
        (lambda f: replace(f, updated=f.updated[:1]), Verdict.MALFORMED),
        (lambda f: None, Verdict.MALFORMED),
        (lambda f: 1 / 0, Verdict.CRASHED),
    ],
)
def test_whatever_comes_back_ends_in_a_row_that_fails(steps, spoiled, spoil, verdict):
    start, states = steps(count=3)
    rows = restarted(start, states, [spoiled(spoil)])
    assert verdict in {row.verdict for row in rows}
    answer = gate([], rows, {})
    assert answer.exit_code in (1, 3) and ": None " not in answer.failures[0].reason


def test_steps_that_leave_the_range_do_not_fail_and_are_not_called_checked(steps, frameworks):
    start, states = steps("4-8-3-tanh-prediction-float32-4", 60)
    assert len(states) < 60
    rows = restarted(start, states, frameworks)
    assert gate([], rows, {}).exit_code == 0
    assert any("may leave the range" in row.detail for row in rows)
    assert all(row.entries < len(states) * 56 for row in rows)


def test_what_is_not_covered_is_one_row(steps, backends):
    class Never:
        name = "never"

        def supports(self, case):
            return "not today"

        def evaluate(self, stack):
            raise AssertionError

    start, states = steps(count=2)
    (row,) = restarted(start, states, [Never()])
    assert row.verdict == Verdict.UNSUPPORTED and row.quantity is None and gate([], [row], {}).exit_code == 0


def test_blind_steps_do_not_hide_a_wrong_one_nor_pass_for_right(row_of):
    rows = [row_of(Verdict.BLIND, 0.5), row_of(Verdict.ROUNDING, 0.1), row_of(Verdict.RANGE, 3.0)]
    assert module._worst(rows[0][0], [r for _, r in rows]).verdict == Verdict.ROUNDING
    blind = [row_of(Verdict.BLIND, 0.5), row_of(Verdict.BLIND, 0.4)]
    assert module._worst(blind[0][0], [r for _, r in blind]).verdict == Verdict.BLIND
    wrong = [*rows, row_of(Verdict.VIOLATION, 7.0), row_of(Verdict.VIOLATION, float("nan"))]
    worst = module._worst(wrong[0][0], [r for _, r in wrong])
    assert worst.verdict == Verdict.VIOLATION and np.isnan(worst.share) and np.isnan(worst.max_abs)
    known = [row_of(Verdict.ROUNDING, 0.9), row_of(Verdict.KNOWN, 0.2), row_of(Verdict.EXACT, 0.95)]
    worst = module._worst(known[0][0], [r for _, r in known])
    assert worst.verdict == Verdict.KNOWN and worst.share == 0.2, "the entry shown is one of that verdict"


@pytest.fixture
def row_of(line):
    """Return a function: a step's row with this verdict and share."""
    case = line()

    def make(verdict, share):
        comparison = module.Comparison(verdict, "", 1, max_abs=share, share=share)
        return case, module.make_row(case, "torch", ("gradient", 1), comparison)

    return make
