"""A run folder: what it holds, and how it is written and read.

``results.jsonl`` (one row a line), ``results.csv`` (the same rows), ``run.json`` (versions, digests,
machine, times) and the exhibits, one JSON file each. Rows hold no time, version, host or process id,
so two runs with the same inputs write the same rows.

``run.json`` is the seal: it is removed first and written last, and it counts the rows, so that what an
interrupted run left behind is never read as a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from reports.row import COLUMNS, Row
from reports.saving import FolderError, Saved, remove, save, unreadable
from reports.stored import HEAD, Stored, encode, held_or_stored, written
from reports.sums import Sums, sums

__all__ = [
    "COLUMNS",
    "EXHIBITS",
    "FILES",
    "ROWS",
    "RUN",
    "TABLE",
    "FolderError",
    "Record",
    "Row",
    "Saved",
    "Stored",
    "encode",
    "failing",
    "listed_failures",
    "read",
    "remove",
    "save",
    "write",
    "write_texts",
    "written",
]

ROWS = "results.jsonl"
TABLE = "results.csv"
RUN = "run.json"
EXHIBITS = ("readings", "equations", "visibility", "kills", "certificate", "curves", "scans", "shapes", "terms")
"""Names of the exhibits; each is a file NAME.json in the folder."""

FILES = (RUN, ROWS, TABLE, *(f"{name}.json" for name in EXHIBITS))
"""All that `write` writes."""


@dataclass(frozen=True)
class Record:
    """A whole run as read back from its folder: the rows are read again whenever they are asked for."""

    rows: Sequence[Row]
    run: Mapping[str, Any]
    exhibits: Mapping[str, Any]

    def __hash__(self) -> int:
        """By identity, for rows are many."""
        return id(self)

    @cached_property
    def sums(self) -> Sums:
        """What reports need of all rows."""
        return self.rows.sums if isinstance(self.rows, Stored) else sums(self.rows, failing(self.run))


def write(folder: Path, rows: Iterable[Row], run: Mapping[str, Any], exhibits: Mapping[str, Any]) -> None:
    """Write ``results.jsonl``, ``results.csv``, ``run.json`` and the exhibits into ``folder``.

    Each file appears whole or not at all, and exhibits of an earlier run are removed. The key "rows" of
    ``run.json`` is this function's own. Raises FolderError with a sentence, ValueError for an exhibit
    that is not one of EXHIBITS.
    """
    write_texts(folder, (written([row]) for row in rows), run, exhibits)


def write_texts(
    folder: Path, texts: Iterable[tuple[bytes, bytes]], run: Mapping[str, Any], exhibits: Mapping[str, Any]
) -> None:
    """The same of rows as `written` writes them, some at a time."""
    if unknown := sorted(set(exhibits) - set(EXHIBITS)):
        raise ValueError(f"not an exhibit: {', '.join(unknown)}; add it to reports.record.EXHIBITS")
    remove(folder, (RUN, *(f"{name}.json" for name in EXHIBITS if name not in exhibits)))
    number = 0
    with Saved(folder / ROWS) as lines, Saved(folder / TABLE) as table:
        table.write(HEAD)
        for its, cells_ in texts:
            lines.write(its)
            table.write(cells_)
            number += its.count(b"\n")
    for name, exhibit in exhibits.items():
        save(folder / f"{name}.json", json.dumps(encode(exhibit), ensure_ascii=False, indent=1) + "\n")
    sealed = {**run, "rows": number}
    save(folder / RUN, json.dumps(encode(sealed), ensure_ascii=False, indent=1) + "\n")


def read(folder: Path, found: Sums | None = None) -> Record:
    """Read a run folder. Raises FolderError where a file is missing or damaged.

    In ``run`` and the exhibits NaN and infinities stay the words that `encode` wrote. Whoever has just written the
    folder may know the sums over its rows already.
    """
    run = _json(folder / RUN)
    if not isinstance(run, dict):
        raise FolderError(f"{folder / RUN}: not an object; run again")
    rows = held_or_stored(folder / ROWS, failing(run)) if found is None else Stored(folder / ROWS, found)
    expected = run.pop("rows", len(rows))
    if expected != len(rows):
        raise FolderError(f"{folder / ROWS}: {len(rows)} rows where {RUN} counts {expected}; run again")
    paths = {name: folder / f"{name}.json" for name in EXHIBITS}
    return Record(rows, run, {name: _json(path) for name, path in paths.items() if path.exists()})


def listed_failures(run: Mapping[str, Any]) -> list[tuple[str, str, str]] | None:
    """Case, backend and reason of each failure that ``run.json`` lists; None where it lists none at all."""
    listed = run.get("failures")
    if listed is None:
        return None
    its = listed if isinstance(listed, (list, tuple)) else ()
    keys = ("case", "backend", "reason")
    return [
        (str(item.get(keys[0]) or ""), str(item.get(keys[1]) or ""), str(item.get(keys[2]) or ""))
        for item in its
        if isinstance(item, Mapping)
    ]


def failing(run: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """Cases and backends that failed the gate; None where ``run.json`` does not list them."""
    listed = listed_failures(run)
    return None if listed is None else [(case, backend) for case, backend, _ in listed]


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise FolderError(f"{path}: not JSON ({error}); run again") from error


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise FolderError(f"{path}: not UTF-8 text ({error}); run again") from error
