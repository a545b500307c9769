"""A run folder: what it holds, and how it is written and read.

``results.jsonl`` (one row a line), ``results.csv`` (the same rows), ``run.json`` (versions, digests,
machine, times) and the exhibits, one JSON file each. Rows hold no time, version, host or process id,
so two runs with the same inputs write the same rows.

``run.json`` is the seal: it is removed first and written last, and it counts the rows, so that what an
interrupted run left behind is never read as a run.
"""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.row import COLUMNS, Row, cells, parse

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
    "encode",
    "read",
    "remove",
    "save",
    "write",
]

ROWS = "results.jsonl"
TABLE = "results.csv"
PART = ".part"
"""Ends the name of a file that is not whole yet."""

RUN = "run.json"
EXHIBITS = ("readings", "equations", "visibility", "kills", "certificate", "curves", "scans", "shapes", "terms")
"""Names of the exhibits; each is a file NAME.json in the folder."""

FILES = (RUN, ROWS, TABLE, *(f"{name}.json" for name in EXHIBITS))
"""All that `write` writes."""

_LINE = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True)
class Record:
    """A whole run as read back from its folder."""

    rows: tuple[Row, ...]
    run: Mapping[str, Any]
    exhibits: Mapping[str, Any]

    def __hash__(self) -> int:
        """By identity, for rows are many."""
        return id(self)


class FolderError(Exception):
    """A run folder cannot be written or read; the message says which file and why."""


def write(folder: Path, rows: Iterable[Row], run: Mapping[str, Any], exhibits: Mapping[str, Any]) -> None:
    """Write ``results.jsonl``, ``results.csv``, ``run.json`` and the exhibits into ``folder``.

    Each file appears whole or not at all, and exhibits of an earlier run are removed. The key "rows" of
    ``run.json`` is this function's own. Raises FolderError with a sentence, ValueError for an exhibit
    that is not one of EXHIBITS.
    """
    if unknown := sorted(set(exhibits) - set(EXHIBITS)):
        raise ValueError(f"not an exhibit: {', '.join(unknown)}; add it to reports.record.EXHIBITS")
    values = [[encode(value) for value in cells(row)] for row in rows]
    lines = [_LINE.encode(dict(zip(COLUMNS, its, strict=True))) for its in values]
    remove(folder, (RUN, *(f"{name}.json" for name in EXHIBITS if name not in exhibits)))
    save(folder / ROWS, "".join(line + "\n" for line in lines))
    save(folder / TABLE, _csv(values))
    for name, exhibit in exhibits.items():
        save(folder / f"{name}.json", json.dumps(encode(exhibit), ensure_ascii=False, indent=1) + "\n")
    sealed = {**run, "rows": len(lines)}
    save(folder / RUN, json.dumps(encode(sealed), ensure_ascii=False, indent=1) + "\n")


def read(folder: Path) -> Record:
    """Read a run folder. Raises FolderError where a file is missing or damaged.

    In ``run`` and the exhibits NaN and infinities stay the words that `encode` wrote.
    """
    run = _json(folder / RUN)
    if not isinstance(run, dict):
        raise FolderError(f"{folder / RUN}: not an object; run again")
    rows = []
    for number, line in enumerate(_text(folder / ROWS).removesuffix("\n").split("\n"), start=1):
        if not line and number == 1:
            break  # a run without rows
        try:
            rows.append(parse(json.loads(line)))
        except (ValueError, TypeError) as error:
            raise FolderError(f"{folder / ROWS}, line {number}: not a row ({error}); run again") from error
    expected = run.pop("rows", len(rows))
    if expected != len(rows):
        raise FolderError(f"{folder / ROWS}: {len(rows)} rows where {RUN} counts {expected}; run again")
    paths = {name: folder / f"{name}.json" for name in EXHIBITS}
    return Record(tuple(rows), run, {name: _json(path) for name, path in paths.items() if path.exists()})


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


def save(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` so that the file is either whole or as before. Raises FolderError.

    Half a surrogate pair, which UTF-8 cannot hold, is written as its escape (in JSON, its value).
    """
    part = path.with_name(path.name + PART)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(text.encode("utf-8", "backslashreplace"))
            with part.open("rb+") as file:
                os.fsync(file.fileno())  # on the disk before it has its name
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from error


def _csv(values: list[list[Any]]) -> str:
    import pandas as pd  # half a second to import, and only this function needs it

    frame = pd.DataFrame(values, columns=list(COLUMNS), dtype=object)
    text: str = frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    return text


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise FolderError(f"{path}: not JSON ({error}); run again") from error


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise FolderError(f"cannot read {path}: {error.strerror or error}; is it a run folder?") from error
    except UnicodeDecodeError as error:
        raise FolderError(f"{path}: not UTF-8 text ({error}); run again") from error


def remove(folder: Path, names: Iterable[str]) -> None:
    """Remove files, and what was half-written of them. Raises FolderError."""
    for path in (folder / f"{name}{part}" for name in names for part in ("", PART)):
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            return  # a part of the path is a file: saving will say so
        except OSError as error:
            raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> FolderError:
    return FolderError(f"cannot write {path}: {error.strerror or error}; choose another folder with --out")
