"""What the readings of the deck are off by, as formulas, and exactly where that vanishes."""

from __future__ import annotations

from typing import Any

import pytest
import sympy

from harness.proof import readings
from harness.proof.evidence import Evidence
from harness.proof.networks import STRUCTURES
from harness.proof.readings import descent, found
from reference.readings import OUTER, SCALE

WIDE = next(s for s in STRUCTURES if s.widths[-1] == 3)


def test_every_difference_is_as_claimed(evidence: Evidence) -> None:
    assert len(evidence.found) == 3 * len(STRUCTURES)
    assert [one for one in evidence.found if one.wrong] == []


def test_sign_vanishes_nowhere_scale_for_two_outputs_and_outer_at_the_first_layer(evidence: Evidence) -> None:
    first = {s.label: s.widths[0] * s.widths[1] for s in STRUCTURES}
    for one in evidence.found:
        zero = {"sign": 0, "scale": one.entries if one.N_O == 2 else 0, "outer": first[one.structure]}
        assert one.zero == zero[one.reading], one


def test_the_formulas_read_as_the_deck_writes_them(evidence: Evidence) -> None:
    shown = {(one.reading, one.structure): one.formula for one in evidence.found if one.task == "prediction"}
    assert shown["outer", "3-5-2"] == "(I^H_1 − h_1) · (y_1 − y*_1)"
    assert shown["sign", "3-5-2"] == "−2 · h_1 · (y_1 − y*_1)"
    assert shown["scale", "2-2-3"] == "1/3 · h_1 · (y_1 − y*_1)" and shown["scale", "3-5-2"] == "0"


def test_a_wrong_claim_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(s: Any, true: Any, l: int, i: int, j: int) -> Any:
        return sympy.Rational(1, 3) * true.gradients[l].entries[i, j]

    monkeypatch.setitem(readings.CLAIMS, SCALE, half)
    wrong = {one.reading: len(one.wrong) for one in found(WIDE)}
    assert wrong == {"sign": 0, "scale": 10, OUTER.name: 0}


def test_the_derivative_descends_and_a_wrong_gradient_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert descent(WIDE)
    honest = type(WIDE).gradient
    monkeypatch.setattr(type(WIDE), "gradient", lambda self, layer: [-g for g in honest(self, layer)])
    assert not descent(WIDE)
