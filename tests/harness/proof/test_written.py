"""Expressions in text and in LaTeX."""

from __future__ import annotations

import pytest
import sympy

from harness.numbers.symbols import undefined
from harness.proof.written import BY_CASES, LONGEST, latex, shortest, text

h, w, x, I, d, alpha = (sympy.Symbol(name) for name in ("h_3", "w_32^HO", "x_1^(2)", "I^O_2", "(y_2 − y*_2)", "α"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (2 * d * undefined("σ_O'")(I) * h / 3, "2/3 · h_3 · σ_O'(I^O_2) · (y_2 − y*_2)"),
        (-alpha * w, "−α · w_32^HO"),
        (d, "y_2 − y*_2"),
        (I - h, "I^O_2 − h_3"),
        ((I - h) * w, "(I^O_2 − h_3) · w_32^HO"),
        (h**2 - h, "h_3² − h_3"),
        (sympy.Piecewise((0, h <= 0), (1, True)) * x, "x_1^(2) · [0 if h_3 ≤ 0, else 1]"),
        (sympy.Integer(0), "0"),
    ],
)
def test_a_formula_in_text(expression: sympy.Expr, expected: str) -> None:
    assert sorted(text(expression).split(" · ")) == sorted(expected.split(" · "))


def test_the_shortest_form_is_shown_and_a_long_one_cut() -> None:
    assert shortest(h * w + h * x) in ("h_3 · (w_32^HO + x_1^(2))", "h_3 · (x_1^(2) + w_32^HO)")
    assert shortest(d - sympy.Symbol("y_2")) == "−y*_2"
    cases = sympy.Piecewise((w, sympy.And(h <= 0, x <= 1)), (x, True))
    assert shortest(cases) == BY_CASES and shortest(sympy.Piecewise((0, h <= 0), (1, True))) == "[0 if h_3 ≤ 0, else 1]"
    long = shortest(sum(sympy.Symbol(f"w_{i}") * sympy.Symbol(f"x_{i}") for i in range(99)))
    assert len(long) <= LONGEST + 1 and long.endswith("…")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("w_32^HO", "w_{32}^{HO}"),
        ("y*_2^(1)", r"y_{2}^{\ast (1)}"),
        ("σ_O'(I^O_2)", r"\sigma_{O}^{\prime}(I_{2}^{O})"),
        ("∂ℰ/∂w_11^IH = 2/3 · h_1²", r"\frac{\partial \mathcal{E}}{\partial w_{11}^{IH}} = \frac{2}{3} \, {h_{1}}^{2}"),
        ("exp(x_1) − α", r"\mathrm{exp}(x_{1}) - \alpha"),
    ],
)
def test_the_same_in_latex(formula: str, expected: str) -> None:
    assert latex(formula) == expected
