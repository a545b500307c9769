"""Sigmoid (S3): σ(x) = 1 / (1 + e^{-x}).

Its derivative is σ(x)·(1 − σ(x)). Where σ(x) rounds to 1 the difference is 0: the derivative is accurate
to a few roundings of σ, not of itself. Source: the deck, S3; the derivative by the quotient rule.
"""

from typing import Any


def value(xp: Any, x: Any) -> Any:
    """σ(x) = 1 / (1 + e^{-x})."""
    return 1 / (1 + xp.exp(-x))


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = y·(1 − y), with y = σ(x)."""
    return y * (1 - y)
