"""S14 to S16 on other structures: what holds, what fails where a pullback is wrong, and what each form costs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from cases.case import Case
from harness import structures
from harness.claims import FAILS, HOLDS
from reference import jacobians
from reference.layers.normalisation import Normalisation
from reference.layers.softmax import Softmax


@pytest.fixture
def deck(slides: list[Case]) -> Case:
    return next(case for case in slides if case.name == "slide-3-5-2-sigmoid-classification-float64")


CHECKS = (structures.differentiable, structures.general, structures.both_forms)


@pytest.mark.parametrize("check", CHECKS)
def test_it_holds_on_the_deck_and_on_every_chain(check: Callable[[Case], Any], deck: Case) -> None:
    assert check(deck).word == HOLDS


def test_all_structures_are_named_and_every_kind_of_layer_is_met(deck: Case) -> None:
    named = structures.differentiable(deck).note
    assert "3-5-2" in named and all(case.structure in named for case in structures.chains())
    assert {"dense", "bias", "activation", "scale", "convolution", "normalisation", "softmax", "quadratic"} == {
        link.kind for case in structures.chains() for link in case.chain
    }


def test_a_wrong_pullback_is_no_derivative(deck: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Softmax, "pullback_input", lambda self, w, x, y, delta: y * delta)
    assert structures.differentiable(deck).word == FAILS
    assert structures.general(deck).word == HOLDS, "forward is as it was"
    assert structures.both_forms(deck).word == FAILS


def test_a_wrong_forward_is_seen(deck: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Normalisation, "forward", lambda self, w, x: x)
    assert structures.general(deck).word == FAILS


def test_products_in_the_wrong_order_are_seen(deck: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jacobians, "recursion", lambda steps, unit: [*jacobians.full_products(steps, unit)][::-1])
    assert structures.both_forms(deck).word == FAILS


class Counted:
    """A number that counts how often it is multiplied."""

    products = 0

    def __mul__(self, other: object) -> Counted:
        Counted.products += 1
        return self

    def __add__(self, other: object) -> Counted:
        return self


def matrices(*shapes: tuple[int, int]) -> list[Any]:
    """Matrices of counted numbers."""
    return [np.full(shape, Counted(), dtype=object) for shape in shapes]


def test_the_counts_are_those_of_multiplications_that_are_made() -> None:
    nodes = (3, 5, 5, 2, 2)
    steps = matrices(*((n, m) for m, n in pairwise(nodes)))
    unit, row = matrices((2, 2), (1, 2))
    found = structures.counts(nodes)

    def count(make: Callable[[], object]) -> int:
        Counted.products = 0
        make()
        return Counted.products

    assert count(lambda: jacobians.full_products(steps, unit)) == found.anew == 90
    assert count(lambda: jacobians.recursion(steps, unit)) == found.reused == 70

    def begun() -> None:
        v = row
        for step in reversed(steps[1:]):
            v = v @ step

    assert count(begun) == found.one_row == 39
    assert found.pulled == 2 + 10 + 5, "σ of the output, the second matrix, σ of the hidden nodes"
