"""GELU in its tanh form: σ(x) = ½x·(1 + tanh u), u = √(2/π)·(x + 0.044715 x³).

An approximation of `gelu`, off by up to 5e-4; a different function, so the two must not be mixed. Source:
Hendrycks and Gimpel, "Gaussian error linear units", arXiv:1606.08415, section 2.
"""

from typing import Any

CUBIC = 0.044715


def inner(xp: Any, x: Any) -> Any:
    """u = √(2/π)·(x + 0.044715 x³)."""
    return xp.sqrt(2 / xp.pi()) * (x + CUBIC * (x * x * x))


def value(xp: Any, x: Any) -> Any:
    """σ(x) = ½x·(1 + tanh u)."""
    return x * ((1 + xp.tanh(inner(xp, x))) / 2)


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = ½(1 + tanh u) + ½x·(1 − tanh² u)·u'."""
    t = xp.tanh(inner(xp, x))
    p = x * (1 - t * t)  # 0 far out, before anything can overflow
    return (1 + t) / 2 + xp.sqrt(2 / xp.pi()) * (p + 3 * (CUBIC * (p * x * x))) / 2
