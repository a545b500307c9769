"""Terms inside a case: their exact values and bounds, and that whatever is correct lies within them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import mpmath
import numpy as np
import pytest

from cases.case import Case
from cases.known import deviations
from harness.backends import BACKENDS, Backend, BackendError, Traced, load
from harness.bound import bounds, term_limits
from harness.inside import TermJudge, inside
from harness.known import known_for
from harness.precision import PRECISIONS
from harness.stack import Stack
from harness.terms import terms
from reports.verdict import Verdict

ROUTES = [name for name, its in BACKENDS.items() if its.device == "cpu"]


def route(name: str) -> Backend:
    try:
        return load(name)
    except BackendError as error:
        pytest.skip(str(error))


def judge(case: Case, backend: Any) -> TermJudge:
    known = known_for(backend.name, case, deviations()).here
    return TermJudge(case, PRECISIONS[case.dtype], known, getattr(backend, "mode", "reverse"))


def sample(draw: Callable[..., Case], whole_catalogue: list[Case]) -> Iterator[Case]:
    """Two drawn networks in every precision, both tasks, and one case of every tag that is not too large."""
    for dtype in ("float64", "float32", "bfloat16", "float16"):
        yield draw(3, 5, 2, batch=1, dtype=dtype, activation="sigmoid", seed=1)
        yield draw(3, 4, 3, 2, batch=2, dtype=dtype, activation="gelu", task="prediction", seed=2)
        yield draw(3, 4, 3, 2, batch=2, dtype=dtype, activation="hardswish", task="prediction", seed=3)
    seen: set[str] = set()
    for case in whole_catalogue:
        if case.links is None and not set(case.tags) <= seen and max(case.layers) < 20:
            seen |= set(case.tags)
            yield case


@pytest.mark.parametrize("name", ROUTES)
def test_the_terms_of_every_route_lie_within_their_bounds(
    draw: Callable[..., Case], whole_catalogue: list[Case], name: str
) -> None:
    backend, compared = route(name), 0
    if not isinstance(backend, Traced):
        pytest.skip(f"{name} shows no intermediate values")
    every = sample(draw, whole_catalogue)
    for case in islice(every, 0, None, 8) if BACKENDS[name].framework == "jax" else every:  # it compiles each
        if backend.supports(case) is not None:
            continue
        its, within = inside(case, backend), judge(case, backend)
        assert its.why == "" and its.values
        for key in (term.key for term in terms(case) if term.key in its.values):
            comparison, _ = within.compare(key, its.values[key])
            compared += 1
            allowed = {Verdict.EXACT, Verdict.ROUNDING, Verdict.BLIND, Verdict.RANGE}
            assert comparison.verdict in allowed, (case.name, key, comparison.detail)
    assert compared > 20


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "gelu", "softplus", "silu", "elu", "softsign"])
def test_the_exact_terms_are_those_of_another_oracle(draw: Callable[..., Case], activation: str) -> None:
    mp = mpmath.mp.clone()
    mp.dps = 60
    sigma: dict[str, Callable[[Any], Any]] = {
        "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
        "tanh": mp.tanh,
        "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
        "softplus": lambda x: mp.log1p(mp.exp(x)),
        "silu": lambda x: x / (1 + mp.exp(-x)),
        "elu": lambda x: x if x > 0 else mp.expm1(x),
        "softsign": lambda x: x / (1 + abs(x)),
    }  # fmt: skip
    case = draw(2, 3, 2, batch=2, activation=activation, task="prediction", seed=4)
    exact = {key: its.exact for key, its in judge(case, load("reference")).standards[0].items()}
    x, (W, V) = mp.matrix(case.x.tolist()), (mp.matrix(w.tolist()) for w in case.weights)
    I = x * W
    for (b, j), high in np.ndenumerate(exact["I", 1].high):
        at = I[b, j]
        wanted = {"I": at, "h": sigma[activation](at), "slope": mp.diff(sigma[activation], at, h=mp.mpf(10) ** -25)}
        for kind, value in wanted.items():
            its = exact[kind, 1]
            found = mp.mpf(its.high[b, j]) + mp.mpf(its.low[b, j])
            assert abs(found - value) < mp.mpf(10) ** -20, (kind, b, j)
        assert high == float(at)
    H = mp.matrix(2, 3)
    for b in range(2):
        for j in range(3):
            H[b, j] = sigma[activation](I[b, j])
    Y = H * V
    for (b, j), high in np.ndenumerate(exact["error", 0].high):
        assert abs(high - (mp.mpf(float(case.target[b, j])) - Y[b, j])) < mp.mpf(10) ** -15
        delta = (Y[b, j] - mp.mpf(float(case.target[b, j]))) / 2  # 2/(B·N_O) = 1/2
        assert abs(exact["delta", 2].high[b, j] - delta) < mp.mpf(10) ** -15


def test_a_linear_output_has_no_slope_and_a_sigmoid_has(draw: Callable[..., Case]) -> None:
    for task in ("classification", "prediction"):
        case = draw(3, 4, 2, task=task, seed=5)
        assert ("slope", 2) in judge(case, load("reference")).standards[0] or task == "prediction"
        assert (("slope", 2) in {term.key for term in terms(case)}) == (task == "classification")


def test_bounds_of_terms_are_those_of_the_same_pass(draw: Callable[..., Case]) -> None:
    stack = Stack((draw(3, 5, 2, batch=2, seed=6), draw(3, 5, 2, batch=2, seed=7)))
    whole, within = bounds(stack), term_limits(stack)
    assert np.array_equal(whole.output.bound, within.h[-1].bound)
    assert [limit.bound.shape for limit in within.deltas] == [(2, 2, 5), (2, 2, 2)]
    assert [limit.bound.shape for limit in within.slopes] == [(2, 2, 5), (2, 2, 2)]
    for part in (within.I, within.h, within.slopes, within.deltas):
        assert all((limit.bound > 0).all() and np.isfinite(limit.bound).all() for limit in part)


@pytest.mark.parametrize("mode", ["forward", "difference", "complex-step"])
def test_the_bound_of_delta_is_that_of_the_mode(draw: Callable[..., Case], mode: str) -> None:
    case = draw(3, 5, 5, 2, batch=2, activation="tanh", seed=8)
    reverse, other = (TermJudge(case, PRECISIONS["float64"], mode=its).standards[0] for its in ("reverse", mode))
    for l in (1, 2, 3):
        assert (other["delta", l].bound >= reverse["delta", l].bound).all()
        assert np.array_equal(other["h", l].bound, reverse["h", l].bound)
    assert any((other["delta", l].bound > reverse["delta", l].bound).any() for l in (1, 2, 3))
