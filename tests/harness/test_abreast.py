"""All cases at once and case by case come to the same rows, to the last bit and word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases.case import Case
from harness.abreast import Found, rows_abreast
from harness.backends import Evaluation
from harness.backends.reference import matrix, readings
from harness.judge import NOTHING, Judge
from harness.known import Known
from harness.stack import Stack
from reports.record import Row
from reports.verdict import Verdict

SETTINGS = [
    ("sigmoid", "classification", "float64"),
    ("relu", "prediction", "float32"),
    ("gelu", "classification", "float16"),
    ("hardtanh", "prediction", "bfloat16"),
]


def one_by_one(judge: Judge, found: Evaluation) -> list[list[Row]]:
    reference = matrix.evaluate(judge.stack)
    return [judge.rows(k, "some", found, reference) for k in range(len(judge.stack.cases))]


def abreast(judge: Judge, found: Evaluation, known: Known = NOTHING) -> list[list[Row] | None]:
    """As one backend of two found them; the other is right."""
    right = matrix.evaluate(judge.stack)
    return rows_abreast(judge, [Found("other", right), Found("some", found, known)], right)[1]


def drawn(draw: Callable[..., Case], activation: str, task: str, dtype: str) -> Judge:
    return Judge(Stack(tuple(draw(3, 4, 2, activation=activation, task=task, dtype=dtype, seed=s) for s in range(5))))


def spoiled(found: Evaluation, value: Any) -> Evaluation:
    """One entry of one case of every quantity replaced."""
    arrays = [np.array(part) for part in (found.output, found.loss, *(found.gradients or ()), *(found.updated or ()))]
    for number, array in enumerate(arrays):
        array.reshape(len(array), -1)[number % len(array), -1] = value
    half = 2 + (len(arrays) - 2) // 2
    return Evaluation(arrays[0], arrays[1], arrays[2:half], arrays[half:])


@pytest.mark.parametrize("setting", SETTINGS, ids="-".join)
def test_what_is_right(draw: Callable[..., Case], setting: tuple[str, str, str]) -> None:
    judge = drawn(draw, *setting)
    found = matrix.evaluate(judge.stack)
    assert abreast(judge, found) == one_by_one(judge, found)
    only = replace(found, output=None, loss=None, updated=None)
    assert abreast(judge, only) == one_by_one(judge, only)


@pytest.mark.parametrize("value", [0.125, np.nan, np.inf, -np.inf, 0.0], ids=str)
@pytest.mark.parametrize("setting", SETTINGS, ids="-".join)
def test_what_is_wrong_with_its_words(draw: Callable[..., Case], setting: tuple[str, str, str], value: float) -> None:
    judge = drawn(draw, *setting)
    found = spoiled(matrix.evaluate(judge.stack), value)
    rows = abreast(judge, found)
    assert repr(rows) == repr(one_by_one(judge, found)), "as text, for NaN is not NaN"
    assert {row.verdict for its in rows if its for row in its} & {Verdict.VIOLATION, Verdict.NONFINITE}


@pytest.mark.parametrize("reading", readings, ids=lambda one: one.name)
def test_the_readings_of_the_deck(draw: Callable[..., Case], reading: Any) -> None:
    judge = drawn(draw, *SETTINGS[0])
    found = reading.evaluate(judge.stack)
    assert abreast(judge, found) == one_by_one(judge, found)


def on_a_kink(draw: Callable[..., Case], activation: str) -> Judge:
    """The second of three cases has every hidden unit exactly on the kink at 0, or at 1."""
    cases = [draw(3, 4, 2, activation=activation, seed=seed) for seed in range(3)]
    at = 0.0 if activation == "relu" else 1.0
    first = np.zeros_like(cases[1].weights[0])
    first[0] = at
    x = np.ones_like(cases[1].x)
    cases[1] = replace(cases[1], x=x, weights=(first, *cases[1].weights[1:]))
    return Judge(Stack(tuple(cases)))


@pytest.mark.parametrize("activation", ["relu", "hardtanh"])
@pytest.mark.parametrize("member", ["left", "right", "mean", "neither"])
def test_conventions(draw: Callable[..., Case], activation: str, member: str) -> None:
    judge = on_a_kink(draw, activation)
    assert len(judge.standards[1]) > 1 and len(judge.standards[0]) == 1
    found = matrix.evaluate(judge.stack)
    legal = judge.standards[1].get(member)
    gradients = [np.array(gradient) for gradient in found.gradients or ()]
    gradients[0][1] = 7.0 if legal is None else legal["gradient", 1].exact.high
    other = replace(found, gradients=gradients)
    rows = abreast(judge, other)
    assert rows == one_by_one(judge, other)
    first_gradient = next(row for row in rows[1] or () if (row.quantity, row.layer) == ("gradient", 1))
    expected = Verdict.VIOLATION if member == "neither" else Verdict.CONVENTION
    assert first_gradient.verdict == expected


@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: replace(found, output=found.output[..., 0]),
        lambda found: replace(found, loss=found.loss.astype(np.float32)),
        lambda found: replace(found, gradients=found.gradients[:1]),
        lambda found: replace(found, gradients=[None, found.gradients[1]]),
        lambda found: replace(found, gradients=iter(found.gradients)),
        lambda found: replace(found, updated=[w.tolist() for w in found.updated]),
    ],
    ids=["shape", "dtype", "count", "None", "generator", "lists"],
)
def test_what_has_another_form_is_left(draw: Callable[..., Case], spoil: Callable[[Any], Evaluation]) -> None:
    judge = drawn(draw, *SETTINGS[0])
    assert abreast(judge, spoil(matrix.evaluate(judge.stack))) == [None] * 5


def test_what_a_known_deviation_may_explain_is_left(draw: Callable[..., Case]) -> None:
    judge = drawn(draw, *SETTINGS[0])
    found = spoiled(matrix.evaluate(judge.stack), 0.125)
    right = [all(row.verdict != Verdict.VIOLATION for row in its) for its in one_by_one(judge, found)]
    some: Any = Known((object(),), ())  # type: ignore[arg-type]
    assert [its is not None for its in abreast(judge, found, some)] == right
