"""Where the reference is wrong, the reference is accused, and not the frameworks that disagree with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cases.case import Case
from harness.backends import Backend
from harness.backends.reference import MatrixForm
from harness.run import Outcome, run
from reference import error, update
from reference.activations import relu, sigmoid
from reference.layers.activation import Activation
from reference.layers.dense import Dense
from reference.readings import DERIVATIVE, OUTER, SCALE, SIGN, Reading
from reports.verdict import Verdict


@pytest.fixture
def telling(slides: list[Case]) -> list[Case]:
    """Cases with three outputs, three samples and units switched off: every reading shows on them."""
    return [case for case in slides if case.family == "slide-3-5-3-batch"]


def require_only_the_reference_accused(outcome: Outcome, cases: list[Case]) -> None:
    assert outcome.answer.exit_code == 1
    assert {(f.case, f.backend) for f in outcome.answer.failures} == {(case.name, "reference") for case in cases}
    assert not any(failure.incomplete for failure in outcome.answer.failures)
    assert outcome.answer.sentence.endswith(f"discrepancies in {len(cases)} cases, by reference.")
    others = {row.verdict for row in outcome.rows if row.backend != "reference"}
    assert others <= {Verdict.EXACT, Verdict.ROUNDING}


@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "second", "last"])
@pytest.mark.parametrize("reading", [SIGN, SCALE, OUTER], ids=lambda r: r.name)
def test_a_reference_that_misreads_the_deck_is_accused_alone(
    telling: list[Case], frameworks: list[Backend], reading: Reading, place: int
) -> None:
    assert len(telling) == 8
    backends = [*frameworks]
    backends.insert(place, MatrixForm("reference", reading))
    outcome = run(telling, backends, mistakes=False)
    require_only_the_reference_accused(outcome, telling)
    wrong = {row.quantity for row in outcome.rows if row.verdict == Verdict.VIOLATION}
    assert wrong == {"gradient", "update"}


def test_the_right_reading_is_not_accused(telling: list[Case], frameworks: list[Backend]) -> None:
    answer = run(telling, [MatrixForm("reference", DERIVATIVE), *frameworks], mistakes=False).answer
    assert (answer.exit_code, answer.failures) == (0, ())


HONEST = error.slope

MISTAKES: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "sign": (error, "slope", lambda Y, target, *reading: HONEST(Y, target, SIGN)),
    "scale": (error, "slope", lambda Y, target, *reading: HONEST(Y, target, SCALE)),
    "no σ' in a layer": (Activation, "pullback_input", lambda self, w, I, h, delta: delta),
    "errors sent back reversed": (Dense, "pullback_input", lambda self, W, h, I, delta: -(delta @ W.mT)),
    "σ for σ'": (sigmoid, "derivative", lambda xp, x, y: y),
    "ReLU' is 1": (relu, "derivative", lambda xp, x, y: xp.ones_like(x)),
    "twice the step": (
        update,
        "update",
        lambda W, dW, alpha: tuple(w - 2 * alpha * d for w, d in zip(W, dW, strict=True)),
    ),
}
"""Mistakes in the text of reference/, from which the bound is made too."""


def uses_relu(case: Case) -> bool:
    return case.activation == "relu"


def uses_sigmoid(case: Case) -> bool:
    return case.activation == "sigmoid" or case.task == "classification"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_text_itself_accuses_no_framework(
    telling: list[Case],
    frameworks: list[Backend],
    backends: dict[str, Backend],
    monkeypatch: pytest.MonkeyPatch,
    mistake: str,
) -> None:
    place, name, wrong = MISTAKES[mistake]
    monkeypatch.setattr(place, name, wrong)
    if mistake == "twice the step":
        monkeypatch.setattr("harness.backends.reference.update", wrong)
        monkeypatch.setattr("harness.bound.update", wrong)
    outcome = run(telling, [backends["reference"], *frameworks], mistakes=False)
    used = {"ReLU' is 1": uses_relu, "σ for σ'": uses_sigmoid}.get(mistake, lambda case: True)
    require_only_the_reference_accused(outcome, [case for case in telling if used(case)])


def test_the_loss_of_the_reference_is_held_against_the_truth_too(
    telling: list[Case], frameworks: list[Backend], spoiled: Callable[..., Backend]
) -> None:
    halved = spoiled(lambda e: replace(e, loss=e.loss / 2), real="reference", name="reference")
    require_only_the_reference_accused(run(telling, [halved, *frameworks], mistakes=False), telling)
