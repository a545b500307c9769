"""What is measured is what it is said to be: the floor's gradients, the products, the checks, the case files."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cases.case import DTYPES, TASKS, Array, Case
from cases.loader import load
from cases.select import select
from harness import bench as package
from harness.backends import Evaluation
from harness.backends import load as load_backend
from harness.bench import certified, drawn, jax, plain, torch
from harness.bench.networks import Size
from harness.bench.options import bench
from harness.bench.processes import timed
from harness.bench.reference import factors
from harness.bench.reference import tasks as numpy_tasks
from harness.check import check
from harness.commands.bench import MODULES
from harness.gate import AGREES
from harness.run import run
from harness.stack import Stack, stacks

FLOORS: dict[str, Callable[[Sequence[Stack]], list[list[Array]]]] = {"torch": torch.gradients, "jax": jax.gradients}


@dataclass
class Floor:
    """What the floor computes, as a backend."""

    name: str
    of: Callable[[Sequence[Stack]], list[list[Array]]]
    factor: float = 1.0

    def supports(self, case: Case) -> None:
        """Everything."""

    def evaluate(self, stack: Stack) -> Evaluation:
        return Evaluation(None, None, [g * g.dtype.type(self.factor) for g in self.of([stack])[0]], None)


@pytest.mark.parametrize("name", FLOORS)
def test_the_floor_computes_the_gradients_of_every_precision_and_task(
    name: str, slides: list[Case], draw: Callable[..., Case]
) -> None:
    narrow = [draw(3, 5, 2, task=task, dtype=d) for task in TASKS for d in ("bfloat16", "float16")]
    chosen = [*select(slides, ["slide-3-5-2"], []), *narrow]
    outcome = run(chosen, [Floor("floor", FLOORS[name])], observers=(), required=True, mistakes=False)
    assert (outcome.answer.exit_code, outcome.answer.failures) == (0, ())
    assert {row.dtype for row in outcome.rows if row.entries} == set(DTYPES)
    wrong = run(chosen, [Floor("floor", FLOORS[name], 1.5)], observers=(), required=True, mistakes=False)
    assert wrong.answer.exit_code == 1


def test_the_floor_keeps_the_order_of_stacks_of_all_precisions(draw: Callable[..., Case]) -> None:
    every = stacks(
        draw(3, n, 2, seed=s, dtype=d) for n in (4, 5) for d in ("float64", "bfloat16", "float32") for s in (1, 2)
    )
    for gradients in FLOORS.values():
        for stack, found in zip(every, gradients(every), strict=True):
            assert [(g.shape, g.dtype) for g in found] == [(w.shape, w.dtype) for w in stack.weights]


def test_jax_takes_more_structures_than_fit_into_one_program(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = stacks(draw(2, n, 1) for n in range(1, 6))
    whole = jax.gradients(every)
    monkeypatch.setattr(jax, "TOGETHER", 2)
    for one, other in zip(whole, jax.gradients(every), strict=True):
        assert [g.shape for g in one] == [g.shape for g in other]


def test_the_plain_script_counts_what_it_computes(
    slides: list[Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = select(slides, ["slide-3-5-2-sigmoid-*"], ["float64"])
    assert all(plain.CORE in case.tags for case in chosen)
    (tmp_path / "cases").write_bytes(pickle.dumps(stacks(chosen)))
    monkeypatch.delenv("GRADPROOF_CACHE", raising=False)
    for which, routes in (("strict", 0), ("routes", len(plain.routes()))):
        monkeypatch.setattr(sys, "argv", ["plain", str(tmp_path / "cases"), which])
        plain.main()
        assert capsys.readouterr().out == f"{len(chosen) * (2 + routes)}\n"
    names = [route.name for route in plain.routes()]
    assert {"torch-func", "torch-forward", "jax-eager", "jax-forward", "jax-remat"} <= set(names)
    assert not {"reference-neuron", "difference", "torch-compile"} & set(names)


@pytest.mark.long
def test_the_floor_keeps_what_it_compiles_and_finds_it_again(draw: Callable[..., Case], tmp_path: Path) -> None:
    (tmp_path / "cases").write_bytes(pickle.dumps(stacks([draw(3, 4, 2), draw(3, 4, 2, dtype="float32")])))
    words = [sys.executable, "-m", "harness.bench.plain", str(tmp_path / "cases"), "strict"]

    def programs() -> set[Path]:
        timed(words, tmp_path, GRADPROOF_CACHE=str(tmp_path / "kept"))
        return {path for path in (tmp_path / "kept").rglob("*-cache") if path.is_file()}

    cold = programs()
    assert len(cold) >= 2, "a program for each precision"
    assert programs() == cold


def test_a_route_gets_what_it_covers_and_only_core_cases(draw: Callable[..., Case]) -> None:
    every = stacks([draw(3, 4, 2, tags=("core",)), draw(3, 4, 2, seed=1), draw(30, 80, 2, tags=("core",))])
    assert [len(stack.cases) for stack in plain.core(every)] == [1, 1]
    assert plain.evaluate(load_backend("jax-forward"), plain.core(every)) == 1, "over 2,000 weights it covers nothing"
    assert plain.evaluate(load_backend("torch-func"), every) == 3


@pytest.mark.parametrize("layers", [(3, 5, 2), (4, 3, 6, 2), (5, 2)])
def test_the_products_are_those_of_a_gradient(layers: tuple[int, ...]) -> None:
    case = Size(layers, 7).draw()
    shapes = [(a @ b).shape for a, b in factors(case.x, case.weights, case.target)]
    depth = len(case.weights)
    assert shapes[:depth] == [(7, n) for n in layers[1:]]
    assert shapes[depth : 2 * depth] == [w.shape for w in case.weights]
    assert shapes[2 * depth :] == [(7, n) for n in layers[1:-1]]


@pytest.mark.parametrize("module", ["reference", "torch", "jax"])
def test_one_gradient_is_the_gradient(module: str) -> None:
    setting = {"layers": [3, 5, 2], "batch": 4, "threads": 1}
    case = Size((3, 5, 2), 4).draw()
    with jax.SIXTY_FOUR(True):
        its = {"reference": numpy_tasks, "torch": torch.tasks}.get(module)
        found: Any = (its(setting) if its else _jax(setting))[module].do(None)
    gradients = [np.asarray(g)[None] for g in found]
    (rows,) = check(Stack((case,)), [Floor("one", lambda stacks: [gradients])])
    assert {row.verdict for row in rows if row.quantity == "gradient"} <= set(AGREES)


def _jax(setting: Any) -> Any:
    """jax's tasks, without leaving 64-bit numbers switched on."""
    before = jax.JAX.config.jax_enable_x64
    try:
        return jax.tasks(setting)
    finally:
        jax.JAX.config.update("jax_enable_x64", before)


def test_certifying_counts_every_entry_and_refuses_a_wrong_gradient() -> None:
    case, backends = Size((3, 5, 2), 1).draw(), [load_backend(name) for name in certified.BACKENDS]
    assert certified.certify(case, backends) == 3 * (2 + 1 + 2 * 25)
    with pytest.raises(certified.Disagrees, match="wrong, gradient: violation"):
        certified.certify(case, [Floor("wrong", torch.gradients, 1 + 1e-9)])


def test_the_peers_see_a_gradient_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Size((3, 5, 2), 1).draw()
    torch.gradcheck(case)
    jax.check_grads(case)

    def bent(case: Case) -> Callable[..., Any]:
        right = loss(case)
        return lambda *weights: right(*[w.detach() * 2 - w for w in weights])  # the value is right, its slope is not

    loss = torch.total_error
    monkeypatch.setattr(torch, "total_error", bent)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        torch.gradcheck(case)


def test_no_two_calls_certify_the_same_numbers() -> None:
    tasks = certified.tasks({"layers": [3, 5, 2], "batch": 1})
    cases = [*tasks["gradproof"].prepare(3), *tasks["gradcheck"].prepare(2), *tasks["gradproof"].prepare(1)]
    assert len({case.x.tobytes() for case in cases}) == 6


@pytest.mark.parametrize("number", [4, 1000, 10_000])
def test_a_case_file_has_as_many_cases_as_asked_for(number: int, tmp_path: Path) -> None:
    (tmp_path / "drawn.toml").write_text(drawn.case_file(number), encoding="utf-8")
    cases = load([tmp_path / "drawn.toml"])
    assert len(cases) == number == len({case.name for case in cases})
    assert len({(case.layers, case.task, case.dtype, case.activation) for case in cases}) == drawn.A_DRAW
    sizes = [case.x.nbytes + case.target.nbytes + sum(w.nbytes for w in case.weights) for case in cases]
    assert sum(sizes) / len(sizes) == drawn.case_bytes()
    numbers = {case.x.tobytes() for case in cases}
    assert len(numbers) == number / len(drawn.TASKS), "both tasks share a draw"


@pytest.mark.parametrize("number", [0, 3, 1001])
def test_a_number_that_is_no_draw_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"{number} cases"):
        drawn.case_file(number)


def test_every_part_has_a_module_and_is_told_in_the_help() -> None:
    assert tuple(MODULES) == package.PARTS
    for name in package.PARTS:
        assert f"\n      {name} " in str(bench.help)
        assert MODULES[name].REPEATS >= 3
