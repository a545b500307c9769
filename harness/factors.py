"""What a wrong ΔW shows by itself: that the Δ behind it is wrong, or the h before it.

A ΔW of one sample is h ⊗ Δ (S23). So if its error depends on one of its two indices alone, the factor that has
this index is wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.compare import Standard
from harness.numbers.running import Floats


def wrong_factor(found: Any, standard: Standard, batch: int) -> str:
    """Which factor of h ⊗ Δ is wrong in a wrong ΔW of shape (N_l, N_{l+1}): delta, left, or neither alone: change.

    With several samples they are summed and cannot be told apart, nor can they where all is 0: "summed".
    """
    if batch > 1 or not np.any(found):
        return "summed"
    low, high = quotients(np.asarray(found, np.float64), standard.exact.high, standard.bound)
    if _same(low, high, axis=0):
        return "delta"
    return "left" if _same(low, high, axis=1) else "change"


def quotients(found: Floats, exact: Floats, bound: Floats) -> tuple[Floats, Floats]:
    """Where found / exact may be at each entry, rounding considered; anywhere where the exact value may be 0."""
    with np.errstate(all="ignore"):
        quotient = found / exact
        slack = 2 * bound * (1 + np.abs(quotient)) / np.abs(exact)
        known = (np.abs(exact) > bound) & np.isfinite(quotient)
        return np.where(known, quotient - slack, -np.inf), np.where(known, quotient + slack, np.inf)


def _same(low: Floats, high: Floats, axis: int) -> bool:
    """Whether one ratio may hold along an axis, wherever the entry along the other is."""
    return bool(np.all(low.max(axis=axis) <= high.min(axis=axis)))
