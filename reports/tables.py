"""Comparison tables, from rows: what terminal, summary and page all show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.cells import Cell, cell_of, merged
from reports.lots import Lot
from reports.row import PUBLISHED

QUANTITIES = ("output", "loss", "gradient", "update", "loss after", None)
"""Quantities in the order of a table's lines; None is a case without values."""


@dataclass(frozen=True)
class Line:
    """One dtype and quantity; a cell for each backend of the table, None where it has no row."""

    dtype: str
    quantity: str | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Table:
    """All that was compared for one activation and task."""

    activation: str
    task: str
    backends: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """``sigmoid, classification``."""
        return f"{self.activation}, {self.task}"

    @property
    def groups(self) -> tuple[tuple[str, tuple[Line, ...]], ...]:
        """Lines by dtype."""
        dtypes = dict.fromkeys(line.dtype for line in self.lines)
        return tuple((dtype, tuple(line for line in self.lines if line.dtype == dtype)) for dtype in dtypes)


def tables(lots: Iterable[Lot], backends: Sequence[str]) -> tuple[Table, ...]:
    """Aggregate rows into one table for each activation and task, in the order of first appearance.

    ``backends`` are the columns, in order; backends that only rows mention follow. Rows of scans are left out.
    """
    of: dict[tuple[str, str, str, str | None, str], list[Lot]] = defaultdict(list)
    for lot in lots:
        if lot.task is not None:
            of[lot.activation, lot.task, lot.dtype, lot.quantity, lot.backend].append(lot)
    cells = {at: cell_of(its) for at, its in of.items()}
    columns = tuple(dict.fromkeys([*backends, *(at[-1] for at in cells)]))
    seen: dict[str, dict[str, dict[str, dict[str | None, None]]]] = defaultdict(dict)
    for activation, task, dtype, quantity, _ in cells:
        seen[activation].setdefault(task, {}).setdefault(dtype, {})[quantity] = None

    def line(activation: str, task: str, dtype: str, quantity: str | None) -> Line:
        return Line(
            dtype, quantity, tuple(cells.get((activation, task, dtype, quantity, backend)) for backend in columns)
        )

    return tuple(
        _without_printed(
            activation,
            task,
            columns,
            tuple(line(activation, task, dtype, q) for dtype, qs in dtypes.items() for q in sorted(qs, key=_order)),
        )
        for activation, tasks in seen.items()
        for task, dtypes in tasks.items()
    )


def _without_printed(activation: str, task: str, columns: tuple[str, ...], lines: tuple[Line, ...]) -> Table:
    """A table; what sources print has a column only where there is any."""
    kept = [
        place
        for place, name in enumerate(columns)
        if name != PUBLISHED or any(line.cells[place] is not None for line in lines)
    ]
    some = (Line(line.dtype, line.quantity, tuple(line.cells[place] for place in kept)) for line in lines)
    return Table(activation, task, tuple(columns[place] for place in kept), tuple(some))


def overview(found: Iterable[Table], quantity: str) -> list[tuple[Table, Line]]:
    """One quantity's lines of all tables, where cases without values count with their verdict."""
    result = []
    for table in found:
        for dtype, lines in table.groups:
            of = [line for line in lines if line.quantity in (quantity, None)]
            if of:
                cells = tuple(merged(column) for column in zip(*(line.cells for line in of), strict=True))
                result.append((table, Line(dtype, quantity, cells)))
    return result


def _order(quantity: str | None) -> int:
    return QUANTITIES.index(quantity) if quantity in QUANTITIES else len(QUANTITIES)
