"""The error of an updated weight, taken apart into what came with ΔW and what W − αΔW made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from cases.case import DTYPES, Case
from harness.backends import Backend
from harness.descent import residual
from harness.judge import Judge
from harness.run import run
from harness.stack import Stack
from reports.record import Row


def test_what_is_left_of_an_update_is_exact_to_its_last_digits() -> None:
    rng = np.random.default_rng(5)
    for _ in range(2000):
        W, dW = (float(rng.standard_normal() * 10.0 ** rng.integers(-8, 8)) for _ in "WΔ")
        alpha = float(10.0 ** rng.uniform(-4, 2))
        moved = float(np.float32(W - alpha * dW)) if rng.random() < 0.5 else W - alpha * dW
        exact = Fraction(moved) - (Fraction(W) - Fraction(alpha) * Fraction(dW))
        found = Fraction(float(residual(np.array(W), alpha, np.array(dW), np.array(moved))))
        size = abs(Fraction(W)) + abs(Fraction(alpha) * Fraction(dW))
        assert abs(found - exact) <= abs(exact) * Fraction(2) ** -50 + size * Fraction(2) ** -98


def test_numbers_near_the_end_of_the_range_do_not_overflow_on_the_way() -> None:
    for huge in (1e300, -1e300):
        moved = huge - 1e-3 * huge
        exact = Fraction(moved) - (Fraction(huge) - Fraction(1e-3) * Fraction(huge))
        found = Fraction(float(residual(np.array(huge), 1e-3, np.array(huge), np.array(moved))))
        assert exact != 0 and abs(found - exact) <= abs(exact) * Fraction(2) ** -50


def updates(case: Case, backend: Backend) -> list[Row]:
    return [row for row in run([case], [backend], mistakes=False).rows if row.quantity == "update"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", ["reference", "torch", "jax"])
def test_both_parts_of_a_correct_update_lie_within_its_bound(
    backend: str, dtype: str, draw: Callable[..., Case], backends: dict[str, Backend]
) -> None:
    for row in updates(draw(3, 4, 2, dtype=dtype), backends[backend]):
        assert row.from_gradient is not None and row.from_arithmetic is not None
        assert 0 <= row.from_gradient <= 1 and 0 < row.from_arithmetic <= 1


def test_rows_of_other_quantities_have_no_such_parts(draw: Callable[..., Case], backends: dict[str, Backend]) -> None:
    rows = run([draw(2, 2, 1)], [backends["reference"]], mistakes=False).rows
    apart = [row for row in rows if row.quantity != "update"]
    assert apart and all(row.from_gradient is row.from_arithmetic is None for row in apart)


def test_each_fault_shows_in_its_own_part(draw: Callable[..., Case], spoiled: Callable[..., Backend]) -> None:
    case = draw(3, 4, 2)

    def carried(found: Any) -> Any:
        gradients = [g * 1.001 for g in found.gradients]
        return replace(
            found, gradients=gradients, updated=[w - 0.3 * g for w, g in zip(case.weights, gradients, strict=True)]
        )

    def slipped(found: Any) -> Any:
        return replace(found, updated=[w - 0.3003 * g for w, g in zip(case.weights, found.gradients, strict=True)])

    for row in updates(case, spoiled(carried)):
        assert row.from_gradient > 1e3 and row.from_arithmetic <= 1  # type: ignore[operator]
    for row in updates(case, spoiled(slipped)):
        assert row.from_gradient <= 1 and row.from_arithmetic > 1e3  # type: ignore[operator]


def test_what_came_with_the_gradient_is_alpha_times_its_error(
    draw: Callable[..., Case], spoiled: Callable[..., Backend]
) -> None:
    case = draw(3, 4, 2, alpha=0.5)
    rows = updates(case, spoiled(lambda found: replace(found, gradients=[g + 0.25 for g in found.gradients])))
    standards = next(iter(Judge(Stack((case,))).standards[0].values()))
    for row in rows:
        gradient, update = (standards[name, row.layer].bound for name in ("gradient", "update"))
        came = row.from_gradient * update.min()  # type: ignore[operator]
        assert abs(came - 0.5 * 0.25) <= 0.5 * (gradient.max() + 2.0**-53), "0.25, but for ΔW's own roundings"


def test_on_a_kink_the_nearest_legal_derivative_counts(
    whole_catalogue: list[Case], backends: dict[str, Backend]
) -> None:
    case = next(c for c in whole_catalogue if c.name == "kink-at-zero-leaky_relu-prediction-float64")
    first = updates(case, backends["jax"])[0]  # JAX takes the right derivative, the deck the left one
    assert first.verdict == "convention" and first.from_gradient is not None and first.from_gradient <= 1


def test_what_cannot_be_taken_apart_is_left(draw: Callable[..., Case], spoiled: Callable[..., Backend]) -> None:
    case = draw(3, 4, 2)
    nan = spoiled(lambda found: replace(found, gradients=[g * np.nan for g in found.gradients]))
    short = spoiled(lambda found: replace(found, gradients=[g[:, :1] for g in found.gradients]))
    for backend in (nan, short):
        assert {(row.from_gradient, row.from_arithmetic) for row in updates(case, backend)} == {(None, None)}
