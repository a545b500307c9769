"""Trainings that the tests of learning share, cut to a few steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cases.case import Case, make_case
from harness.learning.training import Training, trainings


@pytest.fixture(scope="session")
def training() -> Callable[..., Training]:
    """Return a function: a training by the end of its name, for so many steps."""
    of = {one.name.removeprefix("learning-"): one for one in trainings()}
    return lambda name, steps=20: replace(of[name], steps=steps)


@pytest.fixture(scope="session")
def line() -> Callable[..., Case]:
    """Return a function: y = x·w with one weight, of which everything is known: H = 2x², and one more factor a step."""

    def make(
        x: float = 0.5, w: float = 1.25, target: float = 0.375, alpha: float = 0.75, dtype: str = "float64"
    ) -> Case:
        return make_case("line", "identity", "prediction", dtype, [[x]], [[target]], [[[w]]], alpha)

    return make
