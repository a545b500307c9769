"""An updated weight taken apart: how much of its error came with ΔW, and how much the update itself made.

W' − (W − α ∂ℰ/∂W) is −α times the error of ΔW, plus the error of the arithmetic W − αΔW. The second is
W' − (W − αΔW) with the backend's own ΔW, computed here without rounding worth the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from cases.case import Case
from harness.beside import Beside
from harness.compare import Standard, difference
from harness.numbers.running import Floats
from harness.returned import Quantity

SPLITTER = 2.0**27 + 1
"""Veltkamp's factor, which splits 53 bits into two halves (Dekker, Numer. Math. 18, 1971)."""


@dataclass(frozen=True)
class Split:
    """Largest error of each kind over the bound of W'; None where there is nothing to take apart."""

    gradient: float | None = None
    arithmetic: float | None = None


UNSPLIT = Split()


def split_of(
    case: Case, layer: int, values: Mapping[Quantity, Any], legal: Iterable[Mapping[Quantity, Standard]]
) -> Split:
    """The two errors of W' of a layer (from 1), of arrays that a backend returned.

    ``legal`` are the standards for each legal derivative on the kinks; the nearest counts.
    """
    W, change, after = case.weights[layer - 1], values.get(("gradient", layer)), values.get(("update", layer))
    arrays = [np.asarray(part) for part in (change, after)]
    if any(part.shape != W.shape or part.dtype != W.dtype for part in arrays):
        return UNSPLIT
    dW, moved = (part.astype(np.float64).reshape(1, -1) for part in arrays)
    made = made_by_update(W.astype(np.float64).reshape(1, -1), case.learning_rate, dW, moved)
    gradient, update = ("gradient", layer), ("update", layer)
    every = [errors(case.learning_rate, dW, made, its[gradient].alone, its[update].alone) for its in legal]
    return nearest([its[0][0] for its in every])


def made_by_update(W: Floats, alpha: float, dW: Floats, moved: Floats) -> Floats:
    """The error that W − αΔW itself made, entry by entry."""
    with np.errstate(all="ignore"):
        return np.abs(residual(W, alpha, dW, moved))


def errors(alpha: float, dW: Floats, made: Floats, gradient: Beside, update: Beside) -> list[list[tuple[float, float]]]:
    """The largest error that came with ΔW, and that of the update itself, over the bound of W'; by layer, then case."""
    with np.errstate(all="ignore"):
        came = abs(alpha) * np.abs(difference(dW, gradient.exact))
        both = (update.largest(np.where(part == 0, 0.0, part / update.bound)) for part in (came, made))
        return [list(zip(*its, strict=True)) for its in zip(*both, strict=True)]


def nearest(found: Sequence[tuple[float, float]]) -> Split:
    """The errors by the legal derivative that is nearest; nothing to take apart where they are no numbers."""
    best = found[0]
    if len(found) > 1:
        best = min(found, key=lambda pair: (not (isfinite(pair[0]) and isfinite(pair[1])), pair[0]))
    return Split(*best) if isfinite(best[0]) and isfinite(best[1]) else UNSPLIT


def residual(W: Floats, alpha: float, dW: Floats, moved: Floats) -> Floats:
    """``moved`` − (W − alpha·dW), each entry off by at most a rounding of itself and of 2⁻¹⁰⁰ of its terms."""
    high, low = product(alpha, dW)
    first, second = total(moved, -W)
    third, fourth = total(first, high)
    return third + (fourth + (second + low))


def product(a: float, b: Floats) -> tuple[Floats, Floats]:
    """a·b as a sum of two float64, exactly where neither leaves the range (Dekker)."""
    (a_part, a_power), (b_part, b_power) = np.frexp(np.asarray(a)), np.frexp(b)
    high = a_part * b_part
    (a_high, a_low), (b_high, b_low) = _halves(a_part), _halves(b_part)
    low = ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low
    power = a_power + b_power
    return np.ldexp(high, power), np.ldexp(low, power)


def total(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """a + b as a sum of two float64, exactly (Knuth, *The Art of Computer Programming*, vol. 2, §4.2.2)."""
    high = a + b
    back = high - a
    return high, (a - (high - back)) + (b - back)


def _halves(a: Floats) -> tuple[Floats, Floats]:
    scaled = SPLITTER * a
    high = scaled - (scaled - a)
    return high, a - high
