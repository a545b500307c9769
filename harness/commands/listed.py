"""Tables that were listed before: kept in the user's cache directory until a file that they are made from changes.

Drawing the catalogue takes ten times as long as starting Python. What is kept says what every file of ours, and every
case file that was named, was like: its size, and when it was last written.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import harness
from harness import cache

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""A header and rows."""

HOME = Path(harness.__file__).resolve().parent.parent
FOLDERS = ("cases", "harness", "reference", "reports")
TEXTS = (".py", ".toml")


def kept(what: str, files: Sequence[Path], make: Callable[[], tuple[Sequence[str], Iterable[Sequence[str]]]]) -> Table:
    """The table ``what`` of the case files: the one that is kept, or else what ``make`` returns, which is then kept."""
    made_from, place = fingerprint(files), _place(what, files)
    found = _read(place)
    if found is not None and found["made from"] == made_from:
        return found["header"], found["rows"]
    header, rows = make()
    table = (list(header), [list(row) for row in rows])
    _write(place, {"made from": made_from, "header": table[0], "rows": table[1]})
    return table


def fingerprint(files: Sequence[Path]) -> str:
    """A digest of the names, sizes and times of writing of all files that a table can depend on."""
    lines = [sys.version]
    for path in [*_texts(), *files]:
        its = path.stat()
        lines.append(f"{path} {its.st_size} {its.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _texts() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (HOME / folder).rglob("*") if path.suffix in TEXTS)


def _place(what: str, files: Sequence[Path]) -> Path | None:
    """Its file: of every choice of case files one, which is written over."""
    home = cache.folder()
    whose = "\n".join([str(HOME), *(str(path.resolve()) for path in files)])
    return home and home / "lists" / f"{what}-{hashlib.sha256(whose.encode()).hexdigest()[:16]}.json"


def _read(place: Path | None) -> dict[str, Any] | None:
    try:
        found = json.loads(place.read_text(encoding="utf-8")) if place else None
        return found if isinstance(found, dict) and {"made from", "header", "rows"} <= found.keys() else None
    except (OSError, ValueError):
        return None


def _write(place: Path | None, found: dict[str, Any]) -> None:
    """Keep it, whole or not at all; where nothing can be kept, it is made again the next time."""
    if place is None:
        return
    part = place.with_suffix(f".{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(found), encoding="utf-8")
        part.replace(place)
    except OSError:
        with suppress(OSError):
            part.unlink()
