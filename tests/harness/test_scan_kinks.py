"""The scan on a kink: legal derivatives are left to the conventions, and what is no derivative there is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cases.case import Case
from harness.accuracy import ACCURACY
from harness.backends.reference import matrix
from harness.numbers.running_sigma import RunningSigma, members
from harness.scan import Scan, run_scan
from harness.stack import Stack
from reports.verdict import Verdict

KINKED = [name for name, row in ACCURACY.items() if row.kinks]


@dataclass(frozen=True)
class OnKinks:
    """The reference, with a derivative of its own exactly on the kinks."""

    slope: Any
    name: str = "on-kinks"

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Any:
        return matrix.evaluate(stack)

    def pointwise(self, activation: str, x: Any) -> Any:
        found = matrix.pointwise(activation, x)
        assert found is not None
        value, slope = found
        for kink in ACCURACY[activation].kinks:
            slope = np.where(x == kink, np.asarray(self.slope(activation, kink), slope.dtype), slope)
        return value, slope


def derivative_row(slope: Any, name: str, dtype: str) -> Any:
    return next(f for f in run_scan(Scan(name, dtype), [OnKinks(slope)]) if f.quantity == "derivative")


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("name", KINKED)
def test_every_member_is_legal(name: str, dtype: str) -> None:
    for member in members(name):
        found = derivative_row(
            lambda activation, kink, m=member: RunningSigma(activation, m).at_kink(kink), name, dtype
        )
        assert not found.wrong.any() and found.row.verdict in (Verdict.EXACT, Verdict.ROUNDING)


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("name", KINKED)
def test_half_of_no_member_is_wrong(name: str, dtype: str) -> None:
    """2·left − right and 2·right − left lie outside of what is between the one-sided derivatives."""
    for side, other in (("left", "right"), ("right", "left")):

        def beyond(activation: str, kink: float, a: str = side, b: str = other) -> float:
            return 2 * RunningSigma(activation, a).at_kink(kink) - RunningSigma(activation, b).at_kink(kink)

        found = derivative_row(beyond, name, dtype)
        assert found.wrong.sum() >= len(ACCURACY[name].kinks) and found.row.verdict == Verdict.VIOLATION


@pytest.mark.parametrize("name", KINKED)
def test_nan_on_a_kink_is_not_passed_over(name: str) -> None:
    found = derivative_row(lambda activation, kink: np.nan, name, "float64")
    assert found.row.verdict == Verdict.NONFINITE
