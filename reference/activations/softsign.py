"""Softsign: σ(x) = x / (1 + |x|).

Source: Turian, Bergstra and Bengio, "Quadratic features and deep architectures for chunking", NAACL 2009.
"""

from typing import Any


def value(xp: Any, x: Any) -> Any:
    """σ(x) = x / (1 + |x|)."""
    return x / (1 + xp.abs(x))


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = 1 / (1 + |x|)²."""
    d = 1 + xp.abs(x)
    return 1 / (d * d)
