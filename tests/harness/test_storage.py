"""How an implementation adds: one that adds in storage precision and says so is judged by n·u, TF32 by its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cases.case import Case, make_case
from harness.backends import Evaluation
from harness.backends.reference import network
from harness.bound import bounds
from harness.judge import Judge
from harness.numbers.narrow import Narrow
from harness.precision import PRECISIONS
from harness.run import Outcome, run
from harness.stack import Stack
from reference import error
from reference.backward import backward
from reference.network import forward
from reference.update import update
from reports.verdict import Verdict

TERMS = 60


class Storing(Narrow):
    """Narrow numbers whose sums are rounded to storage after each addition."""

    def _round(self, values: Any) -> Storing:
        rounded = Narrow._round(self, values)
        return Storing(rounded.values, rounded.dtype)

    @property
    def mT(self) -> Storing:
        return Storing(self.values.mT, self.dtype)

    def __neg__(self) -> Storing:
        return Storing(-self.values, self.dtype)

    def __matmul__(self, other: Narrow) -> Storing:
        total = self._round(self.values[..., :, :1] * other.values[..., :1, :])
        for k in range(1, self.shape[-1]):
            total = total + self._round(self.values[..., :, k, None] * other.values[..., None, k, :])
        return total  # type: ignore[return-value]


@dataclass(frozen=True)
class InStorage:
    """A correct implementation for a machine without wider accumulators."""

    accumulates: str = "storage"
    name: str = "in-storage"

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Evaluation:
        def number(array: Any) -> Storing:
            return Storing(array.astype(np.float32), array.dtype)

        net, weights, target = network(stack.first), [number(w) for w in stack.weights], number(stack.target)
        run_ = forward(net, weights, number(stack.x))
        gradients = backward(net, weights, run_, target).gradients
        loss = error.total_error(error.error(run_.Y, target))
        updated = update(weights, gradients, stack.first.learning_rate)
        arrays = [[g.array() for g in part] for part in (gradients, updated)]
        return Evaluation(run_.Y.array(), loss.array(), *arrays)


def long_sum(dtype: str, activation: str = "identity", sign: int = 1) -> Case:
    """1 and 59 numbers of a quarter of its ulp, of one sign: storage precision loses every one of them."""
    column = np.full((TERMS, 1), PRECISIONS[dtype].u / 2)
    column[0] = 1.0
    weights = [sign * column * [1.0, 0.5, 2.0], np.array([[0.3, 0.7], [0.2, -0.4], [0.9, 0.8]])]
    x, target = np.ones((2, TERMS)), np.array([[0.25, 3.0], [-1.0, 0.5]])
    return make_case("long", activation, "prediction", dtype, x, target, weights)


def verdicts(outcome: Outcome) -> set[Verdict]:
    return {row.verdict for row in outcome.rows}


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("activation", ["identity", "relu", "sigmoid"])
def test_a_backend_that_adds_in_storage_and_says_so_passes(activation: str, dtype: str) -> None:
    for sign in (1, -1):
        outcome = run([long_sum(dtype, activation, sign)], [InStorage()], mistakes=False)
        assert outcome.answer.failures == ()
        assert Verdict.ROUNDING in verdicts(outcome) or (activation, sign) == ("relu", -1)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_one_that_does_not_say_so_fails(dtype: str) -> None:
    outcome = run([long_sum(dtype)], [InStorage(accumulates="format")], mistakes=False)
    assert outcome.answer.exit_code == 1
    assert ("output", Verdict.VIOLATION) in {(row.quantity, row.verdict) for row in outcome.rows}
    assert all(failure.backend == "in-storage" for failure in outcome.answer.failures)


def test_saying_so_excuses_nothing_else(spoiled: Callable[..., Any]) -> None:
    class Wrong(InStorage):
        def evaluate(self, stack: Stack) -> Evaluation:
            found = super().evaluate(stack)
            assert found.gradients is not None
            return Evaluation(found.output, found.loss, [-g for g in found.gradients], found.updated)

    outcome = run([long_sum("float16", "sigmoid")], [Wrong()], mistakes=False)
    assert outcome.answer.exit_code == 1 and "violation: gradient" in outcome.answer.failures[0].reason


def test_the_others_in_the_run_are_judged_as_ever(draw: Callable[..., Case], backends: dict[str, Any]) -> None:
    case = long_sum("bfloat16")
    alone = run([case], [backends["torch"]], mistakes=False).rows
    beside = [
        row for row in run([case], [InStorage(), backends["torch"]], mistakes=False).rows if row.backend == "torch"
    ]
    assert list(alone) == beside


def outputs(dtype: str, how: str) -> np.ndarray:
    stack = Stack((long_sum(dtype),))
    limits = bounds(stack, precision=PRECISIONS[dtype].accumulating(how))
    assert np.array_equal(Judge(stack, how).standards[0]["left"]["output", 0].bound, limits.output.bound[0])
    return limits.output.bound[0]


def test_the_bound_of_a_sum_grows_by_the_accumulator_s_roundings() -> None:
    assert np.all(outputs("bfloat16", "storage") > 8 * outputs("bfloat16", "format"))
    assert np.array_equal(outputs("float64", "storage"), outputs("float64", "format"))
    assert np.all(outputs("float32", "tf32") > 2**10 * outputs("float32", "format"))
    assert np.array_equal(outputs("float64", "tf32"), outputs("float64", "format"))


def nearest(a: np.ndarray) -> np.ndarray:
    """A float32 number as TF32 has it: 10 bits after the point."""
    return ((a.view(np.uint32) + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32)


@pytest.mark.parametrize("n", [1, 2, 3, 50])
@pytest.mark.parametrize("seed", range(4))
def test_products_with_factors_rounded_to_tf32_lie_inside_its_bound(n: int, seed: int) -> None:
    rng = np.random.default_rng([seed, n])
    x, w = (rng.uniform(1, 2, shape).astype(np.float32) for shape in ((64, n), (n, 1)))
    if seed == 0:  # the worst: halfway between two numbers just above 1
        x, w = np.full_like(x, 1 + 2.0**-11), np.full_like(w, 1 + 2.0**-11)
    case = make_case("tf32", "identity", "prediction", "float32", x, np.zeros((64, 1)), [w])
    limit = bounds(Stack((case,)), precision=PRECISIONS["float32"].accumulating("tf32")).output.bound[0]
    exact = x.astype(np.float64) @ w.astype(np.float64)
    found = (nearest(x) @ nearest(w)).astype(np.float64)
    assert np.all(np.abs(found - exact) <= limit)
    without = bounds(Stack((case,))).output.bound[0]
    assert np.any(np.abs(found - exact) > without)
