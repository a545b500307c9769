"""Plots of the exhibit ``scans`` as paths of SVG, a unit a bin across and a level upwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from reports import scan_axes
from reports.met import Deviation
from reports.plots import colour
from reports.record import Row
from reports.scan_axes import Axes
from reports.scan_errors import Bins, Errors, Format, Line, ScanErrors
from reports.wording import counted

ABOUT = "σ and σ′ of every backend over the whole range of each format, held against exact values and an accuracy row."
"""What the scans are."""

READING = (
    "Each plot: the worst error in ulps in each bin of x, from the lowest number of the format to the highest; "
    "above it the worst of all. From 1/16 to 1,024 a bin is a binade, farther out a group of binades, and 0 is one by "
    "itself. A gap is a bin in which nothing is judged, such as a kink. Grey is what the accuracy row allows. "
    "Upwards the scale is twice logarithmic: from the power of 2 at its top on no digit is right, and NaN and "
    "infinities lie above that. Where lines meet they lie one inside the other."
)
"""How to read the plots."""


@dataclass(frozen=True)
class Step:
    """The line of a backend, and again what of it is outside, with why: known deviations, or else the verdict."""

    kind: str
    path: str
    outside: str
    why: str


@dataclass(frozen=True)
class Note:
    """What is outside, below the plot; ``thread`` is empty where there is none."""

    text: str
    thread: str
    failed: bool


@dataclass(frozen=True)
class Plot:
    """σ or σ′ over x: what is allowed at some point of a bin, and at each; a line a backend."""

    caption: str
    label: str
    most: str
    least: str
    steps: tuple[Step, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Panel:
    """A precision: its axes, and by activation the plots of σ and σ′."""

    dtype: str
    axes: Axes
    figures: tuple[tuple[str, tuple[Plot, ...]], ...]

    @property
    def title(self) -> str:
        """``float32: 15 activations, 3 of them outside``."""
        outside = sum(any(plot.notes for plot in plots) for _, plots in self.figures)
        more = f", {outside:,} outside somewhere" if outside else ""
        return f"{self.dtype}: {counted(len(self.figures), 'activation')}{more}"


def panels(found: ScanErrors, rows: Iterable[Row], met: Iterable[Deviation]) -> list[Panel]:
    """Everything there is to draw, by precision."""
    its = {(row.activation, row.dtype, row.quantity or "", row.backend): row for row in rows if row.is_scan}
    threads = {one.id: one.thread for one in met}
    return [
        Panel(dtype, scan_axes.axes(form), tuple(_figures(found, dtype, form, its, threads)))
        for dtype, form in found.formats.items()
    ]


Rows = dict[tuple[str, str, str, str], Row]


def _figures(
    found: ScanErrors, dtype: str, form: Format, rows: Rows, threads: dict[str, str]
) -> Iterable[tuple[str, tuple[Plot, ...]]]:
    of: dict[str, list[Plot]] = {}
    for one in found.errors:
        if one.dtype == dtype:
            of.setdefault(one.activation, []).append(_plot(one, form, found.backends, rows, threads))
    return ((activation, tuple(plots)) for activation, plots in of.items())


def _plot(one: Errors, form: Format, backends: Sequence[str], rows: Rows, threads: dict[str, str]) -> Plot:
    steps, notes = [], dict[Note, None]()
    for line in one.lines:
        row = rows.get((one.activation, one.dtype, one.quantity, line.backend))
        ids = row.deviations if row is not None else ()
        why = ", ".join(ids) or str(row.verdict if row is not None else "outside")
        steps.append(Step(colour(backends, line.backend), *_paths(line, form), why))
        if line.outside:
            notes |= {Note(name, threads.get(name, ""), False): None for name in ids}
            notes |= {} if ids else {Note(f"{line.backend}: {why}", "", True): None}
    return Plot(
        caption=f"{one.symbol}: {one.worst}",
        label=f"{one.activation} {one.dtype}, worst ulp of {one.symbol}: {one.worst}",
        most=_area(one.most, form),
        least=_area(one.least, form),
        steps=tuple(steps),
        notes=tuple(notes),
    )


def _paths(line: Line, form: Format) -> tuple[str, str]:
    levels = [None if ulps is None else scan_axes.level(ulps, form.bits) for ulps in line.ulps[: form.bins]]
    return _steps(levels), _steps([found if n in line.outside else None for n, found in enumerate(levels)])


def _area(allowed: Bins, form: Format) -> str:
    """From 0 up to what is allowed; to where no digit is right, where that is no number."""
    top = scan_axes.LEVELS
    path = _steps([min(scan_axes.level(ulps or 0.0, form.bits), top) for ulps in allowed[: form.bins]], 0)
    return path and f"{path}V0z"


def _steps(levels: Sequence[int | None], start: int | None = None) -> str:
    """A level a bin, one wide; broken where there is none. ``start``: where it comes from."""
    path, at, last = "" if start is None or not levels else f"M0 {start}", 0, start
    for found, run in groupby(levels):
        width = len(list(run))
        if found is not None:
            path += f"M{at} {found}" if last is None else f"v{found - last}" * (found != last)
            path += f"h{width}"
        at, last = at + width, found
    return path
