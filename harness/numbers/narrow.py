"""Arrays in formats narrower than float32: computed in float32, rounded after each operation.

That is what torch and JAX do on a CPU. NumPy and ml_dtypes by themselves do not: ``bfloat16 @ bfloat16`` and
``bfloat16 * 2.0`` give float32, and float16 sums are accumulated in float16.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cases.case import Array

Float32s = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Narrow:
    """``values``, float32 numbers that are numbers of ``dtype``, under the operators of ``reference/``."""

    values: Float32s
    dtype: Any

    @classmethod
    def of(cls, array: Array) -> Narrow:
        """From an array of a narrow dtype."""
        return cls(array.astype(np.float32), array.dtype)

    def array(self) -> Array:
        """As an array of its dtype."""
        return self.values.astype(self.dtype)

    def _round(self, values: Any) -> Narrow:
        return Narrow(np.asarray(values, np.float32).astype(self.dtype).astype(np.float32), self.dtype)

    def _operand(self, other: Any) -> Any:
        return other.values if isinstance(other, Narrow) else np.float32(other)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.values.shape

    @property
    def mT(self) -> Narrow:
        """The transpose of the last two axes."""
        return Narrow(self.values.mT, self.dtype)

    def __matmul__(self, other: Narrow) -> Narrow:
        return self._round(self.values @ other.values)

    def __add__(self, other: Any) -> Narrow:
        return self._round(self.values + self._operand(other))

    def __sub__(self, other: Any) -> Narrow:
        return self._round(self.values - self._operand(other))

    def __rsub__(self, other: Any) -> Narrow:
        return self._round(self._operand(other) - self.values)

    def __mul__(self, other: Any) -> Narrow:
        return self._round(self.values * self._operand(other))

    def __truediv__(self, other: Any) -> Narrow:
        return self._round(self.values / self._operand(other))

    def __rtruediv__(self, other: Any) -> Narrow:
        return self._round(self._operand(other) / self.values)

    def __neg__(self) -> Narrow:
        return Narrow(-self.values, self.dtype)

    def __le__(self, other: float) -> npt.NDArray[np.bool_]:
        return np.asarray(self.values <= other)

    __radd__, __rmul__ = __add__, __mul__

    def sum(self, axis: tuple[int, ...]) -> Narrow:
        """Sum over ``axis``, accumulated in float32."""
        return self._round(self.values.sum(axis=axis))


@dataclass(frozen=True)
class RoundedOnce:
    """An activation evaluated in float32 and rounded once, as a narrow library function does."""

    sigma: Any

    def value(self, x: Narrow) -> Narrow:
        """σ(x)."""
        return x._round(self.sigma.value(x.values))

    def derivative(self, x: Narrow, y: Narrow) -> Narrow:
        """σ'(x), from x alone."""
        return x._round(self.sigma.derivative(x.values, self.sigma.value(x.values)))
