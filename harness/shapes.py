"""The exhibit ``shapes``: the curves of σ and σ' of each activation, for the small drawings in a report."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from harness.accuracy import ACCURACY
from reference import arrays
from reference.activations import FORMULAS, Formula

ENDS = (-4.0, 4.0)
"""Where the curves begin and end."""

STEPS = 10
"""Points for each unit of x."""


def exhibit(activations: Iterable[str]) -> list[dict[str, Any]]:
    """One object an activation: its curves in pieces, between the kinks where σ' jumps."""
    return [
        {"activation": name, "pieces": [_piece(name, low, high) for low, high in _intervals(name)]}
        for name in dict.fromkeys(activations)
        if name in FORMULAS
    ]


def _intervals(name: str) -> Iterable[tuple[float, float]]:
    kinks = sorted(kink for kink in ACCURACY[name].kinks if ENDS[0] < kink < ENDS[1])
    return pairwise([ENDS[0], *kinks, ENDS[1]])


def _piece(name: str, low: float, high: float) -> dict[str, list[float]]:
    """x, σ(x) and σ'(x) from just above ``low`` to just below ``high``, to four decimals."""
    x = np.linspace(low, high, round((high - low) * STEPS) + 1)
    x[0], x[-1] = np.nextafter(low, high), np.nextafter(high, low)
    formula = Formula(name, arrays)
    value = formula.value(x)
    columns = {"x": x, "value": value, "derivative": formula.derivative(x, value)}
    return {what: [round(float(number), 4) + 0.0 for number in numbers] for what, numbers in columns.items()}
