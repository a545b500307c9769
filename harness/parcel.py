"""What came of a task, packed: what a run makes of it, and its rows as the text that goes into the run folder.

A worker packs, so that the run itself only copies bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from harness.engine import Result, Task, Team, work
from harness.found import Found, found
from harness.stored import in_json
from reports.stored import written

_HEAD = struct.Struct("<I")


@dataclass(frozen=True)
class Packing:
    """How a task is packed: where its cases stand in the run, which backends have a wide bound, and whether to
    ``keep`` it, with the text of its rows.
    """

    places: tuple[int, ...]
    wide: Collection[str]
    keep: bool


@dataclass(frozen=True)
class Parcel:
    """What is found of a task; if it is to be kept, the same in JSON, and the text of the rows of each name of it."""

    found: Found
    json: bytes = b""
    texts: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """Cases, scans and trainings in it."""
        return self.found.size


def packed(result: Result, task: Task, packing: Packing) -> Parcel:
    """Pack the result of a task."""
    its = found(result, task, packing.places, packing.wide)
    if not packing.keep:
        return Parcel(its)
    return Parcel(its, in_json(its), tuple(_packed(*written(result.rows[name])) for name in task.names))


def work_and_pack(task: Task, team: Team, packing: Packing) -> Parcel:
    """Do one task, and pack what comes of it."""
    return packed(work(task, team), task, packing)


def _packed(lines: bytes, table: bytes) -> bytes:
    return zlib.compress(_HEAD.pack(len(lines)) + lines + table, 1)


def unpacked(text: bytes) -> tuple[bytes, bytes]:
    """The rows of a name, as lines of ``results.jsonl`` and of ``results.csv``."""
    data = zlib.decompress(text)
    start, (length,) = _HEAD.size, _HEAD.unpack_from(data)
    return data[start : start + length], data[start + length :]
