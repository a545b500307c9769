"""All rows of a run in as few bytes as a page can hold: columns, numbers at three digits, compressed.

Rows are put side by side, backend by backend, so that what one backend computed is often what stands in the row
above. A column is a list of codes with the words that they stand for; a column of numbers has mantissas beside.

Packed are the length of a description (four bytes, little end first), the description in JSON, and the planes that it
lists. `templates/columns.js` reads it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from reports.discrepancies import Key, key
from reports.packed import packed
from reports.record import Row
from reports.row import PUBLISHED
from reports.verdict import Verdict
from reports.wording import visible

WORDS = ("case", "family", "activation", "task", "dtype", "layers", "batch", "backend", "quantity", "layer")
COUNTS = ("entries", "blind", "zero")
FIGURES = ("max_ulp", "share", "reference_ulp", "worst_exact", "worst_value")
"""Columns of a row that the page holds, beside worst_index, verdict, detail, and whether the gate failed on it."""

REACH = 20
"""How many rows above a number is looked for, among those of the same case, quantity and layer."""

DIGITS = 3
"""Significant digits of numbers; those next to 1 have as many as show on which side of it they are, and those of a
source as many as it prints."""

_LEAST, _MOST = -300, 300
"""Exponents beyond which a number is written out: near the ends of float64 a power of ten is no number."""


@dataclass
class _Planes:
    """Bytes one after the other, each plane's place in them by its number."""

    data: list[bytes] = field(default_factory=list)

    def add(self, codes: Sequence[int]) -> int:
        """Keep codes below 2²⁴, high bytes apart from low ones, as many as the largest needs; return how many."""
        wide = 1 + (max(codes, default=0) > 0xFF) + (max(codes, default=0) > 0xFFFF)
        for shift in range(8 * (wide - 1), -8, -8):
            self.data.append(bytes(code >> shift & 0xFF for code in codes))
        return wide


def columns(rows: Iterable[Row], failed: Collection[Key] = ()) -> Markup:
    """Pack rows for the page; ``failed`` are the keys of those that the gate failed on."""
    its = ordered(rows)
    planes = _Planes()
    found = [_words(name, [_text(getattr(row, name)) for row in its], planes) for name in (*WORDS, *COUNTS)]
    found += [
        _words("verdict", [str(row.verdict) for row in its], planes, tuple(map(str, Verdict))),
        _words("failed", [int(key(row) in failed) for row in its], planes, (0, 1)),
        _words("worst_index", [None if row.worst_index is None else str([*row.worst_index]) for row in its], planes),
        _words("detail", [visible(row.detail) for row in its], planes),
    ]
    groups = [(row.case, row.quantity, row.layer) for row in its]
    shown = {name: [_short(getattr(row, name)) for row in its] for name in FIGURES}
    for i, row in enumerate(its):
        if row.backend == PUBLISHED and row.worst_value is not None and row.worst_exact is not None:
            shown["worst_value"][i], shown["worst_exact"][i] = _printed(row.worst_value, row.worst_exact)
    found += [_figures(name, shown[name], groups, planes) for name in FIGURES[:-1]]
    exact, value = (shown[name] for name in FIGURES[-2:])
    same = [0 if a == b else None for a, b in zip(value, exact, strict=True)]
    found.append(_figures(FIGURES[-1], value, groups, planes, same) | {"of": FIGURES[-2]})
    head = json.dumps({"rows": len(its), "columns": found}, separators=(",", ":")).encode("ascii")
    return packed(len(head).to_bytes(4, "little") + head, *planes.data)


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Put the rows of one case, quantity and layer side by side; otherwise all keep their order."""
    its = list(rows)
    cases = _places(row.case for row in its)
    quantities = _places(row.quantity for row in its)
    return sorted(its, key=lambda row: (cases[row.case], quantities[row.quantity], row.layer))


def _places(values: Iterable[Hashable]) -> dict[Any, int]:
    return {value: place for place, value in enumerate(dict.fromkeys(values))}


def _text(value: Any) -> Any:
    return visible(value) if isinstance(value, str) else value


def _words(name: str, values: Sequence[Any], planes: _Planes, words: Sequence[Any] = ()) -> dict[str, Any]:
    """A column of words; those given come first, in their order."""
    codes = _places([*words, *values])
    return {"name": name, "words": list(codes), "wide": planes.add([codes[value] for value in values])}


def _figures(
    name: str,
    short: Sequence[Any],
    groups: Sequence[Hashable],
    planes: _Planes,
    same: Sequence[int | None] | None = None,
) -> dict[str, Any]:
    """A column of numbers, each as `_short` has it.

    A word is null, a number or the name of one that is none, written out; ``[sign, exponent]``, with a mantissa in
    the next plane; or ``"=k"``: as k rows above, and for k = 0, where ``same`` says so, as in another column.
    """
    words: list[Any] = []
    mantissas: list[int] = []
    for i, value in enumerate(short):
        back = _back(short, groups, i) if same is None or same[i] is None else 0
        if back is not None and not isinstance(value, str | None):
            words.append(f"={back}")
        elif isinstance(value, tuple):
            sign, mantissa, exponent = value
            words.append((sign, exponent))
            mantissas.append(mantissa)
        else:
            words.append(value)
    return _words(name, words, planes) | {"mantissas": planes.add(mantissas), "count": len(mantissas)}


def _back(short: Sequence[Any], groups: Sequence[Hashable], i: int) -> int | None:
    """How many rows above the same number stands, if any does."""
    for k in range(1, min(REACH, i) + 1):
        if groups[i - k] != groups[i]:
            break
        if short[i - k] == short[i]:
            return k
    return None


@lru_cache(maxsize=1 << 16)
def _short(value: float | None) -> Any:
    """None, a word, a number written out, or sign, mantissa and exponent."""
    if value is None:
        return None
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if value == 0:
        return 0
    text = f"{value:.{DIGITS - 1}e}"
    if float(text) == 1 != value:
        return _beside_one(value, lambda figures: float(f"{value:.{figures}g}"))
    digits, exponent = text.lstrip("-").split("e")
    if not _LEAST <= int(exponent) <= _MOST:
        return float(text) if math.isfinite(float(text)) else value
    return -1 if value < 0 else 1, int(digits.replace(".", "")), int(exponent) - DIGITS + 1


def _printed(value: float, exact: float) -> tuple[Any, Any]:
    """A number as its source prints it, and the exact one in two digits more."""
    digits = len(repr(value).lower().split("e")[0].replace(".", "").lstrip("-0"))
    if not (math.isfinite(value) and math.isfinite(exact) and digits > DIGITS):
        return _short(value), float(f"{exact:.{DIGITS + 2}g}") if math.isfinite(exact) else _short(exact)
    return value, float(f"{exact:.{min(digits + 2, 17)}g}")


def _beside_one(value: float, rounded: Callable[[int], float]) -> float:
    return next((short for figures in range(DIGITS + 1, 18) if (short := rounded(figures)) != 1), value)
