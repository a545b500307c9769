"""Bounds of |σ'''| over an interval [lo, hi], beside those of |σ'| and |σ''| in ``harness.envelopes``.

With t = the least |x| in the interval. Each bound holds for every point at least t away from 0, because it never rises
with t; the constants are the largest |σ'''| anywhere. The tests hold them against series of balls.
"""

from __future__ import annotations

import numpy as np

from harness import envelopes as e
from harness.numbers.running import Floats

BENDS = {"elu": (0.0,), "softsign": (0.0,)}
"""Where σ'' jumps though σ' does not: a third derivative stops there."""


def tanh_third(lo: Floats, hi: Floats) -> Floats:
    """tanh x = 2s(2x) − 1, so that σ''' = 16·s'''(2x)."""
    return 16 * sigmoid_third(2 * lo, 2 * hi)


def sigmoid_third(lo: Floats, hi: Floats) -> Floats:
    """s''' = s'(1 − 6s'), and 0 ≤ s' ≤ ¼: at most s', and at most ⅛."""
    return np.minimum(e.sigmoid_slope(lo, hi), 0.125)


def silu_third(lo: Floats, hi: Floats) -> Floats:
    """|3s'' + x·s'''| ≤ (3 + |x|)·s' ≤ (3 + t)e^{-t}, and at most 0.309."""
    t = e.nearest(lo, hi)
    return np.asarray(np.minimum((3 + t) * np.exp(-t), 0.309))


def gelu_third(lo: Floats, hi: Floats) -> Floats:
    """|φ(x)(x³ − 4x)| ≤ φ(t)(t³ + 4t), which falls from t = 1.25 on; at most 0.78."""
    t = np.minimum(e.nearest(lo, hi), 40.0)
    return np.where(t < 1.25, 0.78, np.minimum(e.normal(t) * (t**3 + 4 * t), 0.78))


def gelu_tanh_third(lo: Floats, hi: Floats) -> Floats:
    """x·s(v) with v = 2u: |3(s'v'' + s''v'²) + x(s'v''' + 3s''v'v'' + s'''v'³)|, where |s'|, |s''|, |s'''| ≤ e^{-v}.

    At most 0.81.
    """
    t = np.minimum(e.nearest(lo, hi), 40.0)
    v, dv, ddv = (2 * part for part in e.tanh_argument(t))
    dddv = 2 * np.sqrt(2 / np.pi) * 0.26829
    far = np.exp(-v) * (3 * (ddv + dv**2) + t * (dddv + 3 * dv * ddv + dv**3))
    return np.asarray(np.minimum(far, 0.81))


def softsign_third(lo: Floats, hi: Floats) -> Floats:
    """6/(1 + |x|)⁴."""
    return np.asarray(6 * (1 + e.nearest(lo, hi)) ** -4.0)


THIRDS: dict[str, e.Interval] = {
    "sigmoid": sigmoid_third,
    "relu": e.none,
    "tanh": tanh_third,
    "identity": e.none,
    "softplus": e.sigmoid_curvature,
    "silu": silu_third,
    "gelu": gelu_third,
    "gelu_tanh": gelu_tanh_third,
    "leaky_relu": e.none,
    "elu": e.elu_curvature,
    "selu": e.selu_curvature,
    "hardtanh": e.none,
    "hardsigmoid": e.none,
    "hardswish": e.none,
    "softsign": softsign_third,
}
"""One row for each activation in ``reference.activations``."""
