"""Hard tanh: x between −1 and 1, −1 below, 1 above.

The slope jumps at −1 and at 1; there the left one is taken: 0 at −1, 1 at 1. Source: Collobert, "Large scale
machine learning", thesis, Paris VI, 2004, section 2.
"""

from typing import Any


def value(xp: Any, x: Any) -> Any:
    """σ(x) = x, cut off at −1 and 1."""
    return xp.minimum(xp.maximum(x, -1), 1)


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = 1 for −1 < x ≤ 1, 0 elsewhere."""
    inside = xp.where(x <= 1, xp.ones_like(x), xp.zeros_like(x))
    return xp.where(x <= -1, xp.zeros_like(x), inside)
