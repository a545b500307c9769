"""S24's `numpy.kron` in place of S23's matrix product: right, and really called for every sample of every case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases.case import ACTIVATIONS, TASKS, Case
from harness.backends.reference import kron, matrix
from harness.run import run
from harness.stack import Stack
from reports.verdict import Verdict


def cases(draw: Callable[..., Case], dtype: str) -> list[Case]:
    return [
        replace(draw(4, 3, 2, batch=3, activation=activation, task=task, dtype=dtype), name=f"{activation}-{task}")
        for activation in ACTIVATIONS
        for task in TASKS
    ]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_right_on_every_activation_and_task(dtype: str, draw: Callable[..., Case]) -> None:
    outcome = run(cases(draw, dtype), [kron], observers=(), mistakes=False)
    assert outcome.answer.exit_code == 0
    assert {row.verdict for row in outcome.rows} == {Verdict.EXACT, Verdict.ROUNDING}


def test_numpy_kron_is_called_with_a_column_and_a_row_for_every_sample(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, real = [], np.kron

    def watched(a: Any, b: Any) -> Any:
        seen.append((a.shape, b.shape))
        return real(a, b)

    monkeypatch.setattr(np, "kron", watched)
    kron.evaluate(Stack(tuple(draw(4, 3, 2, batch=5, seed=seed) for seed in range(2))))
    assert sorted(seen) == sorted([((4, 1), (1, 3))] * 10 + [((3, 1), (1, 2))] * 10)
    matrix.evaluate(Stack((draw(4, 3, 2),)))
    assert len(seen) == 20, "the matrix form does without"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_some_last_bits_differ_from_the_matrix_form(dtype: str, draw: Callable[..., Case]) -> None:
    stack = Stack(tuple(draw(4, 3, 2, batch=8, dtype=dtype, seed=seed) for seed in range(4)))
    ours, theirs = kron.evaluate(stack), matrix.evaluate(stack)
    assert ours.gradients is not None and theirs.gradients is not None
    assert any((a != b).any() for a, b in zip(ours.gradients, theirs.gradients, strict=True))


def test_a_product_the_other_way_round_is_caught(draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    real = np.kron
    monkeypatch.setattr(np, "kron", lambda column, row: real(row.mT[: len(column)], column.mT[:, : row.shape[1]]))
    case = draw(2, 2, 2)
    assert run([case], [kron], observers=(), mistakes=False).answer.exit_code == 1


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_narrow_formats_are_refused(dtype: str, draw: Callable[..., Case]) -> None:
    assert kron.supports(draw(3, 4, 2, dtype=dtype)) == "adds sample by sample, so in storage precision"


def test_terms_are_those_of_the_matrix_form(draw: Callable[..., Case]) -> None:
    stack = Stack((draw(3, 4, 2),))
    for a, b in zip(kron.terms(stack).deltas, matrix.terms(stack).deltas, strict=True):
        assert np.array_equal(a, b)
