"""The slides' equations on balls come to the truth, and each reading of the deck exactly where it should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import flint
import numpy as np
import pytest

from cases.case import ACTIVATIONS, Case, make_case
from harness.numbers.balls import Balls
from harness.proof import balls as prove
from harness.truth import graph, quantities
from reference.activations import FORMULAS, relu, sigmoid
from reference.readings import DERIVATIVE, OUTER, READINGS, SCALE, SIGN, Reading


def no_unit_is_changed(case: Case) -> bool:
    """Whether I^l = h^l in every hidden layer: there S26's outer product is that of S23."""
    h = case.x.astype(np.float64)
    for w in case.weights[:-1]:
        I = h @ w.astype(np.float64)
        if case.activation not in STRAIGHT:
            return False
        h = STRAIGHT[case.activation](I)
        if not np.array_equal(I, h):
            return False
    return True


STRAIGHT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda I: I,
    "relu": lambda I: np.maximum(I, 0),
    "hardtanh": lambda I: np.clip(I, -1, 1),
}
"""Activations that hand on what they get, at least somewhere."""


EXPECTED: dict[Reading, Callable[[Case], bool]] = {
    DERIVATIVE: lambda case: True,
    SIGN: lambda case: False,
    SCALE: lambda case: case.layers[-1] == 2,
    OUTER: no_unit_is_changed,
}


@pytest.mark.parametrize("reading", READINGS, ids=lambda r: r.name)
def test_each_reading_is_the_derivative_where_the_deck_makes_it_so(slides: list[Case], reading: Reading) -> None:
    found = {case.name: prove.overlap(case, reading) for case in slides}
    assert found == {case.name: EXPECTED[reading](case) for case in slides}


def test_the_catalogue_shows_every_misreading_and_hides_two_of_them(slides: list[Case]) -> None:
    hidden = {r: [case for case in slides if EXPECTED[r](case)] for r in READINGS}
    assert hidden[DERIVATIVE] == slides
    assert hidden[SIGN] == []
    assert 0 < len(hidden[SCALE]) < len(slides)
    assert 0 < len(hidden[OUTER]) < len(slides)
    deck = [case for case in hidden[OUTER] if case.family == "slide-3-5-2"]
    assert deck and {case.activation for case in deck} == {"relu"}


@pytest.mark.parametrize("task", ["classification", "prediction"])
@pytest.mark.parametrize("activation", ["sigmoid", "relu", "identity"])
@pytest.mark.parametrize("widths", [(3, 1), (4, 3), (3, 5, 1), (2, 4, 6), (2, 3, 4, 2, 3)], ids=str)
def test_random_networks_of_any_depth_and_number_of_outputs(
    draw: Callable[..., Case], widths: tuple[int, ...], activation: str, task: str
) -> None:
    case = draw(*widths, batch=3, activation=activation, task=task, seed=11)
    assert {r.name: prove.overlap(case, r) for r in READINGS} == {r.name: EXPECTED[r](case) for r in READINGS}


@pytest.mark.parametrize("task", ["classification", "prediction"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_comes_to_the_truth_and_no_misreading_does(
    draw: Callable[..., Case], activation: str, task: str
) -> None:
    for widths, scale in (((3, 4, 3), 1), ((2, 3, 3, 1), 5)):
        case = draw(*widths, batch=2, activation=activation, task=task, seed=13)
        case = replace(case, weights=tuple(w * scale for w in case.weights))
        assert {r.name: prove.overlap(case, r) for r in READINGS} == {r.name: EXPECTED[r](case) for r in READINGS}


@pytest.mark.parametrize("dtype", ["float64", "float16"])
def test_so_does_a_case_of_the_catalogue_for_each_activation(whole_catalogue: list[Case], dtype: str) -> None:
    cases = {c.activation: c for c in whole_catalogue if c.family == "random" and c.dtype == dtype}
    assert set(cases) == set(ACTIVATIONS)
    assert [name for name, case in cases.items() if not prove.overlap(case)] == []


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_slope_of_any_activation_that_is_a_little_off_shows(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch, activation: str
) -> None:
    case, module = draw(3, 4, 3, activation=activation, task="prediction"), FORMULAS[activation]
    honest = module.derivative
    monkeypatch.setattr(module, "derivative", lambda xp, x, y: honest(xp, x, y) * (1 + flint.arb(2) ** -400))
    assert not prove.overlap(case)


def test_readings_together_are_wrong_too(draw: Callable[..., Case]) -> None:
    case = draw(3, 4, 3, seed=2)
    assert not prove.overlap(case, replace(SIGN, scaled=False))
    assert not prove.overlap(case, replace(SIGN, scaled=False, output_of_layer=False))


def test_a_difference_of_one_part_in_1e140_shows(draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    case, honest = draw(3, 4, 3), sigmoid.derivative
    assert prove.overlap(case)
    monkeypatch.setattr(sigmoid, "derivative", lambda xp, x, y: honest(xp, x, y) * (1 + flint.arb(2) ** -465))
    assert not prove.overlap(case)


def test_a_forgotten_slope_of_relu_shows_only_where_a_unit_is_off(
    slides: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relu, "derivative", lambda xp, x, y: xp.ones_like(x))
    deck = [case for case in slides if case.activation == "relu"]
    shows = {case.family for case in deck if not prove.overlap(case)}
    assert "slide-3-5-2" not in shows
    assert "slide-3-5-2-mixed" in shows


def test_slides_and_truth_list_the_same_quantities(draw: Callable[..., Case]) -> None:
    case = draw(4, 2, 3, seed=3)
    ours, theirs = slides_of(case), quantities(graph(case), case.learning_rate)
    shapes = [(m.nrows(), m.ncols()) for m in theirs]
    assert [balls.shape or (1, 1) for balls in ours] == shapes == [(2, 3), (1, 1), (4, 2), (2, 3), (4, 2), (2, 3)]


def slides_of(case: Case) -> list[Balls]:
    with flint.ctx.workprec(256):
        return prove.slides(case)


def test_it_is_the_case_rounded_to_its_dtype_that_is_proved(draw: Callable[..., Case]) -> None:
    double, single = (draw(3, 4, 3, dtype=dtype) for dtype in ("float64", "float32"))
    assert prove.overlap(double) and prove.overlap(single)
    assert not slides_of(double)[0].overlaps(slides_of(single)[0])


def test_on_a_kink_the_slides_take_the_left_derivative() -> None:
    case = make_case("kink", "relu", "prediction", "float64", [[1.0]], [[5.0]], [[[0.0]], [[3.0]]])
    gradient = slides_of(case)[2]
    assert gradient.overlaps(Balls([[0]]))
    assert prove.overlap(case)
