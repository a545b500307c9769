"""Every mistake is one change to the reference, told in words, and the same on every kind of number."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases.case import DTYPES, Case, make_case
from harness.backends.reference import matrix
from harness.equations import EQUATIONS
from harness.mistakes import FAMILIES, MISTAKES
from harness.mistakes.mistake import Mistake
from harness.mistakes.prediction import Predictor
from harness.mistakes.recipe import Setting
from harness.mistakes.runs import cannot_show, coincides, exactly, implemented
from harness.stack import Stack
from reference import arrays, error
from reference.activations import Formula
from reference.network import Network, forward

each_mistake = pytest.mark.parametrize("name", MISTAKES)


def test_there_are_forty_different_mistakes_and_each_name_stands_once() -> None:
    names = [mistake.name for its in FAMILIES.values() for mistake in its]
    assert len(names) == len(set(names)) == len(MISTAKES)
    assert len({mistake.kind for mistake in MISTAKES.values()}) >= 40
    assert {mistake.variant_of for mistake in MISTAKES.values()} - {""} <= set(MISTAKES)


@each_mistake
def test_it_is_told_in_words_with_equations_that_the_deck_has(name: str) -> None:
    mistake = MISTAKES[name]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert len(mistake.what.split()) > 3 and not mistake.what.endswith(".") and len(mistake.fix.split()) > 2
    named = re.findall(r"S\d+", mistake.equations)
    assert named and set(named) <= {equation.id for equation in EQUATIONS}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("task", ["classification", "prediction"])
def test_a_recipe_without_a_mistake_is_the_reference_bit_for_bit(
    draw: Callable[..., Case], dtype: str, task: str
) -> None:
    stack = Stack((draw(4, 3, 3, 2, batch=3, activation="tanh", task=task, dtype=dtype),))
    ours, reference = implemented((), stack), matrix.evaluate(stack)
    assert np.array_equal(ours.output, reference.output) and np.array_equal(ours.loss, reference.loss)
    for mine, theirs in ((ours.gradients, reference.gradients), (ours.updated, reference.updated)):
        assert all(np.array_equal(a, b) for a, b in zip(mine or (), theirs or (), strict=True))


def test_a_recipe_without_a_mistake_has_the_truths_numbers(draw: Callable[..., Case]) -> None:
    assert coincides((), draw(3, 4, 2, batch=2, activation="gelu"))


SHOWS: dict[str, dict[str, Any]] = {
    "no-scale": {"widths": (3, 4, 3)},
    "half-of-sum": {"widths": (3, 4, 3)},
    "inputs-counted": {"widths": (4, 3, 2)},
    "product-rule": {"activation": "silu"},
    "leaky-slope": {"activation": "relu"},
    "leaky-relu": {"activation": "relu"},
    "only-positive-errors": {"activation": "relu"},
    "straight-through": {"activation": "hardtanh", "stretch": 4.0},
    "gelu-other-form": {"activation": "gelu"},
    "softplus-threshold": {"activation": "softplus", "stretch": 60.0},
    "slope-at-linear-output": {"task": "prediction"},
    "output-sigma-put-in": {"task": "prediction"},
    "sigmoid-slope": {"activation": "tanh"},
    "hidden-slope-at-output": {"activation": "tanh"},
    "hidden-sigma-at-output": {"activation": "tanh"},
    "always-sigmoid": {"activation": "tanh"},
    "clipped": {"task": "prediction", "stretch": 6.0},
    "clipped-step": {"task": "prediction", "stretch": 6.0},
}
"""Where a mistake shows that does not on a sigmoid classification of 3-3-3-3 nodes."""


@pytest.fixture
def telling(draw: Callable[..., Case]) -> Callable[[str], Case]:
    """Return a function: a case in float64 on which a mistake shows."""

    def make(name: str) -> Case:
        its = {"widths": (3, 3, 3, 3), "activation": "sigmoid", "task": "classification", **SHOWS.get(name, {})}
        case = draw(*its["widths"], batch=3, activation=its["activation"], task=its["task"], seed=8)
        weights = tuple(w * its.get("stretch", 1.0) for w in case.weights)
        if name in ("slope-1-at-kink", "leaky-slope-at-kink"):
            sigma = "relu" if name == "slope-1-at-kink" else "leaky_relu"
            return make_case("kink", sigma, "prediction", "float64", [[1.0]], [[1.0]], [[[0.0]], [[0.5]]])
        return replace(case, weights=weights)

    return make


@each_mistake
def test_its_exact_numbers_are_not_the_truths_where_it_shows(name: str, telling: Callable[[str], Case]) -> None:
    mistake, case = MISTAKES[name], telling(name)
    assert cannot_show([mistake], Setting.of(case)) is None
    assert coincides([mistake], case) is mistake.rounding


@each_mistake
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_it_computes_lies_within_what_it_predicts(name: str, dtype: str, telling: Callable[[str], Case]) -> None:
    """Arrays against running-error numbers, and those against balls: three kinds of number, one mistake."""
    mistake, case = MISTAKES[name], telling(name)
    small = DTYPES[dtype]
    case = replace(
        case, dtype=dtype, x=case.x.astype(small), target=case.target.astype(small),
        weights=tuple(w.astype(small) for w in case.weights),
    )  # fmt: skip
    if cannot_show([mistake], Setting.of(case)) is not None:
        return
    stack = Stack((case,))
    found, prediction = implemented([mistake], stack), Predictor(stack).predicted([mistake])
    balls = dict(zip(prediction.numbers, exactly([mistake], case), strict=True))
    parts = {("output", 0): found.output, ("loss", 0): found.loss}
    parts |= {("gradient", l): g for l, g in enumerate(found.gradients or (), start=1)}
    parts |= {("update", l): w for l, w in enumerate(found.updated or (), start=1)}
    for quantity, values in parts.items():
        expected, bound = prediction.values(quantity)[0], prediction.bounds(quantity)[0]
        exact = np.vectorize(lambda ball: float(ball.mid()), otypes=[float])(balls[quantity].entries)
        assert np.all(np.abs(values[0].astype(float) - expected) <= bound), quantity
        assert np.all(np.abs(exact - expected) <= bound), quantity


def test_two_mistakes_are_one_recipe(draw: Callable[..., Case]) -> None:
    case = draw(3, 4, 3, batch=2)
    both = exactly([MISTAKES["wrong-sign"], MISTAKES["no-scale"]], case)
    sign, scale = (exactly([MISTAKES[name]], case) for name in ("wrong-sign", "no-scale"))
    for l in (2, 3):  # gradients
        assert both[l].overlaps(-scale[l]) and not both[l].overlaps(sign[l])


def mazur() -> Case:
    """FACTS: the published 2-2-2 example, its biases as weights of constant nodes (σ(40) = 1 in float64)."""
    hidden = [[0.15, 0.25, 0.0], [0.20, 0.30, 0.0], [0.35, 0.35, 40.0]]
    output = [[0.40, 0.50], [0.45, 0.55], [0.60, 0.60]]
    return make_case("mazur", "sigmoid", "classification", "float64", [[0.05, 0.10, 1.0]], [[0.01, 0.99]],
                     [hidden, output], 0.5)  # fmt: skip


def total_error_after(mistake: Mistake | None) -> float:
    """The total error after one step that leaves the biases alone, as the example has it."""
    case = mazur()
    found = implemented([mistake] if mistake else [], Stack((case,)))
    weights = [np.array(w[0]) for w in found.updated or ()]
    weights[0][-1, :], weights[0][:, -1], weights[1][-1, :] = case.weights[0][-1, :], case.weights[0][:, -1], 0.60
    sigma = Formula("sigmoid", arrays)
    run = forward(Network(sigma, sigma), weights, case.x)
    return float(error.total_error(error.error(run.Y, case.target)))


def test_updated_weights_reproduces_the_published_figure_that_is_odd() -> None:
    """FACTS: E after the step is printed as .291027924; with the printed new weights it is .291027774."""
    assert f"{total_error_after(MISTAKES['updated-weights']):.9f}" == "0.291027924"
    assert f"{total_error_after(None):.9f}" == "0.291027774"


@pytest.mark.parametrize("name", ["momentum", "accumulated"])
def test_what_is_kept_shows_from_the_second_call(name: str) -> None:
    assert MISTAKES[name].call == 2
