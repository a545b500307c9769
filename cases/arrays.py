"""Nested TOML lists as matrices: nesting, rows and entries are checked here, one matrix at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeGuard

from cases.faults import Complaint, TooLarge, described

MATRIX = "a matrix: a list of rows, each a list of numbers"
WEIGHTS = "a list of matrices, one for each layer of weights"

_ROW = "a row: a list of numbers"


def matrix_complaints(value: object, where: str) -> list[Complaint]:
    """Say why ``value`` is not a matrix of finite numbers; an empty list where it is one.

    Faults of one kind, such as a thousand NaNs, are one complaint that shows the first and counts the
    others. Numbers too large for a precision are left to `cases.shapes`, which knows the dtypes.
    """
    if not isinstance(value, list):
        return [Complaint(where, described(value), MATRIX)]
    if not value:
        return [Complaint(where, "an empty list", MATRIX)]
    if not any(isinstance(row, list) for row in value):
        found = f"{described(value)} without rows (nested too shallow)"
        return [Complaint(where, found, MATRIX, "put each row in brackets of its own: [[…]]")]
    return _first_of_each_kind(_bad_rows_and_entries(value, where))


def weights_complaints(value: object, where: str) -> list[Complaint]:
    """Say why ``value`` is not a list of one or more matrices of finite numbers."""
    if not isinstance(value, list):
        return [Complaint(where, described(value), WEIGHTS)]
    if not value:
        return [Complaint(where, "no weight matrix", "at least one: a network needs weights")]
    if not any(matrix == [] or _is_list_of_lists(matrix) for matrix in value):
        found = f"{described(value)} that are not matrices (nested too shallow)"
        return [Complaint(where, found, WEIGHTS, "put each matrix in brackets of its own: [[[…]]]")]
    return [
        complaint
        for number, matrix in enumerate(value)
        for complaint in matrix_complaints(matrix, f"{where}[{number}]")
    ]


def shape(value: object) -> tuple[int, int] | None:
    """Return rows and columns of nested lists, or None where they are ragged, empty or not two deep."""
    rows = value if isinstance(value, list) else []
    widths = {len(row) if isinstance(row, list) and not _is_list_of_lists(row) else 0 for row in rows}
    if len(widths) != 1 or 0 in widths:
        return None
    return len(rows), widths.pop()


def numbers(value: object) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yield index and value, as written, of a number or of each number in the rows of a matrix."""
    if _is_number(value):
        yield (), value
    for i, row in enumerate(value if isinstance(value, list) else ()):
        for j, entry in enumerate(row if isinstance(row, list) else ()):
            if _is_number(entry):
                yield (i, j), entry


def as_float(number: float) -> float:
    """Return a TOML number as a float, an integer beyond float64 as an infinity."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def number_complaint(value: object, where: str) -> Complaint | None:
    """Say why ``value`` is not a finite number; integers are numbers, booleans are not."""
    match value:
        case bool():
            return Complaint(where, described(value), "a number")
        case int() | TooLarge():
            return None
        case float():
            return None if math.isfinite(value) else Complaint(where, described(value), "a finite number")
        case list() if value:
            return Complaint(where, f"{described(value)} (nested too deep)", "a number")
        case str() if _reads_as_number(value):
            return Complaint(where, described(value), "a number", "leave out the quotes")
    return Complaint(where, described(value), "a number")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_list_of_lists(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(row, list) for row in value)


def _reads_as_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _bad_rows_and_entries(rows: list[object], where: str) -> Iterator[tuple[str, Complaint]]:
    first, width = next((n, len(row)) for n, row in enumerate(rows) if isinstance(row, list))
    for number, row in enumerate(rows):
        place = f"{where}[{number}]"
        if not isinstance(row, list):
            yield (
                "row",
                Complaint(place, f"{described(row)} (nested too shallow)", _ROW),
            )
            continue
        if not row:
            yield "empty", Complaint(place, "an empty row", _ROW)
        elif len(row) != width and width:
            found = f"row {number} of length {len(row)}"
            yield "ragged", Complaint(place, found, f"length {width}, as row {first} has")
        for column, entry in enumerate(row):
            complaint = number_complaint(entry, f"{place}[{column}]")
            if complaint:
                yield _kind(entry), complaint


def _kind(entry: object) -> str:
    if isinstance(entry, float):
        return "nan" if math.isnan(entry) else "infinity"
    return type(entry).__name__


def _first_of_each_kind(bad: Iterator[tuple[str, Complaint]]) -> list[Complaint]:
    first: dict[str, Complaint] = {}
    count: dict[str, int] = {}
    for kind, complaint in bad:
        first.setdefault(kind, complaint)
        count[kind] = count.get(kind, 0) + 1
    return [_with_count(complaint, count[kind] - 1) for kind, complaint in first.items()]


def _with_count(complaint: Complaint, more: int) -> Complaint:
    if not more:
        return complaint
    found = f"{complaint.found} (and {more} more of this kind)"
    return Complaint(complaint.where, found, complaint.expected, complaint.suggestion)
