"""The networks that the questions are about: the deck's, and what can be made of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np

from cases.case import Array, Case, make_case
from cases.loader import catalogue, load
from harness.backends.reference import matrix
from harness.stack import Stack


@cache
def deck(task: str, dtype: str = "float64", block: str = "slide-3-5-2") -> Case:
    """A network of the deck from the catalogue, with sigmoid."""
    slides = [path for path in catalogue() if path.name == "slides.toml"]
    (found,) = [case for case in load(slides) if case.name == f"{block}-sigmoid-{task}-{dtype}"]
    return found


def first_unit_at(I: float, activation: str = "sigmoid") -> Case:
    """The deck's network for prediction, but its first hidden unit's input is I; for I = 0 exactly."""
    case = deck("prediction")
    W, V = case.weights
    changed = W.copy()
    changed[:, 0] = I * case.x[0] / (case.x[0] @ case.x[0])
    return make_case(case.family, activation, case.task, case.dtype, case.x, case.target, [changed, V])


def small_input() -> Case:
    """The deck's network for prediction, but its last input is 1e-8."""
    case = deck("prediction")
    x = case.x.copy()
    x[0, -1] = 1e-8
    return replace(case, x=x)


def far_target() -> Case:
    """The deck's network for prediction, of something that nobody has scaled: the target is a million."""
    case = deck("prediction")
    return replace(case, target=np.full_like(case.target, 1e6))


def deep() -> Case:
    """Twelve matrices, eight tanh units in each layer, four samples, float32."""
    rng = np.random.default_rng(12)
    weights = [rng.normal(0, 1.2 / np.sqrt(n), (n, m)) for n, m in pairwise([8] * 12 + [3])]
    return make_case("deep", "tanh", "prediction", "float32", rng.uniform(-1, 1, (4, 8)), np.zeros((4, 3)), weights)


def long() -> Case:
    """A thousand inputs of about 1e-6, one linear output, float32: gradients of at most 4e-6."""
    rng = np.random.default_rng(1000)
    x, W = rng.uniform(-2e-6, 2e-6, (1, 1000)), rng.uniform(-1, 1, (1000, 1))
    return make_case("long", "identity", "prediction", "float32", x, [[1.0]], [W])


def cast(case: Case, dtype: str) -> Case:
    """The same network, its numbers rounded to another precision."""
    numbers = case.x, case.target, case.weights, case.learning_rate
    return make_case(case.family, case.activation, case.task, dtype, *numbers)


def gradients(case: Case) -> list[Array]:
    """The slides' equations on arrays of the case's dtype."""
    found = matrix.evaluate(Stack((case,))).gradients
    assert found is not None
    return [layer[0] for layer in found]
