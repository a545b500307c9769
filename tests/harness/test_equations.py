"""S1 to S28: each once, in order, tied to code that exists, and failing where what it checks is wrong."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from cases.case import Case
from harness.backends import BACKENDS
from harness.claims import CONDITION, FAILS, HOLDS, LATER
from harness.equations import EQUATIONS, Equation, exhibit
from reference import error, neuron, products, update
from reference.activations import relu, sigmoid
from reference.layers.activation import Activation
from reference.layers.dense import Dense
from reference.readings import SIGN

HOME = Path(harness.__file__ or "").resolve().parent.parent
BY_ID = {equation.id: equation for equation in EQUATIONS}


@pytest.fixture
def deck(slides: list[Case]) -> Case:
    return next(case for case in slides if case.name == "slide-3-5-2-sigmoid-classification-float64")


def test_every_equation_of_the_deck_is_there_once_and_in_order() -> None:
    assert [equation.id for equation in EQUATIONS] == [f"S{number}" for number in range(1, 29)]


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda e: e.id)
def test_every_check_comes_to_one_of_the_four_words_and_none_fails(equation: Equation, deck: Case) -> None:
    found = equation.check(deck)
    assert found.word in (HOLDS, CONDITION, LATER)
    assert found.note and equation.statement


def test_what_is_not_run_yet_says_so_and_names_no_route(deck: Case) -> None:
    for equation in EQUATIONS:
        assert set(equation.routes) <= set(BACKENDS)
        if equation.check(deck).word == LATER:
            assert equation.routes == ()


def test_claims_that_hold_only_so_far_are_not_called_true(deck: Case) -> None:
    conditional = {e.id for e in EQUATIONS if e.check(deck).word == CONDITION}
    assert {"S4", "S18", "S21", "S24", "S25", "S26"} <= conditional


def names(path: Path) -> set[str]:
    """Functions, classes, methods and constants that a file, or any file of a folder, defines."""
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(node.name)
    return found


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda e: e.id)
def test_the_code_that_is_named_exists(equation: Equation) -> None:
    place, _, named = equation.code.partition(":")
    first, *others = [part.strip() for part in place.split(",")]
    paths = [HOME / first, *((HOME / first).parent / other for other in others)]
    assert all(path.exists() for path in paths), equation.code
    if named:
        assert {name.strip() for name in named.split(",")} <= names(paths[0]), equation.code


def test_the_search_for_names_would_miss_a_wrong_one() -> None:
    assert "weight_change" in names(HOME / "reference/neuron.py")
    assert "weight_changes" not in names(HOME / "reference/neuron.py")
    assert not (HOME / "reference/neurone.py").exists()


def test_the_exhibit_has_every_row_with_its_outcome(deck: Case) -> None:
    rows = exhibit(deck)
    assert [row["id"] for row in rows] == list(BY_ID)
    assert all(set(row) == {"id", "statement", "code", "routes", "outcome", "note"} for row in rows)
    assert [row["outcome"] for row in rows] == [e.check(deck).word for e in EQUATIONS]


# each check fails where what it checks is wrong

HONEST_LINKS, HONEST_SUM, HONEST_SLOPE = neuron.links, neuron.weighted_sum, error.slope

WRONG: tuple[tuple[str, object, str, Callable[..., Any]], ...] = (
    ("S1", neuron, "links", lambda widths: HONEST_LINKS(widths)[:-1]),
    ("S2", neuron, "weighted_sum", lambda x, w: HONEST_SUM(x[:-1] or x, w[:-1] or w)),
    ("S3", sigmoid, "derivative", lambda xp, x, y: y * (1 + y)),
    ("S3", sigmoid, "value", lambda xp, x: 1 / (2 + xp.exp(-x))),
    ("S4", relu, "value", lambda xp, x: x),
    ("S4", relu, "derivative", lambda xp, x, y: xp.ones_like(x)),
    ("S4", relu, "derivative", lambda xp, x, y: np.where(x < 0, 0, 1)),
    ("S7", Dense, "forward", lambda self, W, h: h @ W * 2),
    ("S8", Activation, "forward", lambda self, w, I: I),
    ("S9", Dense, "forward", lambda self, W, h: h @ W * 2),
    ("S10", error, "error", lambda Y, target: Y - target),
    ("S11", error, "total_error", lambda E: (E * E).sum(axis=(-2, -1))),
    ("S13", update, "update", lambda W, dW, alpha: tuple(w + alpha * d for w, d in zip(W, dW, strict=True))),
    ("S17", neuron, "reverse", lambda links: [(b, a) for a, b in list(links)[:-1]]),
    ("S18", neuron, "output_node", lambda slope, e: e),
    ("S18", sigmoid, "derivative", lambda xp, x, y: y),
    ("S19", neuron, "hidden_node", lambda slope, w, epsilon: slope * epsilon[0] * w[0]),
    ("S20", Dense, "pullback_input", lambda self, W, h, I, delta: -(delta @ W.mT)),
    ("S20", Activation, "pullback_input", lambda self, w, I, h, delta: delta),
    ("S21", products, "elementwise_product", lambda A, B: A @ B),
    ("S21", products, "matrix_product", lambda A, B: A * B),
    ("S22", neuron, "weight_change", lambda epsilon, h: epsilon * epsilon),
    ("S23", Dense, "pullback_weight", lambda self, W, h, I, delta: h.mT @ delta * 2),
    ("S24", products, "kronecker_product", lambda A, B: np.kron(B, A)),
    ("S24", products, "outer_product", lambda c, d: np.outer(d, c)),
    ("S25", products, "outer_product", lambda c, d: np.outer(d, c)),
    ("S25", products, "kronecker_product", lambda A, B: A.T * B.T),
    ("S26", error, "slope", lambda Y, target, reading=None: HONEST_SLOPE(Y, target, SIGN)),
    ("S28", neuron, "output_node", lambda slope, e: e),
)


@pytest.mark.parametrize(("id_", "place", "name", "mistake"), WRONG, ids=[f"{w[0]}-{w[2]}" for w in WRONG])
def test_a_check_fails_where_what_it_checks_is_wrong(
    id_: str, place: object, name: str, mistake: Callable[..., Any], deck: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, name, mistake)
    if place is update:
        monkeypatch.setattr("harness.proof.balls.update", mistake)
    assert BY_ID[id_].check(deck).word == FAILS


def test_the_deck_s_numbers_are_the_deck_s(deck: Case, slides: list[Case]) -> None:
    other = next(case for case in slides if case.family == "slide-3-5-2-mixed")
    assert BY_ID["S5"].check(deck).word == HOLDS
    assert BY_ID["S5"].check(other).word == FAILS


def test_the_three_readings_are_told_apart(deck: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """S26 also fails if a reading that must not be the derivative turns out to be it."""
    always = lambda case, reading=None: True  # noqa: E731
    monkeypatch.setattr("harness.equation_checks.overlap", always)
    assert BY_ID["S26"].check(deck).word == FAILS
