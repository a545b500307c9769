"""Rows of the accuracy table: NumPy, torch and JAX keep them, and their suprema are suprema."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb, arb_series

from cases.case import ACTIVATIONS
from harness.accuracy import ACCURACY, MEMBERS, Accuracy, RunningSigma
from harness.backends import Backend
from harness.bound import INFLATION
from harness.numbers.balls import Jet
from harness.numbers.running import Running, given
from harness.precision import PRECISIONS, Precision
from reference.activations import FORMULAS, Formula

each_row = pytest.mark.parametrize("name", ACCURACY)
each_precision = pytest.mark.parametrize("precision", list(PRECISIONS.values()), ids=list(PRECISIONS))


def test_every_activation_has_a_row_a_formula_and_a_function_in_each_framework(backends: dict[str, Backend]) -> None:
    assert list(backends)
    tables = [ACCURACY, FORMULAS, *(import_module(f"harness.backends.{f}").ACTIVATIONS for f in ("torch", "jax"))]
    assert [set(table) for table in tables] == [set(ACTIVATIONS)] * 4


@each_row
def test_a_row_says_where_its_numbers_come_from(name: str) -> None:
    assert ACCURACY[name].source


def points(precision: Precision, count: int = 400) -> np.ndarray:
    """Numbers of the format from its smallest to a thousand, of both signs, and those around saturation."""
    rng = np.random.default_rng(23)
    low = int(np.log2(precision.smallest))
    spread = np.ldexp(rng.uniform(1, 2, count), rng.integers(low, 10, count))
    near = rng.uniform(0, 1.2 * precision.bits * np.log(2), count)
    return (np.concatenate([spread, near, [0.0]]) * rng.choice([-1, 1], 2 * count + 1)).astype(precision.dtype)


def jets(name: str, x: np.ndarray, order: int = 2) -> list[Any]:
    """σ, σ', σ''/2 … at each point, as balls; where a kink is, the left side."""
    if order == 2:
        found = [FORMULAS[name].value(Jet, Jet.variable(arb(float(v)), "left")) for v in x]
        return [[f.value, f.slope] for f in found]
    if name != "sigmoid":
        return [[None, None, arb(0)] for _ in x]  # linear in pieces
    return [1 / (1 + (-arb_series([arb(float(v)), 1], order)).exp()) for v in x]


Route = Callable[[np.ndarray], tuple[Any, Any]]


def by_numpy(name: str) -> Route:
    def both(x: np.ndarray) -> tuple[Any, Any]:
        with np.errstate(all="ignore"):
            y = Formula(name, np).value(x)
            return y, Formula(name, np).derivative(x, y)

    return both


def by_torch(name: str) -> Route:
    import torch

    def both(x: np.ndarray) -> tuple[Any, Any]:
        v = torch.from_numpy(x.copy()).requires_grad_()
        y = import_module("harness.backends.torch").ACTIVATIONS[name](v)
        (slope,) = torch.autograd.grad(y.sum(), v)
        return y.detach().numpy(), slope.numpy()

    return both


def by_jax(name: str) -> Route:
    import jax

    def both(x: np.ndarray) -> tuple[Any, Any]:
        with jax.enable_x64(x.dtype == np.float64):
            sigma = import_module("harness.backends.jax").ACTIVATIONS[name]
            y, slope = jax.jit(jax.vmap(jax.value_and_grad(sigma)))(x)
            return np.asarray(y), np.asarray(slope)

    return both


ROUTES: dict[str, Callable[[str], Route]] = {"numpy": by_numpy, "torch": by_torch, "jax": by_jax}


def excess(row: Accuracy, name: str, x: np.ndarray, found: tuple[Any, Any], p: Precision) -> list[float]:
    """Points where value or derivative is further off than k·u·s, and the underflow that NUMERICS grants."""
    wide = x.astype(np.float64)
    allowed = np.where(np.abs(wide) < p.smallest_normal, np.abs(wide), 0) + (0 if row.piecewise else p.eta_activation)
    limits = row.k * p.u * row.scale(wide) + allowed, row.k_slope * p.u * row.scale_slope(wide) + 2 * allowed
    bad = []
    with flint.ctx.workprec(2048):
        exact = jets(name, x)
        for n, values in enumerate(exact):
            if any(abs(wide[n] - kink) < p.smallest_normal for kink in row.kinks):
                continue  # on a kink, or on it once a subnormal number is flushed
            for value, ours, limit in zip(values, found, limits, strict=True):
                if not abs(arb(float(ours[n])) - value) <= arb(float(limit[n])) * INFLATION:
                    bad.append(float(x[n]))
    return bad


@each_precision
@each_row
@pytest.mark.parametrize("route", ROUTES)
def test_correct_libraries_keep_the_row(route: str, name: str, precision: Precision, backends: Any) -> None:
    x = points(precision)
    found = ROUTES[route](name)(x)
    assert all(values.dtype == np.dtype(precision.dtype) for values in found)
    assert excess(ACCURACY[name], name, x, found, precision) == []


@each_precision
@each_row
@pytest.mark.parametrize("part", ["value", "derivative"])
def test_a_library_that_errs_a_little_more_does_not(name: str, precision: Precision, part: str) -> None:
    x = points(precision)
    value, slope = (np.array(part) for part in by_numpy(name)(x))
    worse = 1 + precision.dtype(64 * precision.u)  # type: ignore[operator, misc]
    found = (value * worse, slope) if part == "value" else (value, slope * worse)
    assert len(excess(ACCURACY[name], name, x, found, precision)) > 50


@each_row
def test_lipschitz_and_curvature_are_suprema_on_the_interval(name: str) -> None:
    rng, row = np.random.default_rng(2), ACCURACY[name]
    middle = np.concatenate([rng.uniform(-6, 6, 150), rng.uniform(-700, 700, 20)])
    width = np.ldexp(1.0, rng.integers(-40, 3, middle.size))
    lo, hi = middle - width, middle + width
    slope, bend = row.lipschitz(lo, hi), row.curvature(lo, hi)
    for part in (0.0, 0.3, 0.5, 0.9, 1.0):
        x = lo + part * (hi - lo)
        with flint.ctx.workprec(2048):
            first, second = jets(name, x), jets(name, x, 3)
            assert all(abs(f[1]) <= arb(float(s)) * INFLATION for f, s in zip(first, slope, strict=True))
            assert all(abs(2 * f[2]) <= arb(float(b)) * INFLATION for f, b in zip(second, bend, strict=True))
    assert np.all(slope <= 1) and np.all(bend <= 0.1)


def number(values: list[float], delta: float) -> Running:
    plain = given([values], PRECISIONS["float64"])
    return Running(plain.value, plain.delta + delta, plain.exact & (delta == 0), plain.range, plain.precision)


@each_row
@pytest.mark.parametrize("delta", [0.0, 2.0**-40, 0.01, 3.0, 1e300])
def test_an_error_on_the_way_in_is_carried_to_value_and_derivative(name: str, delta: float) -> None:
    values = [-800.0, -30.0, -1.5, -0.01, 0.3, 2.0, 37.0, 800.0]
    x, sigma = number(values, delta), RunningSigma(name)
    with np.errstate(over="ignore"):
        y = sigma.value(x)
        slope = sigma.derivative(x, y)
    for part in (-1.0, -0.5, 0.0, 0.7, 1.0):
        moved, derivative = by_numpy(name)(x.value + part * x.delta)
        assert np.all(np.abs(moved - y.value) <= y.delta * INFLATION)
        assert np.all(np.abs(derivative - slope.value) <= slope.delta * INFLATION)
    assert np.all(y.delta <= ACCURACY[name].reach + y.precision.u * 8)


def test_values_of_activations_without_rounding_stay_exact() -> None:
    x = number([-2.0, 0.0, 3.0], 0.0)
    assert RunningSigma("relu").value(x).exact.all() and RunningSigma("identity").value(x).exact.all()
    assert not RunningSigma("relu").value(x).delta.any()
    assert not RunningSigma("sigmoid").value(x).exact.any()


@pytest.mark.parametrize(("member", "slope"), list(zip(MEMBERS, (0.0, 1.0, 0.5), strict=True)))
def test_exactly_on_a_kink_the_named_member_is_taken_without_any_error(member: str, slope: float) -> None:
    sigma, x = RunningSigma("relu", member), number([0.0, 1.0, -1.0], 0.0)
    found = sigma.derivative(x, sigma.value(x))
    assert found.value.tolist() == [[slope, 1.0, 0.0]]
    assert not found.delta.any()
    assert (sigma.on_kink[0].tolist(), sigma.near_kink[0].tolist()) == ([True], [False])


def test_near_a_kink_the_derivative_may_be_that_of_either_side() -> None:
    sigma, x = RunningSigma("relu"), number([2.0**-50, 1.0], 2.0**-50)
    found = sigma.derivative(x, sigma.value(x))
    assert found.delta.tolist() == [[1.0, 0.0]]
    assert (sigma.on_kink[0].tolist(), sigma.near_kink[0].tolist()) == ([False], [True])
