"""How accurately activations are computed: one row each.

No library promises an accuracy for σ or σ'. A row states one that every correct library keeps: the value
is within k·u·s of σ, the derivative within k'·u·s' of σ', where the scales s and s' say what the error is
relative to. (A purely relative k would accuse y·(1 − y), which loses all digits where y rounds to 1.) The
rows were measured on NumPy, torch and JAX; `gradproof scan` measures them again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from harness import envelopes as e
from harness.numbers.running import Floats

NARROW = (4.0, 5.0)
"""k and k' in formats narrower than float32: storage roundings, measured on all 65,536 inputs."""

MEASURED = "measured on NumPy, torch and JAX in float64 and float32"


@dataclass(frozen=True)
class Accuracy:
    """One activation. Functions take float64 arrays; intervals are [lo, hi].

    ``k``, ``scale``: |computed σ − σ| ≤ k·u·scale(x, format). ``k_slope``, ``scale_slope``: the same for σ'.
    ``lipschitz``: sup |σ'| on an interval; ``curvature``: sup |σ''| there, kinks apart. ``reach`` and
    ``reach_slope``: the widths of the ranges of σ and σ'. ``kinks``: where σ' jumps, and by how much.
    ``steepness``: largest |σ'|. ``times_x``: σ itself has a factor x, which scales an underflow in it;
    ``factor_x``: a pullback through σ may multiply by x, which scales an underflow of Δ.
    ``dead_below``: σ and σ' are exactly 0 below it, for every implementation.
    ``piecewise``: σ is linear in pieces of slope 0 or 1, so that neither σ nor σ' is ever rounded.
    """

    k: float
    scale: e.Scale
    k_slope: float
    scale_slope: e.Scale
    lipschitz: e.Interval
    curvature: e.Interval
    reach: float = np.inf
    reach_slope: float = 1.0
    kinks: dict[float, float] = field(default_factory=dict)
    steepness: float = 1.0
    times_x: bool = False
    factor_x: bool = False
    piecewise: bool = False
    dead_below: float = -np.inf
    source: str = MEASURED

    def underflow(self, x: Floats) -> Floats:
        """t(x): how much larger than one underflow the error of σ can be for it."""
        return 1 + np.abs(x) if self.times_x else np.full_like(x, max(1.0, self.steepness))

    def swell(self, x: Floats) -> Floats | float:
        """How much larger than σ' the factors may be that a pullback multiplies Δ by."""
        return 1 + np.abs(x) if self.times_x or self.factor_x else 1.0


ACCURACY: dict[str, Accuracy] = {
    "sigmoid": Accuracy(
        5, e.value_of("sigmoid"), 7, e.value_of("sigmoid"), e.sigmoid_slope, e.sigmoid_curvature,
        reach=1.0, reach_slope=0.25,
    ),
    "relu": Accuracy(
        0, e.zero, 0, e.zero, e.step(0.0, 1.0), e.none, kinks={0.0: 1.0}, piecewise=True,
        source="a comparison and a copy: no rounding",
    ),
    "tanh": Accuracy(
        8, e.value_of("tanh"), 16, e.one, e.tanh_slope, e.tanh_curvature, reach=2.0,
    ),
    "identity": Accuracy(
        0, e.zero, 0, e.zero, e.always(1.0), e.none, reach_slope=0.0, piecewise=True,
        source="a copy: no rounding",
    ),
    "softplus": Accuracy(
        5, e.value_of("softplus"), 4, e.sigmoid_with_input, e.softplus_slope, e.sigmoid_slope,
    ),
    "silu": Accuracy(
        5, e.value_of("silu"), 5, e.sigmoid_with_input, e.silu_slope, e.silu_curvature,
        reach_slope=1.2, steepness=1.1, times_x=True,
    ),
    "gelu": Accuracy(
        7, e.input_above(10.0), 6, e.one, e.gelu_slope, e.gelu_curvature,
        reach_slope=1.26, steepness=1.13, times_x=True,
    ),
    "gelu_tanh": Accuracy(
        5, e.input_above(8.0), 8, e.one_and_square, e.gelu_tanh_slope, e.gelu_tanh_curvature,
        reach_slope=1.26, steepness=1.13, times_x=True,
    ),
    "leaky_relu": Accuracy(
        2, e.value_of("leaky_relu"), 1, e.slope_of("leaky_relu"), e.step(0.01, 1.0), e.none,
        reach_slope=0.99, kinks={0.0: 0.99},
    ),
    "elu": Accuracy(
        7, e.value_of("elu"), 3, e.one, e.elu_slope, e.elu_curvature,
    ),
    "selu": Accuracy(
        8, e.value_of("selu"), 6, e.one, e.selu_slope, e.selu_curvature,
        reach_slope=1.7581, kinks={0.0: 0.70740}, steepness=1.7581,
    ),
    "hardtanh": Accuracy(
        0, e.zero, 0, e.zero, e.between(-1.0, 1.0, 1.0), e.none,
        reach=2.0, kinks={-1.0: 1.0, 1.0: 1.0}, piecewise=True, source="comparisons and a copy: no rounding",
    ),
    "hardsigmoid": Accuracy(
        3, e.value_of("hardsigmoid"), 1, e.slope_of("hardsigmoid"), e.between(-3.0, 3.0, 1 / 6), e.none,
        reach=1.0, reach_slope=1 / 6, kinks={-3.0: 1 / 6, 3.0: 1 / 6}, dead_below=-3.0,
    ),
    "hardswish": Accuracy(
        4, e.value_of("hardswish"), 3, e.one, e.hardswish_slope, e.between(-3.0, 3.0, 1 / 3),
        reach_slope=2.0, kinks={-3.0: 0.5, 3.0: 0.5}, steepness=1.5, times_x=True, dead_below=-3.0,
    ),
    "softsign": Accuracy(
        3, e.value_of("softsign"), 5, e.reciprocal, e.softsign_slope, e.softsign_curvature, reach=2.0,
        factor_x=True,
    ),
}  # fmt: skip
"""One row for each activation in ``reference.activations``."""
