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
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness.identity import differences
from reports.record import FolderError

TEXTS = "texts"
"""The key of what can be read text by text; nothing follows it in its line."""

_BEFORE_TEXTS = b'"texts": "'

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
        self._done: dict[str, tuple[int, int]] = {}  # where the line of each begins, and its length
        self._texts: dict[str, tuple[int, array[int]]] = {}  # where the texts of each begin, and where each ends
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
        first = True
        for entry, start, line in _read(self.path):
            self._whole = start + len(line)
            if first:
                first = False
                if said := differences(entry, self._identity):
                    it = f"{self.path} is of another run"
                    raise OtherRun(f"{it}: {'; '.join(said)}; without --resume it is started afresh")
                continue
            for name, found in entry.items():
                self._done[name] = start, len(line)
                if isinstance(found, dict) and TEXTS in found:
                    self._place(name, start, line, found["sizes"])

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
        self.add_packed(name, zlib.compress(text.encode(), 1))

    def add_packed(self, name: str, packed: bytes, texts: Sequence[bytes] | None = None, **more: Any) -> None:
        """The same of JSON that is compressed already, and with it texts of which each can be read by itself.

        ``more`` is written beside it; what was written down of the same before does not count any more.
        """
        entry: dict[str, Any] = {"found": b64encode(packed).decode(), **more}
        if texts is not None:
            its = [b64encode(text).decode() for text in texts]
            entry |= {"sizes": list(map(len, its)), TEXTS: "".join(its)}
        size = os.lseek(self._file, 0, os.SEEK_END)
        try:
            line = self._write({name: entry})
        except OSError as error:
            os.ftruncate(self._file, size)
            raise _unwritable(self.path, error) from error
        self._done[name] = size, len(line)
        if texts is not None:
            self._place(name, size, line, entry["sizes"])

    def _place(self, name: str, start: int, line: bytes, sizes: Sequence[int]) -> None:
        self._texts[name] = start + line.index(_BEFORE_TEXTS) + len(_BEFORE_TEXTS), array("Q", accumulate(sizes))

    def get(self, name: str) -> Any:
        """What was written down of something. Raises KeyError."""
        return self.entry(name)["found"]

    def entry(self, name: str) -> dict[str, Any]:
        """The same, with what was written beside it. Raises KeyError."""
        start, length = self._done[name]
        entry: dict[str, Any] = json.loads(self._bytes(start, length)[9:])[name]
        return entry | {"found": json.loads(zlib.decompress(b64decode(entry["found"])))}

    def text(self, name: str, number: int) -> bytes:
        """One of the texts that were written down of something, by its number. Raises KeyError, IndexError."""
        start, ends = self._texts[name]
        begin = ends[number - 1] if number else 0
        return b64decode(self._bytes(start + begin, ends[number] - begin))

    def _bytes(self, start: int, length: int) -> bytes:
        os.lseek(self._file, start, os.SEEK_SET)
        parts = bytearray()
        while len(parts) < length and (part := os.read(self._file, length - len(parts))):
            parts += part
        return bytes(parts)

    def _write(self, entry: Mapping[str, Any]) -> bytes:
        line = _line(entry)
        left = memoryview(line)
        os.lseek(self._file, 0, os.SEEK_END)
        while left:
            left = left[os.write(self._file, left) :]
        os.fsync(self._file)
        return line

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


def _read(path: Path) -> Iterator[tuple[dict[str, Any], int, bytes]]:
    """Entries up to the first line that is not whole, each with its place and its line."""
    start = 0
    try:
        with path.open("rb") as file:
            for line in file:
                if line[-1:] != b"\n" or line[:9] != b"%08x " % zlib.crc32(line[9:-1]):
                    return
                yield json.loads(line[9:]), start, line
                start += len(line)
    except OSError as error:
        raise _unwritable(path, error) from error


def _flush_folder(folder: Path) -> None:
    """Let the folder's own entry of a new file be on the disk too."""
    its = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(its)
    finally:
        os.close(its)


def _unwritable(path: Path, error: OSError) -> FolderError:
    return FolderError(f"cannot write {path}: {error.strerror or error}; choose another folder with --out")
