"""Ways in which a check that did not check could have looked like a pass, or a correct result been accused."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cases.case import Case, make_case
from harness.backends import Evaluation, load
from harness.backends.reference import matrix
from harness.run import run
from harness.stack import Stack
from reports.verdict import Verdict

Change = Callable[[Evaluation], object]


def cases(count: int = 2, dtype: str = "float64") -> list[Case]:
    """Cases of one structure, so that they make one stack."""
    return [
        make_case(f"loop-{k}", "sigmoid", "prediction", dtype, [[0.3, 0.1 * k]], [[1.0]], [[[0.5], [0.25]], [[2.0]]])
        for k in range(1, count + 1)
    ]


@dataclass(frozen=True)
class Spoiled:
    """The reference, with something done to its results."""

    change: Change
    declines: str = "nobody"
    name: str = "mine"
    accumulates: str = "format"

    def supports(self, case: Case) -> str | None:
        return "not this one" if self.declines in case.name else None

    def evaluate(self, stack: Stack) -> Evaluation:
        return self.change(matrix.evaluate(stack))  # type: ignore[return-value]


@dataclass(frozen=True)
class AtOnce(Spoiled):
    """The same, with all stacks at once."""

    def evaluate_together(self, stacks: Sequence[Stack]) -> list[Evaluation]:
        return [self.evaluate(stack) for stack in stacks]


def negated(found: Evaluation) -> Evaluation:
    return Evaluation(found.output, found.loss, [-g for g in found.gradients or ()], found.updated)


@pytest.mark.parametrize("kind", [Spoiled, AtOnce])
@pytest.mark.parametrize(
    "change",
    [lambda found: Evaluation(found.output, found.loss, None, found.updated), lambda found: None, lambda found: (1, 2)],
    ids=["no-gradients", "none", "tuple"],
)
def test_gradients_are_demanded_however_a_backend_is_called(kind: type[Spoiled], change: Change) -> None:
    outcome = run(cases(), [kind(change)], observers=(), mistakes=False)
    assert outcome.answer.exit_code == 1
    assert {row.verdict for row in outcome.rows} == {Verdict.MALFORMED}


def test_a_backend_is_asked_about_every_case_of_a_stack() -> None:
    outcome = run(cases(3), [Spoiled(negated, declines="loop-1")], observers=(), mistakes=False)
    verdicts = {row.case: row.verdict for row in outcome.rows if row.quantity in ("gradient", None)}
    assert [verdicts[case.name] for case in cases(3)] == [Verdict.UNSUPPORTED, Verdict.VIOLATION, Verdict.VIOLATION]


def test_a_backend_named_like_a_reading_is_gated() -> None:
    assert run(cases(), [Spoiled(negated, name="reading-sign")], mistakes=False).answer.exit_code == 1


def test_a_backend_that_compares_nothing_is_incomplete() -> None:
    outcome = run(cases(), [Spoiled(lambda found: found, declines="loop")], observers=(), required=True, mistakes=False)
    assert outcome.answer.exit_code == 3
    assert "compared nothing" in outcome.answer.failures[0].reason


def test_accumulators_that_cannot_be_are_refused() -> None:
    for word in ("tf32", "anyhow"):
        outcome = run(cases(), [Spoiled(lambda found: found, accumulates=word)], observers=(), mistakes=False)
        assert {row.verdict for row in outcome.rows} == {Verdict.MALFORMED}, word


def test_a_layer_of_zeros_whose_bound_is_large_is_blind_not_passed() -> None:
    """1e9 + 1 − 1e9 − 1 is exactly 0, and float32 may compute anything up to the bound."""
    case = make_case(
        "zeros", "identity", "prediction", "float32",
        [[1e9, 1.0, -1e9]], [[0.0]], [[[1.0], [0.0], [1.0]]],
    )  # fmt: skip
    outcome = run([case], [load("reference")], observers=(), mistakes=False)
    assert outcome.answer.exit_code == 1
    assert "blind" in outcome.answer.failures[0].reason


FAR_OUT = [
    ("gelu_tanh", "float32", 1e3), ("gelu_tanh", "float32", -1e3), ("gelu_tanh", "bfloat16", 6.0),
    ("gelu_tanh", "bfloat16", 1e3), ("gelu_tanh", "float16", 40.0), ("silu", "float32", 1e7),
    ("silu", "bfloat16", 39.0), ("silu", "bfloat16", 1e6), ("silu", "float16", 200.0), ("softplus", "float32", 1e7),
    ("softplus", "bfloat16", 39.0), ("softplus", "float16", 200.0),
]  # fmt: skip
"""Activations far out, where σ' is 1 or 0: a bound that grew with x once passed a slope of 0.6."""


def far(activation: str, dtype: str, x: float) -> Case:
    """Two hidden units at x and 1, so that the layer has a gradient to compare with where σ'(x) is 0."""
    return make_case("far", activation, "prediction", dtype, [[1.0]], [[x + 1]], [[[x, 1.0]], [[0.5], [0.25]]])


def slope_off(x: float) -> Change:
    """The slope at x is 0.6 where it is 1, and 0.4 where it is 0."""

    def change(found: Evaluation) -> Evaluation:
        assert found.gradients is not None
        hidden, output = found.gradients
        wrong, e = hidden.copy(), hidden.dtype.type(float(output[0, 1, 0]))
        wrong[0, 0, 0] = wrong[0, 0, 0] * hidden.dtype.type(0.6) if x > 0 else e * hidden.dtype.type(0.2)
        return Evaluation(found.output, found.loss, [wrong, output], found.updated)

    return change


@pytest.mark.parametrize(("activation", "dtype", "x"), FAR_OUT)
def test_far_out_a_wrong_slope_is_no_rounding(activation: str, dtype: str, x: float) -> None:
    case = far(activation, dtype, x)
    correct: list[Any] = [load(name) for name in ("reference", "torch", "jax")]
    assert run([case], correct, observers=(), mistakes=False).answer.failures == ()
    outcome = run([case], [Spoiled(slope_off(x))], observers=(), mistakes=False)
    (failure,) = outcome.answer.failures
    assert outcome.answer.exit_code == 1 and failure.reason.startswith("violation: gradient of layer 1: 1 of 2")


@pytest.mark.parametrize("activation", ["gelu", "gelu_tanh"])
def test_far_out_a_unit_that_is_not_0_is_no_rounding(activation: str) -> None:
    """Φ(−10⁷) is 0 in every library; an error relative to x would be 1."""
    case = make_case("far", activation, "prediction", "float32", [[1.0]], [[1.0]], [[[-1e7, 4.0]], [[0.5], [2.0]]])
    correct: list[Any] = [load(name) for name in ("reference", "torch", "jax")]
    assert run([case], correct, observers=(), mistakes=False).answer.failures == ()
    added = [Spoiled(lambda found: replace(found, output=found.output + np.float32(0.1)))]
    outcome = run([case], added, observers=(), mistakes=False)
    assert [f.reason.split(":")[:2] for f in outcome.answer.failures] == [["violation", " output"]]


def test_a_subnormal_learning_rate_accuses_nobody() -> None:
    case = make_case("rate", "identity", "prediction", "float32", [[1e12]], [[1e18]], [[[1e-12]]], 1e-40)
    outcome = run([case], [load("reference"), load("torch"), load("jax")], observers=(), mistakes=False)
    assert outcome.answer.failures == ()


def test_a_very_deep_network_has_an_exact_value() -> None:
    case = make_case("deep", "identity", "prediction", "float64", [[1.0]], [[2.0]], [np.ones((1, 1))] * 600)
    outcome = run([case], [load("reference")], observers=(), mistakes=False)
    assert outcome.answer.failures == ()


def test_a_reader_who_has_seen_enough_does_not_change_the_exit_code(tmp_path: Path) -> None:
    command = f"{sys.executable} -m harness.cli run slide-3-5-2-sigmoid-classification-float64 --backend reference"
    script = f"set -o pipefail; {command} --out {tmp_path} | head -1"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    ran = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
