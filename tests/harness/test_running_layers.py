"""What the rules of the layers' bounds rest on: how accurate e^x, ln x and 1/√x are where they are computed."""

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

from harness.backends.jax import SIXTY_FOUR
from harness.numbers.running_layers import EXPONENTIAL, ROOT
from harness.precision import PRECISIONS
from reference.layers.normalisation import EPSILON

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
