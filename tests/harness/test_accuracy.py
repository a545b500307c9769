"""Rows of the accuracy table: NumPy, torch and JAX keep them, known deviations apart."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb

from cases.case import ACTIVATIONS
from cases.known import Deviation, deviations
from harness import envelopes
from harness.accuracy import ACCURACY, NARROW, Accuracy
from harness.backends import Backend, Pointwise
from harness.bound import INFLATION
from harness.known import installed
from harness.nodes import sigma
from harness.numbers.running import given
from harness.numbers.running_sigma import RunningSigma, roundings
from harness.precision import PRECISIONS, Precision
from harness.thirds import THIRDS
from reference.activations import FORMULAS

each_row = pytest.mark.parametrize("name", ACCURACY)
each_precision = pytest.mark.parametrize("precision", list(PRECISIONS.values()), ids=list(PRECISIONS))

TABLES: dict[str, Any] = {
    "reference.activations.FORMULAS": FORMULAS,
    "harness.accuracy.ACCURACY": ACCURACY,
    "harness.thirds.THIRDS": THIRDS,
    "harness.layers.torch.ACTIVATIONS": "harness.layers.torch",
    "harness.layers.jax.ACTIVATIONS": "harness.layers.jax",
    "cases.case.ACTIVATIONS": ACTIVATIONS,
}
"""Every table with a row for each activation; a name is that of the module that holds it."""


def lacking(tables: dict[str, Any]) -> list[str]:
    """Which table lacks which activation, in words."""
    every = set().union(*tables.values())
    return [f"{table} lacks {name}" for table, rows in tables.items() for name in sorted(every - set(rows))]


def test_every_activation_is_in_every_table(backends: dict[str, Backend]) -> None:
    assert list(backends)
    tables = {
        name: import_module(table).ACTIVATIONS if isinstance(table, str) else table for name, table in TABLES.items()
    }
    assert lacking(tables) == []
    without = {name: [row for row in rows if row != "elu"] if "jax" in name else rows for name, rows in tables.items()}
    assert lacking(without) == ["harness.layers.jax.ACTIVATIONS lacks elu"]


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


def allowances(row: Accuracy, x: np.ndarray, p: Precision) -> list[np.ndarray]:
    """k·u·s and k'·u·s' at each point, and the underflow that NUMERICS grants."""
    wide = x.astype(np.float64)
    flushed = np.where((np.abs(wide) < p.smallest_normal) & p.flushes, np.abs(wide), 0)
    tiny = np.zeros_like(wide) if row.piecewise else p.eta_activation * row.underflow(wide)
    value = roundings(row.k, p, NARROW[0]) * p.u * row.scale(wide, p) + row.steepness * flushed + tiny
    slope = roundings(row.k_slope, p, NARROW[1]) * p.u * row.scale_slope(wide, p) + 2 * tiny
    return [value, slope + row.curvature(wide, wide) * flushed]


def relax(limits: list[np.ndarray], rows: list[Deviation], x: np.ndarray, p: Precision) -> None:
    """Known deviations in place of the row, in their intervals."""
    wide = x.astype(np.float64)
    for known in rows:
        part, row = ("value", "derivative").index(known.of), ACCURACY[known.activation]
        unit = p.u * (row.scale, row.scale_slope)[part](wide, p)
        for left, right in known.x:
            inside = (wide >= left) & (wide <= right)
            listed = np.inf if known.limit == "nonfinite" else float(known.limit) * unit[inside]
            limits[part][inside] = np.maximum(limits[part][inside], listed)


def excess(name: str, x: np.ndarray, found: Any, p: Precision, rows: list[Deviation] | None = None) -> list[float]:
    """Points where value or derivative is further off than the accuracy row or a known deviation allows."""
    wide, row, bad = x.astype(np.float64), ACCURACY[name], []
    limits = allowances(row, x, p)
    relax(limits, rows or [], x, p)
    with flint.ctx.workprec(BITS):
        for n, v in enumerate(wide.tolist()):
            if any(abs(v - kink) < p.smallest_normal for kink in row.kinks):
                continue  # on a kink, or on it once a subnormal number is flushed
            for exact, ours, limit in zip(both(name, v), found, limits, strict=True):
                if limit[n] < np.inf and not abs(arb(float(ours[n])) - exact) <= arb(float(limit[n])) * INFLATION:
                    bad.append(v)
    return bad


BITS = 2048
"""As many as a slope of e^-1000 takes beside 1."""


@cache
def both(name: str, x: float) -> tuple[arb, arb]:
    """σ(x) and σ'(x), once for every library."""
    return sigma(name, arb(x))


def pointwise(backends: dict[str, Backend], backend: str, name: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    its = backends[backend]
    assert isinstance(its, Pointwise)
    found = its.pointwise(name, x)
    assert found is not None
    return found


@each_precision
@each_row
@pytest.mark.parametrize("route", ["reference", "torch", "jax"])
def test_correct_libraries_keep_the_row(
    route: str, name: str, precision: Precision, backends: dict[str, Backend]
) -> None:
    x = points(precision)
    found = pointwise(backends, route, name, x)
    assert all(values.dtype == np.dtype(precision.dtype) for values in found)
    its = [r for r in deviations() if (r.activation, r.dtype) == (name, precision.name) and r.concerns(route)]
    its = [r for r in its if r.covers(installed(route))]
    assert excess(name, x, found, precision, its) == []


@each_precision
@each_row
@pytest.mark.parametrize("part", ["value", "derivative"])
def test_a_library_that_errs_a_little_more_does_not(
    name: str, precision: Precision, part: str, backends: dict[str, Backend]
) -> None:
    x = points(precision)
    found = list(pointwise(backends, "reference", name, x))
    spoiled = ("value", "derivative").index(part)
    found[spoiled] = (found[spoiled].astype(np.float64) * (1 + 64 * precision.u)).astype(precision.dtype)
    assert len(excess(name, x, found, precision)) > 50


@each_precision
@each_row
def test_far_out_no_row_permits_more_than_a_few_roundings(name: str, precision: Precision) -> None:
    """Of σ, σ' or 1, whichever is larger: where nothing is lost, nothing needs more."""
    far = np.array([50.0, 1e3, 3e4, precision.largest / 4])
    x = np.concatenate([far, -far]).astype(precision.dtype)
    with np.errstate(all="ignore"):
        limits = allowances(ACCURACY[name], x, precision)
    wide = x.astype(np.float64)
    underflow = precision.eta_activation * ACCURACY[name].underflow(wide)
    for limit, size in zip(limits, (envelopes.value(name, wide), envelopes.slope(name, wide)), strict=True):
        assert np.all(limit - 2 * underflow <= 17 * precision.u * np.maximum(np.abs(size), 1))


ENDS = {"silu": (40.0, 10.0), "softplus": (40.0, 10.0), "gelu": (-10.0, -5.0), "gelu_tanh": (-8.0, -5.0, 8.0)}
"""Where a scale ends, in wide or in narrow formats."""


@each_precision
@pytest.mark.parametrize("name", ENDS)
@pytest.mark.parametrize("route", ["reference", "torch", "jax"])
def test_an_x_beyond_the_end_of_a_scale_may_have_been_computed_before_it(
    route: str, name: str, precision: Precision, backends: dict[str, Backend]
) -> None:
    """The bound at an x that is off by δ holds for a library that computed σ and σ' at x ± δ."""
    steps = np.concatenate([np.linspace(-0.5, 0.5, 11), np.linspace(-8, 8, 17)])
    at = np.concatenate([end + steps for end in ENDS[name]]).astype(precision.dtype)
    found = pointwise(backends, route, name, at)
    its = [r for r in deviations() if (r.activation, r.dtype) == (name, precision.name) and r.concerns(route)]
    for apart in (-6.0, -2.0, -0.5, -0.0625, 0.0, 0.0625, 0.5, 2.0, 6.0):
        x = given(at.astype(np.float64)[None] + apart, precision)
        x = replace(x, delta=x.delta + abs(apart))
        sigma_ = RunningSigma(name, known=its)
        y = sigma_.value(x)
        limits = y.delta[0] * INFLATION, sigma_.derivative(x, y).delta[0] * INFLATION
        with flint.ctx.workprec(BITS):
            for n, v in enumerate(x.value[0].tolist()):
                for exact, ours, limit in zip(both(name, v), found, limits, strict=True):
                    assert abs(arb(float(ours[n])) - exact) <= arb(float(limit[n])), (v, apart)
