"""``summary.md``: a run in GitHub-flavoured markdown, small enough for a job summary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reports import legend
from reports.counts import count
from reports.discrepancies import Discrepancy, discrepancies, failed_rows
from reports.exhibits import Reading, readings
from reports.outcome import Outcome, outcome
from reports.record import Record
from reports.tables import Cell, Line, Table, overview, tables
from reports.wording import NOTHING, clipped, counted, visible

MOST = 100
"""How many discrepancies are listed."""

LINES = 400
"""How many lines a table may have."""

LIMIT = 1_000_000
"""Size that the file stays under, in bytes; GitHub refuses a job summary above 1024 kB."""

_LONGEST = 300
_SPECIAL = re.compile(r"([\\`*_\[\]~|$])")


def summary(record: Record) -> str:
    """Write the summary of a run as markdown, in fewer than LIMIT bytes whatever the run holds."""
    result = outcome(record)
    found = discrepancies(record.rows, result.failures)
    compared = tables(record.rows, result.backends, failed_rows(found))
    start = [
        f"# {'✅' if result.agrees else '❌'} {escape(result.sentence, 2000)}",
        "",
        _counts(record, result),
    ]
    body = [
        *_discrepancies(found),
        *_overview("Gradients", "gradient", compared),
        *_overview("Updated weights", "update", compared),
        *_readings(readings(record)),
    ]
    end = [*_versions(result), *_legend(), *_command(result)]
    cut = ["", "*The rest does not fit here: index.html and results.csv hold everything.*"]
    room = LIMIT - sum(_size(line) for line in (*start, *end, *cut))
    return "\n".join((*start, *_fitting(body, room, cut), *end)) + "\n"


def escape(text: str, longest: int = _LONGEST) -> str:
    """Make foreign text safe inside a markdown line or table cell: one line that means only itself."""
    text = _SPECIAL.sub(r"\\\1", clipped(text, longest))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _counts(record: Record, result: Outcome) -> str:
    number = count(record.rows)
    size = f"{counted(result.cases, 'case')} × {counted(len(result.backends), 'backend')}"
    return f"{size}, {counted(number.entries, 'entry', 'entries')} compared. By verdict: {number.text}."


def _discrepancies(found: Sequence[Discrepancy]) -> list[str]:
    if not found:
        return []
    lines = ["", "## Discrepancies, worst first", ""]
    for item in found[:MOST]:
        names = ", ".join(f"**{escape(x)}**" for x in (item.failure.case, item.failure.backend) if x)
        parts = (names or "**all cases**", escape(item.place), item.numbers, escape(item.advice, 600))
        lines.append("- " + " — ".join(part for part in parts if part))
    if len(found) > MOST:
        lines += ["", f"… and {counted(len(found) - MOST, 'more discrepancy', 'more discrepancies')}."]
    return lines


def _overview(title: str, quantity: str, compared: Iterable[Table]) -> list[str]:
    lines = overview(compared, quantity)
    if not lines:
        return []
    backends = lines[0][0].backends
    shown = sorted(lines, key=lambda pair: not _failed(pair[1])) if len(lines) > LINES else lines
    rows = [(table.activation, table.task or NOTHING, line.dtype, *line.cells) for table, line in shown[:LINES]]
    out = ["", f"## {title}", "", f"Each cell: {legend.CELL}.", ""]
    out += _table(("activation", "task", "dtype", *backends), rows)
    if len(lines) > LINES:
        out += [
            "",
            f"… and {counted(len(lines) - LINES, 'more line')}, failed ones first; index.html has all.",
        ]
    return out


def _failed(line: Line) -> bool:
    return any(cell is not None and cell.failed for cell in line.cells)


def _readings(read: Sequence[Reading]) -> list[str]:
    if not read:
        return []
    rows = []
    for item in read[:MOST]:
        ratio, share = (NOTHING, NOTHING) if item.worst is None else item.worst.figures
        rows.append((item.name, item.equation, item.statement, item.answer, item.score, ratio, share, item.sentence))
    header = ("reading", "equations", "statement", "the derivative?", "agrees in", "value / exact",
              "error / bound", "in words")  # fmt: skip
    return ["", "## The readings of the deck", "", *_table(header, rows)]


def _versions(result: Outcome) -> list[str]:
    rows = [*result.versions[:MOST], *result.circumstances]
    return ["", "## Versions and machine", "", *_table(("what", "which"), rows)] if rows else []


def _legend() -> list[str]:
    terms = [f"- **{term}**: {escape(meaning)}" for term, meaning in legend.TERMS]
    return ["", "## Legend", "", *terms]


def _command(result: Outcome) -> list[str]:
    if not result.command:
        return []
    command = visible(result.command[:20_000])
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", command)), default=0))
    return ["", "## Repeat this run", "", f"{fence}sh", command, fence]


def _table(header: Sequence[str], rows: Iterable[Sequence[str | Cell | None]]) -> list[str]:
    lines = [" | ".join(map(escape, header)), " | ".join("---" for _ in header)]
    lines += [" | ".join(map(_cell, row)) for row in rows]
    return [f"| {line} |" for line in lines]


def _cell(cell: str | Cell | None) -> str:
    if cell is None:
        return NOTHING
    if isinstance(cell, str):
        return escape(cell)
    return f"**❌ {escape(cell.text)}**" if cell.failed else escape(cell.text)


def _fitting(lines: Sequence[str], room: int, cut: Sequence[str]) -> list[str]:
    taken: list[str] = []
    for line in lines:
        room -= _size(line)
        if room < 0:
            return [*taken, *cut]
        taken.append(line)
    return taken


def _size(line: str) -> int:
    return len(line.encode("utf-8", "backslashreplace")) + 1
