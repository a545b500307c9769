"""What the deck claims of descent and of cost, and that a claim which is not so is called not so."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from cases.case import ACTIVATIONS, Case
from harness import claims, cost
from harness.claims import CONDITION, FAILS, HOLDS, outcome
from reference import neuron


@pytest.fixture
def deck(slides: list[Case]) -> Case:
    return next(case for case in slides if case.name == "slide-3-5-2-sigmoid-classification-float64")


def test_the_word_follows_from_what_was_found() -> None:
    assert outcome(True, "note") == claims.Outcome(HOLDS, "note")
    assert outcome(True, "note", condition=True).word == CONDITION
    assert outcome(False, "note").word == outcome(False, "note", condition=True).word == FAILS


def test_descent_lowers_the_total_error_and_ascent_does_not(deck: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    found = claims.learning(deck)
    assert found.word == CONDITION
    before, after = map(float, re.findall(r"total error ([\d.]+) → ([\d.]+)", found.note)[0])
    assert after < before
    honest = claims.backward
    ascending = lambda *args: type(honest(*args))((), tuple(-g for g in honest(*args).gradients))  # noqa: E731
    monkeypatch.setattr("harness.claims.backward", ascending)
    assert claims.learning(deck).word == FAILS


def test_a_larger_learning_rate_moves_further_until_it_is_rounded_away(
    deck: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = claims.learning_rate(deck)
    assert found.word == CONDITION
    assert "α = 1e-20: 0" in found.note and "the larger, not the better" in found.note
    fixed = lambda weights, gradients, alpha: tuple(w - 0.1 * g for w, g in zip(weights, gradients, strict=True))  # noqa: E731
    monkeypatch.setattr("harness.learning.rates.update", fixed)
    assert claims.learning_rate(deck).word == FAILS


@pytest.mark.parametrize(
    ("widths", "products"),
    # h·W, σ' at every node, Δ·Wᵀ but for the first layer, h ⊗ Δ: counted by hand
    [((3, 5, 2), 25 + 7 + 10 + 25), ((2, 1), 2 + 1 + 0 + 2), ((1, 2, 3, 1), 11 + 6 + 9 + 11)],
    ids=str,
)
def test_multiplications_of_the_scalar_form_are_counted(
    draw: Callable[..., Case], widths: tuple[int, ...], products: int
) -> None:
    assert cost.multiplications(draw(*widths)) == products


def test_one_multiplication_too_many_is_noticed(deck: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cost.scalar_is_matrix(deck).word == HOLDS
    honest = neuron.weight_change
    monkeypatch.setattr(neuron, "weight_change", lambda epsilon, h: honest(epsilon * epsilon, h))
    assert cost.multiplications(deck) == 67 + 25


def test_scalar_and_matrix_form_agree_on_balls_in_any_structure(draw: Callable[..., Case]) -> None:
    for widths in ((3, 1), (2, 4, 3), (3, 2, 4, 2, 3)):
        for activation in ("sigmoid", "relu", "identity") if len(widths) != 3 else ACTIVATIONS:
            for task in ("classification", "prediction"):
                case = draw(*widths, batch=1, activation=activation, task=task, seed=6)
                assert cost.scalar_is_matrix(case).word == HOLDS


def test_products_are_checked_on_numbers_that_tell_them_apart(deck: Case) -> None:
    for check in (claims.two_products, claims.kronecker, claims.python_kronecker):
        assert check(deck).word == CONDITION
    A, B = np.array([[2.0, 3.0], [5.0, 7.0]]), np.array([[11.0, 13.0], [17.0, 19.0]])
    assert len({np.array2string(p) for p in (A @ B, B @ A, A * B, (A @ B).T)}) == 4
