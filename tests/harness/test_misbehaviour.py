"""Backends that return nothing, raise, leave, or write into what they were given: each costs its own rows only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cases.case import Case
from harness.backends import Backend, Evaluation
from harness.run import run
from harness.stack import Stack
from reports.verdict import Verdict


@dataclass(frozen=True)
class Calling:
    """A backend whose ``evaluate`` is the given function."""

    do: Callable[[Stack], Any]
    name: str = "misbehaving"

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Any:
        return self.do(stack)


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even this")


def raising(error: BaseException) -> Callable[[Stack], Any]:
    def do(stack: Stack) -> Any:
        raise error

    return do


@pytest.mark.parametrize(
    "error",
    [ValueError("kernel broke\nand more"), RecursionError("deep"), MemoryError("full"), SystemExit(0), Mute()],
    ids=lambda error: type(error).__name__,
)
def test_a_backend_that_raises_is_incomplete_and_the_others_are_judged(
    draw: Callable[..., Case], backends: dict[str, Backend], error: BaseException
) -> None:
    cases = [draw(3, 4, 3, seed=seed, activation="relu") for seed in (1, 2)]
    outcome = run(cases, [Calling(raising(error)), backends["torch"]], mistakes=False)
    assert outcome.answer.exit_code == 3
    assert [(f.case, f.backend, f.incomplete) for f in outcome.answer.failures] == [
        (case.name, "misbehaving", True) for case in cases
    ]
    reason = outcome.answer.failures[0].reason
    assert reason.startswith(f"crashed: {type(error).__name__} at test_misbehaviour.py:")
    assert "on layers 3 → 4 → 3" in reason
    assert reason.endswith("no message" if isinstance(error, Mute) else str(error).splitlines()[0])
    crashed = [row for row in outcome.rows if row.backend == "misbehaving"]
    assert [(row.quantity, row.verdict, row.entries) for row in crashed] == [(None, Verdict.CRASHED, 0)] * 2
    others = [row.verdict for row in outcome.rows if row.backend == "torch"]
    assert len(others) == 12 and set(others) <= {Verdict.EXACT, Verdict.ROUNDING}


def test_a_crash_beside_a_violation_is_a_discrepancy(draw: Callable[..., Case], spoiled: Any) -> None:
    wrong = spoiled(lambda e: replace(e, loss=-e.loss))
    assert run([draw(3, 4, 3)], [Calling(raising(ValueError("no"))), wrong], mistakes=False).answer.exit_code == 1


@pytest.mark.parametrize("result", [None, 3.0, "done", ([], []), np.zeros(3), {}], ids=lambda r: type(r).__name__)
def test_what_is_not_an_evaluation_is_malformed(draw: Callable[..., Case], result: Any) -> None:
    answer = run([draw(3, 4, 3)], [Calling(lambda stack: result)], mistakes=False).answer
    assert answer.exit_code == 1
    assert answer.failures[0].reason == f"malformed: returned {type(result).__name__}, expected an Evaluation"


def test_no_gradients_are_malformed(draw: Callable[..., Case], spoiled: Callable[..., Backend]) -> None:
    answer = run([draw(3, 4, 3)], [spoiled(lambda e: replace(e, gradients=None))], mistakes=False).answer
    assert (answer.exit_code, answer.failures[0].backend) == (1, "spoiled")
    assert "returned no gradients" in answer.failures[0].reason


def test_a_backend_that_computes_gradients_alone_is_judged_by_them(
    draw: Callable[..., Case], spoiled: Callable[..., Backend]
) -> None:
    outcome = run([draw(3, 4, 3)], [spoiled(lambda e: Evaluation(None, None, e.gradients, None))], mistakes=False)
    assert outcome.answer.exit_code == 0
    assert [(row.quantity, row.layer) for row in outcome.rows] == [("gradient", 1), ("gradient", 2)]


def test_a_backend_that_writes_into_its_inputs_spoils_nobody_elses(
    draw: Callable[..., Case], backends: dict[str, Backend]
) -> None:
    def descend_in_place(stack: Stack) -> Evaluation:
        found = backends["reference"].evaluate(stack)
        for w, dw in zip(stack.weights, found.gradients or (), strict=True):
            w -= stack.first.learning_rate * dw
        stack.x[:] = np.nan
        return replace(found, updated=list(stack.weights))

    case = draw(3, 4, 3)
    outcome = run(
        [case], [Calling(descend_in_place), backends["torch"], backends["jax"], backends["reference"]], mistakes=False
    )
    assert (outcome.answer.exit_code, outcome.answer.failures) == (0, ())
    assert len(outcome.rows) == 24


def test_an_unsupported_case_is_one_row_with_the_reason(draw: Callable[..., Case], backends: Any) -> None:
    class Partial(Calling):
        def supports(self, case: Case) -> str | None:
            return "no sigmoid here" if case.activation == "sigmoid" else None

    cases = [draw(3, 4, 3, activation=activation) for activation in ("sigmoid", "relu")]
    outcome = run(cases, [Partial(backends["reference"].evaluate)], mistakes=False)
    assert outcome.answer.exit_code == 0
    first, *rest = outcome.rows
    assert (first.verdict, first.detail, first.quantity) == (Verdict.UNSUPPORTED, "no sigmoid here", None)
    assert len(rest) == 6 and {row.case for row in rest} == {cases[1].name}
