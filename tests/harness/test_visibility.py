"""What the check is worth: a fault of the stated size really is flagged, one far below it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from cases.case import DTYPES, Case
from harness.backends import Backend
from harness.compare import Standard
from harness.judge import Judge
from harness.precision import PRECISIONS
from harness.returned import Quantity
from harness.run import run
from harness.stack import Stack
from harness.truth import Exact
from harness.visibility import SUSPICIOUS, Sight, exhibit, looks, sight
from reports.verdict import Verdict

each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def sight_of(case: Case) -> Sight:
    return sight(case, Judge(Stack((case,))).standards[0]["left"])


def faulty(spoiled: Callable[..., Backend], factor: float, real: str = "reference") -> Backend:
    """Every gradient times ``factor``, rounded once."""

    def spoil(found: Any) -> Any:
        return replace(found, gradients=[(g.astype(np.float64) * factor).astype(g.dtype) for g in found.gradients])

    return spoiled(spoil, real)


def flagged(case: Case, backend: Backend) -> bool:
    rows = [row for row in run([case], [backend], observers=(), mistakes=False).rows if row.quantity == "gradient"]
    return any(row.verdict == Verdict.VIOLATION for row in rows)


@each_dtype
@pytest.mark.parametrize("activation", ["sigmoid", "relu", "gelu", "softsign"])
@pytest.mark.parametrize("widths", [(3, 5, 2), (2, 4, 3, 3), (6, 3)], ids=str)
def test_a_fault_of_the_stated_size_is_flagged(
    draw: Callable[..., Case], spoiled: Callable[..., Backend], widths: tuple[int, ...], activation: str, dtype: str
) -> None:
    """Rounding a product once more takes back a u; the stated size leaves room for the bound, not for this."""
    case = draw(*widths, activation=activation, dtype=dtype, seed=12)
    fault = sight_of(case).fault + 2 * PRECISIONS[dtype].u
    assert flagged(case, faulty(spoiled, 1 + fault))


@each_dtype
@pytest.mark.parametrize("activation", ["sigmoid", "relu", "gelu", "softsign"])
def test_a_fault_far_below_it_is_not(
    draw: Callable[..., Case], spoiled: Callable[..., Backend], activation: str, dtype: str
) -> None:
    case = draw(3, 5, 2, activation=activation, dtype=dtype, seed=12)
    assert not flagged(case, faulty(spoiled, 1 + sight_of(case).fault / 64))
    assert not flagged(case, faulty(spoiled, 1 - sight_of(case).fault / 64))


def standard(exact: list[float], bound: list[float], typical: float = 0.0) -> dict[Quantity, Standard]:
    high = np.array(exact)
    zero = np.zeros_like(high)
    held = Standard(Exact(high, zero, zero), np.array(bound), np.full_like(high, typical))
    return {("gradient", 1): held, ("output", 0): Standard(Exact(high, zero, zero), 1e-30 * np.ones_like(high))}


@pytest.mark.parametrize("bound", [2.0**-40, 2.0**-10, 0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("rounded", [-1, 0, 1])
def test_the_stated_fault_is_seen_whatever_rounding_does(draw: Callable[..., Case], bound: float, rounded: int) -> None:
    """The worst correct value is a bound off, and the fault is a factor of that."""
    fault = sight(draw(3, 2), standard([1.0], [bound])).fault
    value = (1 + rounded * Fraction(bound)) * (1 + Fraction(fault) * (1 + Fraction(1, 2**40)))
    assert abs(value - 1) > bound
    if rounded == -1:  # and no larger than it must be
        assert abs((1 - Fraction(bound)) * (1 + Fraction(fault) * (1 - Fraction(1, 2**40))) - 1) < bound


def test_blind_and_zero_entries_do_not_count_as_seen(draw: Callable[..., Case]) -> None:
    found = sight(draw(3, 2), standard([1.0, 0.0, 1e-3], [2.0, 1e-20, 1e-5]))
    assert (found.entries, found.blind) == (2, 1)
    assert 0.02 <= found.fault <= 0.021 and found.entry == np.inf
    nothing = sight(draw(3, 2), standard([1.0, 0.0], [2.0, 0.5]))
    assert (nothing.entries, nothing.blind, nothing.fault) == (1, 1, np.inf)
    assert sight(draw(3, 2), standard([0.0], [0.0])).entries == 0


def test_the_typical_error_sees_at_its_warning_level(draw: Callable[..., Case]) -> None:
    found = sight(draw(3, 2), standard([1.0, 2.0], [0.1, 0.1], typical=2.0**-20))
    assert found.typical == 2 * SUSPICIOUS * 2.0**-20 / 2


@each_dtype
def test_what_can_be_seen_shrinks_with_depth(draw: Callable[..., Case], dtype: str) -> None:
    sizes = [sight_of(draw(*[3] * depth, dtype=dtype, seed=2)).fault for depth in (2, 4, 7)]
    assert sizes == sorted(sizes) and sizes[0] < sizes[2]


def test_the_exhibit_has_a_line_for_each_precision_and_each_structure(draw: Callable[..., Case]) -> None:
    cases = [draw(*widths, dtype=dtype) for dtype in ("float64", "float32") for widths in ((3, 5, 2), (2, 2))]
    lines = exhibit(looks(sight_of(case) for case in cases))
    assert [(line["dtype"], line["structure"], line["cases"]) for line in lines] == [
        ("float32", "all", 2), ("float32", "3-5-2", 1), ("float32", "2-2", 1),
        ("float64", "all", 2), ("float64", "3-5-2", 1), ("float64", "2-2", 1),
    ]  # fmt: skip
    assert all(0 < line["smallest_fault"] <= line["smallest_fault_in_one_entry"] for line in lines)
    assert all(0 <= line["blind_share"] < 1 and line["entries"] > 0 for line in lines)
    single, double = lines[0], lines[3]
    assert single["smallest_fault"] > 2**24 * double["smallest_fault"]
