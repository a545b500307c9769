"""Over random and adversarial networks nothing correct leaves its bound, and what is wrong does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cases.adversarial import KINDS, networks, plan
from cases.case import ACTIVATIONS, DTYPES, Case
from harness.backends import Backend, Evaluation
from harness.soundness import Tally, measure
from reports.verdict import Verdict

STRUCTURES, COUNT, SEED = range(2, 17), 8, 20260101
"""Structures of small networks, one for each activation, and how many of each."""

NETWORKS = len(STRUCTURES) * COUNT
WIDE = ("float64", "float32")


def scaled(factor: float) -> Callable[[Evaluation], Evaluation]:
    def spoil(found: Evaluation) -> Evaluation:
        assert found.gradients is not None
        return replace(found, gradients=[g * g.dtype.type(factor) for g in found.gradients])

    return spoil


def groups(structures: range) -> list[list[Case]]:
    return [group for number in structures for group in networks(number, COUNT, SEED)]


@pytest.fixture(scope="module")
def tally(backends: dict[str, Backend], spoiled: Callable[..., Backend]) -> Tally:
    """The slice on NumPy and torch and two wrong backends, a part of it on JAX, which must compile each structure."""
    wrong = [spoiled(scaled(1.0005), "reference", "1.0005"), spoiled(scaled(-1), "reference", "flipped")]
    found = measure(groups(STRUCTURES), [backends["reference"], backends["torch"], *wrong])
    compiled = measure(groups(STRUCTURES[::5]), [backends["jax"]])
    assert compiled.cases == 3 * COUNT * len(DTYPES)
    compiled.cases = 0  # counted already
    found.merge(compiled)
    return found


def outside(tally: Tally, backend: str, **where: Any) -> set[str]:
    return {
        row.case
        for row in tally.outside
        if row.backend == backend and all(getattr(row, key) == value for key, value in where.items())
    }


def test_the_slice_has_every_kind_in_every_precision(tally: Tally) -> None:
    assert tally.cases == NETWORKS * len(DTYPES)
    assert {(dtype, kind) for (_, dtype, kind) in tally.largest} == {(d, k) for d in DTYPES for k in KINDS}
    assert {group[0].activation for group in groups(STRUCTURES)} == set(ACTIVATIONS)


@pytest.mark.parametrize("backend", ["reference", "torch", "jax"])
def test_nothing_correct_is_outside(tally: Tally, backend: str) -> None:
    assert [(r.case, r.quantity, r.layer, r.detail) for r in tally.outside if r.backend == backend] == []
    for dtype in DTYPES:
        largest = tally.share(backend, dtype)
        assert largest is not None and 0 < largest <= 1


def test_a_flipped_sign_is_outside_wherever_there_is_a_sign_to_see(tally: Tally) -> None:
    for dtype in DTYPES:
        found = outside(tally, "flipped", dtype=dtype, quantity="gradient")
        assert len(found) > NETWORKS / 2


def test_half_a_thousandth_is_outside_in_most_networks(tally: Tally) -> None:
    """In formats in which it is no rounding error; in bfloat16 and float16 1.0005 is 1."""
    for dtype in WIDE:
        assert len(outside(tally, "1.0005", dtype=dtype)) > NETWORKS / 4


def test_what_is_wrong_is_outside_by_more_than_a_little(tally: Tally) -> None:
    for backend in ("flipped", "1.0005"):
        for dtype, least in (("float64", 2.0**20), ("float32", 2.0**4)):
            share = tally.share(backend, dtype, "ordinary")
            assert share is not None and share > least


def test_only_gradients_of_the_wrong_backends_are_accused(tally: Tally) -> None:
    assert {(row.backend, row.quantity) for row in tally.outside} == {("1.0005", "gradient"), ("flipped", "gradient")}
    assert {row.verdict for row in tally.outside} == {Verdict.VIOLATION}
    assert set(tally.outside_cases) == {row.case for row in tally.outside}


def test_the_counts_add_up(tally: Tally) -> None:
    assert sum(tally.verdicts.values()) > 5 * tally.cases
    assert 0 < tally.blind < tally.entries and 0 < tally.zero < tally.entries


def test_the_same_seed_gives_the_same_networks() -> None:
    assert plan(300, 5) == plan(300, 5) and sum(count for _, count in plan(300, 5)) == 300
    first, again, other = ([c for group in networks(2, 30, seed) for c in group] for seed in (5, 5, 6))
    assert [c.name for c in first] == [c.name for c in again]
    assert all((a.x == b.x).all() and (a.target == b.target).all() for a, b in zip(first, again, strict=True))
    assert any(a.x.shape != b.x.shape or (a.x != b.x).any() for a, b in zip(first, other, strict=True))


def test_a_backend_that_crashes_is_outside(spoiled: Callable[..., Backend]) -> None:
    def broken(found: Evaluation) -> Any:
        raise ValueError("no")

    found = measure(networks(2, 5, 1), [spoiled(broken, "reference")])
    assert found.verdicts == {Verdict.CRASHED: 20}
    assert len(found.outside) == 20
