"""Leaky ReLU: x for x > 0, 0.01·x for x ≤ 0.

At 0 the slope is taken as the left one, as for `relu`. Source: Maas, Hannun and Ng, "Rectifier
nonlinearities improve neural network acoustic models", ICML 2013, section 2.
"""

from typing import Any

SLOPE = 0.01


def value(xp: Any, x: Any) -> Any:
    """σ(x) = x for x > 0, 0.01·x for x ≤ 0."""
    return xp.where(x <= 0, SLOPE * x, x)


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = 1 for x > 0, 0.01 for x ≤ 0."""
    return xp.where(x <= 0, SLOPE * xp.ones_like(x), xp.ones_like(x))
