"""Deferred numbers: what the kind underneath computes, when it is asked for, and once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from cases.case import Case
from harness.mistakes import MISTAKES
from harness.mistakes.recipe import Setting, Sums
from harness.mistakes.runs import changed
from harness.numbers.deferred import Deferred, deferred
from harness.numbers.kinds import Kind, running_kind
from harness.numbers.running import Running
from harness.precision import PRECISIONS
from harness.rewritings import REWRITINGS
from harness.stack import Stack

FLOAT64 = PRECISIONS["float64"]


def run(kind: Kind, stack: Stack, changes: Any) -> list[Any]:
    """What changes come to on a stack, in the order of `Sums`."""
    *weights, x, target = (kind.number(part) for part in (*stack.weights, stack.x, stack.target))
    setting = Setting.of(stack.first)
    with np.errstate(all="ignore"):
        found: Sums = changed(kind, setting, changes).run(weights, x, target, kind.scalar(setting.learning_rate))
    return [found.output, found.loss, *found.gradients, *found.updated]


def same(a: Running, b: Running) -> bool:
    """Whether two numbers are the same in every bit of every field."""
    arrays = [field.name for field in fields(Running) if field.name != "precision"]
    return a.precision == b.precision and all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in arrays
    )


@pytest.mark.parametrize(
    ("activation", "task"),
    [
        ("sigmoid", "classification"),
        ("relu", "prediction"),
        ("tanh", "classification"),
        ("silu", "prediction"),
        ("hardtanh", "classification"),
        ("softplus", "prediction"),
        ("leaky_relu", "classification"),
    ],
)
def test_every_mistake_comes_to_the_same_numbers(draw: Callable[..., Case], activation: str, task: str) -> None:
    """One deferred kind for all, as in an exam: none may be given another's number."""
    cases = [draw(3, 3, 3, 2, batch=3, activation=activation, task=task, seed=seed) for seed in (1, 2)]
    large = replace(cases[0], name="large", weights=tuple(1e160 * w for w in cases[0].weights))
    stack = Stack((*cases, large))
    eager, late = running_kind(FLOAT64), deferred(running_kind(FLOAT64))
    changes = [(), *((one,) for one in (*MISTAKES.values(), *REWRITINGS)), *pairwise(MISTAKES.values())]
    for its in changes:
        for expected, found in zip(run(eager, stack, its), run(late, stack, its), strict=True):
            assert found.shape == expected.shape and same(found.number, expected), its


def numbers() -> tuple[Kind, Deferred, Deferred]:
    kind = deferred(running_kind(FLOAT64))
    return kind, kind.number(np.arange(6.0).reshape(1, 2, 3)), kind.number(np.ones((1, 3, 2)))


def test_the_same_operation_on_the_same_numbers_is_one_number() -> None:
    kind, a, b = numbers()
    assert a @ b is a @ b and a.mT.mT is a.mT.mT and 2 * a is a * 2 and a / 3 is a / 3 and -a is -a
    assert a + b.mT is a + b.mT and a - b.mT is not a + b.mT and a * b.mT is not b.mT * a
    assert kind.number(np.ones((1, 3, 2))) is b and kind.number(np.ones((1, 2, 3))) is not b
    relu = kind.sigma("relu")
    assert relu.value(a) is kind.sigma("relu").value(a) and relu.value(a) is not kind.sigma("tanh").value(a)
    assert relu.derivative(a, a) is not relu.value(a) and a.sum(axis=(-2, -1)) is a.sum(axis=(-2, -1))
    assert deferred(running_kind(FLOAT64)).number(np.ones((1, 3, 2))) is not b


def test_nothing_is_computed_before_it_is_asked_for_and_nothing_twice() -> None:
    calls: list[str] = []

    class Watched:
        def value(self, x: Running) -> Running:
            calls.append("value")
            return -x

        def derivative(self, x: Running, y: Running) -> Running:
            calls.append("slope")
            return x * y

    kind = deferred(replace(running_kind(FLOAT64), sigma=lambda name: Watched()))
    sigma, x = kind.sigma("watched"), kind.number(np.ones((1, 2, 2)))
    y = sigma.value(x)
    both = sigma.derivative(x, y) + sigma.derivative(x, y)
    assert calls == []
    assert both.number.value.tolist() == [[[-2.0, -2.0]] * 2] and calls == ["value", "slope"]
    assert y.number.value.tolist() == [[[-1.0, -1.0]] * 2] and (both @ y).number is not None
    assert calls == ["value", "slope"]


def test_numpys_own_scalars_may_stand_on_the_left() -> None:
    _, a, _ = numbers()
    assert (np.float64(2) * a).number.value.tolist() == [[[0.0, 2.0, 4.0], [6.0, 8.0, 10.0]]]
