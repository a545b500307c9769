"""The one place that knows the formats: roundoff, accumulators, underflow, range."""

from __future__ import annotations

from dataclasses import dataclass, replace

import ml_dtypes
import numpy as np
import numpy.typing as npt

EXPONENT = np.int64(0x7FF0000000000000)
"""Those bits of a float64 that say its exponent."""


@dataclass(frozen=True)
class Precision:
    """A floating-point format and how products are accumulated in it (NUMERICS: Symbols).

    ``bits`` of the significand; ``accumulator_bits`` those of sums of products, which are wider than storage
    in narrow formats. ``largest`` is Ω, ``smallest_normal`` λ, and ``eta`` the error of one underflow: λ where
    subnormal numbers may be flushed to zero (``flushes``).
    """

    name: str
    dtype: npt.DTypeLike
    bits: int
    accumulator_bits: int
    largest: float
    smallest_normal: float
    eta: float
    flushes: bool = True

    @property
    def u(self) -> float:
        """Roundoff of storage, half the distance from 1 to the next number."""
        return 2.0**-self.bits

    @property
    def u_accumulate(self) -> float:
        """Roundoff of accumulators."""
        return 2.0**-self.accumulator_bits

    @property
    def u_store(self) -> float:
        """Roundoff of storing a sum: 0 where accumulators are no wider than storage."""
        return self.u if self.accumulator_bits > self.bits else 0.0

    @property
    def exact_bits(self) -> int:
        """Bits in which a sum must fit for every implementation to compute it without rounding."""
        return min(self.bits, self.accumulator_bits)

    @property
    def narrow(self) -> bool:
        """Narrower than float32."""
        return self.bits < 24

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
        normal = np.asarray(np.maximum(np.abs(magnitude), self.smallest_normal), dtype=np.float64)
        power = (normal.view(np.int64) & EXPONENT).view(np.float64)  # what remains is the power of two below
        return np.asarray(np.minimum(power, 2.0**1023) * 2.0 ** (1 - self.bits))

    def accumulating(self, how: str) -> Precision:
        """The same format with other accumulators: "format" (its own), "storage" or "tf32".

        An implementation may say that it adds in storage precision. With TF32, products of float32 numbers
        take their factors rounded to 11 bits, which is less than one rounding to 10 bits for each term.
        """
        if how == "storage":
            return replace(self, accumulator_bits=self.bits)
        if how == "tf32" and self.bits == 24:
            return replace(self, accumulator_bits=10)
        return self


def _wide(dtype: type[np.floating]) -> Precision:
    info = np.finfo(dtype)
    bits, normal = info.nmant + 1, float(info.smallest_normal)
    return Precision(np.dtype(dtype).name, dtype, bits, bits, float(info.max), normal, normal)


PRECISIONS = {
    p.name: p
    for p in (
        _wide(np.float64),
        _wide(np.float32),
        Precision("bfloat16", ml_dtypes.bfloat16, 8, 24, (2 - 2.0**-7) * 2.0**127, 2.0**-126, 2.0**-126),
        Precision("float16", np.float16, 11, 24, 65504.0, 2.0**-14, 2.0**-25, flushes=False),
    )
}
"""Every precision by the name that cases use."""
