"""The axes of the plots of scans: bins of x across, errors in ulps upwards.

Upwards it is twice logarithmic, log₂(1 + log₂(1 + ulps)): so that half a ulp can be told from one, and there is
room for 2⁵³ of them, from where on no digit is right. What is no number lies above that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reports.scan_errors import Format

WIDTH, HEIGHT = 280, 143
LEFT, ACROSS, FLOOR = 34, 240, 121
"""Size of a plot, where its frame begins, how wide that is, and where 0 ulp is."""

STEP = 2
"""Height of a level."""

LEVELS, NONFINITE = 48, 54
"""The level from which no digit is right, and that of NaN and infinities."""

LETTER, LINE = 6.2, 11.0
"""Width of a letter, about, and height of a line."""

_ULPS = (0.0, 0.5, 2.0, 10.0, 1e3, 1e6, 1e2, 1.0)
"""Marks upwards, as far as there is room; the first ones first."""

_TENS = (1, -5, -1, 0, 2)
"""Powers of ten across, likewise."""


@dataclass(frozen=True)
class Axes:
    """What all plots of a precision share: ``marks`` are (y, label), ``ticks`` (x, middle of the label, label)."""

    bins: int
    marks: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, float, str], ...]


def level(ulps: float, bits: int) -> int:
    """How high an error is drawn."""
    if not math.isfinite(ulps):
        return NONFINITE
    return min(round(_height(ulps, bits)), LEVELS)


def axes(its: Format) -> Axes:
    """The axes of a precision."""
    return Axes(its.bins, tuple(_marks(its.bits)), tuple(_ticks(its)))


def _height(ulps: float, bits: int) -> float:
    return LEVELS * _twice(ulps) / _twice(2.0**bits)


def _twice(ulps: float) -> float:
    return math.log2(1 + math.log2(1 + max(ulps, 0.0)))


def _marks(bits: int) -> Iterable[tuple[float, str]]:
    top = f"2{str(bits).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    taken = [float(LEVELS), float(NONFINITE)]
    yield FLOOR - STEP * LEVELS, top
    yield FLOOR - STEP * NONFINITE, "NaN"
    for ulps in _ULPS:
        height = _height(ulps, bits)
        if height < LEVELS and all(abs(height - other) * STEP >= LINE - 1 for other in taken):
            taken.append(height)
            yield round(FLOOR - STEP * height, 1), _short(ulps)


def _ticks(its: Format) -> Iterable[tuple[float, float, str]]:
    """0, the last power of ten on either side, and powers between as far as there is room."""
    last = math.floor(its.exponents[-1] * math.log10(2))
    kept = [_Tick(0.0, 0.0, "0")]
    for ten in (last, *_TENS):
        text = _short(10.0**ten)
        x = _place(ten / math.log10(2), its.exponents) * ACROSS / its.bins
        tick = _Tick(x, min(x, ACROSS / 2 - LETTER * len(text) / 2), text)
        if all(tick.clear_of(other) for other in kept):
            kept.append(tick)
    middle = LEFT + ACROSS / 2
    for tick in kept:
        yield round(middle + tick.x, 1), round(middle + tick.label, 1), tick.text
        if tick.x:
            yield round(middle - tick.x, 1), round(middle - tick.label, 1), f"−{tick.text}"


@dataclass(frozen=True)
class _Tick:
    x: float
    label: float
    text: str

    def clear_of(self, other: _Tick) -> bool:
        """Whether their labels, with signs, leave a letter between them."""
        return abs(self.label - other.label) >= LETTER * ((len(self.text) + len(other.text)) / 2 + 2)


def _place(exponent: float, ends: Sequence[int]) -> float:
    """How many bins a positive number is from 0."""
    for number, (low, high) in enumerate(pairwise(ends)):
        if exponent < high:
            return 0.5 + number + max((exponent - low) / (high - low), 0.0)
    return len(ends) - 0.5


def _short(value: float) -> str:
    """``0.5``, ``10``, ``1e6``, ``1e-5``."""
    if value and not 1e-2 <= value < 1e3:
        mantissa, exponent = f"{value:.0e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    return f"{value:g}"
