"""SELU: λ·x for x > 0, λα·(e^x − 1) for x ≤ 0.

The slope jumps at 0 from λα to λ; there the left one is taken. Source: Klambauer et al., "Self-normalizing
neural networks", NeurIPS 2017, equation 2, with the constants of its appendix.
"""

from typing import Any

LAMBDA, ALPHA = 1.0507009873554804934, 1.6732632423543772848


def value(xp: Any, x: Any) -> Any:
    """σ(x) = λ·x for x > 0, λα·(e^x − 1) for x ≤ 0."""
    return LAMBDA * xp.where(x <= 0, ALPHA * xp.expm1(xp.minimum(x, 0)), x)


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = λ for x > 0, λα·e^x for x ≤ 0."""
    return LAMBDA * xp.where(x <= 0, ALPHA * xp.exp(xp.minimum(x, 0)), xp.ones_like(x))
