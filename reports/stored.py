"""Rows as lines of files, and the rows of a file that has too many to be held."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, overload

from reports.row import COLUMNS, Row, cells, parse
from reports.saving import FolderError, in_bytes, unreadable
from reports.sums import Sums, in_turn

HELD = 20_000
"""Rows of a folder that are held; of more, only what is made of them."""


def held_or_stored(path: Path, failing: Collection[tuple[str, str]] | None) -> Sequence[Row]:
    """All rows where they are few; of many, where they are."""
    few = list(islice(stored_rows(path), HELD + 1))
    if len(few) <= HELD:
        return tuple(few)
    found = in_turn(stored_rows(path), failing)
    if found is None:  # rows of a case are not together, as they would be in a folder of ours
        return tuple(stored_rows(path))
    return Stored(path, found)


def stored_rows(path: Path) -> Iterator[Row]:
    """The rows of a file one by one. Raises FolderError for what is none."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield parse(json.loads(line.decode("utf-8")))
                except UnicodeDecodeError as error:
                    raise FolderError(f"{path}: not UTF-8 text ({error}); run again") from error
                except (ValueError, TypeError) as error:
                    raise FolderError(f"{path}, line {number}: not a row ({error}); run again") from error
    except OSError as error:
        raise unreadable(path, error) from error


class Stored(Sequence[Row]):
    """The rows of a run folder, too many to be held: read one by one whenever they are asked for."""

    def __init__(self, path: Path, found: Sums) -> None:
        self.path, self.sums, self._number = path, found, found.number

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[Row]:
        return stored_rows(self.path)

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        """One row, or some, from the beginning of the file on: dear."""
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            places = range(start, stop, step)
            found = {n: row for n, row in enumerate(islice(self, max(start, stop) + 1)) if n in places}
            return [found[n] for n in places]
        return next(islice(self, range(len(self))[at], None))

    def of(self, places: Collection[int]) -> Iterator[Row]:
        """The rows of some cases, given by their number in the order of the rows; only these are parsed."""
        wanted, cases = set(places), self.sums.in_order
        with self.path.open("rb") as file:
            for number, told in enumerate(cases):
                lines = islice(file, told.rows)
                if number in wanted:
                    yield from (parse(json.loads(line)) for line in lines)
                else:
                    deque(lines, maxlen=0)


def written(rows: Iterable[Row]) -> tuple[bytes, bytes]:
    """Rows as lines of ``results.jsonl`` and of ``results.csv``: the same numbers, so both at once."""
    lines: list[str] = []
    table: list[str] = []
    for row in rows:
        its: list[str] = []
        ours: list[str] = []
        for value in cells(row):
            if value is None:
                text, cell = "null", '""'
            elif isinstance(value, str):
                text, cell = _text(value), _cell(value)
            elif isinstance(value, tuple):
                text = str([*map(int, value)])
                cell = f'"{text}"'
            elif isinstance(value, float):
                text = cell = float.__repr__(value) if math.isfinite(value) else f'"{encode(value)}"'
            else:
                text = cell = int.__repr__(value)
            its.append(text)
            ours.append(cell)
        lines.append(_LINE % tuple(its))
        table.append(",".join(ours) + "\n")
    return in_bytes("".join(lines)), in_bytes("".join(table))


@lru_cache(maxsize=1 << 14)
def _text(value: str) -> str:
    """A text in JSON."""
    return json.dumps(str(value), ensure_ascii=False)


@lru_cache(maxsize=1 << 14)
def _cell(value: str) -> str:
    """A text in CSV."""
    return '"' + value.replace('"', '""') + '"'


HEAD = in_bytes(",".join(map(_cell, COLUMNS)) + "\n")
"""The first line of ``results.csv``."""

_LINE = "{" + ", ".join(f'"{name}": %s' for name in COLUMNS) + "}\n"
"""A line of ``results.jsonl``."""


def encode(value: Any) -> Any:
    """Make ``value`` JSON: NaN and infinities become "nan", "inf", "-inf"; other floats round-trip."""
    if value is None or isinstance(value, str | int):  # most of what there is
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    return value
