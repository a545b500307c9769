"""Every mistake of the catalogue on symbols: what differs, as formulas; and which show nothing, for what reason."""

from __future__ import annotations

import pytest

from harness.mistakes import MISTAKES
from harness.proof.refuted import ANY, by_mistake, by_reading
from harness.proof.told import told
from reference.readings import OUTER, SCALE, SIGN, Reading

ONLY_ON_A_KINK = {"slope-1-at-kink", "leaky-slope-at-kink"}
SLOW = {
    *("clipped", "clipped-step", "sign-step", "softplus-threshold", "leaky-relu", "no-output-sigma", "no-hidden-sigma"),
    *(
        "gelu-other-form",
        "output-sigma-put-in",
        "always-relu",
        "error-as-sign",
        "error-before-sigma",
        "dropout-left-on",
    ),
}
"""Mistakes whose formulas are long; some of them are tried below."""


@pytest.mark.parametrize("name", [name for name, its in MISTAKES.items() if name not in SLOW and not its.variant_of])
def test_a_mistake_is_refused_unless_it_shows_on_a_kink_or_in_rounding_alone(name: str) -> None:
    mistake = MISTAKES[name]
    wrong = [one for one in by_mistake(mistake) if one.wrong]
    assert bool(wrong) == (name not in ONLY_ON_A_KINK and not mistake.rounding)
    if wrong and not wrong[0].fault:
        assert wrong[0].formulas and all(formula not in ("", "0") for _, formula in wrong[0].formulas)


@pytest.mark.parametrize("name", ["softplus-threshold", "error-before-sigma", "gelu-other-form"])
def test_so_is_one_with_long_formulas(name: str) -> None:
    assert any(one.wrong for one in by_mistake(MISTAKES[name]))


def test_the_difference_is_a_product_in_the_decks_letters() -> None:
    first = by_mistake(MISTAKES["no-output-slope"])[0]
    assert (first.structure, first.task, first.activation) == ("3-5-2", "classification", ANY)
    assert first.formulas[0] == ("∂ℰ/∂w_11^HO", "−h_1 · (y_1 − y*_1) · (σ_O'(I^O_1) − 1)")
    assert sum(name.startswith("∂ℰ") for name in first.different) == 25


def test_a_mistake_in_the_update_alone_leaves_the_derivatives_right() -> None:
    lines = list(told("mistake uphill", "", by_mistake(MISTAKES["uphill"])))
    assert lines[0].endswith("refused, the derivatives are right, but not what is made of them.")
    assert "25 of 25 new weights differ" in lines[3]


def test_what_differs_is_not_said_to_differ_for_any_sigma() -> None:
    lines = list(told("mistake no-hidden-slope", "", by_mistake(MISTAKES["no-hidden-slope"])))
    assert lines[3] == (
        "3-5-2, classification: 15 of 25 derivatives differ as formulas in σ_H and σ_O, as they do at the numbers tried"
    )
    lines = list(told("reading scale", "", by_reading(SCALE)))
    assert "3-5-2, prediction: nothing differs at the numbers tried" in lines
    assert not any("any σ" in line or line.endswith("nothing differs") for line in lines)


def test_a_difference_with_many_cases_is_said_in_words() -> None:
    lines = list(told("mistake clipped-step", "", by_mistake(MISTAKES["clipped-step"])))
    assert "  w'_21^HO is off by a formula by cases, too long to print" in lines
    assert not any(sign in line for line in lines for sign in ("ITE", "Piecewise", "[", "<="))


def test_another_shape_is_said() -> None:
    lines = told("transposed", "", by_mistake(MISTAKES["transposed"]))
    assert "2×5 where it should be 5×2" in "\n".join(lines)


@pytest.mark.parametrize(
    ("reading", "differ"),
    [
        (SIGN, [25, 25, 16, 16, 10, 10, 9, 9]),
        (SCALE, [0, 0, 0, 0, 10, 10, 9, 9]),
        (OUTER, [10, 10, 10, 10, 6, 6, 3, 3]),
    ],
)
def test_a_reading_differs_where_its_formula_says(reading: Reading, differ: list[int]) -> None:
    found = by_reading(reading)
    assert [sum(name.startswith("∂ℰ") for name in one.different) for one in found] == differ
    assert not any(name.startswith(("y", "ℰ")) for one in found for name in one.different)
