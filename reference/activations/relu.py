"""ReLU (S4): x for x > 0, 0 for x ≤ 0.

Its derivative is 1 for x > 0 and 0 for x < 0. At 0 the deck states the value, not the derivative; as S4
puts 0 on the ≤ side, the derivative there is taken as 0, the left one. Source: the deck, S4.
"""

from typing import Any


def value(xp: Any, x: Any) -> Any:
    """σ(x) = x for x > 0, 0 for x ≤ 0."""
    return xp.where(x <= 0, xp.zeros_like(x), x)


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = 1 for x > 0, 0 for x ≤ 0."""
    return xp.where(x <= 0, xp.zeros_like(x), xp.ones_like(x))
