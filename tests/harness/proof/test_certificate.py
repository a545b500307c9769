"""The certificate: steps in order, counts, what is left open; and what it says of a text that is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.proof.balls import Numbers
from harness.proof.certificate import certificate
from harness.proof.evidence import Evidence, gather, of_structure, size
from harness.proof.networks import STRUCTURES
from reference.layers.activation import Activation
from reports.record import encode


def test_it_is_proved_step_by_step(evidence: Evidence) -> None:
    found = certificate(evidence)
    assert found["proved"] and "25 of 25 derivatives in each task" in found["sentence"]
    assert [step["id"] for step in found["steps"]] == [
        "setting", "slope", "nodes", "weights", "scalar", "structures", "update", "sigmoid", "slopes", "sign", "scale",
        "outer", "numbers",
    ]  # fmt: skip
    assert all(step["equation"].startswith("S") and step["latex"] and not step["wrong"] for step in found["steps"])
    weights = next(step for step in found["steps"] if step["id"] == "weights")
    assert weights["compared"] == 50 and weights["note"].endswith("in both tasks: 3-5-2: 15 + 10")


def test_it_lists_every_derivative_and_has_those_of_the_deck_in_full(evidence: Evidence) -> None:
    derivatives = certificate(evidence)["derivatives"]
    assert len(derivatives) == 120 and all(one["zero"] for one in derivatives)
    assert {one["structure"] for one in derivatives if one["text"]} == {"3-5-2"}


def test_it_is_json_and_the_same_twice(evidence: Evidence) -> None:
    once, twice = (json.dumps(encode(certificate(its))) for its in (evidence, evidence))
    assert once == twice and json.loads(once)["steps"]


def test_it_says_what_is_left_open(evidence: Evidence) -> None:
    case = evidence.numbers[0][0]
    found = certificate(replace(evidence, numbers=[(case, Numbers.UNDETERMINED), *evidence.numbers[1:]]))
    assert found["proved"] and any(case.name in one for one in found["leaves_open"])
    assert sum(one["undetermined"] for one in found["balls"]) == 1


def test_without_cases_it_has_no_step_about_them(evidence: Evidence) -> None:
    found = certificate(replace(evidence, numbers=[]))
    assert found["proved"] and "numbers" not in {step["id"] for step in found["steps"]} and found["balls"] == []


@pytest.mark.parametrize("name", ["checked", "slopes", "found", "descents"])
def test_without_evidence_nothing_is_proved(evidence: Evidence, name: str) -> None:
    emptied: dict[str, Any] = {name: []}
    assert not certificate(replace(evidence, **emptied))["proved"]


def test_numbers_that_are_apart_refuse_it(evidence: Evidence) -> None:
    case = evidence.numbers[0][0]
    found = certificate(replace(evidence, numbers=[(case, Numbers.APART), *evidence.numbers[1:]]))
    assert not found["proved"] and case.name in found["sentence"]


def test_a_wrong_text_is_refused_and_its_derivatives_are_named(
    monkeypatch: pytest.MonkeyPatch, evidence: Evidence
) -> None:
    monkeypatch.setattr(Activation, "pullback_input", lambda self, w, I, h, delta: delta)
    wrong, _ = of_structure(STRUCTURES[0])
    found = certificate(replace(evidence, checked=wrong.checked))
    assert not found["proved"] and found["proves"] == []
    assert found["sentence"].startswith("not proved: ") and "∂ℰ/∂I^O_1" in found["sentence"]
    step = next(step for step in found["steps"] if step["id"] == "weights")
    assert [fault["name"] for fault in step["wrong"]][:2] == ["∂ℰ/∂w_11^HO", "∂ℰ/∂w_12^HO"]
    assert step["wrong"][0]["text"] == "−h_1 · (y_1 − y*_1) · (σ_O'(I^O_1) − 1)"


def test_progress_counts_structures_activations_and_cases(evidence: Evidence) -> None:
    cases = [case for case, _ in evidence.numbers][:3]
    told: list[int] = []
    small = Evidence()
    small.add(gather(cases, 1, told.append))
    assert sum(told) == size(cases) and [case for case, _ in small.numbers] == cases
