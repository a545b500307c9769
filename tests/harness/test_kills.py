"""The kill matrix: what it catches on the whole catalogue, what it says of the rest, and that it can cry wolf."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest

from cases.case import Case
from harness import kills as module
from harness.judge import Judge
from harness.kills import Kill, Kills, exhibit, kills
from harness.mistakes import MISTAKES
from harness.mistakes.runs import coincides
from harness.rewritings import REWRITINGS, Rewriting
from harness.stack import stacks


def matrix_of(cases: Iterable[Case]) -> Kills:
    found = Kills()
    for stack in stacks(case for case in cases if case.links is None):
        found.add(kills(stack, Judge(stack)))
    return found


def by_dtype(found: Kills) -> dict[tuple[str, str], Kill]:
    sums: dict[tuple[str, str], Kill] = defaultdict(Kill)
    for (mistake, _, dtype), cell in found.matrix.items():
        sums[mistake, dtype].add(cell)
    return sums


@pytest.fixture(scope="module")
def whole(whole_catalogue: list[Case]) -> Kills:
    """The matrix of the default catalogue."""
    return matrix_of(whole_catalogue)


HIDDEN = {
    "float32": {"softplus-threshold", "float32-inside"},
    "bfloat16": {"softplus-threshold", "gelu-other-form", "weight-decay", "inexact-factor", "float32-inside",
                 "float16-inside"},
    "float16": {"softplus-threshold", "gelu-other-form", "inexact-factor", "float32-inside", "float16-inside"},
}  # fmt: skip
"""NUMERICS, "What rounding hides": mistakes smaller than rounding in a format; NUMERICS also has some that this
catalogue does show on a case or two."""


def test_every_mistake_is_caught_in_float64(whole: Kills) -> None:
    sums = by_dtype(whole)
    assert {name for name in MISTAKES if not sums[name, "float64"].caught} == set()


@pytest.mark.parametrize("dtype", HIDDEN)
def test_every_mistake_is_caught_in_narrower_formats_but_for_what_rounding_hides(whole: Kills, dtype: str) -> None:
    sums = by_dtype(whole)
    assert {name for name in MISTAKES if not sums[name, dtype].caught} == HIDDEN[dtype]


def test_nothing_correct_is_accused(whole: Kills) -> None:
    assert whole.alarms == [] and whole.correct > 10_000


def test_cases_are_all_accounted_for(whole: Kills, whole_catalogue: list[Case]) -> None:
    judged = sum(case.expect is None and case.links is None for case in whole_catalogue)
    for name in MISTAKES:
        its = [cell for (mistake, _, _), cell in whole.matrix.items() if mistake == name]
        assert sum(cell.cases for cell in its) == judged
        for cell in its:
            assert cell.cases == cell.caught + cell.same + cell.hidden + sum(cell.apart.values())


def test_where_n_o_is_2_a_forgotten_factor_cannot_show(slides: list[Case]) -> None:
    cell = matrix_of([case for case in slides if case.family == "slide-3-5-2"]).at("no-scale", "slide-3-5-2", "float64")
    assert (cell.caught, cell.hidden, cell.apart) == (0, 0, {"the factor is 1 here": 4})


def test_where_relu_is_all_on_a_leak_has_the_truths_numbers(slides: list[Case]) -> None:
    """The deck's own input: no unit is off."""
    found = matrix_of([case for case in slides if case.family == "slide-3-5-2" and case.activation == "relu"])
    cell = found.at("leaky-slope", "slide-3-5-2", "float64")
    assert (cell.cases, cell.same) == (2, 2)
    mixed = matrix_of([case for case in slides if case.family == "slide-3-5-2-mixed" and case.activation == "relu"])
    assert mixed.at("leaky-slope", "slide-3-5-2-mixed", "float64").caught == 2


def test_a_bound_that_is_too_small_is_a_false_alarm(draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    case = draw(3, 4, 2, batch=3)
    assert matrix_of([case]).alarms == []
    right = module._stacked
    monkeypatch.setattr(
        module, "_stacked", lambda judge: {q: replace(s, bound=s.bound * 0) for q, s in right(judge).items()}
    )
    assert any(case.name in alarm for alarm in matrix_of([case]).alarms)


def test_a_bound_without_limit_catches_nothing(draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    right = module._stacked
    monkeypatch.setattr(
        module, "_stacked", lambda judge: {q: replace(s, bound=s.bound + np.inf) for q, s in right(judge).items()}
    )
    found = matrix_of([draw(3, 4, 3, batch=3)])
    caught = {name for (name, _, _), cell in found.matrix.items() if cell.caught}
    assert caught == {"transposed", "layers-reversed"}, "only a wrong shape is left to see"
    assert found.matrix["wrong-sign", "draw-3-4-3-3-0", "float64"].hidden == 1


@pytest.mark.parametrize("rewriting", REWRITINGS, ids=lambda one: one.name)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_a_rewriting_has_the_truths_numbers(draw: Callable[..., Case], rewriting: Rewriting, activation: str) -> None:
    assert coincides([rewriting], draw(3, 4, 3, batch=3, activation=activation))


def test_a_case_that_expects_to_be_blind_is_not_asked(draw: Callable[..., Case]) -> None:
    assert kills(*(lambda stack: (stack, Judge(stack)))(stacks([draw(2, 2, expect="blind")])[0])).matrix == {}


def test_the_exhibit_tells_each_mistake_and_its_cells(draw: Callable[..., Case]) -> None:
    found = exhibit(matrix_of([draw(3, 4, 3, batch=3)]))
    assert [told["name"] for told in found["mistakes"]] == list(MISTAKES)
    cell = next(cell for cell in found["cells"] if cell["mistake"] == "product-rule")
    assert cell["apart"] == {"only with silu or hardswish": 1} and cell["cases_of"] == "draw-3-4-3-3-0"
    assert found["correct"]["runs"] == len(REWRITINGS) and found["correct"]["alarms"] == []
