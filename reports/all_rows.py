"""The section of all rows: its columns, the worst rows for readers without script, links, and the script itself."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from markupsafe import Markup

from reports import wording
from reports.columns import columns
from reports.discrepancies import key, worst_first
from reports.record import Row
from reports.view import View

MOST = 200_000
"""How many rows the page holds; the worst ones, where there are more.

Packed, a row of the catalogue takes four bytes, so the page of the whole catalogue stays under a megabyte, with
room for the other sections.
"""

ROOM = 3_000_000
"""How many bytes the packed rows take at most, whatever text is in them; the worst rows, where they take more."""

WORST = 40
"""How many rows are there without script."""

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
    rows: Sequence[Row] = seen.rows
    if len(rows) > MOST:
        rows = worst_first(rows, seen.failed)[:MOST]
    text = columns(rows, seen.failed)
    while len(text) > ROOM:
        rows = worst_first(rows, seen.failed)[: len(rows) // 2]
        text = columns(rows, seen.failed)
    return len(rows), text


def worst(seen: View) -> list[tuple[list[str], bool]]:
    """The worst rows as text, and whether the gate failed on each."""
    rows = worst_first(seen.rows, seen.failed)[:WORST]
    return [([_cell(row, name, key(row) in seen.failed) for name, _, _ in COLUMNS], key(row) in seen.failed)
            for row in rows]  # fmt: skip


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
