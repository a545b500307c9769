"""Differences and complex steps: right on their cases, their own routes, in words where they do not apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cases.case import ACTIVATIONS, DTYPES, TASKS, Array, Case, make_case
from harness.backends import Evaluation
from harness.backends.plain import COMPLEX, complex_step, difference
from harness.backends.reference import matrix
from harness.imaginary import ANALYTIC, steps
from harness.lanes import MOST_WEIGHTS, Site
from harness.numbers.running import Floats
from harness.run import Outcome, run
from harness.stack import Stack
from harness.steps import plan
from harness.truth import graph, split
from reference.layers.activation import Activation
from reference.layers.dense import Dense
from reports.verdict import Verdict

ROUTES = (difference, complex_step)
WIDE = ("float64", "float32")
each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
each_dtype = pytest.mark.parametrize("dtype", WIDE)


@dataclass(frozen=True)
class Bent:
    """A route that computes as ``real`` does, and then spoils its gradients."""

    real: Any
    spoil: Callable[[list[Array]], list[Array]]

    @property
    def name(self) -> str:
        """That of the route, whose bound is that of its own steps."""
        return str(self.real.name)

    @property
    def mode(self) -> str:
        mode: str = self.real.mode
        return mode

    def supports(self, case: Case) -> str | None:
        reason: str | None = self.real.supports(case)
        return reason

    def evaluate(self, stack: Stack) -> Evaluation:
        found = self.real.evaluate(stack)
        return replace(found, gradients=self.spoil(list(found.gradients)), updated=None)


@pytest.fixture(scope="module")
def several(draw: Callable[..., Case]) -> list[Case]:
    """Every activation and task, two structures, both wide formats."""
    return [
        draw(*widths, activation=activation, task=task, dtype=dtype, seed=seed)
        for seed, widths in enumerate([(4, 3, 2), (3, 4, 3, 1)])
        for activation in ACTIVATIONS
        for task in TASKS
        for dtype in WIDE
    ]


@pytest.fixture(scope="module")
def outcomes(several: list[Case]) -> dict[str, Outcome]:
    """Each route on all of them."""
    named = [replace(case, name=f"{number}") for number, case in enumerate(several)]
    return {route.name: run(named, [route], observers=(), mistakes=False) for route in ROUTES}


@each_route
def test_right_wherever_it_applies(route: Any, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[route.name]
    assert outcome.answer.exit_code == 0, outcome.answer.failures[:3]
    found = {row.activation for row in outcome.rows if row.verdict in (Verdict.EXACT, Verdict.ROUNDING)}
    assert found == set(ANALYTIC if route is complex_step else ACTIVATIONS)
    assert {row.verdict for row in outcome.rows} <= {Verdict.EXACT, Verdict.ROUNDING, Verdict.UNSUPPORTED}
    refused = [row.case for row in outcome.rows if row.verdict == Verdict.UNSUPPORTED]
    assert len(refused) < 12 or route is complex_step


@each_route
@each_dtype
def test_fewer_than_half_of_the_entries_are_blind(route: Any, dtype: str, outcomes: dict[str, Outcome]) -> None:
    rows = [r for r in outcomes[route.name].rows if (r.quantity, r.dtype) == ("gradient", dtype)]
    blind, nonzero = sum(r.blind for r in rows), sum(r.entries - r.zero for r in rows)
    assert nonzero > 300 and blind / nonzero < 0.1


# really its own route


def run_lanes(route: Any, case: Case, monkeypatch: pytest.MonkeyPatch) -> list[Array]:
    """What the forward passes of a route were given, as arrays of changed weights, lanes first."""
    assert route.supports(case) is None
    seen, whole = [], Site.total_error

    def watched(site: Site, sigma: Any, number: Any, changed: Any) -> Any:
        if isinstance(changed, np.ndarray):
            seen.append(changed)
        return whole(site, sigma, number, changed)

    monkeypatch.setattr(Site, "total_error", watched)
    route.evaluate(Stack((case,)))
    return seen


@each_route
@each_dtype
def test_as_many_forward_passes_as_the_route_needs(
    route: Any, dtype: str, draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = draw(3, 4, 2, dtype=dtype)
    seen = run_lanes(route, case, monkeypatch)
    passes = 2 if route is difference else 1
    assert sum(len(lanes) for lanes in seen) == passes * (12 + 8)
    assert {lanes.dtype for lanes in seen} == {np.dtype(dtype if route is difference else COMPLEX[dtype])}
    for lanes in seen:
        weights = case.weights[0 if lanes.shape[1:] == (3, 4) else 1]
        assert ((lanes != weights).sum(axis=(1, 2)) == 1).all(), "each lane changes one weight"


@each_route
def test_nothing_is_propagated_back(route: Any, draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise AssertionError("a pullback was asked for")

    for layer, name in ((Dense, "pullback_input"), (Dense, "pullback_weight"), (Activation, "pullback_input")):
        monkeypatch.setattr(layer, name, refuse)
    stack = Stack((draw(3, 4, 2, activation="tanh"),))
    assert route.supports(stack.first) is None
    assert route.evaluate(stack).gradients is not None and route.terms(stack).deltas
    with pytest.raises(AssertionError, match="a pullback"):
        matrix.evaluate(stack)


@each_route
@each_dtype
def test_some_last_bits_differ_from_the_reference(route: Any, dtype: str, draw: Callable[..., Case]) -> None:
    stack = Stack((draw(3, 4, 2, activation="tanh", dtype=dtype),))
    ours, theirs = route.evaluate(stack), matrix.evaluate(stack)
    assert theirs.gradients is not None
    for a, b in zip(ours.gradients, theirs.gradients, strict=True):
        assert a.dtype == b.dtype == np.dtype(dtype) and (a != b).any()
    assert not np.array_equal(difference.evaluate(stack).gradients[0], complex_step.evaluate(stack).gradients[0])


@each_route
@each_dtype
def test_terms_lie_within_their_bounds(route: Any, dtype: str, draw: Callable[..., Case]) -> None:
    case = draw(3, 4, 2, activation="gelu", dtype=dtype)
    exact = [split(node.derivative).high for node in graph(case).I]
    bounds: list[Floats] = [its.bound for its in plan(case, added=True)]
    if route is complex_step:
        bounds = list(steps(case, added=True))
    terms = route.terms(Stack((case,)))
    for delta, high, bound in zip(terms.deltas, exact, bounds, strict=True):
        assert delta.dtype == np.dtype(dtype)
        assert (np.abs(delta - high) <= bound).all() and (bound < np.abs(high).max() / 50).all()
    assert [I.shape for I in terms.I] == [h.shape for h in terms.h] == [delta.shape for delta in terms.deltas]


# what is wrong is caught


FAULTS = {
    "wrong sign": lambda g: [-g[0], *g[1:]],
    "a factor 1.01": lambda g: [g[0] * g[0].dtype.type(1.01), *g[1:]],
    "transposed": lambda g: [g[0].mT, *g[1:]],
    "one entry": lambda g: [np.where(np.arange(g[0].size).reshape(g[0].shape) == 4, -g[0], g[0]), *g[1:]],
}


@each_route
@each_dtype
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_its_gradient_is_caught(route: Any, dtype: str, fault: str, draw: Callable[..., Case]) -> None:
    case = draw(3, 3, 2, activation="tanh", task="prediction", dtype=dtype)
    right = run([case], [Bent(route, lambda gradients: gradients)], observers=(), mistakes=False)
    assert [row.verdict for row in right.rows if row.quantity == "gradient"] == [Verdict.ROUNDING] * 2
    wrong = run([case], [Bent(route, FAULTS[fault])], observers=(), mistakes=False)
    found = [row.verdict for row in wrong.rows if row.quantity == "gradient"]
    assert wrong.answer.exit_code == 1 and found == [Verdict.VIOLATION, Verdict.ROUNDING]


# reasons


def one_unit(activation: str, weight: float, dtype: str = "float64", target: float = 1.0) -> Case:
    return make_case("one", activation, "prediction", dtype, [[1.0]], [[target]], [[[weight]], [[0.5]]])


@each_route
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_narrow_formats_are_refused(route: Any, dtype: str, draw: Callable[..., Case]) -> None:
    assert dtype in (route.supports(draw(3, 4, 2, dtype=dtype)) or "")


@each_route
def test_large_networks_are_refused_with_their_size(route: Any, draw: Callable[..., Case]) -> None:
    reason = route.supports(draw(100, 30, 2, activation="tanh")) or ""
    assert reason.startswith("3,060 weights would take") and f"{MOST_WEIGHTS:,}" in reason


def test_a_complex_step_needs_an_analytic_formula() -> None:
    for activation in ACTIVATIONS:
        reason = complex_step.supports(one_unit(activation, 0.3))
        assert (reason is None) == (activation in ANALYTIC)
        assert reason is None or reason.startswith(f"{activation} is not analytic")


@pytest.mark.parametrize("dtype", WIDE)
@pytest.mark.parametrize("activation", ["sigmoid", "silu", "gelu_tanh", "tanh", "gelu"])
def test_a_complex_step_is_finite_up_to_where_it_is_refused(activation: str, dtype: str) -> None:
    """A walk far out, in ever longer steps: refused from somewhere on for three, and a number wherever it is not."""
    refused = []
    for exponent in np.geomspace(1, np.log2(float(np.finfo(DTYPES[dtype]).max)) / 2, 80):
        case = one_unit(activation, -(2.0**exponent), dtype)
        refused.append(complex_step.supports(case))
        if refused[-1] is None:
            assert all(np.isfinite(g).all() for g in complex_step.gradient(case))
    assert refused[0] is None
    if activation in ("tanh", "gelu"):
        assert set(refused) == {None}
    else:
        assert "overflows, and complex arithmetic then gives NaN" in (refused[-1] or "")


@pytest.mark.parametrize("activation", ["relu", "selu", "elu", "softsign"])
def test_a_difference_is_refused_on_a_kink_and_takes_smaller_steps_near_it(activation: str) -> None:
    assert f"kink or bend of {activation}" in (difference.supports(one_unit(activation, 0.0)) or "")
    near = one_unit(activation, 1e-5)
    far = one_unit(activation, 1.0)
    assert difference.supports(near) is None and difference.supports(far) is None
    reach = [float((plan(case)[0].high - plan(case)[0].low)[0, 0]) / 2 for case in (near, far)]
    assert reach[0] < 1e-5 < reach[1]


def test_a_difference_is_refused_where_the_total_error_is_at_its_least() -> None:
    case = make_case("least", "identity", "prediction", "float64", [[1.0]], [[2.0]], [[[2.0]]])
    assert "the total error is 0" in (difference.supports(case) or "")
    assert complex_step.supports(case) is None and complex_step.gradient(case)[0] == 0


def test_a_difference_is_refused_where_every_step_overflows() -> None:
    case = make_case("far", "identity", "prediction", "float32", [[1e19]], [[-1e19]], [[[1.0]]])
    assert "leaves the format's range" in (difference.supports(case) or "")
