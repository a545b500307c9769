"""Over random and adversarial networks nothing correct leaves its bound, and what is wrong does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cases.adversarial import KINDS, networks
from cases.case import DTYPES
from harness.backends import Backend, Evaluation
from harness.soundness import Tally, measure
from reports.verdict import Verdict

NETWORKS, SEED = 200, 20260101


def scaled(factor: float) -> Callable[[Evaluation], Evaluation]:
    def spoil(found: Evaluation) -> Evaluation:
        assert found.gradients is not None
        return replace(found, gradients=[g * g.dtype.type(factor) for g in found.gradients])

    return spoil


@pytest.fixture(scope="module")
def tally(backends: dict[str, Backend], spoiled: Callable[..., Backend]) -> Tally:
    """The slice on every real backend but the scalar form, and on two wrong ones."""
    real = [backend for name, backend in backends.items() if name != "reference-neuron"]
    wrong = [spoiled(scaled(1.0005), "reference", "1.0005"), spoiled(scaled(-1), "reference", "flipped")]
    return measure(networks(NETWORKS, SEED), [*real, *wrong])


def outside(tally: Tally, backend: str, **where: Any) -> set[str]:
    return {
        row.case
        for row in tally.outside
        if row.backend == backend and all(getattr(row, key) == value for key, value in where.items())
    }


def test_the_slice_has_every_kind_in_every_precision(tally: Tally) -> None:
    assert tally.cases == NETWORKS * len(DTYPES)
    assert {(dtype, kind) for (_, dtype, kind) in tally.largest} == {(d, k) for d in DTYPES for k in KINDS}


@pytest.mark.parametrize("backend", ["reference", "torch", "jax"])
def test_nothing_correct_is_outside(tally: Tally, backend: str) -> None:
    assert [(r.case, r.quantity, r.layer, r.detail) for r in tally.outside if r.backend == backend] == []
    for dtype in DTYPES:
        assert 0 < tally.share(backend, dtype) <= 1


def test_a_flipped_sign_is_outside_wherever_there_is_a_sign_to_see(tally: Tally) -> None:
    for dtype in DTYPES:
        found = outside(tally, "flipped", dtype=dtype, quantity="gradient")
        assert len(found) > NETWORKS / 2


def test_half_a_thousandth_is_outside_in_most_networks(tally: Tally) -> None:
    for dtype in DTYPES:
        assert len(outside(tally, "1.0005", dtype=dtype)) > NETWORKS / 4


def test_what_is_wrong_is_outside_by_more_than_a_little(tally: Tally) -> None:
    for backend in ("flipped", "1.0005"):
        assert tally.share(backend, "float64", "ordinary") > 2.0**20
        assert tally.share(backend, "float32", "ordinary") > 2.0**4


def test_only_gradients_of_the_wrong_backends_are_accused(tally: Tally) -> None:
    assert {(row.backend, row.quantity) for row in tally.outside} == {("1.0005", "gradient"), ("flipped", "gradient")}
    assert {row.verdict for row in tally.outside} == {Verdict.VIOLATION}
    assert set(tally.outside_cases) == {row.case for row in tally.outside}


def test_the_counts_add_up(tally: Tally) -> None:
    assert sum(tally.verdicts.values()) > 5 * tally.cases
    assert 0 < tally.blind < tally.entries and 0 < tally.zero < tally.entries


def test_the_same_seed_gives_the_same_networks() -> None:
    first, again, other = ([c for group in networks(30, seed) for c in group] for seed in (5, 5, 6))
    assert [c.name for c in first] == [c.name for c in again]
    assert all((a.x == b.x).all() and (a.target == b.target).all() for a, b in zip(first, again, strict=True))
    assert any(a.x.shape != b.x.shape or (a.x != b.x).any() for a, b in zip(first, other, strict=True))


def test_a_backend_that_crashes_is_outside(spoiled: Callable[..., Backend]) -> None:
    def broken(found: Evaluation) -> Any:
        raise ValueError("no")

    found = measure(networks(5, 1), [spoiled(broken, "reference")])
    assert found.verdicts == {Verdict.CRASHED: 10}
    assert len(found.outside) == 10
