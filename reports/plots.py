"""Plots of the exhibit ``curves`` as paths of SVG, worked out here and drawn by the page's template."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.curves import Training, figures, grouped

WIDTH, HEIGHT = 340, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 10, 24
"""Size of a plot and of its margins, in units that are pixels on a narrow screen."""

HEADROOM = 3.0
"""Decades above every other curve that the wrong-sign reading is followed for."""

NEAR = 0.4
"""A point that lies so near the line between its neighbours is left out."""

DASH = 5
"""Length of a dash: backends take turns, so that curves on each other show as one line of all their colours."""

COLOURS = 4
"""Colours of curves in the style sheet, c0 and so on."""


@dataclass(frozen=True)
class Curve:
    """A path with its class in the style sheet; ``dash`` is an attribute, empty for a solid line."""

    kind: str
    path: str
    dash: str = ""
    offset: int = 0


@dataclass(frozen=True)
class Plot:
    """Curves over the steps on a logarithmic axis: ``marks`` are (y, label), ``ticks`` (x, label)."""

    title: str
    curves: tuple[Curve, ...]
    marks: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True)
class Figure:
    """A network, task and α in every precision: total error, and drift."""

    title: str
    error: Plot
    drift: Plot
    words: str


@dataclass(frozen=True)
class _Axes:
    """Steps 0 … ``steps`` across, decades ``low`` … ``high`` upwards."""

    steps: int
    low: float
    high: float

    def x(self, t: float) -> float:
        return LEFT + t / max(self.steps, 1) * (WIDTH - LEFT - RIGHT)

    def y(self, decade: float) -> float:
        return HEIGHT - BOTTOM - (decade - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)

    def path(self, t: Sequence[float], values: Sequence[float]) -> str:
        """A polyline: 0 lies on the lower edge; it ends where it leaves upwards, and where there is no number."""
        points: list[tuple[float, float]] = []
        for step, value in zip(t, values, strict=False):
            decade = _decade(value)
            if math.isnan(decade):
                break
            points.append((self.x(step), self.y(min(max(decade, self.low), self.high))))
            if decade > self.high:
                break
        return "M" + " ".join(f"{x:.0f},{y:.1f}" for x, y in thinned(points)) if len(points) > 1 else ""

    @property
    def marks(self) -> tuple[tuple[float, str], ...]:
        """About five powers of ten."""
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200) if (self.high - self.low) / s <= 5)
        decades = range(math.ceil(self.low / step) * step, math.floor(self.high) + 1, step)
        return tuple((round(self.y(d), 1), _power(d)) for d in decades)

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """The start, the end, and three steps between."""
        return tuple((round(self.x(self.steps * k / 4), 1), f"{self.steps * k / 4:g}") for k in range(5))


def plotted(trainings: Iterable[Training], backends: Sequence[str]) -> list[Figure]:
    """A figure for all trainings that differ in their precision alone."""
    return [_figure(its, backends) for its in grouped(trainings)]


def colour(backends: Sequence[str], backend: str) -> str:
    """The class of a backend's curves."""
    return f"c{backends.index(backend) % COLOURS}"


def thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points without those that the line from the last one kept to a later one passes near."""
    kept, waiting = [points[0]], list[tuple[float, float]]()
    for point in points[1:]:
        if any(_off(kept[-1], point, between) > NEAR for between in waiting):
            kept.append(waiting[-1])
            waiting = []
        waiting.append(point)
    return [*kept, waiting[-1]]


def _figure(its: Sequence[Training], backends: Sequence[str]) -> Figure:
    first = its[0]
    return Figure(
        title=f"{first.network}, {first.task}, α = {figures(first.alpha)}",
        error=_error(its, backends),
        drift=_drift(its, backends),
        words="; ".join(f"{one.dtype}: {one.error}, wrong sign {one.rising}" for one in its),
    )


def _error(its: Sequence[Training], backends: Sequence[str]) -> Plot:
    first = its[0]
    decades = _decades(loss for one in its for run in one.runs for loss in run.loss)
    top = max((one.exact[0] for one in its if one.exact), default=1.0)
    wrong = _decades(loss for one in its for loss in one.wrong)
    high = min(max(wrong, default=0.0), max([*decades, _decade(top)]) + HEADROOM)
    axes = _axes(first.steps, min(decades, default=-1.0), max([*decades, high]))
    curves = [Curve("exact", axes.path(one.t, one.exact)) for one in its]
    curves += [Curve("sign", axes.path(one.t, one.wrong), "2 3") for one in its]
    curves += [
        Curve(colour(backends, run.backend), axes.path(one.t, run.loss), *_turn(backends, run.backend))
        for one in its
        for run in one.runs
    ]
    return Plot("total error", _kept(curves), axes.marks, axes.ticks)


def _drift(its: Sequence[Training], backends: Sequence[str]) -> Plot:
    runs = [(one, run) for one in its for run in one.runs]
    values = [v for _, run in runs for part in (run.drift[1:], run.predicted[1:]) for v in part]
    decades = _decades(values)
    axes = _axes(its[0].steps, min(decades, default=-1.0), max(decades, default=0.0))
    curves, labels = [], []
    for one in its:
        for run in one.runs[:1]:
            curves.append(Curve("predicted", axes.path(one.t[1:], run.predicted[1:])))
        for run in one.runs:
            path = axes.path(one.t[1:], run.drift[1:])
            curves.append(Curve(colour(backends, run.backend), path, *_turn(backends, run.backend)))
        if one.runs and (ends := [p for p in zip(one.t, one.runs[0].predicted, strict=False) if 0 < p[1] < math.inf]):
            x, y = axes.x(ends[-1][0]), axes.y(min(_decade(ends[-1][1]), axes.high))
            labels.append((round(max(x, LEFT + 50.0), 1), round(y + 13, 1), one.dtype))
    return Plot("drift of the weights", _kept(curves), axes.marks, axes.ticks, tuple(labels))


def _axes(steps: int, low: float, high: float) -> _Axes:
    """Whole decades, at least two."""
    low, high = math.floor(low), math.ceil(high)
    return _Axes(steps, low, max(high, low + 2))


def _turn(backends: Sequence[str], backend: str) -> tuple[str, int]:
    """The dashes of a backend, which leave room for those of all others."""
    if len(backends) < 2:
        return "", 0
    return f"{DASH} {DASH * (len(backends) - 1)}", -DASH * backends.index(backend)


def _kept(curves: Iterable[Curve]) -> tuple[Curve, ...]:
    return tuple(dict.fromkeys(curve for curve in curves if curve.path))


def _decade(value: float) -> float:
    """log10; −∞ for 0, NaN where there is none or no end."""
    if not math.isfinite(value) or value < 0:
        return math.nan
    return math.log10(value) if value else -math.inf


def _decades(values: Iterable[float]) -> list[float]:
    return [decade for decade in map(_decade, values) if math.isfinite(decade)]


def _power(decade: int) -> str:
    """``10⁻¹⁶``."""
    return "10" + str(decade).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _off(start: tuple[float, float], end: tuple[float, float], point: tuple[float, float]) -> float:
    """How far above or below the line a point is."""
    (x0, y0), (x1, y1), (x, y) = start, end, point
    return abs(y - y0 - (y1 - y0) * (x - x0) / (x1 - x0)) if x1 != x0 else abs(y - y0)
