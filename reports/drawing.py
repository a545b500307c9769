"""A network of three layers as a drawing: where its nodes and links lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 400, 512
"""Of the drawing, in its own units."""

RADIUS = 23
"""Of a node."""

_COLUMNS = (46, 200, 354)
_MIDDLE, _ROOM, _WIDEST = 260, 400, 150
_SYMBOLS = ("x", "h", "y")


@dataclass(frozen=True)
class Node:
    """A node: layer from 0, number in it from 0, centre, symbol, and the value that stands below it."""

    layer: int
    number: int
    x: float
    y: float
    symbol: str
    value: str


@dataclass(frozen=True)
class Link:
    """A link from node ``start`` of layer ``matrix`` − 1 to node ``end`` of the next, and how it is drawn."""

    matrix: int
    start: int
    end: int
    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    negative: bool


@dataclass(frozen=True)
class Drawing:
    """All of it."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


def drawn(layers: Sequence[int], values: Sequence[Sequence[float]], weights: Sequence[Sequence[float]]) -> Drawing:
    """Place the nodes of each layer in a column, and draw a link for each weight, as wide as it is large."""
    places = [[(_COLUMNS[l], _height(k, n)) for k in range(n)] for l, n in enumerate(layers)]
    nodes = [
        Node(l, k, x, y, _SYMBOLS[l], _short(values[l], k))
        for l, its in enumerate(places)
        for k, (x, y) in enumerate(its)
    ]
    links = [
        _link(l, i, j, places, weights[l - 1][i * layers[l] + j], max(map(abs, weights[l - 1])))
        for l in (1, 2)
        for i in range(layers[l - 1])
        for j in range(layers[l])
    ]
    return Drawing(tuple(nodes), tuple(links))


def _height(k: int, n: int) -> float:
    gap = min(_WIDEST, _ROOM / max(n - 1, 1))
    return _MIDDLE + (k - (n - 1) / 2) * gap


def _link(l: int, i: int, j: int, places: Sequence[Sequence[tuple[float, float]]], w: float, largest: float) -> Link:
    (x1, y1), (x2, y2) = places[l - 1][i], places[l][j]
    length = math.hypot(x2 - x1, y2 - y1)
    dx, dy = (x2 - x1) * RADIUS / length, (y2 - y1) * RADIUS / length
    x1, y1, x2, y2 = (round(value, 2) for value in (x1 + dx, y1 + dy, x2 - dx, y2 - dy))
    return Link(l, i, j, x1, y1, x2, y2, round(1 + 4 * math.sqrt(abs(w) / (largest or 1)), 2), w < 0)


def _short(values: Sequence[float], k: int) -> str:
    return f"{values[k]:.4g}".replace("-", "−") if k < len(values) else ""
