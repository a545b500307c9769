"""HIPS autograd on the plain forward pass: right, its own route, and where it is known to be off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import autograd
import numpy as np
import pytest
from autograd.numpy.numpy_boxes import ArrayBox

from cases.case import ACTIVATIONS, TASKS, Case, make_case
from harness.backends import Evaluation
from harness.backends import autograd as route
from harness.backends.reference import matrix
from harness.bound import term_limits
from harness.run import run
from harness.stack import Stack
from harness.truth import graph, split
from reference.activations import FORMULAS
from reference.layers.activation import Activation
from reference.layers.dense import Dense
from reports.verdict import Verdict

WIDE = ("float64", "float32")
each_dtype = pytest.mark.parametrize("dtype", WIDE)


def test_right_on_every_activation_and_task(draw: Callable[..., Case]) -> None:
    cases = [
        replace(draw(4, 3, 2, activation=activation, task=task, dtype=dtype), name=f"{activation}-{task}-{dtype}")
        for activation in ACTIVATIONS
        for task in TASKS
        for dtype in WIDE
    ]
    outcome = run(cases, [route.grad], observers=(), mistakes=False)
    assert outcome.answer.exit_code == 0, outcome.answer.failures[:3]
    assert {row.verdict for row in outcome.rows} == {Verdict.EXACT, Verdict.ROUNDING}


def test_the_forward_pass_sees_boxes_and_nothing_is_pulled_back_by_hand(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise AssertionError("a pullback was asked for")

    seen = []

    def watched(xp: Any, x: Any) -> Any:
        seen.append(type(x))
        return xp.tanh(x)

    for layer, name in ((Dense, "pullback_input"), (Dense, "pullback_weight"), (Activation, "pullback_input")):
        monkeypatch.setattr(layer, name, refuse)
    monkeypatch.setitem(FORMULAS, "tanh", SimpleNamespace(value=watched))  # type: ignore[arg-type]
    stack = Stack((draw(3, 4, 2, activation="tanh"),))
    route.grad.evaluate(stack)
    assert seen.count(ArrayBox) == 1 and np.ndarray in seen
    with pytest.raises(AssertionError, match="a pullback"):
        matrix.evaluate(stack)


def test_autograd_is_asked_for_the_gradient(draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    asked, real = [], autograd.grad
    monkeypatch.setattr(autograd, "grad", lambda function: asked.append(function) or real(function))
    found = route.grad.evaluate(Stack((draw(3, 4, 2),)))
    assert len(asked) == 1 and found.gradients is not None
    monkeypatch.setattr(autograd, "grad", lambda function: lambda at: [0 * w for w in at])
    assert run([draw(3, 4, 2)], [route.grad], observers=(), mistakes=False).answer.exit_code == 1


@each_dtype
def test_some_last_bits_differ_from_the_reference(dtype: str, draw: Callable[..., Case]) -> None:
    stack = Stack(tuple(draw(3, 4, 2, activation="gelu", dtype=dtype, seed=seed) for seed in range(3)))
    ours, theirs = route.grad.evaluate(stack), matrix.evaluate(stack)
    assert ours.gradients is not None and theirs.gradients is not None
    assert any((a != b).any() for a, b in zip(ours.gradients, theirs.gradients, strict=True))
    assert {g.dtype for g in ours.gradients} == {np.dtype(dtype)}


def test_its_rule_for_where_widens_float32_and_that_is_rounded() -> None:
    x = np.array([1.0, -2.0], np.float32)
    value = route.sigma("relu").value
    assert autograd.elementwise_grad(value)(x).dtype == np.float64, "no longer so: nothing to round"
    found = route.grad.pointwise("relu", x)
    assert found is not None and found[0].dtype == found[1].dtype == np.float32


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_narrow_formats_are_refused(dtype: str, draw: Callable[..., Case]) -> None:
    assert route.grad.supports(draw(3, 4, 2, dtype=dtype)) == f"autograd has no {dtype}"


@each_dtype
def test_terms_are_the_derivatives_by_every_input(dtype: str, draw: Callable[..., Case]) -> None:
    case = draw(3, 4, 2, activation="silu", dtype=dtype)
    terms, limits = route.grad.terms(Stack((case,))), term_limits(Stack((case,)))
    for delta, node, limit in zip(terms.deltas, graph(case).I, limits.deltas, strict=True):
        assert delta.dtype == np.dtype(dtype)
        assert (np.abs(delta - split(node.derivative).high) <= limit.bound[0]).all()
    assert [I.shape for I in terms.I] == [h.shape for h in terms.h] == [(2, 4), (2, 2)]


# what it is known to do differently


def one_unit(activation: str, weight: float) -> Case:
    return make_case("one", activation, "prediction", "float64", [[1.0]], [[1.0]], [[[weight]], [[0.5]]])


@pytest.mark.parametrize(
    ("activation", "at", "row"),
    [
        ("elu", 0.0, "autograd-elu-at-zero-float64"),
        ("selu", 0.0, "autograd-selu-at-zero-float64"),
        ("sigmoid", -800.0, "autograd-sigmoid-nan-float64"),
        ("silu", -800.0, "autograd-silu-nan-float64"),
    ],
)
def test_a_listed_deviation_is_met_and_named(activation: str, at: float, row: str) -> None:
    rows = run([one_unit(activation, at)], [route.grad], observers=(), mistakes=False).rows
    first = next(r for r in rows if (r.quantity, r.layer) == ("gradient", 1))
    assert first.verdict == Verdict.KNOWN and row in first.detail


def test_beside_the_listed_point_the_deviation_excuses_nothing() -> None:
    class Halved:
        name = "autograd-halved"

        def supports(self, case: Case) -> str | None:
            return None

        def evaluate(self, stack: Stack) -> Evaluation:
            found = route.grad.evaluate(stack)
            assert found.gradients is not None
            return replace(found, gradients=[found.gradients[0] / 2, found.gradients[1]])

    assert run([one_unit("elu", 1e-3)], [Halved()], observers=(), mistakes=False).answer.exit_code == 1
