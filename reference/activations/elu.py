"""ELU with α = 1: x for x > 0, e^x − 1 for x ≤ 0; σ' is continuous.

Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear
units", ICLR 2016, section 3.
"""

from typing import Any


def value(xp: Any, x: Any) -> Any:
    """σ(x) = x for x > 0, e^x − 1 for x ≤ 0."""
    return xp.where(x <= 0, xp.expm1(xp.minimum(x, 0)), x)


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = 1 for x > 0, e^x for x ≤ 0."""
    return xp.exp(xp.minimum(x, 0))
