"""The questions, right gradients first; every one is put to every peer in the same numbers."""

from __future__ import annotations

from cases.case import Array, Case
from harness.backends import load
from harness.peers import Question
from harness.peers import faults as f
from harness.peers.networks import cast, deck, deep, far_target, first_unit_at, gradients, long, small_input
from harness.stack import Stack


def questions() -> list[Question]:
    """Every question, in the order of the table."""
    first, second = deck("classification"), deck("prediction")
    return [
        put("correct", "3-5-2 classification", first),
        put("correct", "3-5-2 prediction", second),
        put("correct", "3-5-2 classification", deck("classification", "float32")),
        put("correct", "3-5-2 prediction", deck("prediction", "float32")),
        put("correct", "twelve layers", deep()),
        put("correct", "3-5-2, target a million", far_target()),
        put("correct, σ' = e^−I/(1 + e^−I)²", "3-5-2, unit at I = 30", first_unit_at(30), f.by_exponentials),
        put("correct, ReLU'(0) = 0 as in S4", "3-5-2, unit on the kink", first_unit_at(0, "relu")),
        put("ReLU'(0) = 1", "3-5-2, unit on the kink", first_unit_at(0, "relu"), f.slope_of_one),
        put("factor 1.0005", "3-5-2 classification", first, f.scaled(1.0005)),
        put("factor 1.0005", "3-5-2 prediction", second, f.scaled(1.0005)),
        put("computed in float32", "3-5-2 classification", first, f.in_float32),
        put("no factor 2/N_O", "3-5-3 prediction", deck("prediction", block="slide-3-5-3"), f.without_scale),
        put("second layer doubled", "3-5-2 classification", first, f.layer_scaled(2, 2)),
        put("entries permuted, means equal", "3-5-2 prediction", second, f.shifted),
        put("one entry NaN", "3-5-2 prediction", second, f.one_nan),
        put("wrong sign, one entry of 1e-9", "3-5-2, input of 1e-8", small_input(), f.last_negated),
        put("wrong sign, all below 5e-6", "1000-1", long(), f.scaled(-1)),
        put("softplus'(21) = 1", "3-5-2, unit at I = 21", first_unit_at(21, "softplus"), f.slope_of_one),
        put("wrong sign, one unit", "3-5-2, unit at I = 13", first_unit_at(13), f.unit_negated),
        put("wrong sign, one unit", "3-5-2, unit at I = 20", first_unit_at(20), f.unit_negated),
        put("wrong sign, one unit", "3-5-2, unit at I = 35", first_unit_at(35), f.unit_negated),
        put("wrong sign, one unit", "3-5-2, unit at I = 36", first_unit_at(36), f.unit_negated),
        put("wrong sign, first layer", "twelve layers", deep(), f.layer_scaled(1, -1)),
    ]


def put(claim: str, network: str, case: Case, fault: f.Fault = f.none) -> Question:
    """What a fault makes of the gradients that the reference computes."""
    return Question(claim, network, case, tuple(fault(case, gradients(case))), fault in f.CORRECT)


def expected(question: Question) -> list[Array]:
    """What people compare with: the gradients by torch.autograd, in float64."""
    found = load("torch").evaluate(Stack((cast(question.case, "float64"),))).gradients
    assert found is not None
    return [layer[0] for layer in found]
