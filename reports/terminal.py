"""What a run prints: the tables, each discrepancy, the readings, and one closing line."""

from __future__ import annotations

from typing import IO

from rich import box
from rich.console import Console
from rich.table import Column
from rich.table import Table as Grid
from rich.text import Text

from reports import legend
from reports.counts import count
from reports.discrepancies import Discrepancy, discrepancies, failed_rows
from reports.exhibits import Reading, readings
from reports.outcome import outcome, short_answer
from reports.record import Record
from reports.tables import Cell, Table, tables
from reports.wording import NOTHING, counted, plain

MOST = 20
"""How many discrepancies are printed."""

UNBOUNDED = 10**9
"""Width of the console where output is not to a terminal: nothing is ever wrapped or cut."""

FAILED = "bold red"


def console(stream: IO[str]) -> Console:
    """Make a console for ``stream``: on a pipe or file, no colour, and no line is ever wrapped or cut.

    Characters that the stream's encoding lacks are written as escapes.
    """
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    if stream.isatty():
        return Console(file=stream, highlight=False, markup=False, emoji=False)
    return Console(
        file=stream,
        width=UNBOUNDED,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
        highlight=False,
        markup=False,
        emoji=False,
    )


def show(record: Record, to: Console) -> None:
    """Print a run: tables, discrepancies (at most MOST), the readings, and the closing line."""
    result = outcome(record)
    found = discrepancies(record.rows, result.failures)
    compared = tables(record.rows, result.backends, failed_rows(found))
    if compared:
        to.print(Text(f"Each cell: {legend.CELL}; ✗ failed.\n"), soft_wrap=True)
    for table in compared:
        _heading(table.title, to)
        to.print(_grid(table))
        to.print()
    if found:
        _heading("Discrepancies, worst first", to)
        for item in found[:MOST]:
            to.print(_line(item), soft_wrap=True)
        if len(found) > MOST:
            rest = counted(len(found) - MOST, "more discrepancy", "more discrepancies")
            to.print(Text(f"  … and {rest}."), soft_wrap=True)
        to.print()
    if read := readings(record):
        _heading("The readings of the deck, against the derivative of S11", to)
        to.print(_readings(read))
        to.print()
        for reading in read:
            if reading.sentence:
                to.print(Text(f"  {plain(reading.name)}: {plain(reading.sentence)}"), soft_wrap=True)
        to.print()
    if not result.agrees:
        to.print(Text(plain(result.sentence), style=FAILED), soft_wrap=True)
    number = count(record.rows)
    size = f"{counted(result.cases, 'case')} × {counted(len(result.backends), 'backend')}"
    entries = counted(number.entries, "entry", "entries")
    closing = f"{size}, {entries}: {short_answer(result, len(found))}. {number.text}."
    to.print(Text(closing), soft_wrap=True)


def _heading(title: str, to: Console) -> None:
    to.print(Text(plain(title), style="bold"), soft_wrap=True)


def _grid(table: Table) -> Grid:
    grid = _empty("dtype", "quantity", *table.backends)
    for line in table.lines:
        grid.add_row(Text(plain(line.dtype)), Text(plain(line.quantity or "no values")), *map(_cell, line.cells))
    return grid


def _cell(cell: Cell | None) -> Text:
    if cell is None:
        return Text(NOTHING)
    return Text(f"✗ {cell.text}", style=FAILED) if cell.failed else Text(cell.text)


def _line(item: Discrepancy) -> Text:
    names = "  ".join(plain(name) for name in (item.failure.case, item.failure.backend) if name)
    parts = (names or "all cases", item.place, item.numbers, plain(item.advice))
    return Text("  ").append("FAILED  ", FAILED).append("  ".join(part for part in parts if part))


def _readings(read: tuple[Reading, ...]) -> Grid:
    grid = _empty("reading", "equations", "statement", "the derivative?", "agrees in",
                  "value / exact", "error / bound", "worst at")  # fmt: skip
    for reading in read:
        worst = reading.worst
        ratio, share = (NOTHING, NOTHING) if worst is None else worst.figures
        at = NOTHING if worst is None else f"{worst.case}, {worst.place}"
        texts = (reading.name, reading.equation, reading.statement, reading.answer, reading.score,
                 ratio, share, at)  # fmt: skip
        grid.add_row(*(Text(plain(text)) for text in texts))
    return grid


def _empty(*headers: str) -> Grid:
    columns = [Column(Text(plain(header)), overflow="fold") for header in headers]
    return Grid(*columns, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
