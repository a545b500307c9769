"""What the ``errata`` of a ``[case.published]`` block may say: which printed number is wrong, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationInfo

from cases.case import SLUG
from cases.faults import Complaint, Rejected, described, did_you_mean, key
from cases.published import DEPTHS, QUANTITIES, Erratum, Place
from cases.words import word_at

_KEYS = ("quantity", "layer", "index", "mistake", "because")
_LAYERED = tuple(quantity for quantity, depth in DEPTHS.items() if depth == 3)


def whole(value: object, least: int) -> bool:
    """Whether a value is a whole number, not less than ``least``, that may count arrays or their entries."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 10**6


def errata_list(value: object, info: ValidationInfo) -> tuple[Erratum, ...]:
    """Return a field's list of errata. Raises Rejected."""
    where = str(info.field_name)
    if not isinstance(value, list):
        raise Rejected([Complaint(where, described(value), "a list of printed numbers that are known to be wrong")])
    complaints = [bad for number, entry in enumerate(value) for bad in _bad_erratum(entry, f"{where}[{number}]")]
    if complaints:
        raise Rejected(complaints)
    return tuple(
        Erratum(
            Place(entry["quantity"], entry.get("layer", 0), tuple(entry.get("index", ()))),
            entry.get("mistake", ""),
            entry.get("because", ""),
        )
        for entry in value
    )


def _bad_erratum(entry: Any, where: str) -> Iterator[Complaint]:
    if not isinstance(entry, dict):
        yield Complaint(where, described(entry), 'a table, such as { quantity = "total_error", because = "…" }')
        return
    for name in entry:
        if name not in _KEYS:
            expected, near = f"one of {', '.join(_KEYS)}", did_you_mean(name, _KEYS)
            yield Complaint(f"{where}.{key(name)}", "unknown key", expected, near)
    try:
        quantity = word_at(entry.get("quantity"), f"{where}.quantity", tuple(QUANTITIES))
    except Rejected as rejected:
        yield from rejected.complaints
        return
    if ("layer" in entry and not whole(entry["layer"], 1)) or ("layer" in entry) != (quantity in _LAYERED):
        found = described(entry["layer"]) if "layer" in entry else "no layer"
        expected = "a weight array, counted from 1" if quantity in _LAYERED else f"none: there is one {quantity}"
        yield Complaint(f"{where}.layer", found, expected)
    index, axes = entry.get("index", []), min(DEPTHS[quantity], 2)
    if not isinstance(index, list) or len(index) != axes or not all(whole(number, 0) for number in index):
        expected = "row and column, counted from 0, such as [0, 1]" if axes else f"none: {quantity} is one number"
        yield Complaint(f"{where}.index", described(entry["index"]) if "index" in entry else "no index", expected)
    reasons = [name for name in ("mistake", "because") if name in entry]
    if len(reasons) != 1:
        found = "both mistake and because" if reasons else "no reason"
        yield Complaint(where, found, "either the mistake that comes to this number, or because = a sentence")
    for name in reasons:
        if not isinstance(entry[name], str) or not (
            SLUG.fullmatch(entry[name]) if name == "mistake" else entry[name].strip()
        ):
            expected = "a name of gradproof list mistakes" if name == "mistake" else "a sentence"
            yield Complaint(f"{where}.{name}", described(entry[name]), expected)
