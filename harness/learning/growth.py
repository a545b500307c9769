"""How far rounding may carry a run away from the exact trajectory, to first order (NUMERICS: Training).

One step of S13 takes an error d of the weights to (I − αH)d, H being the Hessian of the total error, and adds
its own rounding, at most the bound of the update. So after t steps a weight is off by at most

    Σ_s |(I − αH_{t−1}) ⋯ (I − αH_{s+1})| b_s

with the Hessians and bounds on the exact trajectory. What is left out are products of errors: it is no proof.
"""

from __future__ import annotations

import numpy as np

from cases.case import DTYPES, Case
from harness.backends import Backend
from harness.learning.path import flat, layered
from harness.learning.training import at_weights
from harness.modes import bounds_in
from harness.numbers.running import Floats
from harness.stack import Stack
from reference import arrays
from reference.activations import Formula
from reference.backward import backward
from reference.network import Network, forward

TINY = 1e-30
"""Length of a complex step: its square is lost beside 1, so that nothing is subtracted and nothing cancels."""

ANALYTIC = ("sigmoid", "tanh", "identity", "softplus", "silu", "gelu_tanh")
"""Activations whose formulas also run on complex numbers."""


def hessians(case: Case, rows: Floats) -> Floats:
    """The Hessian of the total error at each row of all weights: (T, n) → (T, n, n), in float64.

    By a complex step through the text of ``reference/``: ∂ΔW/∂w_j = Im ΔW(W + i·h·e_j) / h (Squire & Trapp,
    SIAM Review 40, 1998), all directions of all steps stacked. Raises ValueError where σ is not analytic.
    """
    if case.activation not in ANALYTIC:
        raise ValueError(f"{case.activation} has no complex step; there are {', '.join(ANALYTIC)}")
    T, n = rows.shape
    output = Formula("sigmoid", arrays) if case.task == "classification" else None
    network = Network(Formula(case.activation, arrays), output)
    stepped = (rows[:, None, :] + 1j * TINY * np.eye(n)).reshape(T * n, n)
    weights = layered(stepped, case)
    x, target = case.x.astype(np.complex128), case.target.astype(np.float64)
    with np.errstate(all="ignore"):
        gradients = backward(network, weights, forward(network, weights, x), target).gradients
    return flat([gradient.imag for gradient in gradients]).reshape(T, n, n) / TINY


Kind = tuple[str, str]
"""How a backend adds products, and how it differentiates: what its bound depends on."""


def kind_of(backend: Backend) -> Kind:
    """What a backend says of itself; the common kind where it says nothing."""
    return str(getattr(backend, "accumulates", "format")), str(getattr(backend, "mode", "reverse"))


def local_bounds(case: Case, rows: Floats, kind: Kind = ("format", "reverse")) -> Floats:
    """The bound of one update at each row of all weights, (T, n): b_s, in the case's dtype."""
    accumulates, mode = kind
    with np.errstate(all="ignore"):
        states = zip(*(w.astype(DTYPES[case.dtype]) for w in layered(rows, case)), strict=True)
        stack = Stack(tuple(at_weights(case, states)))
        found = bounds_in(mode, stack, "left", stack.precision.accumulating(accumulates)).updated
    return flat([limit.bound for limit in found])


def predicted(of: Floats, alpha: float, local: Floats) -> Floats:
    """Σ_s |Π(I − αH)| b_s for each weight after t = 0 … T steps, (A, T+1, n), 0 at the start.

    ``of`` are the Hessians (T, n, n), ``local`` (A, T, n) bounds of the single steps, for A ways to round. The
    running products of all starts s lie side by side, so that one matrix product a step carries them on.
    """
    T, n = of.shape[:2]
    sums, carried = np.zeros((len(local), T + 1, n)), np.empty((n, T, n))
    with np.errstate(all="ignore"):
        for t in range(T):
            step = np.eye(n) - alpha * of[t]
            carried[:, :t] = (step @ carried[:, :t].reshape(n, t * n)).reshape(n, t, n)
            carried[:, t] = np.eye(n)
            sums[:, t + 1] = np.einsum("isj,asj->ai", np.abs(carried[:, : t + 1]), local[:, : t + 1])
    return np.where(np.isnan(sums), np.inf, sums)


def sharpness(of: Floats, alpha: float) -> Floats:
    """α times the largest eigenvalue of each Hessian, (T,): descent is stable where this is below 2."""
    finite = np.isfinite(of).all(axis=(1, 2))
    found = np.full(len(of), np.nan)
    found[finite] = alpha * np.linalg.eigvalsh(of[finite])[:, -1]
    return found
