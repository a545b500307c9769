"""The typical error: correct backends stay below its warning level, small faults exceed it, and it never gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases.case import ACTIVATIONS, DTYPES, Case
from harness.backends import Backend
from harness.judge import Judge
from harness.run import Outcome, run
from harness.stack import Stack
from harness.visibility import SUSPICIOUS, sight
from reports.verdict import Verdict


def ordinary(case: Case) -> bool:
    """Drawn with weights of ordinary size, whatever the activation."""
    return case.family in ("random", "random-one-unit", "random-wide", "random-one-layer")


@pytest.fixture(scope="module")
def drawn(whole_catalogue: list[Case], backends: dict[str, Backend]) -> Outcome:
    cases = [case for case in whole_catalogue if ordinary(case)]
    return run(cases, [backends["reference"], backends["torch"]], observers=(), mistakes=False)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", ["reference", "torch"])
def test_a_correct_backend_stays_below_the_warning_level(drawn: Outcome, backend: str, dtype: str) -> None:
    found = [row for row in drawn.rows if (row.backend, row.dtype) == (backend, dtype)]
    found = [row for row in found if row.verdict != Verdict.KNOWN]
    assert {row.activation for row in found} == set(ACTIVATIONS)
    sizes = [row.typical for row in found]
    assert all(size is not None and size < SUSPICIOUS for size in sizes)
    assert max(size or 0.0 for size in sizes) > 0.5  # nor is it as loose as the bound


def test_nothing_correct_is_suspicious(drawn: Outcome) -> None:
    assert drawn.suspicious == ()


def times(spoiled: Callable[..., Backend], factor: float, real: str = "torch") -> Backend:
    def spoil(found: Any) -> Any:
        return replace(found, gradients=[(g.astype(np.float64) * factor).astype(g.dtype) for g in found.gradients])

    return spoiled(spoil, real)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_relative_fault_of_1e_9_exceeds_it_in_float64(
    draw: Callable[..., Case], spoiled: Callable[..., Backend], activation: str
) -> None:
    case = draw(3, 5, 2, activation=activation, seed=5)
    for factor, least, most in ((1.0, 0.0, SUSPICIOUS), (1 + 1e-9, SUSPICIOUS, np.inf)):
        rows = [
            r
            for r in run([case], [times(spoiled, factor, "reference")], mistakes=False).rows
            if r.quantity == "gradient"
        ]
        assert all(row.typical is not None for row in rows)
        assert least <= max(row.typical or 0.0 for row in rows) <= most


@pytest.fixture(scope="module")
def wide(whole_catalogue: list[Case]) -> Case:
    """Sums of 784 terms in float32, where the worst case is far above what roundings come to."""
    return next(c for c in whole_catalogue if c.family == "random-image" and c.dtype == "float32")


def test_a_fault_below_the_bound_is_suspicious_and_passes(wide: Case, spoiled: Callable[..., Backend]) -> None:
    found = sight(wide, Judge(Stack((wide,))).standards[0]["left"])
    assert found.typical < found.fault / 4
    outcome = run([wide], [times(spoiled, 1 + 2 * found.typical)], observers=(), mistakes=False)
    assert outcome.answer.exit_code == 0
    assert {row.verdict for row in outcome.rows} <= {Verdict.EXACT, Verdict.ROUNDING}
    assert outcome.suspicious and {row.quantity for row in outcome.suspicious} == {"gradient"}
    sizes = [row.typical or 0.0 for row in outcome.suspicious]
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] > SUSPICIOUS
    assert run([wide], [times(spoiled, 1.0)], observers=(), mistakes=False).suspicious == ()


def test_what_is_not_drawn_or_does_not_pass_is_not_suspicious(
    wide: Case, spoiled: Callable[..., Backend], draw: Callable[..., Case]
) -> None:
    fault = sight(wide, Judge(Stack((wide,))).standards[0]["left"]).typical
    by_hand = replace(wide, name=f"{wide.family}-{wide.activation}-{wide.task}-{wide.dtype}")
    assert not by_hand.drawn and wide.drawn
    assert run([by_hand], [times(spoiled, 1 + 2 * fault)], observers=(), mistakes=False).suspicious == ()
    outcome = run([wide], [times(spoiled, 2.0)], observers=(), mistakes=False)
    assert outcome.answer.exit_code == 1 and outcome.suspicious == ()


def test_at_a_kink_nearby_the_jump_is_typical(draw: Callable[..., Case], frameworks: list[Backend]) -> None:
    """Cancellation to 0 in some orders and not in others: both branches are ordinary."""
    case = draw(4, 1, 2, batch=1, activation="relu", task="prediction")
    weights = (np.array([[1.0], [2.0**-60], [-1.0], [-(2.0**-60)]]), case.weights[1])
    near = replace(case, x=np.ones((1, 4)), weights=weights)
    rows = [r for r in run([near], frameworks, mistakes=False).rows if r.quantity == "gradient"]
    assert all(row.typical is not None and row.typical < SUSPICIOUS for row in rows)
