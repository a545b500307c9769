"""The bounds of differences and of complex steps: never exceeded, needed part by part, nearly as small as can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cases.adversarial import networks
from cases.case import Case, make_case
from harness import imaginary, steps
from harness.accuracy import ACCURACY
from harness.backends.plain import COMPLEX, complex_step, difference, totals
from harness.bound import bounds
from harness.check import check
from harness.compare import difference as difference_of
from harness.lanes import sites
from harness.numbers import tangents
from harness.numbers.running import Floats
from harness.precision import PRECISIONS
from harness.run import run
from harness.scan import Scan, curves, points
from harness.soundness import UNSOUND
from harness.stack import Stack
from harness.truth import graph, split
from reference import arrays
from reference.activations import Formula
from reports.verdict import Verdict

ROUTES = (difference, complex_step)
each_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Tests here change what bounds are made from."""
    steps.plan.cache_clear()
    imaginary.steps.cache_clear()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", [2, 9, 16, 17, 18, 21, 24, 27, 35])
def test_nothing_leaves_its_bound_on_adversarial_networks(number: int) -> None:
    shares = []
    for group in networks(number, 6, seed=20260901):
        if PRECISIONS[group[0].dtype].narrow:
            continue
        for rows in check(Stack(tuple(group)), ROUTES):
            assert not [(row.case, row.detail) for row in rows if row.verdict in UNSOUND]
            shares += [row.share for row in rows if row.quantity == "gradient" and row.verdict != Verdict.RANGE]
    assert all(share is not None and share <= 1 for share in shares)


def errors(route: Any, case: Case) -> list[Floats]:
    """|computed − exact| of every gradient."""
    exact = [split(node.derivative) for node in graph(case).weights]
    found = route.evaluate(Stack((case,))).gradients
    return [np.abs((g.astype(np.float64) - e.high) - e.low) for g, e in zip(found, exact, strict=True)]


@each_dtype
def test_without_its_truncation_the_bound_of_a_difference_is_exceeded(dtype: str, draw: Callable[..., Case]) -> None:
    exceeded = []
    for seed in range(20):
        case = draw(1, 1, 1, activation="tanh", dtype=dtype, seed=seed)
        for site, its, error in zip(sites(case), steps.plan(case), errors(difference, case), strict=True):
            h = (its.high.astype(np.float64) - its.low).reshape(-1) / 2
            truncation = (steps._majorant(site, np.zeros(1, dtype=np.intp), h).third / 6 / h).reshape(1, 1)
            assert (error <= its.bound).all()
            exceeded.append(bool((error > its.bound - truncation).any()))
    assert any(exceeded)


@each_dtype
def test_without_its_rounding_the_bound_of_a_difference_is_exceeded(
    dtype: str, draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With steps so small that rounding is all there is."""
    case, exceeded = draw(3, 4, 2, activation="tanh", dtype=dtype), []
    h = 2.0 ** (-24 if dtype == "float64" else -10)
    for site, node in zip(sites(case), graph(case).weights, strict=True):
        low, high = (np.asarray(site.values + side * h, PRECISIONS[dtype].dtype) for side in (-1, 1))
        quotient = (totals(site, high) - totals(site, low)) / (high - low)
        error = np.abs(quotient - split(node.derivative).high).reshape(-1)
        with monkeypatch.context() as context:
            assert (error <= steps._bound(site, low.reshape(-1), high.reshape(-1))[0]).all()
            context.setattr(steps, "_rounding", lambda site, index, numbers: np.zeros(index.size))
            exceeded.append((error > steps._bound(site, low.reshape(-1), high.reshape(-1))[0]).any())
    assert all(exceeded)


@each_dtype
@pytest.mark.parametrize("activation", ["sigmoid", "gelu", "softplus", "relu"])
def test_no_other_step_has_a_much_smaller_bound(dtype: str, activation: str, draw: Callable[..., Case]) -> None:
    """Steps are a factor `RATIO` apart, and a kink may lie just within the next one."""
    case = draw(3, 4, 2, activation=activation, dtype=dtype)
    precision = PRECISIONS[dtype]
    for site, its in zip(sites(case), steps.plan(case), strict=True):
        values = np.asarray(site.values, np.float64).reshape(-1)
        least = np.full(values.shape, np.inf)
        for exponent in range(-26 if dtype == "float64" else -12, 3):
            low, high = (np.asarray(values + side * 2.0**exponent, precision.dtype) for side in (-1, 1))
            with np.errstate(all="ignore"):
                least = np.minimum(least, steps._bound(site, low, high)[0])
        assert (its.bound.reshape(-1) <= (3 if activation != "relu" else 1.5 * steps.RATIO) * least).all()


@each_dtype
def test_a_difference_costs_digits_and_a_complex_step_none(dtype: str, draw: Callable[..., Case]) -> None:
    """A third of the digits is lost to a difference; a complex step is as good as reverse mode."""
    stack = Stack((draw(3, 4, 2, activation="tanh", dtype=dtype),))
    u = PRECISIONS[dtype].u
    reverse = [limit.bound for limit in bounds(stack).gradients]
    exact = [split(node.derivative).high for node in graph(stack.first).weights]
    for r, d, c, e in zip(
        reverse, steps.difference_bound(stack), imaginary.complex_step_bound(stack), exact, strict=True
    ):
        assert (d > 100 * r).all() or dtype == "float32"
        assert (d / np.abs(e).max() < 200 * u ** (2 / 3)).all()
        assert (c < 5 * r).all() and (c > r / 10).all()


def test_underflow_of_the_imaginary_part_is_in_the_bound(
    monkeypatch: pytest.MonkeyPatch, draw: Callable[..., Case]
) -> None:
    """σ'(−400) = 1.9e-174 is below λ/h = 1.5e-154, and a complex step gives 0."""
    case = make_case("tiny", "sigmoid", "prediction", "float64", [[1.0]], [[1.0]], [[[-400.0]], [[0.5]]])
    assert complex_step.gradient(case)[0] == 0
    outcome = run([case], [complex_step], observers=(), mistakes=False)
    first = next(row for row in outcome.rows if (row.quantity, row.layer) == ("gradient", 1))
    assert first.verdict == Verdict.BLIND
    imaginary.steps.cache_clear()
    monkeypatch.setattr(tangents, "PLACES", 0)
    monkeypatch.setattr(tangents, "of_tangents", lambda precision: precision)
    assert run([case], [complex_step], observers=(), mistakes=False).answer.failures[0].reason.startswith("violation")


@each_dtype
@pytest.mark.parametrize("name", imaginary.ANALYTIC)
def test_a_complex_step_keeps_the_accuracy_row_of_every_analytic_activation(name: str, dtype: str) -> None:
    """σ' as Im σ(x + ih)/h at every point of the scan that is not refused, an underflow λ/h apart."""
    precision, x = PRECISIONS[dtype], points(dtype)
    h, curve, dtypes = tangents.step(precision), curves(Scan(name, dtype))["derivative"], COMPLEX[dtype]
    value = curves(Scan(name, dtype))["activation"]
    with np.errstate(all="ignore"):
        found = Formula(name, arrays).value(x.astype(dtypes) + dtypes(1j * h))
        error = np.abs(difference_of(found.imag.astype(np.float64) / h, curve.exact))
        of_value = np.abs(difference_of(found.real.astype(np.float64), value.exact))
        allowed = curve.bound + tangents.PLACES * precision.eta / h * ACCURACY[name].underflow(x.astype(np.float64))
    lowest = {"sigmoid": -np.log(precision.largest), "silu": -np.log(precision.largest)}.get(name, -np.inf)
    reach = np.cbrt(precision.largest) / 2 if name == "gelu_tanh" else np.inf
    kept = (x > lowest) & (np.abs(x) < reach)
    assert (error[kept] <= allowed[kept]).all() and kept.sum() > 2000
    assert (of_value[kept] <= value.bound[kept]).all()
    if name in ("sigmoid", "silu"):
        assert not (error[kept] <= curve.bound[kept]).all(), "the underflow is needed"
