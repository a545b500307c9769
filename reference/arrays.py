"""The namespace ``xp`` for arrays: NumPy's functions by the array API's names, and erfc from SciPy.

Plain numbers stay Python's own, so that they never widen a float32 array.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import abs, exp, expm1, log1p, maximum, minimum, ones_like, tanh, where, zeros_like
from scipy.special import erfc

__all__ = [
    "abs", "erfc", "exp", "expm1", "largest", "log1p", "maximum", "minimum", "ones_like", "padded", "pi", "sqrt",
    "tanh", "where", "windows", "zeros_like",
]  # fmt: skip


def pi() -> float:
    """π; a function, since other kinds of number have it to other precisions."""
    return math.pi


def sqrt(number: Any) -> Any:
    """√, entry by entry; of a plain number, such as the √2 of a formula, a plain number."""
    return math.sqrt(number) if isinstance(number, int | float) else np.sqrt(number)


def largest(x: Any) -> Any:
    """The largest number of each row, (…, 1)."""
    return x.max(axis=-1, keepdims=True)


def windows(x: Any, width: int) -> Any:
    """Every run of ``width`` neighbours in a row: (…, N) → (…, N − width + 1, width)."""
    return np.lib.stride_tricks.sliding_window_view(x, width, axis=-1)


def padded(x: Any, width: int) -> Any:
    """``width`` zeros before and after each row: (…, N) → (…, N + 2·width)."""
    return np.pad(x, [(0, 0)] * (x.ndim - 1) + [(width, width)])
