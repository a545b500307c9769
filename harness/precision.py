"""The one place that knows the formats: roundoff, accumulators, underflow, range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Precision:
    """A floating-point format and how products are accumulated in it (NUMERICS: Symbols).

    ``u`` is the roundoff of storage, half the distance from 1 to the next number; ``u_accumulate`` that of
    accumulators; ``largest`` is Ω, ``smallest_normal`` λ, and ``eta`` the error of one underflow: λ where
    subnormal numbers may be flushed to zero.
    """

    name: str
    bits: int
    dtype: npt.DTypeLike
    largest: float
    smallest_normal: float
    eta: float

    @property
    def u(self) -> float:
        """Roundoff of storage, 2^-bits."""
        return 2.0**-self.bits

    @property
    def u_accumulate(self) -> float:
        """Roundoff of accumulators: that of storage in float64 and float32."""
        return self.u

    @property
    def smallest(self) -> float:
        """The smallest positive (subnormal) number."""
        return self.smallest_normal * 2.0 ** (1 - self.bits)

    @property
    def eta_activation(self) -> float:
        """Underflow inside an activation: a naive e^{-x} overflows before its reciprocal underflows."""
        return max(self.eta, 1.0 / self.largest)

    def spacing(self, magnitude: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """One ulp at ``magnitude``: the distance between neighbouring numbers of the format there."""
        _, exponent = np.frexp(np.maximum(np.abs(magnitude), self.smallest_normal))
        return np.asarray(np.ldexp(1.0, np.minimum(exponent, 1024) - self.bits), dtype=np.float64)


def _ieee(dtype: type[np.floating]) -> Precision:
    info = np.finfo(dtype)
    normal = float(info.smallest_normal)
    return Precision(np.dtype(dtype).name, info.nmant + 1, dtype, float(info.max), normal, normal)


PRECISIONS = {p.name: p for p in (_ieee(np.float64), _ieee(np.float32))}
"""Every precision by the name that cases use."""
