"""Symbols: the operators and functions of `reference/` on sympy expressions."""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
import pytest
import sympy

from harness.numbers.kinds import BALLS, Kind
from harness.numbers.symbols import AnySigma, Symbols, at_most, exactly, symbol_kind, undefined
from reference.activations import FORMULAS, Formula

x, y, a = sympy.symbols("x y a")


def test_operators_are_entry_by_entry_and_products_are_matrix_products() -> None:
    A, B = Symbols([[x, y]]), Symbols([[1], [a]])
    assert (A @ B).entries.tolist() == [[x + a * y]]
    assert (A * A).entries.tolist() == [[x**2, y**2]]
    assert (A.mT).shape == (2, 1)
    assert (2 * A / 4 - 1).entries.tolist() == [[x / 2 - 1, y / 2 - 1]]
    assert (a * A).entries.tolist() == [[a * x, a * y]]
    assert (1 - A).entries.tolist() == [[1 - x, 1 - y]] and (1 / A).entries.tolist() == [[1 / x, 1 / y]]
    assert (-A).sum(axis=(-2, -1)).entries[()] == -x - y


@pytest.mark.parametrize(
    ("number", "exact"),
    [(1 / 3, "1/3"), (2 / 3, "2/3"), (0.1, "1/10"), (1e-5, "1/100000"), (1.0005, "2001/2000"),
     (0.044715, "8943/200000"), (2.0, "2"), (3, "3"), (np.float64(0.5), "1/2")],
)  # fmt: skip
def test_a_constant_is_the_fraction_or_decimal_that_it_is_written_as(number: float, exact: str) -> None:
    assert str(exactly(number)) == exact


def test_nothing_is_known_of_an_undefined_function_but_its_derivative() -> None:
    sigma = undefined("σ")
    assert sympy.diff(sigma(x * y), x) == y * undefined("σ'")(x * y)
    assert isinstance(sigma(x), sympy.core.function.AppliedUndef)
    assert sympy.diff(sigma(x), x, 2) == undefined("σ''")(x)


def test_any_sigma_takes_no_heed_of_y() -> None:
    its = AnySigma("σ")
    assert its.derivative(Symbols([x]), Symbols([y])).entries[0] == undefined("σ'")(x)


def test_comparison_is_decided_where_a_sign_is_known() -> None:
    t = sympy.Symbol("t", positive=True)
    assert at_most(-t, 0) == sympy.true and at_most(t, 0) == sympy.false
    assert at_most(1 - 2 / (1 + t), 1) == sympy.true and at_most(x, 0) == sympy.Le(x, 0)
    assert Symbols.maximum(Symbols([x]), 0).entries[0].subs(x, -3) == 0
    assert Symbols.abs(Symbols([x])).entries[0].subs(x, -3) == 3


DECIMAL = {"selu", "gelu_tanh", "leaky_relu"}
"""Their constants are decimals, which are fractions here and float64 numbers on balls."""


@pytest.mark.parametrize("name", sorted(FORMULAS.keys() - DECIMAL))
@pytest.mark.parametrize("point", [-7.0, -2.5, -0.25, 0.0, 0.75, 4.0])
def test_every_activation_has_the_same_values_as_on_balls(name: str, point: float) -> None:
    def values(kind: Kind, number: Any) -> list[Any]:
        value = kind.sigma(name).value(number)
        return [value.entries[0], kind.sigma(name).derivative(number, value).entries[0]]

    symbols = [float(sympy.N(v, 40)) for v in values(symbol_kind({}), Symbols([point]))]
    with flint.ctx.workprec(500):
        balls = [float(v) for v in values(BALLS, BALLS.number([point]))]
    assert symbols == balls


def test_a_kind_of_symbols_knows_some_sigma_and_not_others() -> None:
    kind = symbol_kind({"mine": AnySigma("σ")})
    assert kind.sigma("mine") == AnySigma("σ") and kind.sigma("relu") == Formula("relu", Symbols)
    assert kind.number([[0.5]]).entries[0, 0] == sympy.Rational(1, 2) and kind.scalar(0.1) == sympy.Rational(1, 10)
