"""The lesson's numbers for the page: JSON of small whole numbers, packed.

Steps of a trajectory are multiples of 10^−decimals. Of a series the second differences are kept; of weights, which
the step before and its ΔW foretell, only what is missing from that. `lesson-numbers.js` undoes it, exactly.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from reports.packed import packed
from reports.record import encode
from reports.tolerant import Item, items, numbers, string

LARGEST = 1e9
"""A series with a larger number is kept as it is."""

DECIMALS = 5
"""Where an exhibit does not say how many."""


def lesson_numbers(found: Item, cases: Sequence[Item], more: Mapping[str, Any]) -> Markup:
    """Pack an exhibit, and more beside it."""
    decimals = _decimals(found)
    data = {**more, "decimals": decimals, "cases": [_case(case, decimals) for case in cases]}
    text = json.dumps(encode(data), ensure_ascii=False, separators=(",", ":"))
    return packed(text.encode("utf-8", "backslashreplace"))


def foretold(before: float, alpha: float, change: float) -> int:
    """Weights after a step as whole numbers, from those before and their changes; half a unit is rounded up."""
    return math.floor(before - alpha * change + 0.5)


def _decimals(found: Item) -> int:
    value = found.get("decimals")
    return value if type(value) is int and 0 <= value <= 9 else DECIMALS


def _case(case: Item, decimals: int) -> dict[str, Any]:
    kept = ("case", "family", "activation", "task", "layers", "alpha", "x", "target", "weights", "backends")
    weights = _arrays(case.get("weights"))
    paths = [path for its in items(case.get("paths")) if (path := _path(its, decimals)) is not None]
    alphas = [path["alpha"] for path in paths]
    terms = {string(term, "term"): _term(term) for term in items(case.get("terms"))}
    readings = [_reading(one, weights, alphas, decimals) for one in items(case.get("readings"))]
    return {**{key: case.get(key) for key in kept}, "terms": terms, "readings": readings, "paths": paths}


def _term(term: Item) -> dict[str, Any]:
    return {key: term.get(key) for key in ("exact", "values", "ulps")}


def _path(path: Item, decimals: int) -> dict[str, Any] | None:
    """Each entry's series, under its term; None where α is no number."""
    alpha, steps = numbers({"n": [path.get("alpha"), path.get("steps")]}, "n")
    if not math.isfinite(alpha):
        return None
    whole = {key: _whole(rows, decimals) for key, rows in path.items() if isinstance(rows, (list, tuple))}
    series = {}
    for key, entries in whole.items():
        changes = whole.get(f"gradient{key.removeprefix('weight')}") if key.startswith("weight") else None
        if changes is None or len(changes) != len(entries):
            series[key] = [_differences(entry) for entry in entries]
        else:
            series[key] = [_missing(entry, alpha, its) for entry, its in zip(entries, changes, strict=True)]
    return {"alpha": alpha, "steps": int(steps) if math.isfinite(steps) else 0, "series": series}


def _missing(weights: Sequence[int], alpha: float, changes: Sequence[int]) -> list[int]:
    after = [
        w - foretold(before, alpha, change) for before, w, change in zip(weights, weights[1:], changes, strict=False)
    ]
    return [*weights[:1], *after]


def _whole(rows: Sequence[Any], decimals: int) -> list[list[int]]:
    """Series of entries as whole numbers, from rows of entries; a row that is no list ends them."""
    columns = zip(*_arrays(rows), strict=False)
    return [[round(v * 10**decimals) if abs(v) < LARGEST else 0 for v in column] for column in columns]


def _differences(series: Sequence[int]) -> list[int]:
    found = list(series)
    for _ in range(2):
        found = found[:1] + [b - a for a, b in pairwise(found)]
    return found


def _reading(
    reading: Item, weights: Sequence[Sequence[float]], alphas: Sequence[float], decimals: int
) -> dict[str, Any]:
    """Changes and updated weights in whole numbers, the latter as what is missing; total errors as series."""
    unit, changes = 10**decimals, _arrays(reading.get("gradients"))
    whole = [[round(v * unit) if abs(v) < LARGEST else 0 for v in its] for its in changes]
    before = [[v * unit for v in its] for its in weights]
    found = reading.get("updated")
    updated = [
        [
            [round(v * unit) - foretold(w, alpha, g) if abs(v) < LARGEST else 0 for v, w, g in zip(*its, strict=False)]
            for its in zip(_arrays(one), before, whole, strict=False)
        ]
        for one, alpha in zip(found if isinstance(found, (list, tuple)) else (), alphas, strict=False)
    ]
    losses = [
        _differences([round(v * unit) for v in its]) if all(abs(v) < LARGEST for v in its) else {"raw": its}
        for its in _arrays(reading.get("losses"))
    ]
    return {"reading": string(reading, "reading"), "gradients": whole, "updated": updated, "losses": losses}


def _arrays(value: Any) -> list[tuple[float, ...]]:
    return [numbers({"n": its}, "n") for its in value] if isinstance(value, (list, tuple)) else []
