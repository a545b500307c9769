"""The symbolic proof: every weight, both tasks; and a wrong text of `reference/` is refused, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sympy

from harness.numbers.symbols import Symbols
from harness.proof.derivatives import Checked, examine
from harness.proof.evidence import Evidence
from harness.proof.networks import STRUCTURES, Structure
from reference import chain, error, neuron
from reference.activations import Formula
from reference.backward import backward
from reference.layers.activation import Activation
from reference.layers.dense import Dense
from reference.network import Network, forward

DECK, DECK_LINEAR, DEEP = STRUCTURES[0], STRUCTURES[1], STRUCTURES[2]
WIDE = next(s for s in STRUCTURES if s.widths[-1] == 3)
BATCH = next(s for s in STRUCTURES if s.batch == 2)


def wrong(s: Structure, claim: str) -> list[str]:
    """Names of the derivatives of a claim that are refused; or its fault."""
    found = [one for one in examine(s) if one.claim == claim]
    return [e.name for one in found for e in one.wrong] + [one.fault for one in found if one.fault]


@pytest.mark.parametrize("task", ["classification", "prediction"])
def test_each_of_the_25_derivatives_of_the_deck_is_sympys(evidence: Evidence, task: str) -> None:
    its = [one for one in evidence.checked if (one.structure, one.task) == ("3-5-2", task)]
    for claim in ("gradient", "scalar", "update"):
        assert [len(one.entries) for one in its if one.claim == claim] == [10, 15]
    assert all(one.proved for one in its)


def test_so_is_every_other_structure(evidence: Evidence) -> None:
    assert [one for one in evidence.checked if not one.proved] == []
    counts = {s.label: sum(len(o.entries) for o in evidence.checked if o.claim == "gradient" and o.structure == s.label)
              for s in STRUCTURES}  # fmt: skip
    assert counts == {"3-5-2": 50, "2-3-2-2": 32, "2-2-3": 20, "2-3-1 with 2 samples": 18}
    assert {s.widths[-1] for s in STRUCTURES} == {1, 2, 3}


def test_a_derivative_reads_as_the_deck_writes_it(evidence: Evidence) -> None:
    its = [one for one in evidence.checked if (one.claim, one.structure) == ("gradient", "3-5-2")]
    formulas = {e.name: e.formula for one in its if one.task == "prediction" for e in one.entries}
    assert formulas["∂ℰ/∂w_32^HO"] == "h_3 · (y_2 − y*_2)"
    assert formulas["∂ℰ/∂w_23^IH"] == "x_2 · σ_H'(I^H_3) · (w_31^HO · (y_1 − y*_1) + w_32^HO · (y_2 − y*_2))"


def test_with_sympys_own_undefined_function_it_is_the_same() -> None:
    """No name for the derivative: sympy's Subs(Derivative(σ(ξ), ξ), ξ, I)."""
    t = sympy.Symbol("t")

    class Own:
        def __init__(self, name: str) -> None:
            self.function: Any = sympy.Function(name)

        def value(self, x: Symbols) -> Symbols:
            return Symbols([[self.function(v) for v in row] for row in x.entries])

        def derivative(self, x: Symbols, y: Symbols) -> Symbols:
            slope = sympy.diff(self.function(t), t)
            return Symbols([[slope.subs(t, v) for v in row] for row in x.entries])

    s, network = WIDE, Network(Own("f"), Own("g"))
    run = forward(network, s.weights, s.x)
    total = error.total_error(error.error(run.Y, s.target)).entries[()]
    gradients = backward(network, s.weights, run, s.target).gradients
    matrices = zip(s.weights, gradients, strict=True)
    pairs = [pair for W, G in matrices for pair in zip(W.entries.flat, G.entries.flat, strict=True)]
    assert len(pairs) == 10
    assert all(sympy.expand(sympy.diff(total, w) - g) == 0 for w, g in pairs)
    assert any(sympy.expand(sympy.diff(total, w) + g) != 0 for w, g in pairs)


def test_a_forgotten_slope_is_refused_at_every_hidden_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Activation.pullback_input

    def careless(self: Activation, w: None, I: Any, h: Any, delta: Any) -> Any:
        return delta if self.sigma == DECK.sigmas[0] else honest(self, w, I, h, delta)

    monkeypatch.setattr(Activation, "pullback_input", careless)
    assert wrong(DECK, "gradient") == [f"∂ℰ/∂w_{i}{j}^IH" for i in (1, 2, 3) for j in (1, 2, 3, 4, 5)]
    assert wrong(DECK, "delta") == [f"∂ℰ/∂I^H_{j}" for j in (1, 2, 3, 4, 5)]
    assert wrong(DECK, "scalar") == []
    first = next(e for one in examine(DECK_LINEAR) for e in one.wrong if one.claim == "delta")
    assert first.left_over == "−(w_11^HO · (y_1 − y*_1) + w_12^HO · (y_2 − y*_2)) · (σ_H'(I^H_1) − 1)"


def test_one_link_of_the_recursion_is_refused_where_it_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dense, "pullback_input", lambda self, W, h, I, delta: 2 * delta @ W.mT)
    assert wrong(DECK, "recursion") == [f"∂ℰ/∂h_{j}" for j in (1, 2, 3, 4, 5)]
    monkeypatch.undo()
    monkeypatch.setattr(Activation, "pullback_input", lambda self, w, I, h, delta: delta)
    names = [f"∂ℰ/∂I^{l}_{j}" for l, width in ((2, 2), (1, 3)) for j in range(1, width + 1)]
    assert wrong(DEEP, "recursion") == names


def test_a_forgotten_transpose_is_refused_where_the_matrix_is_square(monkeypatch: pytest.MonkeyPatch) -> None:
    def untransposed(self: Dense, W: Any, h: Any, I: Any, delta: Any) -> Any:
        return delta @ (W if W.shape[0] == W.shape[1] else W.mT)

    monkeypatch.setattr(Dense, "pullback_input", untransposed)
    names = wrong(DEEP, "gradient")
    assert names and all(name.endswith(("^12", "^01")) for name in names) and len(names) == 12
    assert wrong(DECK, "gradient") == []


def test_a_text_that_cannot_run_is_refused_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dense, "pullback_input", lambda self, W, h, I, delta: delta @ W)
    assert all("does not run: ValueError" in fault for fault in wrong(DECK, "gradient"))
    assert not any(one.proved for one in examine(DECK) if one.claim in ("delta", "gradient", "update"))


@pytest.mark.parametrize(
    ("name", "change", "structure", "claim"),
    [
        ("slope", lambda Y, target, *reading: target - Y, DECK, "slope"),
        ("slope", lambda Y, target, *reading: 2 * (Y - target), DECK, "slope"),
        ("slope", lambda Y, target, *reading: Y - target, WIDE, "gradient"),
        ("slope", lambda Y, target, *reading: 2 * (Y - target) / Y.shape[-1], BATCH, "gradient"),
        ("total_error", lambda E: (E * E).sum(axis=(-2, -1)) / 2, WIDE, "loss"),
    ],
)  # fmt: skip
def test_a_wrong_error_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[..., Any], structure: Structure, claim: str
) -> None:
    assert wrong(structure, claim) == []
    monkeypatch.setattr(error, name, change)
    assert wrong(structure, claim)


def test_a_wrong_node_and_a_wrong_step_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neuron, "hidden_node", lambda slope, w, epsilon: neuron.weighted_sum(epsilon, w))
    assert len(wrong(DECK, "scalar")) == 15 and wrong(DECK, "gradient") == []
    monkeypatch.setattr(
        "harness.proof.sides.update", lambda W, G, alpha: tuple(w + alpha * g for w, g in zip(W, G, strict=True))
    )
    assert len(wrong(DECK_LINEAR, "update")) == 25


def test_a_chain_that_forgets_a_layer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = chain.backward
    monkeypatch.setattr(chain, "backward", lambda *its: tuple(reversed(honest(*its))))
    assert wrong(DECK, "gradient")


def test_nothing_compared_is_nothing_proved() -> None:
    assert not Checked("gradient", "3-5-2", "prediction", 1, ()).proved


def test_a_known_sigma_has_its_own_meaning() -> None:
    s = replace(DECK, hidden=Formula("tanh", Symbols))
    assert sympy.tanh in {v.func for v in s.meaning().values()}
