"""The gate: exit codes and which one wins, expectations, blindness, conventions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases.case import EXPECTATIONS, Case, make_case
from harness.backends import Backend
from harness.compare import Comparison
from harness.gate import Answer, case_verdict, gate
from harness.judge import make_row
from harness.run import run
from reports.record import Row
from reports.verdict import Verdict


@pytest.fixture
def row(draw: Callable[..., Case]) -> Callable[..., Row]:
    """Return a function: a row with this verdict, of a gradient unless told otherwise."""

    def make(verdict: Verdict, layer: int = 1, quantity: str = "gradient", detail: str = "", **where: str) -> Row:
        case = where.get("case") or draw(3, 4, 3)
        return make_row(case, where.get("backend", "b"), (quantity, layer), Comparison(verdict, detail, 1))  # type: ignore[arg-type]

    return make


@pytest.fixture
def judged(draw: Callable[..., Case], row: Callable[..., Row]) -> Callable[..., Answer]:
    """Return a function: the answer to one case with these verdicts, one layer each."""

    def make(*verdicts: Verdict, expect: str | None = None, missing: dict[str, str] | None = None) -> Answer:
        case = draw(3, 4, 3, expect=expect)
        rows = [row(verdict, layer, case=case) for layer, verdict in enumerate(verdicts, start=1)]
        return gate([case], rows, missing or {})

    return make


CODES = dict.fromkeys((Verdict.EXACT, Verdict.ROUNDING, Verdict.KNOWN, Verdict.UNSUPPORTED), 0)
CODES |= dict.fromkeys((Verdict.BLIND, Verdict.RANGE, Verdict.VIOLATION, Verdict.NONFINITE), 1)
CODES |= {Verdict.MALFORMED: 1, Verdict.CONVENTION: 1, Verdict.TIMED_OUT: 3, Verdict.CRASHED: 3}


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_exit_code(judged: Callable[..., Answer], verdict: Verdict) -> None:
    answer = judged(verdict)
    assert answer.exit_code == CODES[verdict]
    assert len(answer.failures) == (answer.exit_code > 0)


def test_a_discrepancy_wins_over_incompleteness(judged: Callable[..., Answer], row: Any, draw: Any) -> None:
    assert judged(Verdict.ROUNDING, missing={"jax": "not installed"}).exit_code == 3
    assert judged(Verdict.VIOLATION, missing={"jax": "not installed"}).exit_code == 1
    rows = [row(Verdict.CRASHED, backend="a"), row(Verdict.VIOLATION, backend="b")]
    for order in (rows, rows[::-1]):
        answer = gate([draw(3, 4, 3)], order, {})
        assert answer.exit_code == 1
        assert {failure.backend: failure.incomplete for failure in answer.failures} == {"a": True, "b": False}


def test_a_missing_backend_is_named_with_the_reason(judged: Callable[..., Answer]) -> None:
    answer = judged(Verdict.EXACT, missing={"jax": "backend jax needs jax"})
    assert [(f.case, f.backend, f.reason, f.incomplete) for f in answer.failures] == [
        ("", "jax", "backend jax needs jax", True)
    ]
    assert answer.sentence == "1 case on 1 backend: incomplete, for want of jax."


def test_the_sentence_blames_those_who_are_wrong(row: Any, draw: Any) -> None:
    rows = [row(Verdict.VIOLATION, backend="mine"), row(Verdict.ROUNDING, backend="torch")]
    assert gate([draw(3, 4, 3)], rows, {}).sentence == "1 case on 2 backends: discrepancies in 1 case, by mine."
    assert "all agree" in gate([draw(3, 4, 3)], rows[1:], {}).sentence


def test_what_is_not_covered_is_not_hidden_behind_agreement(row: Any, draw: Any) -> None:
    rows = [row(Verdict.ROUNDING, backend=name) for name in ("torch", "jax")]
    rows.append(replace(row(Verdict.UNSUPPORTED, backend="mine", quantity=None), entries=0))
    told = "within the rounding bound; 1 of 3 pairs of case and backend unsupported."
    assert gate([draw(3, 4, 3)], rows, {}).sentence.endswith(told)
    assert "unsupported" not in gate([draw(3, 4, 3)], rows[:2], {}).sentence


@pytest.mark.parametrize("found", Verdict)
@pytest.mark.parametrize("expected", EXPECTATIONS)
def test_an_expectation_is_strict_both_ways(judged: Callable[..., Answer], expected: str, found: Verdict) -> None:
    """But a backend that does not cover the case says nothing, and a listed deviation shows where all is hidden."""
    answer = judged(found, expect=expected)
    if found in (expected, Verdict.UNSUPPORTED) or (expected, found) == ("blind", Verdict.KNOWN):
        assert (answer.exit_code, answer.failures) == (0, ())
    else:
        assert answer.exit_code == (3 if found in (Verdict.CRASHED, Verdict.TIMED_OUT) else 1)
        assert answer.failures[0].reason.startswith(f"expected {expected}, found {found}: gradient of layer 1: ")


def test_a_blind_layer_beside_a_seeing_one_does_not_make_the_case_blind(
    judged: Callable[..., Answer], row: Any
) -> None:
    assert case_verdict([row(Verdict.BLIND), row(Verdict.ROUNDING, 2)]) == Verdict.ROUNDING
    assert case_verdict([row(Verdict.BLIND), row(Verdict.BLIND, 2)]) == Verdict.BLIND
    assert case_verdict([row(Verdict.BLIND), row(Verdict.VIOLATION, 2)]) == Verdict.VIOLATION
    seeing_elsewhere = [row(Verdict.BLIND), row(Verdict.EXACT, 0, "output"), row(Verdict.EXACT, 1, "update")]
    assert case_verdict(seeing_elsewhere) == Verdict.BLIND
    assert case_verdict([row(Verdict.BLIND, 0, "loss"), row(Verdict.EXACT)]) == Verdict.EXACT
    assert judged(Verdict.BLIND, Verdict.EXACT).exit_code == 0
    assert judged(Verdict.BLIND, Verdict.BLIND).exit_code == 1
    assert judged(Verdict.BLIND, Verdict.EXACT, expect="blind").exit_code == 1


def test_the_worst_row_of_a_case_is_the_one_that_is_named(judged: Callable[..., Answer]) -> None:
    answer = judged(Verdict.ROUNDING, Verdict.VIOLATION, Verdict.NONFINITE, Verdict.EXACT)
    assert answer.failures[0].reason.startswith("nonfinite: gradient of layer 3: ")


# the same with real numbers


@pytest.fixture
def cornered() -> Callable[..., Case]:
    """Return a function: ReLU, its first hidden unit exactly on the kink, three outputs."""

    def make(**extra: Any) -> Case:
        x, weights = [[1.0, 2.0]], [[[2.0, 0.5], [-1.0, 0.25]], [[0.7, -0.3, 0.2], [0.1, 0.9, -0.4]]]
        return make_case("corner", "relu", "prediction", "float64", x, [[0.5, 0.25, -1.0]], weights, 0.1, **extra)

    return make


@pytest.fixture
def with_slope(monkeypatch: pytest.MonkeyPatch, backends: dict[str, Backend]) -> Callable[[float], Backend]:
    """Return a function: the reference with another derivative of ReLU at 0."""

    def at_zero(slope: float) -> Backend:
        from reference.activations import relu

        class Sloped:
            name = "mine"

            def supports(self, case: Case) -> None:
                return None

            def evaluate(self, stack: Any) -> Any:
                with monkeypatch.context() as patch:
                    patch.setattr(relu, "derivative", lambda xp, x, y: np.where(x == 0, slope, x > 0))
                    return backends["reference"].evaluate(stack)

        return Sloped()

    return at_zero


def test_the_listed_derivative_on_a_kink_passes(cornered: Any, with_slope: Any, frameworks: list[Backend]) -> None:
    outcome = run([cornered()], [with_slope(0.0), *frameworks], mistakes=False)
    assert (outcome.answer.exit_code, outcome.answer.failures) == (0, ())
    shown = {(r.backend, r.quantity, r.layer): r.detail for r in outcome.rows if r.verdict == Verdict.CONVENTION}
    assert shown == {(b, q, 1): "left" for b in ("mine", "torch", "jax") for q in ("gradient", "update")}


@pytest.mark.parametrize(("slope", "name"), [(1.0, "right"), (0.5, "mean")])
def test_another_legal_derivative_fails_in_its_own_words(
    cornered: Any, with_slope: Any, slope: float, name: str
) -> None:
    answer = run([cornered()], [with_slope(slope)], mistakes=False).answer
    assert answer.exit_code == 1
    words = f"a legal subgradient, but not the listed one: {name}, where left is listed for relu on mine"
    assert answer.failures[0].reason == f"gradient of layer 1: {words}"
    assert run([cornered(expect="convention")], [with_slope(slope)], mistakes=False).answer.exit_code == 0


@pytest.mark.parametrize("slope", [0.25, -1.0, 2.0, np.nan])
def test_what_is_no_derivative_on_the_kink_is_a_violation(cornered: Any, with_slope: Any, slope: float) -> None:
    answer = run([cornered()], [with_slope(slope)], mistakes=False).answer
    assert answer.exit_code == 1
    assert answer.failures[0].reason.startswith(("violation", "nonfinite"))


def test_an_expected_violation_that_is_gone_fails(draw: Callable[..., Case], spoiled: Any, frameworks: Any) -> None:
    case = draw(3, 4, 3, expect="violation")
    wrong = spoiled(lambda e: replace(e, gradients=[-g for g in e.gradients]))
    assert run([case], [wrong], mistakes=False).answer.exit_code == 0
    answer = run([case], frameworks, mistakes=False).answer
    assert answer.exit_code == 1
    assert [failure.reason.split(":")[0] for failure in answer.failures] == ["expected violation, found rounding"] * 2


def test_unexpected_blindness_fails_and_expected_blindness_passes(backends: dict[str, Backend]) -> None:
    def saturated(**extra: Any) -> Case:
        return make_case(
            "far", "sigmoid", "classification", "float32", [[1.0]], [[0.0]], [[[60.0]], [[60.0]]], 0.1, **extra
        )

    every = list(backends.values())
    blind = run([saturated()], every, mistakes=False).answer
    assert blind.exit_code == 1
    assert all(failure.reason.startswith("blind: ") for failure in blind.failures)
    assert len(blind.failures) == len(every)
    assert run([saturated(expect="blind")], every, mistakes=False).answer.exit_code == 0
