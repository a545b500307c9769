"""Comparison tables, from rows: what terminal, summary and page all show."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from reports import wording
from reports.discrepancies import Key, key, noted
from reports.record import Row
from reports.verdict import Verdict

QUANTITIES = ("output", "loss", "gradient", "update", "activation", "derivative", None)
"""Quantities in the order of a table's lines; None is a case without values."""


@dataclass(frozen=True)
class Cell:
    """The worst of some rows of one backend: each figure on its own, so not always of one entry.

    ``ulp`` and ``share`` are None where no row has one, and NaN where any row's is NaN. ``failed`` says
    that the gate failed on one of the rows.
    """

    rows: int
    entries: int
    ulp: float | None
    share: float | None
    verdict: Verdict
    blind: int
    failed: bool

    @property
    def numbers(self) -> str:
        """``ulp / share``, as written for people; a dash where there is neither."""
        return wording.NOTHING if self.bare else f"{wording.ulps(self.ulp)} / {wording.share(self.share)}"

    @property
    def bare(self) -> bool:
        """Whether there are no numbers."""
        return self.ulp is None and self.share is None

    @property
    def notes(self) -> str:
        """The verdict, where it is neither exact nor rounding, and the number of blind entries, if any."""
        blind = f"{self.blind:,} of {self.entries:,} blind" if self.blind else ""
        return ", ".join(part for part in (self.verdict if noted(self.verdict) else "", blind) if part)

    @property
    def text(self) -> str:
        """Numbers and notes; the notes alone where there are no numbers."""
        if self.bare:
            return self.notes or self.numbers
        return f"{self.numbers}, {self.notes}" if self.notes else self.numbers

    def joined(self, other: Cell) -> Cell:
        """The worst of both."""
        return Cell(
            rows=self.rows + other.rows,
            entries=self.entries + other.entries,
            ulp=worst((self.ulp, other.ulp)),
            share=worst((self.share, other.share)),
            verdict=max(self.verdict, other.verdict, key=lambda verdict: verdict.severity),
            blind=self.blind + other.blind,
            failed=self.failed or other.failed,
        )


@dataclass(frozen=True)
class Line:
    """One dtype and quantity; a cell for each backend of the table, None where it has no row."""

    dtype: str
    quantity: str | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Table:
    """All that was compared for one activation and task (None: the activation by itself)."""

    activation: str
    task: str | None
    backends: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """``sigmoid, classification``."""
        return f"{self.activation}, {self.task or 'by itself'}"

    @property
    def groups(self) -> tuple[tuple[str, tuple[Line, ...]], ...]:
        """Lines by dtype."""
        dtypes = dict.fromkeys(line.dtype for line in self.lines)
        return tuple((dtype, tuple(line for line in self.lines if line.dtype == dtype)) for dtype in dtypes)


def tables(rows: Iterable[Row], backends: Sequence[str], failed: Collection[Key] = ()) -> tuple[Table, ...]:
    """Aggregate rows into one table for each activation and task, in the order of first appearance.

    ``backends`` are the columns, in order; backends that only rows mention follow.
    """
    cells: dict[tuple[str, str | None, str, str | None, str], Cell] = {}
    for row in rows:
        at = row.activation, row.task, row.dtype, row.quantity, row.backend
        new = _cell(row, key(row) in failed)
        cells[at] = cells[at].joined(new) if at in cells else new
    columns = tuple(dict.fromkeys([*backends, *(at[-1] for at in cells)]))
    seen: dict[str, dict[str | None, dict[str, dict[str | None, None]]]] = defaultdict(dict)
    for activation, task, dtype, quantity, _ in cells:
        seen[activation].setdefault(task, {}).setdefault(dtype, {})[quantity] = None

    def line(activation: str, task: str | None, dtype: str, quantity: str | None) -> Line:
        of = tuple(cells.get((activation, task, dtype, quantity, backend)) for backend in columns)
        return Line(dtype, quantity, of)

    return tuple(
        Table(
            activation,
            task,
            columns,
            tuple(line(activation, task, dtype, q) for dtype, qs in dtypes.items() for q in sorted(qs, key=_order)),
        )
        for activation, tasks in seen.items()
        for task, dtypes in tasks.items()
    )


def overview(found: Iterable[Table], quantity: str) -> list[tuple[Table, Line]]:
    """One quantity's lines of all tables, where cases without values count with their verdict."""
    result = []
    for table in found:
        for dtype, lines in table.groups:
            of = [line for line in lines if line.quantity in (quantity, None)]
            if of:
                cells = tuple(_merged(column) for column in zip(*(line.cells for line in of), strict=True))
                result.append((table, Line(dtype, quantity, cells)))
    return result


def worst(values: Iterable[float | None]) -> float | None:
    """Return the largest value; NaN if there is one, None if there is none."""
    known = [value for value in values if value is not None]
    return math.nan if any(map(math.isnan, known)) else max(known, default=None)


def _cell(row: Row, failed: bool) -> Cell:
    return Cell(1, row.entries, row.max_ulp, row.share, row.verdict, row.blind, failed)


def _merged(cells: Iterable[Cell | None]) -> Cell | None:
    result: Cell | None = None
    for cell in cells:
        result = cell if result is None else result if cell is None else result.joined(cell)
    return result


def _order(quantity: str | None) -> int:
    return QUANTITIES.index(quantity) if quantity in QUANTITIES else len(QUANTITIES)
