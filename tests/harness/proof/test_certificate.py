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
from harness.proof.slopes import slope
from reference.activations import sigmoid
from reference.layers.activation import Activation
from reports.record import encode


def test_it_is_proved_step_by_step(evidence: Evidence) -> None:
    found = certificate(evidence)
    assert found["proved"] and "25 of 25 derivatives in each task" in found["sentence"]
    assert [step["id"] for step in found["steps"]] == [
        "setting", "slope", "recursion", "nodes", "weights", "scalar", "structures", "chains", "update", "sigmoid",
        "slopes", "sign", "scale", "outer", "numbers",
    ]  # fmt: skip
    assert all(step["equation"].startswith("S") and step["latex"] and not step["wrong"] for step in found["steps"])
    weights = next(step for step in found["steps"] if step["id"] == "weights")
    assert weights["compared"] == 50 and weights["note"].endswith("in both tasks: 3-5-2: 15 + 10")
    assert "15 weights of the first matrix" in weights["words"]


def its(found: dict[str, Any], id: str) -> dict[str, Any]:
    step: dict[str, Any] = next(step for step in found["steps"] if step["id"] == id)
    return step


def test_the_chain_rule_is_a_step_before_every_weight(evidence: Evidence) -> None:
    step = its(certificate(evidence), "recursion")
    assert step["equation"] == "S14, S15, S16" and step["compared"] == 72
    assert step["text"].startswith("∂ℰ/∂h_j = Σ_k w_jk^HO ∂ℰ/∂I^O_k")
    assert "only through the I_k of the next layer" in step["words"]
    assert "3-5-2: 10; 2-3-2-2: 6 + 4; 2-2-3: 4; 2-3-1 with 2 samples: 12" in step["note"]


@pytest.mark.parametrize("types", ["flint", "python"])
def test_what_is_trusted_is_said_and_whether_sympy_shares_flint(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch, types: str
) -> None:
    monkeypatch.setattr("harness.proof.certificate.GROUND_TYPES", types)
    trusted = next(one for one in certificate(evidence)["leaves_open"] if "trusted" in one)
    assert trusted.startswith("sympy and Arb themselves are trusted")
    assert "share no code" not in trusted and ("integers are FLINT's too" in trusted) == (types == "flint")


def test_numbers_are_evidence_relative_to_the_largest_entry(evidence: Evidence) -> None:
    found = certificate(evidence)
    step, said = its(found, "numbers"), found["proves"][-1]
    assert step["title"] == "Evidence: every case of the catalogue, as far as balls decide"
    assert "alone proves nothing" in step["words"] and "largest entry of its array" in step["words"]
    assert said.startswith("Evidence, not proof: ") and "8e-31 of the largest entry of its array" in said
    assert "30 digits" not in said


def test_the_step_down_is_said_to_be_checked_and_of_first_order(evidence: Evidence) -> None:
    step = its(certificate(evidence), "update")
    assert "dℰ/dα at α = 0" in step["note"] and "2-3-1 with 2 samples" in step["note"].split("dℰ/dα")[1]
    assert "first order" in step["words"]
    uphill = its(certificate(replace(evidence, descents=[("3-5-2", False)])), "update")
    assert not uphill["proved"] and uphill["note"].endswith("dℰ/dα at α = 0 is not −Σ_w g ∂ℰ/∂w in 3-5-2")


def test_it_has_a_key_of_the_equations_that_it_names(evidence: Evidence) -> None:
    key = {one["id"]: one["statement"] for one in certificate(evidence)["equations"]}
    assert {"S2", "S7", "S11", "S13", "S16", "S23", "S26"} <= key.keys() and not {"S1", "S5", "S12"} & key.keys()
    assert key["S23"] == "ΔW^{l,l+1} = h^l ⊗ Δ^{l+1}"


def test_another_sigmoid_than_the_decks_is_refused(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sigmoid, "value", lambda xp, x: 1 / (1 + xp.exp(-2 * x)))
    monkeypatch.setattr(sigmoid, "derivative", lambda xp, x, y: 2 * y * (1 - y))
    found = certificate(replace(evidence, slopes=[slope("sigmoid"), *evidence.slopes[1:]]))
    assert not its(found, "sigmoid")["proved"] and "sigmoid" in found["sentence"]
    assert "σ is off that of S3 by" in its(found, "sigmoid")["wrong"][0]["text"]


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
    assert found["sentence"].startswith("not proved: ") and "∂ℰ/∂I^H_1" in found["sentence"]
    step = next(step for step in found["steps"] if step["id"] == "weights")
    assert [fault["name"] for fault in step["wrong"]][:2] == ["∂ℰ/∂w_11^HO", "∂ℰ/∂w_12^HO"]
    assert step["wrong"][0]["text"] == "−h_1 · (y_1 − y*_1) · (σ_O'(I^O_1) − 1)"


@pytest.mark.long
def test_progress_counts_structures_activations_and_cases(evidence: Evidence) -> None:
    cases = [case for case, _ in evidence.numbers][:3]
    told: list[int] = []
    small = Evidence()
    small.add(gather(cases, None, told.append))
    assert sum(told) == size(cases) and [case for case, _ in small.numbers] == cases
