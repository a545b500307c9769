"""SiLU, also called swish: σ(x) = x·s(x), with s the sigmoid.

Source: Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", Neural Networks 107, 2018, section 2.
"""

from typing import Any


def value(xp: Any, x: Any) -> Any:
    """σ(x) = x / (1 + e^{-x})."""
    return x / (1 + xp.exp(-x))


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = s(x)·(1 + x·(1 − s(x)))."""
    s = 1 / (1 + xp.exp(-x))
    return s * (1 + x * (1 - s))
