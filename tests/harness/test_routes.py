"""Routes in a run: which run by themselves, on what, and what it takes for one to pass or fail."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from cases.case import Case
from cases.select import select
from harness.backends import BACKENDS, Backend, load, names
from harness.commands import UserError
from harness.commands.inputs import load_backends, selected
from harness.gate import gate
from harness.modes import bounds_in
from harness.run import run, wide_routes
from harness.stack import Stack
from reports.verdict import Verdict


def test_every_case_runs_on_three_and_the_core_on_all_but_the_compiled_one() -> None:
    assert names() == ["reference", "torch", "jax"]
    assert names(runs="core") == [
        "reference-neuron", "reference-kron", "difference", "complex-step", "autograd", "torch-func", "torch-forward",
        "jax-eager", "jax-forward", "jax-remat", "jax-optax",
    ]  # fmt: skip
    assert names(runs="asked") == ["torch-compile"]
    assert names("cuda")[0] == "reference" and {BACKENDS[n].device for n in names("cuda")[1:]} == {"cuda"}


def test_the_core_has_every_activation_and_task_and_every_precision(whole_catalogue: list[Case]) -> None:
    core = [case for case in whole_catalogue if "core" in case.tags]
    kinds = {(c.activation, c.task, c.dtype) for c in core}
    assert {kind for kind in kinds if kind[2] in ("float64", "float32")} == {
        (c.activation, c.task, c.dtype) for c in whole_catalogue if c.dtype in ("float64", "float32")
    }
    assert {(task, dtype) for _, task, dtype in kinds} == {(c.task, c.dtype) for c in whole_catalogue}
    assert {"slides", "kink", "batch", "scale", "deep", "strong", "dead", "cancellation"} <= {
        t for c in core for t in c.tags
    }
    assert len(core) < len(whole_catalogue) / 8


def test_routes_see_the_core_cases_and_no_others(draw: Callable[..., Case], backends: dict[str, Backend]) -> None:
    cases = [draw(2, 2, 1, seed=k, tags=("core",) if k % 2 else ()) for k in range(4)]
    found = run(
        cases, [backends["torch"]], routes=[backends["reference-neuron"], load("reference-kron")], mistakes=False
    )
    seen = {name: {row.case for row in found.rows if row.backend == name} for name in ("torch", "reference-kron")}
    assert seen["torch"] == {case.name for case in cases}
    assert seen["reference-kron"] == {case.name for case in cases[1::2]}
    assert [row.backend for row in found.rows if row.case == cases[1].name and row.quantity == "loss"] == [
        "torch", "reference-neuron", "reference-kron"
    ]  # fmt: skip


def test_a_route_that_is_wrong_fails_the_gate_though_it_is_not_required(
    draw: Callable[..., Case], backends: dict[str, Backend], spoiled: Callable[..., Backend]
) -> None:
    bad = spoiled(lambda found: replace(found, gradients=[-g for g in found.gradients]), name="turned")
    case = draw(2, 2, 1, tags=("core",))
    assert run([case], [backends["torch"]], routes=[bad], mistakes=False).answer.exit_code == 1
    assert run([draw(2, 2, 1)], [backends["torch"]], routes=[bad], mistakes=False).answer.exit_code == 0


@dataclass(frozen=True)
class Claims:
    """torch, claiming another mode."""

    mode: Any
    name: str = "claims"

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Any:
        return load("torch").evaluate(stack)


@pytest.mark.parametrize("mode", ["sideways", None, 3])
def test_a_mode_that_is_none_is_malformed(mode: Any, draw: Callable[..., Case]) -> None:
    (row,) = run([draw(2, 2, 1)], [Claims(mode)], mistakes=False).rows
    assert row.verdict == Verdict.MALFORMED
    assert row.detail == f"mode is {str(mode)!r}, none of reverse, forward, difference, complex-step"


@pytest.mark.parametrize("mode", ["forward", "difference", "complex-step"])
def test_the_bound_of_every_mode_is_at_least_that_of_reverse_mode(mode: str, draw: Callable[..., Case]) -> None:
    stack = Stack((draw(3, 4, 4, 2), draw(3, 4, 4, 2, seed=9)))
    reverse, its = (bounds_in(one, stack, "left", stack.precision) for one in ("reverse", mode))
    for wide, narrow in zip((*its.gradients, *its.updated), (*reverse.gradients, *reverse.updated), strict=True):
        assert (wide.bound >= narrow.bound).all()
    assert any((wide.bound > narrow.bound).any() for wide, narrow in zip(its.gradients, reverse.gradients, strict=True))
    assert (its.output.bound == reverse.output.bound).all()


def test_blind_fails_where_reverse_mode_is_blind_and_not_where_only_the_route_is(draw: Callable[..., Case]) -> None:
    case = draw(2, 2, 1)
    rows = [replace(row, verdict=Verdict.BLIND) for row in run([case], [Claims("forward")], mistakes=False).rows]
    assert gate([case], rows, {}).exit_code == 1
    assert gate([case], rows, {}, wide=["claims"]).exit_code == 0
    wrong = [replace(row, verdict=Verdict.VIOLATION) for row in rows]
    assert gate([case], wrong, {}, wide=["claims"]).exit_code == 1
    assert wide_routes([Claims("forward"), load("torch"), load("jax-forward")]) == {"jax-forward"}, (
        "only routes of ours"
    )


@pytest.mark.parametrize("mode", ["difference", "complex-step"])
def test_a_bound_that_is_of_our_own_steps_cannot_be_claimed(mode: str, draw: Callable[..., Case]) -> None:
    (row,) = run([draw(2, 2, 1)], [Claims(mode)], mistakes=False).rows
    assert row.verdict == Verdict.MALFORMED and row.detail.endswith("whose bound is that of the steps of our own route")


def test_a_listed_deviation_passes_where_the_case_expects_to_be_blind(draw: Callable[..., Case]) -> None:
    case = draw(2, 2, 1, expect="blind")
    rows = run([case], [load("torch")], mistakes=False).rows
    assert gate([case], rows, {}).exit_code == 1, "it expects blind and is not"
    assert gate([case], [replace(row, verdict=Verdict.KNOWN) for row in rows], {}).exit_code == 0
    assert gate([case], [replace(row, verdict=Verdict.VIOLATION) for row in rows], {}).exit_code == 1


def test_a_missing_optional_framework_is_a_line_and_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("autograd", "optax"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, f"harness.backends.{name}", raising=False)
    found, missing, lines = load_backends((), runs="core")
    assert [backend.name for backend in found] == [n for n in names(runs="core") if n not in ("autograd", "jax-optax")]
    assert missing == {} and [line.split(":")[0] for line in lines] == ["without autograd", "without jax-optax"]
    assert load_backends(("autograd",))[1].keys() == {"autograd"}, "named, it is required"


ASKED = {  # pattern: whether it fits cases, scans, trainings
    "*": (True, True, True),
    "*-tanh-*": (True, True, True),
    "*float64": (True, True, False),
    "slide-3-5-2": (True, False, False),
    "tag:kink": (True, False, False),
    "scan-relu-*": (False, True, False),
    "learning-*": (False, False, True),
}


@pytest.mark.parametrize("pattern", ASKED)
def test_a_pattern_selects_all_that_it_fits(pattern: str, whole_catalogue: list[Case]) -> None:
    found = selected(whole_catalogue, (pattern,), (), quick=False, beside=True)
    assert (bool(found.cases), bool(found.scans), bool(found.trainings)) == ASKED[pattern]
    assert found.size == len(found.cases) + len(found.scans) + len(found.trainings)
    if found.cases:
        assert found.cases == select(whole_catalogue, [pattern])


def test_of_two_patterns_one_may_fit_scans_and_the_other_cases(whole_catalogue: list[Case]) -> None:
    found = selected(whole_catalogue, ("scan-relu-float64", "slide-3-5-2"), (), quick=False, beside=True)
    assert (len(found.scans), len(found.cases), found.trainings) == (1, 8, [])
    with pytest.raises(UserError, match="selects no case"):
        selected(whole_catalogue, ("scan-relu-float64", "slide-3-5-9"), (), quick=False, beside=True)
    with pytest.raises(UserError, match="selects no case"):
        selected(whole_catalogue, ("scan-relu-float64",), (), quick=False, beside=False)
