"""GELU in its exact form: σ(x) = x·Φ(x), with Φ the normal distribution function.

Φ(x) = ½·erfc(−x/√2), and σ' = Φ + x·φ with φ = e^{-x²/2}/√(2π). Source: Hendrycks and Gimpel, "Gaussian
error linear units", arXiv:1606.08415, section 2.
"""

from typing import Any


def value(xp: Any, x: Any) -> Any:
    """σ(x) = x·Φ(x)."""
    return x * (xp.erfc(-x / xp.sqrt(2)) / 2)


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = Φ(x) + x·φ(x)."""
    return xp.erfc(-x / xp.sqrt(2)) / 2 + x * xp.exp(-x * x / 2) / xp.sqrt(2 * xp.pi())
