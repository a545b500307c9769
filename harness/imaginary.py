"""The complex step: where it applies, and how far Im ℰ(w + ih)/h may be from ∂ℰ/∂w.

A running error analysis of that very route, weight by weight: it carries each weight's own tangent through the forward
pass, and so sums over all paths from it, as the route does. That needs as many lanes as there are weights.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cases.case import Array, Case
from harness.bound import INFLATION
from harness.lanes import Site, network, sites
from harness.numbers.running import Floats, Running, given
from harness.numbers.running_sigma import RunningSigma
from harness.numbers.tangents import Tangent, TangentSigma, changed, real
from harness.precision import PRECISIONS
from harness.stack import Stack
from reference.network import forward

ANALYTIC = ("sigmoid", "tanh", "identity", "silu", "gelu", "gelu_tanh")
"""Activations whose formulas in ``reference/`` are analytic as they are written: no maximum, |x| or comparison.

Their σ' by a complex step is as accurate as their accuracy row says: largest k' of NumPy and SciPy over the
points of the scan, in float64 and float32, where nothing underflows: sigmoid 2.8, tanh 1.5, silu 3.4, gelu 4.0,
gelu (tanh) 1.3.
"""


def complex_step_bound(stack: Stack) -> tuple[Floats, ...]:
    """How far the complex step may be from the gradient, for every layer (K, N_l, N_{l+1})."""
    found = [steps(case) for case in stack.cases]
    return tuple(np.stack(layer) for layer in zip(*found, strict=True))


@lru_cache(maxsize=4096)
def steps(case: Case, added: bool = False) -> tuple[Floats, ...]:
    """The bounds of one case, (N_l, N_{l+1}) each, or with ``added`` those of every Δ^l, (B, N_l)."""
    with np.errstate(all="ignore"):
        return tuple(_bound(site) for site in sites(case, added))


def _bound(site: Site) -> Floats:
    precision = PRECISIONS[site.case.dtype]

    def number(values: Array) -> Tangent:
        return real(values, precision)

    found, index = [], np.arange(site.values.size)
    for chunk in site.chunks(index.size):
        moved = changed(site.values[None], site.marks(index[chunk]), precision)
        its: Tangent = site.total_error(TangentSigma, number, moved)
        found.append(np.where(its.real.range, np.inf, its.slope.delta * INFLATION))
    return np.concatenate(found).reshape(site.values.shape)


def outside(case: Case) -> str | None:
    """Why e^{-x} or x³ overflows, for infinity times 0 is NaN in complex arithmetic; None where it does not."""
    precision = PRECISIONS[case.dtype]
    with np.errstate(all="ignore"):
        weights = [given(w[None], precision) for w in case.weights]
        run = forward(network(case, RunningSigma), weights, given(case.x[None], precision))
    names = [case.activation] * (len(weights) - 1) + (["sigmoid"] if case.task == "classification" else [])
    for name, I in zip(names, run.I[1:], strict=False):
        if name in ("sigmoid", "silu") and not _lowest(I) > -np.log(precision.largest):
            return f"e^{{-x}} of {name} overflows, and complex arithmetic then gives NaN"
        if name == "gelu_tanh" and not float(I.magnitude.max()) < np.cbrt(precision.largest) / 2:
            return "x³ of gelu_tanh overflows, and complex arithmetic then gives NaN"
    return None


def _lowest(I: Running) -> float:
    return float((I.value - 2 * I.delta).min())
