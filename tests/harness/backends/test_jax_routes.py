"""JAX's other roads: each gives the right gradient, and each really is another program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import optax
import pytest

from cases.case import Case
from harness.backends import jax as routes
from harness.backends import optax as descent
from harness.inside import TermJudge, inside
from harness.precision import PRECISIONS
from harness.run import run
from harness.stack import Stack, stacks
from reports.verdict import Verdict

ROUTES = (routes.eager, routes.forward_mode, routes.remat, descent.sgd)


@pytest.fixture(scope="module")
def few(whole_catalogue: list[Case]) -> list[Case]:
    """Core cases of some activations, and a deep one, in two precisions."""
    kinds = ("sigmoid", "relu", "gelu_tanh", "selu")
    families = ("random-core", "random-core-narrow", "kink-at-zero")
    core = [c for c in whole_catalogue if c.family in families and c.activation in kinds]
    return [c for c in core if c.dtype in ("float64", "bfloat16")]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_kind_of_case_passes(route: Any, few: list[Case]) -> None:
    found = run(few, [route], observers=(), mistakes=False)
    assert found.answer.exit_code == 0, found.answer.failures[:3]
    assert {row.verdict for row in found.rows} <= {Verdict.EXACT, Verdict.ROUNDING, Verdict.CONVENTION, Verdict.BLIND}
    assert sum(row.entries for row in found.rows) > 500


def jaxpr(route: str, stack: Stack) -> str:
    """The program of one case, as JAX traced it."""
    case = stack.first
    step = routes.one_step(case.activation, case.task, None, route)
    with routes.grad.settings(case.dtype):
        return str(jax.make_jaxpr(step)(list(case.weights), case.x, case.target, case.learning_rate))


def test_the_remat_primitive_stands_in_the_program_of_its_route_alone(draw: Callable[..., Case]) -> None:
    stack = Stack((draw(3, 4, 2),))
    assert " remat" in jaxpr("remat", stack) or "checkpoint[" in jaxpr("remat", stack)
    for other in ("grad", "forward"):
        assert "remat" not in jaxpr(other, stack) and "checkpoint[" not in jaxpr(other, stack)


def test_forward_mode_pushes_a_tangent_for_every_weight(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack((draw(3, 4, 2),))
    assert "20,2" in jaxpr("forward", stack).replace(" ", ""), "20 tangents of the output side by side"
    assert "20,2" not in jaxpr("grad", stack).replace(" ", "")

    def never(*arguments: Any, **named: Any) -> Any:
        raise AssertionError("this road goes another way")

    for name in ("grad", "value_and_grad", "vjp"):
        monkeypatch.setattr(jax, name, never)
    routes.program.cache_clear()
    routes.forward_mode.evaluate(stack)
    with pytest.raises(AssertionError, match="another way"):
        routes.grad.evaluate(stack)
    routes.program.cache_clear()


def test_without_jit_no_program_is_compiled(draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: Any) -> Any:
        raise AssertionError("this road goes another way")

    monkeypatch.setattr(routes, "program", never)
    assert routes.eager.evaluate(Stack((draw(3, 4, 2),))).gradients
    with pytest.raises(AssertionError, match="another way"):
        routes.grad.evaluate(Stack((draw(3, 4, 2),)))


@pytest.mark.parametrize(
    ("route", "of"), [(routes.forward_mode, "gradients"), (routes.eager, "updated"), (descent.sgd, "updated")]
)
def test_some_last_bits_are_the_route_s_own(route: Any, of: str, few: list[Case]) -> None:
    groups = [stack for stack in stacks(few) if stack.first.dtype == "float64"]
    pairs = zip(route.evaluate_together(groups), routes.grad.evaluate_together(groups), strict=True)
    arrays = [(a, b) for ours, theirs in pairs for a, b in zip(getattr(ours, of), getattr(theirs, of), strict=True)]
    assert any((a != b).any() for a, b in arrays) and any((a == b).all() for a, b in arrays)


def test_the_update_is_optax_s_and_the_gradient_jax_s(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, rates = Stack((draw(3, 4, 2, alpha=0.25),)), []
    sgd = optax.sgd
    monkeypatch.setattr(optax, "sgd", lambda rate: rates.append(rate) or sgd(rate))
    ours, theirs = descent.sgd.evaluate(stack), routes.grad.evaluate(stack)
    assert rates == [0.25]
    for a, b in zip(ours.gradients or (), theirs.gradients or (), strict=True):
        np.testing.assert_array_equal(a, b)
    monkeypatch.setattr(optax, "sgd", lambda rate: sgd(2 * rate))
    found = run(list(stack.cases), [descent.sgd], observers=(), mistakes=False)
    assert {row.quantity for row in found.rows if row.verdict == Verdict.VIOLATION} == {"update"}


@pytest.mark.parametrize("route", [routes.grad, routes.forward_mode], ids=lambda route: route.name)
def test_terms_of_either_mode_lie_within_their_bounds(route: Any, draw: Callable[..., Case]) -> None:
    case = draw(3, 4, 4, 2, activation="tanh", task="prediction")
    judge, values = TermJudge(case, PRECISIONS[case.dtype], mode=route.mode), inside(case, route).values
    assert {key for key in values if key[0] == "delta"} == {("delta", 1), ("delta", 2), ("delta", 3)}
    for key in values.keys() & judge.standards[0].keys():
        assert judge.compare(key, values[key])[0].verdict in (Verdict.EXACT, Verdict.ROUNDING), key
        assert judge.compare(key, values[key] * (1 + 1e-9))[0].verdict == Verdict.VIOLATION, key
    slopes = route.terms(Stack((case,))).slopes or ()
    assert slopes[-1].tolist() == [[1, 1], [1, 1]], "a linear output"
