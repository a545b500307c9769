"""A stream of numbers that stays the same whatever the version of NumPy.

NumPy promises the raw output of a bit generator, not what its distributions make of it. So everything here
is made from raw 64-bit words by exact operations: no logarithm, no cosine, no library in between.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
T = TypeVar("T")


class Stream:
    """Random numbers from a seed and a label; two labels give independent streams."""

    def __init__(self, seed: int, *label: object) -> None:
        digest = hashlib.sha256(repr((seed, *map(str, label))).encode()).digest()
        self._bits = np.random.PCG64(int.from_bytes(digest[:16], "little"))

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Floats:
        """Numbers evenly in [low, high), of the given shape; ``low`` and ``high`` may be any floats."""
        raw = self._bits.random_raw(max(math.prod(shape), 1))
        unit = (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return (low + (high - low) * unit[: math.prod(shape)]).reshape(shape)

    def integers(self, low: int, high: int, *shape: int) -> npt.NDArray[np.int64]:
        """Whole numbers from ``low`` to ``high``, both included."""
        return np.floor(self.uniform(*shape, low=low, high=high + 1)).astype(np.int64)

    def integer(self, low: int, high: int) -> int:
        """One whole number from ``low`` to ``high``, both included."""
        return int(self.integers(low, high, 1)[0])

    def choice(self, options: Sequence[T]) -> T:
        """One of ``options``."""
        return options[self.integer(0, len(options) - 1)]

    def signs(self, *shape: int) -> Floats:
        """−1 or 1."""
        return np.where(self.uniform(*shape) < 0.5, -1.0, 1.0)

    def exponents(self, low: int, high: int, *shape: int) -> Floats:
        """Numbers of random sign whose binary exponents are even in low … high."""
        mantissa = self.uniform(*shape, low=1.0, high=2.0) * self.signs(*shape)
        return np.ldexp(mantissa, self.integers(low, high, *shape))
