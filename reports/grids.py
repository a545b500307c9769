"""The tables that a terminal shows, as rich draws them."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Column
from rich.table import Table as Grid
from rich.text import Text

from reports.cells import Cell
from reports.compact import Entry, Mark
from reports.curves import Curves
from reports.exhibits import Reading
from reports.kills import FEW, Kills
from reports.learning import WORST_HEADER
from reports.met import Convention, Deviation, by_stem
from reports.routes import HEADER as ROUTE_HEADER
from reports.routes import Route
from reports.scans import Finding
from reports.tables import Table
from reports.wording import NOTHING, plain, share
from reports.worth import HEADER, Visibility

FAILED = "bold red"


def full(table: Table) -> Grid:
    """One activation and task: a line for each precision and quantity."""
    grid = _empty("dtype", "quantity", *table.backends)
    for line in table.lines:
        _add(grid, line.dtype, line.quantity or "no values", *map(_cell, line.cells))
    return grid


def activations(entries: Sequence[Entry], backends: Sequence[str]) -> Grid:
    """Many activations: a line for each of them and its task."""
    grid = _empty("activation", "task", *backends)
    for entry in entries:
        _add(grid, entry.activation, entry.task, *map(_cell, entry.marks))
    return grid


def routes(found: Sequence[Route]) -> Grid:
    """A line for each backend."""
    grid = _empty("backend", *ROUTE_HEADER)
    for route in found:
        name = Text(f"✗ {plain(route.backend)}", style=FAILED) if route.failed else route.backend
        _add(grid, name, *route.figures)
    return grid


def findings(found: Sequence[Finding]) -> Grid:
    """What scans found outside the accuracy rows."""
    grid = _empty("activation", "dtype", "of", "backend", "share", "deviation", "worst at x", "value", "exact")
    for finding in found:
        row = finding.row
        named = Text(f"✗ {plain(finding.named)}", style=FAILED) if finding.failed else finding.named
        _add(grid, row.activation, row.dtype, row.quantity or NOTHING, row.backend, share(row.share), named,
             finding.x, *finding.values)  # fmt: skip
    return grid


def precision(lines: Sequence[Visibility]) -> Grid:
    """What the check is worth, a line for each precision."""
    grid = _empty("dtype", *HEADER)
    for line in lines:
        _add(grid, line.dtype, *line.figures)
    return grid


def kills(found: Kills) -> Grid:
    """A line for each mistake; a column for each family of cases where they are few, else for each precision."""
    few = len(found.families) <= FEW
    grid = _empty("mistake", *(found.kinds if few else found.dtypes))
    for line in found.by_family() if few else found.by_precision():
        _add(grid, *line)
    return grid


def trainings(found: Curves) -> Grid:
    """A line for each training, with the worst of all backends."""
    grid = _empty(*map(Text, WORST_HEADER))
    for line in found.worst:
        _add(grid, *line)
    return grid


def conventions(found: Sequence[Convention], backends: Sequence[str]) -> Grid:
    """The conventions met: a line for each activation, a column for each backend."""
    grid = _empty("activation", *backends)
    of = {(one.activation, one.backend): one.text for one in found}
    for activation in dict.fromkeys(one.activation for one in found):
        _add(grid, activation, *(of.get((activation, backend), NOTHING) for backend in backends))
    return grid


def deviations(found: Sequence[Deviation]) -> Grid:
    """The known deviations met: a line for those that differ in the precision alone."""
    grid = _empty("deviation", "dtypes", "scans", "cases", "what")
    for group in by_stem(found):
        name = group[0].id if len(group) == 1 else f"{group[0].stem}-*"
        scanned, cases = sum(one.scanned for one in group), sum(one.cases for one in group)
        _add(grid, name, str(len(group)), f"{scanned:,}", f"{cases:,}", group[0].what or NOTHING)
    return grid


def readings(read: Sequence[Reading]) -> Grid:
    """The readings of the deck, one line each."""
    grid = _empty("reading", "equations", "statement", "derivative?", "agrees in", "error / bound")
    for reading in read:
        figure = NOTHING if reading.worst is None else reading.worst.figures[1]
        _add(grid, reading.name, reading.equation, reading.statement, reading.answer, reading.score, figure)
    return grid


def lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Grid:
    """A table of text."""
    grid = _empty(*header)
    for row in rows:
        _add(grid, *row)
    return grid


def _empty(*headers: str | Text) -> Grid:
    texts = [Text(plain(header)) if isinstance(header, str) else header for header in headers]
    columns = [Column(text, overflow="fold") for text in texts]
    return Grid(*columns, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)


def _add(grid: Grid, *cells: str | Text) -> None:
    grid.add_row(*(Text(plain(cell)) if isinstance(cell, str) else cell for cell in cells))


def _cell(cell: Cell | Mark | None) -> Text:
    if cell is None:
        return Text(NOTHING)
    return Text(f"✗ {cell.text}", style=FAILED) if cell.failed else Text(cell.text)
