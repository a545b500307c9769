"""The journal of a run: what is done already, so that a killed run can be taken up again.

One line for each task that is done, after a first line that says what run it is of; each begins with its checksum
and is on the disk before the next task is counted as done. Only the run itself writes it, never a worker. Whatever
ends the run, each line is then whole or can be seen not to be.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness.identity import differences
from reports.record import FolderError

if sys.platform != "win32":
    import fcntl

JOURNAL = "journal.jsonl"
"""Its name in a run folder."""


class OtherRun(Exception):
    """A journal is of another run, or in use; the message says in what they differ."""


class Journal:
    """The journal in ``folder``, of the run that ``identity`` describes; open until `close`."""

    def __init__(self, folder: Path, identity: Mapping[str, Any], resume: bool) -> None:
        """Open it, and read what is there if it is to be taken up; nothing is written before `begin`.

        Raises OtherRun, and FolderError where it cannot be written.
        """
        self.path, self._identity = folder / JOURNAL, dict(identity)
        self._done: dict[str, str] = {}
        self._whole = 0  # bytes of it that are taken up
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        try:
            self._lock()
            if resume:
                self._take_up()
        except BaseException:
            self.close()
            raise

    def __contains__(self, name: str) -> bool:
        """Whether something is written down already."""
        return name in self._done

    @property
    def fresh(self) -> bool:
        """Whether nothing was taken up."""
        return not self._whole

    def _lock(self) -> None:
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OtherRun(
                f"another run is writing into {self.path.parent}; choose another folder with --out"
            ) from error

    def _take_up(self) -> None:
        found, whole = _read(self.path)
        if not found:
            return
        if said := differences(found[0], self._identity):
            raise OtherRun(f"{self.path} is of another run: {'; '.join(said)}; without --resume it is started afresh")
        self._whole = whole
        for entry in found[1:]:
            self._done |= entry

    def begin(self) -> None:
        """Cut off a torn last line, or everything where nothing is taken up. Raises FolderError."""
        try:
            os.ftruncate(self._file, self._whole)
            if self.fresh:
                self._write(self._identity)
                _flush_folder(self.path.parent)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def add(self, name: str, found: Any) -> None:
        """Write down what came of something. Raises FolderError where that is impossible; nothing half is left."""
        text = json.dumps(found, separators=(",", ":"), ensure_ascii=True)
        size = os.lseek(self._file, 0, os.SEEK_END)
        try:
            packed = b64encode(zlib.compress(text.encode(), 1)).decode()
            self._write({name: packed})
        except OSError as error:
            os.ftruncate(self._file, size)
            raise _unwritable(self.path, error) from error
        self._done[name] = packed

    def get(self, name: str) -> Any:
        """What was written down of something. Raises KeyError."""
        return json.loads(zlib.decompress(b64decode(self._done[name])))

    def _write(self, entry: Mapping[str, Any]) -> None:
        line = memoryview(_line(entry))
        os.lseek(self._file, 0, os.SEEK_END)
        while line:
            line = line[os.write(self._file, line) :]
        os.fsync(self._file)

    def close(self) -> None:
        """Let go of it. May be called again."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


def _line(entry: Mapping[str, Any]) -> bytes:
    body = json.dumps(entry, ensure_ascii=True).encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _read(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Entries up to the first line that is not whole, and how many bytes they take."""
    entries, whole = [], 0
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unwritable(path, error) from error
    while (end := data.find(b"\n", whole)) >= 0:
        line = data[whole:end]
        if line[:9] != b"%08x " % zlib.crc32(line[9:]):
            break
        entries.append(json.loads(line[9:]))
        whole = end + 1
    return entries, whole


def _flush_folder(folder: Path) -> None:
    """Let the folder's own entry of a new file be on the disk too."""
    its = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(its)
    finally:
        os.close(its)


def _unwritable(path: Path, error: OSError) -> FolderError:
    return FolderError(f"cannot write {path}: {error.strerror or error}; choose another folder with --out")
