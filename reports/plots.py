"""Plots of the exhibit ``curves`` as paths of SVG, worked out here and drawn by the page's template."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reports.curves import Training, figures, grouped

WIDTH, HEIGHT = 280, 200
LEFT, RIGHT, TOP, BOTTOM = 42, 10, 12, 36
"""Size of a plot and of its margins, in units of which a letter is 11 high: fewer of them make it larger."""

LETTER, LINE = 6.2, 13.0
"""Width of a letter, about, and height of a line."""

SIGN_DASH = "5 4"
"""The wrong-sign reading is dashed, as in the legend; predictions are dotted."""

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
class Label:
    """A text that starts or ends (``anchor``) at a point."""

    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Plot:
    """Curves over the steps on a logarithmic axis: ``marks`` are (y, label), ``ticks`` (x, label)."""

    title: str
    curves: tuple[Curve, ...]
    marks: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    labels: tuple[Label, ...] = ()


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
        """A polyline, cut at the frame: 0 touches the lower edge, what lies below the frame is not drawn.

        It ends where it leaves upwards, and where there is no number.
        """
        return "".join("M" + " ".join(f"{x:.0f},{y:.1f}" for x, y in thinned(part)) for part in self._parts(t, values))

    def leaves(self, t: Sequence[float], values: Sequence[float]) -> float | None:
        """Where a curve that ends below the frame leaves it, across; None where it ends inside."""
        parts = self._parts(t, values)
        if not parts or len(values) < 2 or not values[-1] < 10.0**self.low:
            return None
        return parts[-1][-1][0]

    def _parts(self, t: Sequence[float], values: Sequence[float]) -> list[list[tuple[float, float]]]:
        """Its points inside the frame, and where it crosses the edges."""
        parts: list[list[tuple[float, float]]] = []
        known = [(step, _decade(value)) for step, value in zip(t, values, strict=False)]
        for (t0, d0), (t1, d1) in pairwise(known):
            if math.isnan(d0) or math.isnan(d1) or d0 > self.high:
                break
            if max(d0, d1) < self.low:
                continue
            start, end = (self._point(t0, d0, t1, d1), self._point(t1, d1, t0, d0))
            if parts and parts[-1][-1] == start:
                parts[-1].append(end)
            else:
                parts.append([start, end])
        return parts

    def _point(self, t: float, decade: float, other_t: float, other: float) -> tuple[float, float]:
        """A point, or where the line from it to another one enters the frame; 0 stays at its step."""
        inside = min(max(decade, self.low), self.high)
        if inside != decade and math.isfinite(decade) and math.isfinite(other):
            t += (inside - decade) / (other - decade) * (other_t - t)
        return self.x(t), self.y(inside)

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
        words="; ".join(f"{one.dtype}: {one.error}, wrong sign → {one.rising}" for one in its),
    )


def _error(its: Sequence[Training], backends: Sequence[str]) -> Plot:
    first = its[0]
    decades = _decades(loss for one in its for run in one.runs for loss in run.loss)
    top = max((one.exact[0] for one in its if one.exact), default=1.0)
    wrong = _decades(loss for one in its for loss in one.wrong)
    high = min(max(wrong, default=0.0), max([*decades, _decade(top)]) + HEADROOM)
    axes = _axes(first.steps, min(decades, default=-1.0), max([*decades, high]))
    curves = [Curve("exact", axes.path(one.t, one.exact)) for one in its]
    curves += [Curve("sign", axes.path(one.t, one.wrong), SIGN_DASH) for one in its]
    curves += [
        Curve(colour(backends, run.backend), axes.path(one.t, run.loss), *_turn(backends, run.backend))
        for one in its
        for run in one.runs
    ]
    labels = _parted([_named(axes, one, one.runs[0].loss) for one in its if one.runs])
    for one in its:
        if (x := axes.leaves(one.t, one.exact)) is not None:
            labels.append(_placed(x - 6, axes.y(axes.low) - 6, f"→ {figures(one.exact[-1])}"))
    return Plot("total error", _kept(curves), axes.marks, axes.ticks, _labels(labels))


def _drift(its: Sequence[Training], backends: Sequence[str]) -> Plot:
    runs = [(one, run) for one in its for run in one.runs]
    values = [v for _, run in runs for part in (run.drift[1:], run.predicted[1:]) for v in part]
    decades = _decades(values)
    axes = _axes(its[0].steps, min(decades, default=-1.0), max(decades, default=0.0))
    curves, labels = [], []
    for one in its:
        for run in one.runs[:1]:
            curves.append(Curve("predicted", axes.path(one.t[1:], run.predicted[1:])))
            labels.append(_named(axes, one, run.predicted if run.ended is None else run.drift))
        for run in one.runs:
            path = axes.path(one.t[1:], run.drift[1:])
            curves.append(Curve(colour(backends, run.backend), path, *_turn(backends, run.backend)))
    return Plot("drift of the weights", _kept(curves), axes.marks, axes.ticks, _labels(labels))


def _named(axes: _Axes, one: Training, values: Sequence[float]) -> Label | None:
    """The precision above the end of its curve, or, where a run ends early, to its right below it."""
    ends = [(t, v) for t, v in zip(one.t, values, strict=False) if 0 < v < math.inf]
    if not ends:
        return None
    points = [(axes.x(t), axes.y(min(max(_decade(v), axes.low), axes.high))) for t, v in ends]
    x, y = points[-1]
    if one.runs[0].ended is None:
        beneath = [height for across, height in points if across >= x - len(one.dtype) * LETTER - 6]
        return _placed(x, min(beneath) - 7, one.dtype)
    return Label(round(x + 10, 1), round(min(y + 13, HEIGHT - BOTTOM - 3), 1), one.dtype, "start")


def _parted(labels: Iterable[Label | None]) -> list[Label | None]:
    """Labels of curves that end apart from each other; none where there is one end for all of them."""
    known = [label for label in labels if label is not None]
    apart = any(abs(a.y - b.y) > LINE or abs(a.x - b.x) > LINE for a in known for b in known)
    return list(known) if apart else []


def _placed(x: float, y: float, text: str) -> Label:
    """A label that ends at x, or begins at the left edge where it is too long for that."""
    short = x - LEFT - 4 < len(text) * LETTER
    return Label(LEFT + 4.0 if short else round(x, 1), round(max(y, 10.0), 1), text, "start" if short else "end")


def _labels(labels: Iterable[Label | None]) -> tuple[Label, ...]:
    return tuple(dict.fromkeys(label for label in labels if label is not None))


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
