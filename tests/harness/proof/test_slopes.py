"""σ' of every activation by symbols; and a wrong one is refused, on the piece or the kink where it is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from harness.accuracy import ACCURACY
from harness.proof.evidence import Evidence
from harness.proof.slopes import slope
from reference.activations import FORMULAS, hardtanh, relu, sigmoid, softsign


def test_every_activation_is_proved_and_has_the_kinks_that_the_table_says(evidence: Evidence) -> None:
    assert [one.name for one in evidence.slopes] == list(FORMULAS)
    assert [one.name for one in evidence.slopes if not one.proved] == []
    kinks = {one.name: tuple(map(float, one.kinks)) for one in evidence.slopes}
    assert kinks == {name: tuple(sorted(ACCURACY[name].kinks)) for name in FORMULAS}


def test_a_cut_that_is_no_kink_is_smooth(evidence: Evidence) -> None:
    smooth = {one.name for one in evidence.slopes if one.cuts and not one.kinks}
    assert smooth == {"softplus", "elu", "softsign"}


def test_a_wrong_slope_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sigmoid, "derivative", lambda xp, x, y: y * (1 + y))
    found = slope("sigmoid")
    assert not found.proved and "between −∞ and ∞" in found.wrong[0].replace("-∞", "−∞")


def test_another_sigma_than_the_decks_is_refused_though_its_slope_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sigmoid, "value", lambda xp, x: 1 / (1 + xp.exp(-2 * x)))
    monkeypatch.setattr(sigmoid, "derivative", lambda xp, x, y: 2 * y * (1 - y))
    assert slope("sigmoid").wrong[0].startswith("between −∞ and ∞: σ is off that of S3 by ".replace("−", "-"))


@pytest.mark.parametrize(
    ("value", "derivative", "where"),
    [
        (lambda xp, x: xp.where(x <= 0, 0 * x, 2 * x), lambda xp, x, y: xp.where(x <= 0, 0 * x, 0 * x + 2), "0 and ∞"),
        (lambda xp, x: xp.where(x <= 0, x, x), lambda xp, x, y: 0 * x + 1, "-∞ and 0"),
        (lambda xp, x: xp.where(x <= 1, 0 * x, x - 1), lambda xp, x, y: xp.where(x <= 1, 0 * x, 0 * x + 1), "0 and 1"),
        (lambda xp, x: xp.where(x <= 1, 0 * x, x - 1), lambda xp, x, y: xp.where(x <= 1, 0 * x, 0 * x + 1), "1 and ∞"),
        (lambda xp, x: xp.where(x <= -1, -1 - x, 0 * x), lambda xp, x, y: xp.where(x <= -1, 0 * x - 1, 0 * x),
         "-∞ and -1"),
    ],
)  # fmt: skip
def test_another_relu_than_the_decks_is_refused_on_its_piece(
    monkeypatch: pytest.MonkeyPatch, value: Any, derivative: Any, where: str
) -> None:
    monkeypatch.setattr(relu, "value", value)
    monkeypatch.setattr(relu, "derivative", derivative)
    assert any(one.startswith(f"between {where}: σ is off that of S4 by ") for one in slope("relu").wrong)


def test_the_decks_sigmoid_in_other_words_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sigmoid, "value", lambda xp, x: xp.exp(x) / (1 + xp.exp(x)))
    monkeypatch.setattr(sigmoid, "derivative", lambda xp, x, y: xp.exp(x) / ((1 + xp.exp(x)) * (1 + xp.exp(x))))
    assert slope("sigmoid").proved


def test_the_other_slope_on_a_kink_is_refused_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relu, "derivative", lambda xp, x, y: 1 - xp.where(0 * x <= x, 0 * x, 0 * x + 1))
    monkeypatch.setattr(relu, "derivative", _right)
    assert slope("relu").wrong == ("at 0: σ' is 1, where the slope from the left is 0",)


def _right(xp: Any, x: Any, y: Any) -> Any:
    return xp.where(-x <= 0, xp.ones_like(x), xp.zeros_like(x))


def test_a_slope_that_leaks_is_refused_on_its_piece_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardtanh, "derivative", lambda xp, x, y: xp.where(x <= -1, 0 * x, 0 * x + 1))
    assert slope("hardtanh").wrong == ("between 1 and ∞: dσ/dx − σ' = -1",)


def test_a_sigma_that_jumps_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(softsign, "value", lambda xp, x: xp.where(x <= 0, x / (1 - x), 1 + x / (1 + x)))
    assert "at 0: σ is not continuous" in slope("softsign").wrong
