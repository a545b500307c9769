"""``summary.md``: a run in GitHub-flavoured markdown, small enough for a job summary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from reports import legend, sections
from reports.discrepancies import ORDER, TITLE, Discrepancy
from reports.exhibits import Reading
from reports.markdown import escape, fitting, section, size, table
from reports.outcome import Outcome
from reports.record import Record
from reports.tables import Line, Table, overview
from reports.view import View, view
from reports.wording import NOTHING, counted, visible

MOST = 100
"""How many discrepancies are listed."""

LINES = 400
"""How many lines a table may have."""

LIMIT = 1_000_000
"""Size that the file stays under, in bytes; GitHub refuses a job summary above 1024 kB."""


def summary(record: Record) -> str:
    """Write the summary of a run as markdown, in fewer than LIMIT bytes whatever the run holds."""
    seen = view(record)
    result = seen.outcome
    start = [f"# {'✅' if result.agrees else '❌'} {escape(result.sentence, 2000)}", "", _counts(seen)]
    body = [
        *_discrepancies(seen.discrepancies),
        *_tables(seen),
        *sections.scans(seen, LINES),
        *sections.routes(seen),
        *sections.visibility(seen, LINES),
        *sections.conventions(seen, LINES),
        *sections.deviations(seen, LINES),
        *sections.errata(seen),
        *sections.suspicious(seen),
        *_readings(seen.readings),
        *sections.curves(seen, LINES),
        *sections.proof(seen, MOST),
        *sections.structures(seen, LINES),
        *sections.kills(seen, LINES),
    ]
    end = [*_versions(result), *_legend(), *_command(result)]
    cut = ["", "*The rest does not fit here: index.html and results.csv hold everything.*"]
    room = LIMIT - sum(size(line) for line in (*start, *end, *cut))
    return "\n".join((*start, *fitting(body, room, cut), *end)) + "\n"


def _counts(seen: View) -> str:
    entries = counted(seen.counts.entries, "entry", "entries")
    mistakes = f" **{seen.kills.text}.**" if seen.kills is not None and seen.kills.cells else ""
    without = f" **{counted(len(seen.absent), 'route')} could not be run**, see below." if seen.absent else ""
    return f"{seen.outcome.size}, {entries} compared; {seen.met}. By verdict: {seen.counts.text}.{mistakes}{without}"


def _discrepancies(found: Sequence[Discrepancy]) -> list[str]:
    if not found:
        return []
    lines = []
    for item in found[:MOST]:
        names = ", ".join(f"**{escape(x)}**" for x in (item.failure.case, item.failure.backend) if x)
        parts = (names or "**all cases**", escape(item.place), item.numbers, escape(item.advice, 600))
        lines.append("- " + " — ".join(part for part in parts if part))
    if len(found) > MOST:
        lines += ["", f"… and {counted(len(found) - MOST, 'more row')}."]
    return section(TITLE, ORDER, "", *lines)


def _tables(seen: View) -> list[str]:
    if seen.few:
        return [
            *_overview("Gradients", "gradient", seen.tables),
            *_overview("Updated weights", "update", seen.tables),
        ]
    found = []
    for title, quantity in legend.MATRICES:
        rows = [(entry.failed, (entry.activation, entry.task, *entry.marks)) for entry in seen.entries[quantity]]
        if rows:
            lines = _limited(("activation", "task", *seen.columns), rows)
            found += section(f"{title}, by activation and task", f"Each cell: {legend.MARK}.", "", *lines)
    return [*found, *(line for item in seen.uncovered[:MOST] for line in (f"{escape(item.text)}.", ""))]


def _overview(title: str, quantity: str, compared: Iterable[Table]) -> list[str]:
    lines = overview(compared, quantity)
    if not lines:
        return []
    rows = [(_failed(line), (table.activation, table.task, line.dtype, *line.cells)) for table, line in lines]
    header = ("activation", "task", "dtype", *lines[0][0].backends)
    return section(title, f"Each cell: {legend.CELL}.", "", *_limited(header, rows))


def _limited(header: Sequence[str], rows: Sequence[tuple[bool, Sequence[Any]]]) -> list[str]:
    """A table of at most LINES lines; where there are more, failed ones first."""
    if len(rows) <= LINES:
        return table(header, (cells for _, cells in rows))
    shown = sorted(rows, key=lambda row: not row[0])[:LINES]
    more = f"… and {counted(len(rows) - LINES, 'more line')}, failed ones first; index.html has all."
    return [*table(header, (cells for _, cells in shown)), "", more]


def _failed(line: Line) -> bool:
    return any(cell is not None and cell.failed for cell in line.cells)


def _readings(read: Sequence[Reading]) -> list[str]:
    if not read:
        return []
    rows = []
    for item in read[:MOST]:
        ratio, share = (NOTHING, NOTHING) if item.worst is None else item.worst.figures
        at = item.sentence if item.worst is None else f"{item.worst.case}, {item.worst.place}"
        rows.append((item.name, item.equation, item.statement, item.answer, item.score, ratio, share, at))
    header = ("reading", "equations", "statement", "the derivative?", "agrees in", "value / exact",
              "error / bound", "worst at")  # fmt: skip
    return section("The readings of the deck", *table(header, rows))


def _versions(result: Outcome) -> list[str]:
    rows = [*result.versions[:MOST], *result.circumstances]
    return section("Versions and machine", *table(("what", "which"), rows)) if rows else []


def _legend() -> list[str]:
    return section("Legend", *(f"- **{term}**: {escape(meaning)}" for term, meaning in legend.TERMS))


def _command(result: Outcome) -> list[str]:
    if not result.command:
        return []
    command = visible(result.command[:20_000])
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", command)), default=0))
    return section("Repeat this run", f"{fence}sh", command, fence)
