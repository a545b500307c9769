"""Plots of a measurement, worked out here and drawn by the page's template.

A row for each setting, a line in it for each contestant: a mark at the median, a bar from quartile to quartile.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reports.bench.record import CPU, Figure, Part
from reports.bench.words import amount

WIDTH, LEFT, RIGHT = 320.0, 8.0, 12.0
"""Of a plot and of its margins, in units of which a letter is 11 high."""

TOP, TITLE, LINE, GAP, BOTTOM = 4.0, 15.0, 10.0, 6.0, 18.0
"""Heights: above the first row, of a row's title, of a contestant's line, between rows, of the axis."""

COLOURS = 4
"""Colours in the style sheet, c0 and so on."""

MARKS = (
    "M-3.5,0a3.5,3.5 0 1,0 7,0a3.5,3.5 0 1,0 -7,0z",
    "M-3.2,-3.2h6.4v6.4h-6.4z",
    "M0,-4.2L4,3.2H-4z",
    "M0,-4.6L4.2,0L0,4.6L-4.2,0z",
)
"""A disc, a square, a triangle, a diamond: contestants are told apart without colours too."""

WIDEST = 6
"""Ticks of an axis, about."""


@dataclass(frozen=True)
class Mark:
    """A median at (x, y), the quartiles ``low`` and ``high``, and the contestant's number."""

    x: float
    y: float
    low: float
    high: float
    number: int

    @property
    def colour(self) -> str:
        """Its class in the style sheet."""
        return f"c{self.number % COLOURS}"

    @property
    def shape(self) -> str:
        """Its path, about the origin."""
        return MARKS[self.number % len(MARKS)]


@dataclass(frozen=True)
class Row:
    """A setting: its title at ``y``, and its marks."""

    title: str
    y: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Plot:
    """One quantity of a part on a logarithmic axis: ``ticks`` are (x, label)."""

    quantity: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    height: float
    words: str


def plotted(part: Part) -> list[Plot]:
    """A plot for each quantity but the CPU time, which the table has."""
    names = dict.fromkeys(one.quantity for one in part.figures if one.quantity != CPU)
    plots = [_plot(name, [one for one in part.figures if one.quantity == name]) for name in names]
    return [plot for plot in plots if plot is not None]


def _plot(quantity: str, every: Sequence[Figure]) -> Plot | None:
    figures = [one for one in every if one.values and one.median > 0 and math.isfinite(one.median)]
    if not figures:
        return None
    names = tuple(dict.fromkeys(one.name for one in figures))
    values = [value for one in figures for value in (one.median, *_within(one))]
    axis = _Axis.around(values)
    rows, y = [], TOP
    for setting in dict.fromkeys(one.setting for one in figures):
        its = [one for one in figures if one.setting == setting]
        y += TITLE
        marks = tuple(_mark(one, names.index(one.name), axis, y + (n + 0.5) * LINE) for n, one in enumerate(its))
        rows.append(Row(setting, round(y - 4, 1), marks))
        y += LINE * len(its) + GAP
    words = "; ".join(f"{one.setting}, {one.name}: {amount(quantity, one.median)}" for one in figures)
    ticks = tuple((axis.x(value), amount(quantity, value)) for value in axis.ticks)
    return Plot(quantity, names, tuple(rows), ticks, y + BOTTOM, words)


def _mark(one: Figure, number: int, axis: _Axis, y: float) -> Mark:
    low, high = _within(one)
    return Mark(axis.x(one.median), round(y, 1), axis.x(low), axis.x(high), number)


def _within(one: Figure) -> tuple[float, float]:
    """The quartiles, where a logarithm can show them."""
    low, high = one.spread
    return (low if low > 0 else one.median), (high if math.isfinite(high) else one.median)


@dataclass(frozen=True)
class _Axis:
    """A logarithmic axis from its first tick to its last."""

    ticks: tuple[float, ...]

    @classmethod
    def around(cls, values: Sequence[float]) -> _Axis:
        """Ticks at 1, 2 and 5 times powers of ten, or at some powers alone, as many as there is room for."""
        first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        fine = [step * 10.0**decade for decade in range(first, last + 1) for step in (1, 2, 5)]
        low = max(value for value in fine if value <= min(values))
        high = min((value for value in fine if value >= max(values) and value > low), default=10.0 ** (last + 1))
        ticks = [value for value in fine if low <= value <= high]
        if len(ticks) <= WIDEST:
            return cls(tuple(ticks))
        apart = math.ceil((last - first) / (WIDEST - 1))
        return cls(tuple(10.0**decade for decade in range(first, last + apart, apart)))

    def x(self, value: float) -> float:
        """Where a value stands."""
        low, high = (math.log10(end) for end in (self.ticks[0], self.ticks[-1]))
        return round(LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT), 1)
