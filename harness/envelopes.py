"""Bounds of |σ'| and |σ''| over an interval [lo, hi], and the scales that accuracies are relative to.

Each is the least upper bound, or an upper bound that falls away from 0 as fast as the function does. With
t = the least |x| in the interval: (1 + t)e^{-t}, (2 + t)e^{-t}, φ(t)(2 + t²) and the two of `gelu_tanh` never
rise with t, so their values at t hold for the whole interval.

A scale says what an error at x is relative to, in a format. Scales that grow with |x| end where the function
is settled: 1 − sigmoid, 1 − tanh u and 1 − erf are then rounded to 0 by every library, and with them goes the
difference that x would multiply. Without an end the row of σ' = 1 at x = 1000 would be 10^6 wide, and a
gradient that is wrong by half would pass for rounding. (The interval of an x that is not exactly known reaches
back as far as its error: the sup of |σ''| there is more than what the scale has lost.)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harness.numbers.running import Floats
from harness.precision import Precision
from reference import arrays
from reference.activations import Formula

Interval = Callable[[Floats, Floats], Floats]
Scale = Callable[[Floats, Precision], Floats]


def value(name: str, x: Floats) -> Floats:
    """σ(x) in float64."""
    with np.errstate(all="ignore"):
        return np.asarray(Formula(name, arrays).value(x))


def slope(name: str, x: Floats) -> Floats:
    """σ'(x) in float64."""
    with np.errstate(all="ignore"):
        return np.asarray(Formula(name, arrays).derivative(x, value(name, x)))


def zero(x: Floats, precision: Precision) -> Floats:
    """0: no rounding at all."""
    return np.zeros_like(x)


def one(x: Floats, precision: Precision) -> Floats:
    """1: an absolute accuracy."""
    return np.ones_like(x)


def value_of(name: str) -> Scale:
    """|σ(x)|: a relative accuracy."""
    return lambda x, precision: np.abs(value(name, x))


def slope_of(name: str) -> Scale:
    """|σ'(x)|: a relative accuracy."""
    return lambda x, precision: np.abs(slope(name, x))


def input_above(settled: float) -> Scale:
    """|x|, an absolute accuracy of Φ; below −settled, where Φ is rounded to 0, e^x (and |σ| < e^x).

    In narrow formats below −5.
    """
    return lambda x, precision: np.where(
        x > -(5.0 if precision.narrow else settled), np.abs(x), np.exp(np.minimum(x, 0.0))
    )


def sigmoid_with_input(x: Floats, precision: Precision) -> Floats:
    """(1 + g)·sigmoid(x); g is −x below 0, as in e^x of a rounded x, and x/2 above, as in x·(1 − sigmoid).

    It ends at 40, where the sigmoid has been 1 from 37 on; in narrow formats at 10.
    """
    growth = np.where(x < 0, -x, np.where(x < (10.0 if precision.narrow else 40.0), x / 2, 0.0))
    return np.asarray((1 + growth) * value("sigmoid", x))


def one_and_square(x: Floats, precision: Precision) -> Floats:
    """1 + x², as in x·u'·(1 − tanh² u); 1 from |x| = 8 on.

    There tanh u is 1 in every library: from 7.5 on in float64, and XLA's in float32 without fused
    multiply-add, 1 − u long before, from u = 20 or |x| = 7.39 on. In narrow formats it is 1 from 4 on, and
    nothing measured there (JAX's jvp in float16 comes nearest) needs more than half of 1 + min(x², 3).
    """
    t = np.minimum(np.abs(x), 8.0)
    return np.asarray(1 + np.where(t < 8, np.minimum(t * t, 3.0 if precision.narrow else 64.0), 0.0))


def reciprocal(x: Floats, precision: Precision) -> Floats:
    """1 / (1 + |x|)."""
    return np.asarray(1 / (1 + np.abs(x)))


def none(lo: Floats, hi: Floats) -> Floats:
    """0: straight between its kinks."""
    return np.zeros_like(lo)


def always(bound: float) -> Interval:
    """The same bound everywhere."""
    return lambda lo, hi: np.full_like(lo, bound)


def step(below: float, above: float) -> Interval:
    """``below`` for intervals in x ≤ 0, ``above`` for others."""
    return lambda lo, hi: np.where(hi > 0, above, below)


def between(left: float, right: float, inside: float) -> Interval:
    """``inside`` for intervals that meet [left, right], 0 for others."""
    return lambda lo, hi: np.where((hi >= left) & (lo <= right), inside, 0.0)


def nearest(lo: Floats, hi: Floats) -> Floats:
    """t: the least |x| in the interval."""
    return np.where((lo <= 0) & (hi >= 0), 0.0, np.minimum(np.abs(lo), np.abs(hi)))


def _right(hi: Floats) -> Floats:
    """t for the part of an interval below 0; 0 where it reaches above."""
    return np.maximum(-hi, 0.0)


def normal(t: Floats) -> Floats:
    """φ(t)."""
    return np.asarray(np.exp(-t * t / 2) / np.sqrt(2 * np.pi))


def sigmoid_slope(lo: Floats, hi: Floats) -> Floats:
    """σ' is even and falls away from 0."""
    q = np.exp(-nearest(lo, hi))
    return np.asarray(q / (1 + q) ** 2)


def sigmoid_curvature(lo: Floats, hi: Floats) -> Floats:
    """|σ''| = σ'·|1 − 2σ| ≤ σ', and at most 1/(6√3)."""
    return np.minimum(sigmoid_slope(lo, hi), 0.0962251)


def tanh_slope(lo: Floats, hi: Floats) -> Floats:
    """1/cosh² = 4·sigmoid'(2x)."""
    return 4 * sigmoid_slope(2 * lo, 2 * hi)


def tanh_curvature(lo: Floats, hi: Floats) -> Floats:
    """|σ''| = 2|tanh|/cosh² ≤ 2/cosh², and at most 4/(3√3)."""
    return np.minimum(2 * tanh_slope(lo, hi), 0.7698004)


def softplus_slope(lo: Floats, hi: Floats) -> Floats:
    """The sigmoid, which rises."""
    return value("sigmoid", hi)


def silu_slope(lo: Floats, hi: Floats) -> Floats:
    """At most 1.1; below 0, |s + x·s'| ≤ (1 + |x|)e^{x}."""
    t = _right(hi)
    return np.minimum((1 + t) * np.exp(-t), 1.0) * np.where(hi < 0, 1.0, 1.1)


def silu_curvature(lo: Floats, hi: Floats) -> Floats:
    """|s'·(2 + x(1 − 2s))| ≤ (2 + |x|)e^{-|x|}, and at most ½."""
    t = nearest(lo, hi)
    return np.minimum((2 + t) * np.exp(-t), 0.5)


def gelu_slope(lo: Floats, hi: Floats) -> Floats:
    """At most 1.13; below 0, Φ + |x|φ ≤ φ(t)(t + 1.2534), which falls for t > 0.56 and is at most 0.62."""
    t = _right(hi)
    below = np.where(t < 0.56, 0.62, normal(t) * (t + 1.2534))
    return np.where(hi < 0, below, 1.13)


def gelu_curvature(lo: Floats, hi: Floats) -> Floats:
    """|φ(x)(2 − x²)| ≤ φ(t)(2 + t²), and at most 2φ(0)."""
    t = np.minimum(nearest(lo, hi), 40.0)
    return np.asarray(np.minimum(normal(t) * (2 + t * t), 0.7979))


def tanh_argument(t: Floats) -> tuple[Floats, Floats, Floats]:
    """u, u', u'' of the tanh form at t ≥ 0."""
    c = np.sqrt(2 / np.pi)
    return c * (t + 0.044715 * t**3), c * (1 + 0.134145 * t * t), np.asarray(c * 0.26829 * t)


def gelu_tanh_slope(lo: Floats, hi: Floats) -> Floats:
    """At most 1.13; below 0, with s = sigmoid(2u), |s + x·s'·2u'| ≤ e^{-2u}(1 + 2tu')."""
    t = np.minimum(_right(hi), 40.0)
    u, du, _ = tanh_argument(t)
    return np.where(hi < 0, np.minimum(np.exp(-2 * u) * (1 + 2 * t * du), 1.13), 1.13)


def gelu_tanh_curvature(lo: Floats, hi: Floats) -> Floats:
    """|4u's' + x(4u'²s'' + 2u''s')| ≤ e^{-2u}(4u' + 4tu'² + 2tu''), and at most 0.81."""
    t = np.minimum(nearest(lo, hi), 40.0)
    u, du, ddu = tanh_argument(t)
    return np.minimum(np.exp(-2 * u) * (4 * du + 4 * t * du * du + 2 * t * ddu), 0.81)


def elu_slope(lo: Floats, hi: Floats) -> Floats:
    """e^x below 0, 1 above."""
    return np.asarray(np.exp(np.minimum(hi, 0.0)))


def elu_curvature(lo: Floats, hi: Floats) -> Floats:
    """e^x below 0, 0 above."""
    return np.where(lo > 0, 0.0, elu_slope(lo, hi))


def selu_slope(lo: Floats, hi: Floats) -> Floats:
    """λα·e^x below 0, λ above."""
    return np.where(lo > 0, 1.0508, 1.7581 * elu_slope(lo, hi))


def selu_curvature(lo: Floats, hi: Floats) -> Floats:
    """λα·e^x below 0, 0 above."""
    return np.asarray(1.7581 * elu_curvature(lo, hi))


def hardswish_slope(lo: Floats, hi: Floats) -> Floats:
    """0 below −3, at most 3/2 up to 3, 1 above."""
    return np.where(hi < -3, 0.0, np.where(lo > 3, 1.0, 1.5))


def softsign_slope(lo: Floats, hi: Floats) -> Floats:
    """1/(1 + |x|)²."""
    return np.asarray((1 + nearest(lo, hi)) ** -2.0)


def softsign_curvature(lo: Floats, hi: Floats) -> Floats:
    """2/(1 + |x|)³."""
    return np.asarray(2 * (1 + nearest(lo, hi)) ** -3.0)
