"""What the rules of the layers' bounds rest on.

How accurate e^x, ln x and 1/√x are where they are computed; and, one by one, correct ways to compute a link that lay
outside an earlier rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flint import arb, ctx

from cases.case import make_case
from cases.chains import word_link
from harness.backends import load
from harness.backends.jax import SIXTY_FOUR
from harness.bound import bounds
from harness.numbers.running_layers import EXPONENTIAL, ROOT, RunningBiasOfSum
from harness.precision import PRECISIONS
from harness.stack import Stack
from harness.truth import truth
from reference.layers.normalisation import EPSILON
from reference.layers.quadratic import Quadratic
from reference.layers.scale import Scale

COUNT = 20_000
"""Points of each function and format, from the smallest to the largest whose value is a normal number."""


def on_torch(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: function(torch.from_numpy(x)).numpy()


def on_jax(function: Callable[[Any], Any], compiled: bool = True) -> Callable[[Any], Any]:
    def call(x: Any) -> Any:
        with SIXTY_FOUR(x.dtype == np.float64):
            return np.asarray((jax.jit(function) if compiled else function)(jnp.asarray(x)))

    return call


EXPONENTIALS: dict[str, Callable[[Any], Any]] = {
    "numpy": np.exp,
    "torch": on_torch(torch.exp),
    "torch one by one": lambda x: np.array([torch.exp(one).item() for one in torch.from_numpy(x)], x.dtype),
    "jax": on_jax(jnp.exp),
    "jax-eager": on_jax(jnp.exp, compiled=False),
}

LOGARITHMS: dict[str, Callable[[Any], Any]] = {
    "numpy": np.log,
    "torch": on_torch(torch.log),
    "jax": on_jax(jnp.log),
}

ROOTS: dict[str, Callable[[Any], Any]] = {
    "numpy": lambda v: 1 / np.sqrt(v + v.dtype.type(EPSILON)),
    "torch rsqrt": on_torch(lambda v: torch.rsqrt(v + EPSILON)),
    "torch 1/sqrt": on_torch(lambda v: 1 / torch.sqrt(v + EPSILON)),
    "torch power": on_torch(lambda v: (v + EPSILON) ** -0.5),
    "jax rsqrt": on_jax(lambda v: jax.lax.rsqrt(v + EPSILON)),
    "jax 1/sqrt": on_jax(lambda v: 1 / jnp.sqrt(v + EPSILON)),
    "jax power": on_jax(lambda v: (v + EPSILON) ** -0.5),
}

PAIRS: dict[str, tuple[dict[str, Callable[[Any], Any]], Callable[[float], arb], int]] = {
    "exponential": (EXPONENTIALS, lambda x: arb(x).exp(), EXPONENTIAL),
    "logarithm": (LOGARITHMS, lambda x: arb(x).log(), EXPONENTIAL),
    "root": (ROOTS, lambda v: (arb(v) + arb(EPSILON)).rsqrt(), ROOT),
}


def points(name: str, dtype: str) -> Any:
    p, rng = PRECISIONS[dtype], np.random.default_rng(17)
    if name == "exponential":
        low, high = math.log(p.smallest_normal) + 1, math.log(p.largest) - 1
        x = np.concatenate([rng.uniform(low, high, COUNT // 2), np.ldexp(rng.uniform(-2, 2, COUNT // 2), -5)])
    elif name == "logarithm":  # of sums of e^{x − c}, the largest of which is 1
        x = np.concatenate([1 + rng.uniform(0, 1, COUNT // 2), np.ldexp(rng.uniform(1, 2, COUNT // 2), 9)])
    else:
        x = np.ldexp(rng.uniform(1, 2, COUNT), rng.integers(-40, 40, COUNT))
    return x.astype(p.dtype)


def largest_error(found: Any, x: Any, exact: Callable[[float], arb], u: float, at: str) -> float:
    """In units of u of the exact value; of a logarithm, of 1 + ln x, as the bound counts it."""
    assert found.dtype == x.dtype
    worst = 0.0
    with ctx.workprec(100):
        for value, one in zip(found.tolist(), x.tolist(), strict=True):
            its = exact(one)
            unit = 1 + its if at == "logarithm" else its
            worst = max(worst, float(abs(arb(value) - its) / unit) / u)
    return worst


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", PAIRS)
def test_functions_inside_layers_are_as_accurate_as_the_bound_says(name: str, dtype: str) -> None:
    """Every library is within the constant; and at least one needs a quarter of it, or it would be too large."""
    ways, exact, constant = PAIRS[name]
    x, u = points(name, dtype), PRECISIONS[dtype].u
    found = {way: largest_error(function(x), x, exact, u, name) for way, function in ways.items()}
    print(name, dtype, {way: round(error, 2) for way, error in found.items()})  # pytest -s shows it
    assert all(error <= constant for error in found.values()), found
    assert max(found.values()) > constant / 8, found


def made(x: Any, target: Any, weights: list[Any], words: str, dtype: str = "float64") -> Stack:
    links = [word_link(word, words) for word in words.split(", ")]
    return Stack((make_case("made", "identity", "prediction", dtype, x, target, weights, links=links),))


def errors(stack: Stack, value: Any, quantity: str = "output") -> tuple[float, float]:
    """How far ``value`` is from the truth at the first entry, and the bound there."""
    limits = bounds(stack)
    wanted = [limit.bound[0] for limit in (limits.output, limits.loss, *limits.gradients, *limits.updated)]
    its = truth(stack.first, wanted)
    exact, limit = (its.output, limits.output) if quantity == "output" else (its.gradients[0], limits.gradients[0])
    return abs(float(value) - float(exact.high.flat[0]) - float(exact.low.flat[0])), float(limit.bound.flat[0])


TIE = 2.0**-53
"""Half a unit of 1's last bit: added to 1, it is rounded away, every time anew."""


def test_a_quadratic_form_may_be_one_sum_of_all_its_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    """1 and 575 ties, term by term: each is rounded away, and N·u a row and N·u for the rows would not allow it."""
    A = np.full((24, 24), TIE)
    A[0, 0] = 1
    stack = made(np.ones((1, 24)), [[0.5]], [A], "quadratic")
    total = np.float64(0)
    for term in A.flat:
        total = total + term
    error, bound = errors(stack, total)
    assert total == 1 and 500 * TIE < error <= bound
    monkeypatch.setattr("harness.chains.RunningQuadratic", Quadratic)
    assert errors(stack, total)[1] < error


def test_a_quadratic_form_may_underflow_at_any_two_of_its_factors(monkeypatch: pytest.MonkeyPatch) -> None:
    """x_i x_j is 0, and Δ x_i is not: jax.numpy.einsum gives 0 for the gradient, and the text 1e-250."""
    stack = made([[1e-200, 1e-200]], [[-1e150]], [np.ones((2, 2))], "quadratic")
    error, bound = errors(stack, 0, "gradient")
    assert 1e-251 < error <= bound
    monkeypatch.setattr("harness.chains.RunningQuadratic", Quadratic)
    assert errors(stack, 0, "gradient")[1] < error


def test_a_sum_that_is_exact_is_not_behind_a_bias_that_it_begins_with(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.full((1, 70), TIE * 2)
    x[0, 0] = 1
    stack = made(x, [[0.5]], [np.ones((70, 1)), [[1.0]]], "dense 1, bias")
    assert bounds(made(x, [[0.5]], [np.ones((70, 1))], "dense 1")).output.bound == 0
    total = np.float64(1)
    for term in x.flat:
        total = total + term
    error, bound = errors(stack, total)
    assert total == 2 and 100 * TIE < error <= bound
    monkeypatch.setattr("harness.chains._bias", lambda before, link, width: RunningBiasOfSum(70))
    assert errors(stack, total)[1] < error


def test_what_cancels_in_a_quadratic_form_is_not_called_exact() -> None:
    """x (A + Aᵀ) is exactly 0 as it is written, and a rounding of Δ x A in another order."""
    weights = [[[1.0, 2.0], [1.0, 1.0]], [[2.0, -1.0], [-1.0, 0.5]]]
    stack = made(np.eye(2), [[0.3], [0.3]], weights, "dense 2, quadratic")
    assert (bounds(stack).gradients[0].bound > 0).all()


def test_a_constant_may_underflow_in_a_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """s·2/(B·N_O) is subnormal in float32 and flushed by XLA, s·Δ is not: jax.jit gives 0 for all of the gradient."""
    stack = made(np.full((4, 1), 0.75), np.full((4, 6), 1e6), [np.ones((1, 6)), np.full((1, 6), 1.7e-38)],
                 "dense 6, scale", "float32")  # fmt: skip
    found = load("jax").evaluate(stack).gradients
    assert found is not None and not found[0].any()
    error, bound = errors(stack, 0, "gradient")
    assert 1e-33 < error <= bound
    monkeypatch.setattr("harness.chains._runs", lambda chain: [])
    monkeypatch.setattr("harness.chains.RunningScale", Scale)
    assert errors(stack, 0, "gradient")[1] < error


def test_what_softmax_takes_e_to_the_power_of_may_come_out_above_0() -> None:
    """By a fused multiply-add in the product behind it, in the difference and not in the maximum."""
    weights, target = [[[1.0, 1.0]]], [[0.0, 1.0]]
    small, large = (made([[-1.1 * s, 1.1 * s]], target, weights, "scale, softmax", "float32") for s in (1e3, 1e11))
    assert not bounds(small).output.range.any() and bounds(large).output.range.all()


@pytest.mark.parametrize("name", ["jax", "jax-eager", "torch", "reference"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_case_that_overflows_spoils_no_other_of_its_stack(name: str, dtype: str) -> None:
    """Convolutions under jax.vmap are one of many groups; XLA multiplies each group by 0 for every other."""
    shape = (2, 3, 5)
    x, largest = np.random.default_rng(3).uniform(-1, 1, shape), PRECISIONS[dtype].largest
    links, w = [word_link("convolution 2", "")], np.array([[0.5, 2.0]])
    parts = [
        make_case(f"part-{k}", "identity", "prediction", dtype, x[k], np.zeros((3, 4)), [w], links=links)
        for k in range(2)
    ]
    parts.append(
        make_case("part-2", "identity", "prediction", dtype, x[0] * largest, np.zeros((3, 4)), [8 * w], links=links)
    )
    backend = load(name)
    with np.errstate(all="ignore"):
        together, alone = backend.evaluate(Stack(tuple(parts))), backend.evaluate(Stack((parts[1],)))
    assert together.gradients and alone.gradients
    assert not np.isfinite(together.gradients[0][2]).all()
    assert (together.gradients[0][1] == alone.gradients[0][0]).all() and (together.output[1] == alone.output[0]).all()


def test_an_offset_folded_into_a_normalisation_is_rounded_twice() -> None:
    """x·(γr) + (β − m·γr) rounds at the size of β twice: more than the one rounding of y·γ + β."""
    links = [word_link(word, "") for word in ("scale", "normalisation", "bias")]
    x, beta = [[0.3, -0.2, 0.9, 0.4]], [[1000.3, 3.7, 511.1, -100.9]]
    made = make_case("n", "identity", "prediction", "float64", x, [[0.0] * 4], [[[1.0] * 4], beta], links=links)
    folded = bounds(Stack((made,))).output.bound[0]
    assert (folded >= 2 * 2.0**-53 * np.abs(np.array(beta))).all()
