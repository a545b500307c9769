"""Cases on balls: the same numbers, other numbers, or balls too wide to say."""

from __future__ import annotations

from collections.abc import Callable

import flint
import pytest

from cases.case import Case, make_case
from harness.proof import balls
from harness.proof.balls import Numbers, compared
from reference.activations import sigmoid


def test_equal_numbers_are_found_equal_and_a_slope_that_is_a_little_off_is_not(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, honest = draw(3, 4, 3), sigmoid.derivative
    assert compared(case) is Numbers.EQUAL
    monkeypatch.setattr(sigmoid, "derivative", lambda xp, x, y: honest(xp, x, y) * (1 + flint.arb(2) ** -300))
    assert compared(case) is Numbers.APART


def saturated(x: float) -> Case:
    """tanh'(x) = 1 − y² with y so near to 1 that few bits are left of it."""
    return make_case("far", "tanh", "prediction", "float64", [[x]], [[5.0]], [[[1.0]], [[3.0]]])


def test_balls_that_are_too_wide_are_tried_again_with_more_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert balls.overlap(saturated(1000.0)), "they overlap, whatever they are: nothing is shown"
    assert compared(saturated(1000.0)) is Numbers.EQUAL
    monkeypatch.setattr(balls, "BITS_TRIED", (512,))
    assert compared(saturated(1000.0)) is Numbers.UNDETERMINED


def test_where_no_bits_suffice_it_is_said() -> None:
    assert compared(saturated(1e9)) is Numbers.UNDETERMINED
