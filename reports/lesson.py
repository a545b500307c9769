"""The exhibit ``terms``: the deck's 3-5-2 network, term by term, as the page's lesson shows it; read tolerantly."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from markupsafe import Markup

from reports.drawing import Drawing, drawn
from reports.lesson_numbers import lesson_numbers
from reports.record import Record
from reports.scripts import FOLDER
from reports.tolerant import Item, items, numbers, string
from reports.wording import NOTHING

SCRIPTS = ("unpack.js", "lesson-numbers.js", "lesson-equations.js", "lesson-drawing.js", "lesson-readings.js",
           "lesson.js")  # fmt: skip
"""What brings the section to life, in this order."""

LANGUAGES = ("en", "zh")

CHOICES = ("family", "activation", "task")
"""What tells the lesson's cases apart."""

MOST = 8
"""Nodes of a layer that can be drawn."""


@dataclass(frozen=True)
class Line:
    """One entry of a term: its name, the exact value, and how far off each backend is in ulps."""

    name: str
    exact: str
    ulps: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One term of the case that is shown without script."""

    stage: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Lesson:
    """The case that is shown first and without script: drawing and tables; ``data`` holds all of them, packed."""

    case: str
    backends: tuple[str, ...]
    drawing: Drawing
    tables: tuple[Table, ...]
    data: Markup


@cache
def strings(language: str) -> Mapping[str, str]:
    """All words of the section in a language, by key."""
    found: dict[str, str] = json.loads((FOLDER / f"lesson.{language}.json").read_text(encoding="utf-8"))
    return found


def lesson(record: Record) -> Lesson | None:
    """Read the exhibit; None where a run has none that can be drawn."""
    found = record.exhibits.get("terms")
    if not isinstance(found, Mapping):
        return None
    cases = [case for case in items(found.get("cases")) if _whole(case)]
    if not cases:
        return None
    first, backends = cases[0], _names(cases[0], "backends")
    held = {string(term, "term"): term for term in items(first.get("terms"))}
    more = {"strings": {name: strings(name) for name in LANGUAGES}, "proof": _proof(record)}
    return Lesson(
        case=string(first, "case"),
        backends=backends,
        drawing=drawn(_layers(first), _values(first, held), [numbers(w, "w") for w in _weights(first)]),
        tables=tuple(_table(term, backends) for term in held.values()),
        data=lesson_numbers(found, cases, more),
    )


def _whole(case: Item) -> bool:
    """Whether a case is a network of three layers that can be drawn, with everything that is drawn of it."""
    layers = _layers(case)
    if len(layers) != 3 or not all(1 <= n <= MOST for n in layers):
        return False
    sizes = [a * b for a, b in pairwise(layers)]
    weights = [numbers(w, "w") for w in _weights(case)]
    flat = [len(numbers(case, "x")) == layers[0], len(numbers(case, "target")) == layers[-1]]
    return all(flat) and [len(w) for w in weights] == sizes and all(map(math.isfinite, sum(weights, ())))


def _layers(case: Item) -> tuple[int, ...]:
    return tuple(int(n) if math.isfinite(n) else 0 for n in numbers(case, "layers"))


def _weights(case: Item) -> list[Item]:
    found = case.get("weights")
    return [{"w": w} for w in found] if isinstance(found, (list, tuple)) else []


def _names(item: Item, name: str) -> tuple[str, ...]:
    found = item.get(name)
    return tuple(map(str, found)) if isinstance(found, (list, tuple)) else ()


def _values(case: Item, held: Mapping[str, Item]) -> list[Sequence[float]]:
    """What stands below the nodes of each layer: x, h, y."""
    inner = [numbers(held[key], "exact") if key in held else () for key in ("h1", "output")]
    return [numbers(case, "x"), *inner]


def _table(term: Item, backends: Sequence[str]) -> Table:
    names, exact = _names(term, "entries"), numbers(term, "exact")
    ulps = [_of(term, "ulps", backend) for backend in backends]
    lines = [Line(name, _text(exact, n), tuple(_text(its, n) for its in ulps)) for n, name in enumerate(names)]
    return Table(string(term, "stage"), f"{string(term, 'name')} ({string(term, 'equation')})", tuple(lines))


def _of(term: Item, what: str, backend: str) -> tuple[float, ...]:
    found = term.get(what)
    return numbers(found, backend) if isinstance(found, Mapping) else ()


def _text(values: Sequence[float], n: int) -> str:
    return f"{values[n] + 0.0!r}" if n < len(values) else NOTHING


def _proof(record: Record) -> Mapping[str, bool] | None:
    found = record.exhibits.get("certificate")
    return {"proved": found.get("proved") is True} if isinstance(found, Mapping) else None
