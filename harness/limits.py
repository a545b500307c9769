"""What a worker process may use: threads, memory and time."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Each worker computes on one thread."""

TIMEOUT = 900.0
"""Seconds that a task may take where nothing else is said: the longest of the catalogue takes a twentieth of it on an
idle core, and a seventh where three others want the same core."""

START = 300.0
"""Seconds that a process may take to import what it computes with, which counts apart."""

LEAST, MOST = 4 * 2**30, 32 * 2**30
"""Bytes that a process may allocate, at least and at most: frameworks that do nothing yet want two gigabytes."""

CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def default_workers() -> int:
    """As many workers as there are processors to use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


@cache
def memory() -> int:
    """Bytes that a worker process may allocate: a quarter of what the machine, or its container, has.

    It does not depend on the number of workers, so that rows do not.
    """
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in CGROUPS:
        with suppress(OSError, ValueError):  # there is none, or it says "max"
            found.append(int(Path(name).read_text()))
    return min(max(min(found) // 4, LEAST), MOST)


def hold_memory(most: int) -> None:
    """Let this process, and each that it starts, allocate no more than ``most`` bytes, where the system can say so.

    What counts is what it has allocated, not what it has mapped: frameworks map far more than they use. What asks for
    more is told that there is none, and no core file is left.
    """
    if sys.platform != "linux":
        return
    import resource

    for what, its in ((resource.RLIMIT_DATA, most), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        limit = its if hard == resource.RLIM_INFINITY else min(its, hard)
        resource.setrlimit(what, (limit, hard))


def held() -> int | None:
    """Bytes that this process may allocate; None where that is not limited."""
    if sys.platform != "linux":
        return None
    import resource

    most = resource.getrlimit(resource.RLIMIT_DATA)[0]
    return None if most == resource.RLIM_INFINITY else most


def gigabytes(size: int) -> str:
    """A size in words: ``5.8 GB``."""
    return f"{size / 1e9:.1f} GB"


def message(error: BaseException) -> str:
    """The first line of what an error says; even saying it may raise. Of memory, how much there was."""
    try:
        said = str(error).strip().splitlines()[0]
    except Exception:  # no line at all, or a __str__ that raises, whatever it raises
        said = "no message"
    if isinstance(error, MemoryError) and (most := held()) is not None:
        return f"{said} (a process may allocate {gigabytes(most)})"
    return said
