"""Cases, backends and planted faults that the tests of the harness share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from cases.case import Case, make_case
from cases.known import Convention, Deviation, conventions, deviations
from cases.loader import catalogue, load
from harness.backends import Backend, Evaluation
from harness.backends import load as load_backend
from harness.backends.reference import readings
from harness.run import Outcome, run
from harness.stack import Stack


@pytest.fixture(scope="session")
def whole_catalogue() -> list[Case]:
    """Every case of the default catalogue."""
    return load(catalogue())


@pytest.fixture(scope="session")
def slides() -> list[Case]:
    """The deck's own cases: the file of the catalogue that comes from the slides."""
    return load([path for path in catalogue() if path.name == "slides.toml"])


@pytest.fixture(scope="session")
def backends() -> dict[str, Backend]:
    """The backends that run on every case, and the scalar form, by name; torch imported before jax."""
    return {name: load_backend(name) for name in ("reference", "reference-neuron", "torch", "jax")}


@pytest.fixture(scope="session")
def frameworks(backends: dict[str, Backend]) -> list[Backend]:
    """The two backends that share no code with the reference."""
    return [backends["torch"], backends["jax"]]


@pytest.fixture(scope="session")
def main_job(slides: list[Case], backends: dict[str, Backend]) -> Outcome:
    """The deck's cases on every backend, the readings watching."""
    return run(slides, list(backends.values()), observers=readings, mistakes=False)


@pytest.fixture(scope="session")
def draw() -> Callable[..., Case]:
    """Return a function: a random case of these widths; the numbers depend on ``seed`` and shapes alone."""

    def make(
        *widths: int,
        batch: int = 2,
        activation: str = "sigmoid",
        task: str = "classification",
        dtype: str = "float64",
        seed: int = 0,
        alpha: float = 0.3,
        **extra: Any,
    ) -> Case:
        rng = np.random.default_rng([seed, batch, *widths])
        x = rng.uniform(-1, 1, (batch, widths[0]))
        target = rng.uniform(0, 1, (batch, widths[-1]))
        weights = [rng.uniform(-1, 1, shape) for shape in pairwise(widths)]
        name = f"draw-{'-'.join(map(str, widths))}-{batch}-{seed}"
        return make_case(name, activation, task, dtype, x, target, weights, alpha, **extra)

    return make


@dataclass(frozen=True)
class Spoiled:
    """A backend that computes as ``real`` does, and then spoils what it found."""

    real: Backend
    spoil: Callable[[Evaluation], Any]
    name: str = "spoiled"

    def supports(self, case: Case) -> str | None:
        return self.real.supports(case)

    def evaluate(self, stack: Stack) -> Any:
        return self.spoil(self.real.evaluate(stack))


@pytest.fixture(scope="session")
def spoiled(backends: dict[str, Backend]) -> Callable[..., Backend]:
    """Return a function: torch, or another backend, with a fault planted in its results."""

    def plant(spoil: Callable[[Evaluation], Any], real: str = "torch", name: str = "spoiled") -> Backend:
        return Spoiled(backends[real], spoil, name)

    return plant


@pytest.fixture
def with_table(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Callable[..., Outcome]]:
    """Return a function: `run` with other tables."""

    def use(
        rows: Sequence[Deviation] = deviations(), listed: Sequence[Convention] = conventions()
    ) -> Callable[..., Outcome]:
        for module in ("check", "engine", "run"):
            monkeypatch.setattr(f"harness.{module}.deviations", lambda: tuple(rows))
        monkeypatch.setattr("harness.found.conventions", lambda: tuple(listed))
        return partial(run, mistakes=False)

    return use
