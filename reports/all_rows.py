"""The section of all rows: its columns, the worst rows for readers without script, links, and the script itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlencode

from markupsafe import Markup

from reports import wording
from reports.columns import columns
from reports.discrepancies import worst_first
from reports.record import Row, Stored
from reports.sums import Told
from reports.view import View

MOST = 120_000
"""Up to how many rows the page holds all of them.

Packed, a row of the catalogue takes four bytes, so the page of the whole catalogue stays under a megabyte, with
room for the other sections.
"""

FEWER = 20_000
"""About how many it holds where there are more: whole cases, the worst of them."""

ROOM = 3_000_000
"""How many bytes the packed rows take at most, whatever text is in them; the worst rows, where they take more."""

COLUMNS = (
    ("case", "case", "text"),
    ("backend", "backend", "choice"),
    ("quantity", "quantity", "choice"),
    ("layer", "layer", "choice"),
    ("verdict", "verdict", "choice"),
    ("max_ulp", "ulp", "number"),
    ("share", "share", "number"),
    ("reference_ulp", "ulp from reference", "number"),
    ("worst_index", "worst at", "text"),
    ("worst_value", "value", "number"),
    ("worst_exact", "exact", "number"),
    ("entries", "entries", "number"),
    ("blind", "blind", "number"),
    ("zero", "zero", "number"),
    ("family", "family", "text"),
    ("activation", "activation", "choice"),
    ("task", "task", "choice"),
    ("dtype", "dtype", "choice"),
    ("layers", "network", "choice"),
    ("batch", "batch", "choice"),
    ("detail", "detail", "text"),
)
"""Name, heading, and how it is filtered."""

OFTEN = ("case", "activation", "task", "dtype", "backend", "quantity", "verdict", "share")
"""Columns whose filters are not folded away."""

SCRIPTS = ("unpack.js", "columns.js", "search.js", "rows.js", "links.js")


def held(seen: View) -> tuple[int, Markup]:
    """How many rows the page holds, and these, packed: all, or as many of the worst as there is room for."""
    rows = list(seen.rows if len(seen.rows) <= MOST else of_cases(seen.rows, worst_cases(seen.sums.in_order, FEWER)))
    text = columns(rows, seen.failed)
    while len(text) > ROOM:
        rows = worst_first(rows, seen.failed)[: len(rows) // 2]
        text = columns(rows, seen.failed)
    return len(rows), text


def worst_cases(cases: Sequence[Told], rows: int) -> set[int]:
    """The numbers of the worst cases: as many as have ``rows`` rows together, and one at least.

    Failed ones first, then those with any row that is neither exact nor rounding, then by the largest share.
    """
    found: set[int] = set()
    for number in sorted(range(len(cases)), key=lambda n: cases[n].rank):
        rows -= cases[number].rows
        if rows < 0 and found:
            break
        found.add(number)
    return found


def of_cases(rows: Sequence[Row], numbers: Collection[int]) -> Iterable[Row]:
    """The rows of some cases, given by their number in the order of the rows."""
    if isinstance(rows, Stored):
        return rows.of(numbers)
    cases = list(dict.fromkeys(row.case for row in rows))
    names = {cases[number] for number in numbers}
    return (row for row in rows if row.case in names)


def worst(seen: View) -> list[tuple[list[str], bool]]:
    """The worst rows as text, and whether the gate failed on each."""
    return [([_cell(row, name, bad) for name, _, _ in COLUMNS], bad) for row, bad in seen.sums.worst_rows()]


def query(**columns: str | int | None) -> str:
    """Part of a link to rows: ``backend=torch&verdict=known``; None is written as in the table."""
    return urlencode({name: _word(value) for name, value in columns.items()})


def _word(value: str | int | None) -> str:
    return wording.NOTHING if value in (None, "") else wording.visible(str(value))


def _cell(row: Row, name: str, bad: bool) -> str:
    if name in ("worst_value", "worst_exact"):
        value, exact = wording.apart(row.worst_value, row.worst_exact)
        return value if name == "worst_value" else exact
    if name == "worst_index":
        return wording.NOTHING if row.worst_index is None else str([*row.worst_index])
    if name == "verdict":
        return f"✗ {row.verdict}" if bad else str(row.verdict)
    found = getattr(row, name)
    if name == "share":
        return wording.share(found)
    if name in ("max_ulp", "reference_ulp"):
        return wording.ulps(found)
    return _word(found)
