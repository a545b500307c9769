"""Majorants: what moves stays within them, on the text of the equations and through every σ."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb, arb_series

from cases.case import ACTIVATIONS, TASKS, Case
from harness import envelopes
from harness.accuracy import ACCURACY
from harness.lanes import Site, sites
from harness.numbers import majorants
from harness.numbers.balls import Balls
from harness.numbers.kinds import BALLS
from harness.numbers.majorants import Majorant, MajorantSigma, moving, still
from harness.thirds import BENDS, THIRDS
from reference.activations import FORMULAS

SMOOTH = ("sigmoid", "tanh", "identity", "softplus", "silu", "gelu", "gelu_tanh")
each_smooth = pytest.mark.parametrize("name", SMOOTH)


def taylor(name: str, x: float) -> list[float]:
    """|σ|, |σ'|, |σ''|, |σ'''| at x, from series of balls; no formula of ``reference/`` is used."""
    flint.ctx.cap = 4
    with flint.ctx.workprec(256):
        v = arb_series([arb(x), 1], 4)
        sides = {"elu": v.exp() - 1 if x < 0 else v, "softsign": v / (1 - v if x < 0 else 1 + v)}
        ramp = (arb(2) / arb.pi()).sqrt() * (v + arb("0.044715") * v * v * v)
        selu = arb("1.0507009873554804934") * (arb("1.6732632423543772848") * (v.exp() - 1) if x < 0 else v)
        every: dict[str, Any] = sides | {
            "selu": selu,
            "sigmoid": 1 / (1 + (-v).exp()),
            "tanh": 1 - 2 / (1 + (2 * v).exp()),
            "identity": v,
            "softplus": (1 + v.exp()).log(),
            "silu": v / (1 + (-v).exp()),
            "gelu": v * (-v / arb(2).sqrt()).erfc() / 2,
            "gelu_tanh": v / (1 + (-2 * ramp).exp()),
            "relu": v if x > 0 else 0 * v,
            "leaky_relu": v if x > 0 else v / 100,
            "hardtanh": v if abs(x) < 1 else 0 * v,
            "hardsigmoid": v / 6 if abs(x) < 3 else 0 * v,
            "hardswish": v * (v + 3) / 6 if abs(x) < 3 else (v if x > 0 else 0 * v),
        }
        return [abs(float(every[name][k])) * factorial(k) for k in range(4)]


def test_every_activation_has_a_row() -> None:
    assert THIRDS.keys() == FORMULAS.keys() == set(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_third_derivative_stays_below_its_bound_on_every_interval(name: str) -> None:
    rng = np.random.default_rng(7)
    ends = np.sort(rng.uniform(-12, 12, (150, 2)) * rng.choice([0.05, 0.3, 1, 3], (150, 1)), axis=1)
    bound = THIRDS[name](ends[:, 0], ends[:, 1])
    for (lo, hi), limit in zip(ends, bound, strict=True):
        at = np.linspace(lo, hi, 12)
        assert all(taylor(name, float(x))[3] <= limit * (1 + 1e-12) + 1e-300 for x in at if x != 0)


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"gelu_tanh"}))
def test_the_bound_of_the_third_derivative_is_reached_somewhere(name: str) -> None:
    x = np.concatenate([np.linspace(-6, 6, 600)])
    bound, found = THIRDS[name](x, x), np.array([taylor(name, float(v))[3] for v in x])
    assert (found >= 0.9 * bound).any()


@each_smooth
@pytest.mark.parametrize("task", TASKS)
def test_the_total_error_moves_no_faster_than_its_majorant(name: str, task: str, draw: Callable[..., Case]) -> None:
    """The derivatives of ℰ(w + t·h) by t at a few t in [−1, 1], by differences of exact numbers."""
    case = draw(2, 3, 2, activation=name, task=task)
    for site in sites(case):
        h, index = np.full(site.values.size, 0.25), np.arange(site.values.size)
        its = lanes_majorant(site, h)
        for lane in index[::2]:
            exact = derivatives(site, int(lane), 0.25)
            for order, bound in enumerate((its.first, its.second, its.third), start=1):
                assert np.abs(exact[order]) <= bound[lane], (site, lane, order)
        assert (its.third < 1e3 * 0.25**3).all()


def lanes_majorant(site: Site, h: Any) -> Majorant:
    changed = moving(site.values[None], site.marks(np.arange(h.size)) * h[:, None, None])
    found: Majorant = site.total_error(MajorantSigma, still, changed)
    return found


def derivatives(site: Site, lane: int, h: float) -> list[float]:
    """ℰ and its derivatives by t, the largest of a few t in [−1, 1], by tiny differences of exact numbers."""
    largest = [0.0] * 4
    with flint.ctx.workprec(400):
        eps = arb(2) ** -40

        def total(t: arb) -> arb:
            values = np.array([[arb(float(v)) for v in row] for row in site.values], dtype=object)
            values.flat[lane] = values.flat[lane] + t * h
            return site.total_error(BALLS.sigma, BALLS.number, Balls.holding(values[None])).entries[0]

        for t in (arb(-1) + 4 * eps, arb(0), arb(1) / 3, arb(1) - 4 * eps):
            f = [total(t + k * eps) for k in (-2, -1, 0, 1, 2)]
            found = [
                f[2], (f[3] - f[1]) / (2 * eps), (f[3] - 2 * f[2] + f[1]) / eps**2,
                (f[4] - 2 * f[3] + 2 * f[1] - f[0]) / (2 * eps**3),
            ]  # fmt: skip
            largest = [max(a, float(b.abs_lower()) * (1 - 1e-9)) for a, b in zip(largest, found, strict=True)]
    return largest


@pytest.mark.parametrize("name", sorted({n for n in ACTIVATIONS if ACCURACY[n].kinks} | BENDS.keys()))
def test_an_interval_with_a_kink_or_bend_is_not_bounded(name: str) -> None:
    for at in (*ACCURACY[name].kinks, *BENDS.get(name, ())):
        x = moving(np.full((1, 1, 3), at + 0.5), np.array([[[0.4, 0.5, 0.6]]]))
        assert np.isinf(MajorantSigma(name).value(x).first).tolist() == [[[False, True, True]]]
        assert np.isfinite(MajorantSigma(name).value(still(np.full((1, 1, 1), at))).third).all(), (
            "what rests may lie on it"
        )


def test_a_composition_is_bounded_sharply_where_every_derivative_is_positive() -> None:
    """e^{e^t − 1} − 1 about t = −1: nothing cancels there, so that the bound is but the largest value nearby."""
    x = moving(np.full((1, 1, 1), -1.0), np.full((1, 1, 1), 1e-6))
    found = MajorantSigma("elu").value(MajorantSigma("elu").value(x))
    e = np.exp(-1.0)
    inner = np.exp(e - 1)
    exact = [inner * e, inner * (e + e**2), inner * (e + 3 * e**2 + e**3)]
    for order, bound in enumerate((found.first, found.second, found.third), start=1):
        assert exact[order - 1] * 1e-6**order <= bound.item() <= exact[order - 1] * 1e-6**order * 1.001


def test_underflow_is_not_taken_for_rest() -> None:
    """x·10^200 with x moving by 10^-200: its second derivative is lost on the way, and made up for."""
    tiny = moving(np.zeros((1, 1, 1)), np.full((1, 1, 1), 1e-200))
    product = (tiny * tiny) * still(np.full((1, 1, 1), 1e300))
    assert product.second >= 2e-400 * 1e300 and product.second > 0
    assert majorants.OWN.eta * 1e300 <= product.second


def test_rounding_is_the_distance_of_the_value_from_the_exact_number() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.uniform(-1, 1, (1, 2, 5)), rng.uniform(-1, 1, (1, 5, 2))
    found = still(a) @ still(b)
    with flint.ctx.workprec(300):
        exact = flint.arb_mat(a[0].tolist()) * flint.arb_mat(b[0].tolist())
        apart = [abs(float(e - v)) for e, v in zip(exact.entries(), found.value.flat, strict=True)]
    assert (np.array(apart) <= found.rounding.reshape(-1)).all()
    assert np.allclose(found.value, envelopes.value("identity", a @ b), rtol=0, atol=float(found.rounding.max()))
