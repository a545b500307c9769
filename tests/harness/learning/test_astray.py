"""A backend that is right step by step and wrong when it runs on its own results fails the gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from cases.case import Case
from harness.backends import Evaluation, load
from harness.learning.training import Training, trainings
from harness.run import run
from harness.stack import Stack
from reports.verdict import Verdict

Spoil = Callable[["Kept", Evaluation, Stack], Evaluation]


@dataclass
class Kept:
    """The reference; but where it is asked one case at a time, ``spoil`` sees what it found, and may keep things."""

    spoil: Spoil
    name: str = "kept"
    calls: int = 0
    velocity: list[Any] = field(default_factory=list)

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Evaluation:
        found = load("reference").evaluate(stack)
        if len(stack.cases) > 1:
            return found
        self.calls += 1
        return self.spoil(self, found, stack)


def momentum(kept: Kept, found: Evaluation, stack: Stack) -> Evaluation:
    before = kept.velocity or [np.zeros_like(g) for g in found.gradients or ()]
    kept.velocity = [0.9 * v + g for v, g in zip(before, found.gradients or (), strict=True)]
    alpha = stack.first.learning_rate
    return replace(found, updated=[w - alpha * v for w, v in zip(stack.weights, kept.velocity, strict=True)])


def leaking(kept: Kept, found: Evaluation, stack: Stack) -> Evaluation:
    return replace(found, updated=[w * (1 + 1e-9) for w in found.updated or ()])


def crashing(kept: Kept, found: Evaluation, stack: Stack) -> Evaluation:
    if kept.calls > 10:
        raise RuntimeError("no more")
    return found


def losing(kept: Kept, found: Evaluation, stack: Stack) -> Evaluation:
    return replace(found, updated=[w * np.nan for w in found.updated or ()]) if kept.calls > 10 else found


def cutting(kept: Kept, found: Evaluation, stack: Stack) -> Evaluation:
    return replace(found, updated=[w[:, :, :1] for w in found.updated or ()]) if kept.calls > 10 else found


def honest(kept: Kept, found: Evaluation, stack: Stack) -> Evaluation:
    return found


@pytest.fixture(scope="module")
def short() -> Training:
    name = "learning-3-5-2-sigmoid-classification-float64-0.1"
    return replace(next(one for one in trainings() if one.name == name), steps=20)


@pytest.mark.parametrize(
    ("spoil", "verdict", "code"),
    [
        (momentum, Verdict.VIOLATION, 1),
        (leaking, Verdict.VIOLATION, 1),
        (crashing, Verdict.CRASHED, 3),
        (losing, Verdict.NONFINITE, 1),
        (cutting, Verdict.MALFORMED, 1),
    ],
)
def test_what_goes_wrong_on_the_way_fails_the_gate(spoil: Spoil, verdict: Verdict, code: int, short: Training) -> None:
    found = run([], [Kept(spoil)], trainings=[short])
    assert found.answer.exit_code == code
    (row,) = [row for row in found.rows if row.quantity is None]
    assert (row.verdict, row.backend) == (verdict, "kept") and row.detail.startswith("running free, ")


def test_a_right_one_has_no_such_row_and_passes(short: Training) -> None:
    found = run([], [Kept(honest)], trainings=[short])
    assert found.answer.exit_code == 0 and all(row.quantity for row in found.rows)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_where_descent_is_unstable_leaving_the_range_is_no_fault(dtype: str) -> None:
    name = f"learning-4-8-3-tanh-prediction-{dtype}-4"
    (wild,) = [one for one in trainings() if one.name == name]
    found = run([], [load("reference")], trainings=[wild])
    assert found.answer.exit_code == 0 and all(row.quantity for row in found.rows)
