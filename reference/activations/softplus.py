"""Softplus: σ(x) = ln(1 + e^x), a smooth ReLU; σ' is the sigmoid.

Written as max(x, 0) + ln(1 + e^{-|x|}), which never overflows. Source: Dugas et al., "Incorporating
second-order functional knowledge", NIPS 2000, section 2.
"""

from typing import Any


def value(xp: Any, x: Any) -> Any:
    """σ(x) = ln(1 + e^x)."""
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = 1 / (1 + e^{-x})."""
    return 1 / (1 + xp.exp(-x))
