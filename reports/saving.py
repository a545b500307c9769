"""Files that are whole or not there: how a run folder is written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PART = ".part"
"""Ends the name of a file that is not whole yet."""


class FolderError(Exception):
    """A run folder cannot be written or read; the message says which file and why."""


def save(path: Path, text: str | Iterable[str]) -> None:
    """Write text, or texts one after the other, to ``path``, so that the file is either whole or as before.

    Half a surrogate pair, which UTF-8 cannot hold, is written as its escape (in JSON, its value). Raises FolderError.
    """
    with Saved(path) as file:
        for part in [text] if isinstance(text, str) else text:
            file.write(in_bytes(part))


class Saved:
    """A file that appears under its name when all of it is written, and not at all where anything is raised before.

    Raises FolderError where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(path.name + PART)

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("wb")
        except OSError as error:
            raise unwritable(self._path, error) from error
        return self

    def write(self, data: bytes) -> None:
        """Write some more of it."""
        try:
            self._file.write(data)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        try:
            if error is None:
                self._file.flush()
                os.fsync(self._file.fileno())  # on the disk before it has its name
                self._file.close()
                self._part.replace(self._path)
        except OSError as failed:
            raise unwritable(self._path, failed) from failed
        finally:
            with suppress(OSError):  # what is left in its buffer is of no use
                self._file.close()
            self._part.unlink(missing_ok=True)


def remove(folder: Path, names: Iterable[str]) -> None:
    """Remove files, and what was half-written of them. Raises FolderError."""
    for path in (folder / f"{name}{part}" for name in names for part in ("", PART)):
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            return  # a part of the path is a file: saving will say so
        except OSError as error:
            raise unwritable(path, error) from error


def in_bytes(text: str) -> bytes:
    """Text as UTF-8; half a surrogate pair as its escape."""
    return text.encode("utf-8", "backslashreplace")


def unwritable(path: Path, error: OSError) -> FolderError:
    """What to raise where a file cannot be written."""
    return FolderError(f"cannot write {path}: {error.strerror or error}; choose another folder with --out")


def unreadable(path: Path, error: OSError) -> FolderError:
    """What to raise where a file cannot be read."""
    return FolderError(f"cannot read {path}: {error.strerror or error}; is it a run folder?")
