"""Small drawings of σ and σ′ from the exhibit ``shapes``, as paths of SVG; read tolerantly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reports.plots import thinned
from reports.record import Record
from reports.tolerant import Item, items, numbers, string

WIDTH, HEIGHT = 160, 100
"""Size of a drawing, in units of which the page shows 2.5 in a pixel."""

ACROSS, UP = (-4.0, 4.0), (-1.9, 2.1)
"""What it shows of x and of y."""

KEY = "Drawings: σ solid, σ′ dashed, for x from −4 to 4."
"""What the drawings are."""


@dataclass(frozen=True)
class Shape:
    """The paths of σ and of σ′; a path is interrupted where it jumps or leaves the drawing."""

    value: str
    derivative: str


def shapes(record: Record) -> dict[str, Shape]:
    """Read the exhibit, by activation; empty where a run has none."""
    found = items(record.exhibits.get("shapes"))
    return {string(item, "activation"): Shape(_path(item, "value"), _path(item, "derivative")) for item in found}


def axes() -> str:
    """The path of both axes."""
    x, y = _at(0.0, 0.0)
    return f"M0,{y:g}H{WIDTH}M{x:g},0V{HEIGHT}"


def _path(item: Item, name: str) -> str:
    return "".join(_polyline(numbers(piece, "x"), numbers(piece, name)) for piece in items(item.get("pieces")))


def _polyline(xs: Sequence[float], ys: Sequence[float]) -> str:
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(xs, ys, strict=False):
        if ACROSS[0] <= x <= ACROSS[1] and UP[0] <= y <= UP[1] and math.isfinite(x + y):
            runs[-1].append(_at(x, y))
        elif runs[-1]:
            runs.append([])
    return "".join("M" + " ".join(f"{x:.0f},{y:.0f}" for x, y in thinned(run)) for run in runs if len(run) > 1)


def _at(x: float, y: float) -> tuple[float, float]:
    across = (x - ACROSS[0]) / (ACROSS[1] - ACROSS[0]) * WIDTH
    return across, (UP[1] - y) / (UP[1] - UP[0]) * HEIGHT
