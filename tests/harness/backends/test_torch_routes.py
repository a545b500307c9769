"""torch's other roads: each gives the right gradient, and each really is another program."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch._dynamo.utils import counters

from cases.case import Case, make_case
from harness.backends import Traced, load
from harness.backends import torch as routes
from harness.check import attempt
from harness.inside import TermJudge, inside
from harness.judge import Judge
from harness.precision import PRECISIONS
from harness.run import run
from harness.stack import Stack, stacks
from reports.verdict import Verdict

COMPILER = shutil.which("g++") or shutil.which("clang++")


@pytest.fixture(scope="module")
def few(whole_catalogue: list[Case]) -> list[Case]:
    """Core cases of every activation, and deep ones, in two precisions."""
    families = ("random-core", "random-core-narrow", "random-five-layers", "kink-at-zero", "slide-3-5-3-batch")
    return [c for c in whole_catalogue if c.family in families and c.dtype in ("float64", "bfloat16")]


@pytest.mark.parametrize("route", [routes.func, routes.forward_mode], ids=lambda route: route.name)
def test_every_kind_of_case_passes(route: Any, few: list[Case]) -> None:
    found = run(few, [route], observers=(), mistakes=False)
    assert found.answer.exit_code == 0, found.answer.failures[:3]
    assert {row.verdict for row in found.rows} <= {Verdict.EXACT, Verdict.ROUNDING, Verdict.CONVENTION, Verdict.KNOWN,
                                                   Verdict.BLIND}  # fmt: skip
    assert sum(row.entries for row in found.rows) > 3000


@pytest.fixture
def never() -> Callable[..., Any]:
    """Return a function that may not be called."""

    def refuse(*arguments: Any, **named: Any) -> Any:
        raise AssertionError("this road goes another way")

    return refuse


def test_torch_func_is_a_program_of_one_case_mapped_over_the_stack(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch, never: Callable[..., Any]
) -> None:
    stack = Stack((draw(3, 4, 2, seed=1), draw(3, 4, 2, seed=2)))
    seen: list[tuple[int, ...]] = []
    whole = routes.total_error
    monkeypatch.setattr(torch.autograd, "backward", never)
    monkeypatch.setattr(
        routes, "total_error", lambda a, t, w, x, y: seen.append(tuple(x.shape)) or whole(a, t, w, x, y)
    )
    found = routes.func.evaluate(stack)
    assert seen == [(2, 3)], "the axis of cases is not seen inside vmap"
    assert all(g.shape == w.shape for g, w in zip(found.gradients or (), stack.weights, strict=True))


def test_forward_mode_goes_no_step_backwards(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch, never: Callable[..., Any]
) -> None:
    stack = Stack((draw(4, 5, 3, batch=3),))
    theirs = routes.autograd.evaluate(stack)
    for name in ("grad", "backward"):
        monkeypatch.setattr(torch.autograd, name, never)
    monkeypatch.setattr(torch.func, "grad_and_value", never)
    monkeypatch.setattr(torch.func, "grad", never)
    ours = routes.forward_mode.evaluate(stack)
    routes.forward_mode.terms(stack)
    by = Judge(stack).other("format", "forward")
    assert {row.verdict for row in by.rows(0, "torch-forward", ours, theirs)} <= {Verdict.EXACT, Verdict.ROUNDING}
    with pytest.raises(AssertionError, match="another way"):
        routes.autograd.evaluate(stack)


def test_some_last_bits_of_forward_mode_are_its_own(few: list[Case]) -> None:
    differ = same = 0
    for stack in stacks(few):
        pair = [backend.evaluate(stack).gradients or () for backend in (routes.autograd, routes.forward_mode)]
        for a, b in zip(*pair, strict=True):
            differ, same = differ + (a != b).any(), same + (a == b).all()
    assert differ > 20 and same > 20


def test_forward_mode_says_which_networks_are_too_large(draw: Callable[..., Case]) -> None:
    assert routes.forward_mode.supports(draw(40, 50, 1)) == (
        "would run the forward pass for each of 2,050 weights; it takes up to 2,000"
    )
    assert routes.forward_mode.supports(draw(39, 50, 1)) is None


def underflow() -> Case:
    """A chain in which a tangent underflows on its way, where what comes back does not."""
    weights = [[[0.5]], [[1e-200]], [[1e-200]], [[1e200]]]
    return make_case("underflow", "identity", "prediction", "float64", [[1.0]], [[1.0]], weights, 0.1)


def test_a_tangent_that_underflows_is_within_the_bound_of_paths_and_of_no_other() -> None:
    judge = Judge(Stack((underflow(),)))
    found = attempt(routes.forward_mode, judge.stack)
    assert found.gradients[0] == 0, "the tangent is flushed"  # type: ignore[union-attr]
    by_mode = {
        mode: {(row.quantity, row.layer): row for row in judge.other("format", mode).rows(0, mode, found, found)}  # type: ignore[arg-type]
        for mode in ("reverse", "forward")
    }
    assert by_mode["reverse"]["gradient", 1].verdict == Verdict.VIOLATION
    assert by_mode["forward"]["gradient", 1].verdict == Verdict.BLIND


@pytest.mark.parametrize("factor", [-1.0, 1 + 1e-12], ids=["sign", "twelfth digit"])
def test_a_fault_in_forward_mode_is_seen(factor: float, draw: Callable[..., Case]) -> None:
    stack = Stack((draw(3, 5, 2),))
    found = routes.forward_mode.evaluate(stack)
    wrong = replace(found, gradients=[g * factor for g in found.gradients or ()])
    rows = Judge(stack).other("format", "forward").rows(0, "wrong", wrong, found)
    assert {row.verdict for row in rows if row.quantity == "gradient"} == {Verdict.VIOLATION}


@pytest.mark.parametrize("route", [routes.autograd, routes.func, routes.forward_mode], ids=lambda route: route.name)
def test_terms_of_every_road_lie_within_their_bounds(route: Any, draw: Callable[..., Case]) -> None:
    case = draw(3, 4, 4, 2, activation="tanh", task="prediction")
    judge, values = TermJudge(case, PRECISIONS[case.dtype], mode=route.mode), inside(case, route).values
    assert {key for key in values if key[0] == "delta"} == {("delta", 1), ("delta", 2), ("delta", 3)}
    for key in values.keys() & judge.standards[0].keys():
        assert judge.compare(key, values[key])[0].verdict in (Verdict.EXACT, Verdict.ROUNDING), key
        assert judge.compare(key, values[key] * (1 + 1e-9))[0].verdict == Verdict.VIOLATION, key
    slopes = route.terms(Stack((case,))).slopes or ()
    assert slopes[-1].tolist() == [[1, 1], [1, 1]], "a linear output"


@pytest.fixture
def compiling() -> Iterator[None]:
    """torch.compile from a clean start, and none of it left behind."""
    torch._dynamo.reset()
    routes.compiled.cache_clear()
    counters.clear()
    yield
    torch._dynamo.reset()
    routes.compiled.cache_clear()


@pytest.mark.skipif(COMPILER is None, reason="inductor needs a C++ compiler, and none is installed")
@pytest.mark.long
def test_torch_compile_captures_one_graph_without_a_break(draw: Callable[..., Case], compiling: None) -> None:
    stack = Stack((draw(3, 5, 2), draw(3, 5, 2, seed=7)))
    found = run(list(stack.cases), [routes.compile_], observers=(), mistakes=False)
    assert found.answer.exit_code == 0, found.answer.failures
    assert counters["stats"]["unique_graphs"] == 1 and not counters["graph_break"]
    assert counters["aot_autograd"]["ok"] == 1
    weights, x, target = routes.compile_._parts(stack)
    explained = torch._dynamo.explain(partial(routes.total_error, "sigmoid", "classification"))(weights, x, target)
    assert (explained.graph_count, explained.graph_break_count) == (1, 0)


@pytest.mark.skipif(COMPILER is None, reason="inductor needs a C++ compiler, and none is installed")
def test_a_break_in_the_graph_is_an_error(
    draw: Callable[..., Case], compiling: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(x: torch.Tensor) -> torch.Tensor:
        torch._dynamo.graph_break()
        return torch.tanh(x)

    monkeypatch.setitem(routes.ACTIVATIONS, "tanh", broken)
    found = run([draw(2, 2, 1, activation="tanh")], [routes.compile_], observers=(), mistakes=False)
    assert [row.verdict for row in found.rows] == [Verdict.CRASHED]


def test_torch_compile_is_run_only_when_asked_for_and_says_what_it_needs(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load("torch-compile") is routes.compile_
    assert not isinstance(routes.compile_, Traced)
    monkeypatch.setattr("harness.backends.torch.shutil.which", lambda name: None)
    assert "C++ compiler" in str(routes.compile_.supports(draw(2, 2, 1)))
