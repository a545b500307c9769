"""The namespace ``xp`` for arrays: NumPy's functions by the array API's names, and erfc from SciPy.

Plain numbers stay Python's own, so that they never widen a float32 array.
"""

from __future__ import annotations

import math

from numpy import abs, exp, expm1, log1p, maximum, minimum, ones_like, tanh, where, zeros_like
from scipy.special import erfc

__all__ = [
    "abs", "erfc", "exp", "expm1", "log1p", "maximum", "minimum", "ones_like", "pi", "sqrt", "tanh", "where",
    "zeros_like",
]  # fmt: skip


def pi() -> float:
    """π; a function, since other kinds of number have it to other precisions."""
    return math.pi


def sqrt(number: float) -> float:
    """Square root of a plain number, such as the √2 of a formula."""
    return math.sqrt(number)
