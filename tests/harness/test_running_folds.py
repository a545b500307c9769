"""Affine links folded into each other, one by one: right, and outside the bound of the same links in sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cases.case import make_case
from cases.chains import word_link
from harness.bound import bounds
from harness.stack import Stack
from harness.truth import truth

FOLDS: dict[str, tuple[str, list[Any], Any]] = {
    "two biases added first": ("bias, bias", [[[-5.1]], [[0.3]]], lambda x, b, c: x + (b + c)),
    "two biases behind a dense link added first": (
        "dense 1, bias, bias",
        [[[1.0], [0.5]], [[-5.1]], [[0.3]]],
        lambda x, W, b, c: x @ W + (b + c),
    ),
    "a scale folded into the dense link before it": (
        "dense 1, scale",
        [[[1.0], [0.5]], [[0.3]]],
        lambda x, W, g: x @ (W * g),
    ),
    "a scale folded into the dense link behind it": (
        "scale, dense 1",
        [[[0.3, 0.3]], [[1.0], [0.5]]],
        lambda x, g, W: x @ (g.T * W),
    ),
    "two scales multiplied first": ("scale, scale", [[[0.3]], [[0.7]]], lambda x, g, h: x * (g * h)),
    "a normalisation of a batch folded into the dense link before it": (
        "dense 1, bias, scale, bias",
        [[[1.0], [0.5]], [[0.25]], [[0.3]], [[0.1]]],
        lambda x, W, b, g, c: x @ (W * g) + (b * g + c),
    ),
    "an offset and a scale folded into the dense link behind them": (
        "bias, scale, dense 1",
        [[[-3.0, 8.0]], [[0.3, 0.3]], [[1.0], [0.5]]],
        lambda x, b, g, W: x @ (g.T * W) + (b * g) @ W,
    ),
}
"""Links, their weights, and the output as it is folded."""

NEW = (
    "two biases added first",
    "a scale folded into the dense link before it",
    "a normalisation of a batch folded into the dense link before it",
)
"""Folds that are outside what is allowed of the sequence."""


def outside(words: str, weights: list[Any], fold: Any) -> list[bool]:
    """Whether the output is further off than its bound, for many x of a few bits."""
    found = []
    links = [word_link(word, words) for word in words.split(", ")]
    inputs = 2 if np.shape(weights[0])[-1] == 2 or links[0].kind == "dense" else 1
    for x in np.random.default_rng(5).integers(-99, 100, (60, 1, inputs)) / 8.0:
        its = make_case("fold", "identity", "prediction", "float64", x, [[0.5]], weights, links=links)
        limits = bounds(Stack((its,)))
        wanted = [limit.bound[0] for limit in (limits.output, limits.loss, *limits.gradients, *limits.updated)]
        exact = truth(its, wanted).output
        error = abs(float(fold(x, *map(np.array, weights)).item() - exact.high.item()) - exact.low.item())
        found.append(error > limits.output.bound.item())
    return found


@pytest.mark.parametrize("name", FOLDS)
def test_a_fold_is_inside(name: str) -> None:
    assert not any(outside(*FOLDS[name]))


@pytest.mark.parametrize("name", NEW)
def test_in_sequence_it_is_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.chains._runs", lambda chain: [])
    assert any(outside(*FOLDS[name]))


def test_whole_numbers_stay_exact_behind_any_number_of_biases() -> None:
    links = [word_link(word, "") for word in ("dense 1", "bias", "bias")]
    weights = [[[3.0], [-1.0]], [[2.0]], [[-5.0]]]
    its = make_case("whole", "identity", "prediction", "float64", [[2.0, 7.0]], [[0.5]], weights, links=links)
    assert (bounds(Stack((its,))).output.bound == 0).all()
