"""Planted faults in every precision and on several activations: each is flagged where rounding cannot hide it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cases.case import DTYPES, Case
from harness.backends import Backend, Evaluation
from harness.backends.reference import MatrixForm, matrix
from harness.run import Outcome, run
from harness.stack import Stack
from reference import activations
from reports.verdict import Verdict

FINE = {Verdict.EXACT, Verdict.ROUNDING}

each_dtype = pytest.mark.parametrize("dtype", DTYPES)
each_activation = pytest.mark.parametrize("activation", ["sigmoid", "relu", "tanh", "gelu", "selu", "hardswish"])


def scaled(factor: float) -> Callable[[Sequence[Any]], list[Any]]:
    return lambda gradients: [(g.astype(np.float64) * factor).astype(g.dtype) for g in gradients]


FAULTS: dict[str, Callable[[Sequence[Any]], list[Any]]] = {
    "factor -1": scaled(-1),
    "factor 1.5": scaled(1.5),
    "transposed": lambda gradients: [g.mT for g in gradients],
    "layers swapped": lambda gradients: list(gradients[::-1]),
    "first layer left at 0": lambda gradients: [np.zeros_like(gradients[0]), *gradients[1:]],
    "samples summed": scaled(2),
}


@pytest.fixture
def square(draw: Callable[..., Case]) -> Callable[..., Case]:
    """Return a function: a network whose matrices are square, so that a transpose has the right shape."""

    def make(activation: str, dtype: str, task: str = "prediction") -> Case:
        return draw(3, 3, 3, batch=2, activation=activation, dtype=dtype, task=task, seed=21)

    return make


def accused(outcome: Outcome, backend: str = "spoiled") -> set[tuple[str | None, Verdict]]:
    """Exit 1 by this backend alone; which quantities are wrong, and how."""
    assert outcome.answer.exit_code == 1
    assert {failure.backend for failure in outcome.answer.failures} == {backend}
    return {(row.quantity, row.verdict) for row in outcome.rows if row.verdict not in FINE}


@each_dtype
@each_activation
@pytest.mark.parametrize("task", ["classification", "prediction"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_gradient_is_a_violation_of_the_gradient_alone(
    square: Any, spoiled: Callable[..., Backend], fault: str, task: str, activation: str, dtype: str
) -> None:
    wrong = spoiled(lambda e: replace(e, gradients=FAULTS[fault](e.gradients)), "reference")
    outcome = run([square(activation, dtype, task)], [wrong, matrix], observers=(), mistakes=False)
    assert accused(outcome) == {("gradient", Verdict.VIOLATION)}


@each_dtype
@each_activation
def test_without_a_fault_nothing_is_flagged(
    square: Any, spoiled: Callable[..., Backend], activation: str, dtype: str
) -> None:
    for task in ("classification", "prediction"):
        outcome = run(
            [square(activation, dtype, task)], [spoiled(lambda e: e, "reference")], observers=(), mistakes=False
        )
        assert outcome.answer.failures == () and {row.verdict for row in outcome.rows} <= FINE


@dataclass(frozen=True)
class Patched:
    """The reference with another σ' while it computes; the truth and the bound keep theirs."""

    activation: str
    derivative: Callable[..., Any]
    name: str = "spoiled"

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Evaluation:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(activations.FORMULAS[self.activation], "derivative", self.derivative)
            return MatrixForm("patched").evaluate(stack)


SLOPES: dict[str, tuple[str, Callable[..., Any]]] = {
    "sigmoid' from h(1 + h)": ("sigmoid", lambda xp, x, y: y * (1 + y)),
    "sigmoid' forgotten": ("sigmoid", lambda xp, x, y: xp.ones_like(x)),
    "tanh' from 1 − h": ("tanh", lambda xp, x, y: 1 - y),
    "gelu' without x·φ": ("gelu", lambda xp, x, y: xp.erfc(-x / xp.sqrt(2)) / 2),
    "silu' of the sigmoid": ("silu", lambda xp, x, y: xp.exp(-abs(x)) / (1 + xp.exp(-abs(x))) ** 2),
    "elu' without e^x": ("elu", lambda xp, x, y: xp.ones_like(x)),
    "selu' of elu": ("selu", lambda xp, x, y: xp.exp(xp.minimum(x, 0))),
    "relu' leaks": ("relu", lambda xp, x, y: xp.where(x <= 0, 0.2 * xp.ones_like(x), xp.ones_like(x))),
    "leaky_relu' with 0.2": ("leaky_relu", lambda xp, x, y: xp.where(x <= 0, 0.2 * xp.ones_like(x), xp.ones_like(x))),
    "hardswish' everywhere 1": ("hardswish", lambda xp, x, y: xp.ones_like(x)),
    "softsign' from 1/(1 + |x|)": ("softsign", lambda xp, x, y: 1 / (1 + xp.abs(x))),
    "softplus' from h": ("softplus", lambda xp, x, y: y),
    "hardtanh' everywhere 0.9": ("hardtanh", lambda xp, x, y: 0.9 * xp.ones_like(x)),
    "hardsigmoid' of 1/5": ("hardsigmoid", lambda xp, x, y: 0.2 * xp.ones_like(x)),
    "gelu_tanh' without x·…": ("gelu_tanh", lambda xp, x, y: (1 + xp.tanh(0.7978846 * x)) / 2),
    "identity' of 1.1": ("identity", lambda xp, x, y: 1.1 * xp.ones_like(x)),
}


@each_dtype
@pytest.mark.parametrize("mistake", SLOPES)
def test_a_wrong_slope_is_a_violation_before_the_last_layer(square: Any, mistake: str, dtype: str) -> None:
    activation, derivative = SLOPES[mistake]
    case = square(activation, dtype)
    outcome = run([case], [Patched(activation, derivative)], observers=(), mistakes=False)
    assert ("gradient", Verdict.VIOLATION) in accused(outcome)
    layers = {row.layer for row in outcome.rows if row.quantity == "gradient" and row.verdict == Verdict.VIOLATION}
    assert layers == {1}, "the last layer has no σ' in prediction"


def test_every_activation_has_a_wrong_slope() -> None:
    assert {activation for activation, _ in SLOPES.values()} == set(activations.FORMULAS)


@dataclass(frozen=True)
class Narrower:
    """float64 outside, float32 inside: right shapes, right dtype, half the digits."""

    real: Backend
    name: str = "spoiled"

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Evaluation:
        def single(array: Any) -> Any:
            return np.asarray(array).astype(np.float32)

        cases = [
            replace(c, dtype="float32", x=single(c.x), target=single(c.target), weights=tuple(map(single, c.weights)))
            for c in stack.cases
        ]
        found = self.real.evaluate(Stack(tuple(cases)))
        parts = [[np.asarray(a).astype(np.float64) for a in part or ()] for part in (found.gradients, found.updated)]
        output, loss = (np.asarray(a).astype(np.float64) for a in (found.output, found.loss))
        return Evaluation(output, loss, *parts)


@each_activation
@pytest.mark.parametrize("name", ["reference", "torch", "jax"])
def test_float32_inside_a_float64_result_is_a_violation_everywhere(
    square: Any, backends: dict[str, Backend], name: str, activation: str
) -> None:
    outcome = run([square(activation, "float64")], [Narrower(backends[name])], observers=(), mistakes=False)
    assert accused(outcome) == {(q, Verdict.VIOLATION) for q in ("output", "loss", "gradient", "update")}


@pytest.mark.parametrize("activation", ["sigmoid", "gelu"])
def test_one_rounding_through_float32_is_a_violation_of_what_was_rounded(
    square: Any, spoiled: Callable[..., Backend], activation: str
) -> None:
    def through(found: Evaluation) -> Evaluation:
        return replace(found, gradients=[g.astype(np.float32).astype(np.float64) for g in found.gradients or ()])

    outcome = run([square(activation, "float64")], [spoiled(through)], observers=(), mistakes=False)
    assert accused(outcome) == {("gradient", Verdict.VIOLATION)}
