"""The truth of a scan: σ and σ' at points, known far below a ulp of the format, so that errors in ulps are right.

Narrower formats than float64 are held against the float64 formula with its own accuracy row, which is 2^29 times
finer. It is so where the row is relative; where it is absolute, far out, formulas lose digits in float64 too. There,
and for float64, the truth are balls, with more digits where those that they begin with cancel.
"""

from __future__ import annotations

from collections.abc import Sequence

import flint
import numpy as np

from harness import envelopes
from harness.accuracy import ACCURACY
from harness.nodes import sigma
from harness.numbers.running import Floats, Mask
from harness.precision import PRECISIONS, Precision
from harness.truth import FAR_BELOW, Exact, split

BITS = (256, 4400)
"""Bits of the balls; the last are enough for 1 + tanh u to be told from 0 at −10^3, and 1/x² from 0 at 10^308."""

SMALLEST = 2.0**-1074
"""The smallest positive float64: no radius is written smaller."""


def exact(activation: str, x: Floats, precision: Precision) -> tuple[Exact, Exact]:
    """σ and σ' at ``x``; the radius is far below a ulp of ``precision``, or the smallest float64."""
    its = PRECISIONS["float64"]
    found = _unknown(x) if precision.bits == its.bits else _by_float64(activation, x, its)
    for bits in BITS:
        loose = _loose(found[0], precision) | _loose(found[1], precision)
        if loose.any():
            found = _replaced(found, loose, _by_balls(activation, x[loose], bits))
    return found


def _unknown(x: Floats) -> tuple[Exact, Exact]:
    nothing = Exact(np.zeros_like(x), np.zeros_like(x), np.full_like(x, np.inf))
    return nothing, nothing


def _by_float64(activation: str, x: Floats, its: Precision) -> tuple[Exact, Exact]:
    """The float64 formulas, which the float64 scan holds against balls, with their own error as radius."""
    row, zero = ACCURACY[activation], np.zeros_like(x)
    tiny = 0.0 if row.piecewise else 2.0**-1021
    value, slope = envelopes.value(activation, x), envelopes.slope(activation, x)
    return (
        Exact(value, zero, row.k * its.u * row.scale(x, its) + tiny),
        Exact(slope, zero, row.k_slope * its.u * row.scale_slope(x, its) + tiny),
    )


def _by_balls(activation: str, x: Floats, bits: int) -> tuple[Exact, Exact]:
    with flint.ctx.workprec(bits):
        pairs = [sigma(activation, flint.arb(v)) for v in x.tolist()]
        return _split([value for value, _ in pairs]), _split([slope for _, slope in pairs])


def _split(balls: Sequence[flint.arb]) -> Exact:
    column = split(flint.arb_mat(len(balls), 1, list(balls)))
    return Exact(column.high[:, 0], column.low[:, 0], column.radius[:, 0])


def _loose(found: Exact, precision: Precision) -> Mask:
    """Where the radius is neither far below a ulp nor as small as one can be."""
    with np.errstate(all="ignore"):
        fine = FAR_BELOW * precision.spacing(found.high + found.low)
    return np.asarray(~(found.radius <= np.maximum(fine, SMALLEST)))


def _replaced(old: Sequence[Exact], at: Mask, new: Sequence[Exact]) -> tuple[Exact, Exact]:
    value, slope = (Exact(*map(np.copy, (one.high, one.low, one.radius))) for one in old)
    for one, better in zip((value, slope), new, strict=True):
        one.high[at], one.low[at], one.radius[at] = better.high, better.low, better.radius
    return value, slope
