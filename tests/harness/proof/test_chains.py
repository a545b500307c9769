"""Chains of other layers on symbols: proved as they stand, and refused with any pullback bent."""

from __future__ import annotations

from typing import Any

import pytest

from harness.proof import chains
from reference.layers.bias import Bias
from reference.layers.convolution import Convolution
from reference.layers.quadratic import Quadratic
from reference.layers.scale import Scale
from tests.sampling import some


def test_every_derivative_of_every_chain_is_proved_in_both_tasks() -> None:
    found = chains.checked()
    assert all(one.proved for one in found)
    assert {one.structure for one in found} == {its.label for its in chains.CHAINS}
    kinds = {link.kind for its in chains.CHAINS for link in its.links}
    assert {"bias", "scale", "convolution", "quadratic"} <= kinds
    deck = [one for one in found if one.structure == chains.CHAINS[0].label]
    assert sum(len(one.entries) for one in deck) == 2 * (15 + 5 + 10 + 2)


BENT = {
    "a bias of the last sample alone": (Bias, "pullback_weight", lambda self, b, h, I, d: d[-1:]),
    "Δ through a bias twice": (Bias, "pullback_input", lambda self, b, h, I, d: d * 2),
    "a scale by y for x": (Scale, "pullback_weight", lambda self, s, x, y, d: (d * y).sum(axis=(-2,), keepdims=True)),
    "Δ past a scale": (Scale, "pullback_input", lambda self, s, x, y, d: d),
    "x A for x (A + Aᵀ)": (Quadratic, "pullback_input", lambda self, A, x, y, d: d * (x @ A) * 2),
    "windows of Δ not turned round": (
        Convolution,
        "pullback_input",
        lambda self, w, x, y, d: Convolution(self.xp).forward(w, self.xp.padded(d, w.shape[-1] - 1)),
    ),
}


@pytest.mark.parametrize("what", some(BENT, 4))
def test_a_bent_pullback_is_refused_and_what_is_left_over_is_told(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    layer, name, wrong = BENT[what]
    monkeypatch.setattr(layer, name, wrong)
    found = [one for one in chains.checked() if not one.proved]
    assert found
    assert all(entry.left_over for one in found for entry in one.wrong)


def test_a_text_that_does_not_run_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*parts: Any) -> Any:
        raise TypeError("no such thing")

    monkeypatch.setattr(Scale, "forward", broken)
    found = [one for one in chains.checked() if "scale" in one.structure]
    assert found and all("does not run: TypeError" in one.fault for one in found)
