"""What a candidate's process may use, and what it finds in its environment."""

from __future__ import annotations

import contextlib
import resource
import sys

from harness.limits import THREADS

MEMORY = 4 * 2**30
"""Most bytes that a process may allocate, where the system can limit that (Linux)."""

ENVIRONMENT = THREADS | {"PYTHONIOENCODING": "utf-8:backslashreplace", "PYTHONUNBUFFERED": "1"}
"""One thread; and whatever Python prints can be printed, and has been when it dies."""


def limit(pid: int) -> None:
    """Limit the memory of a process and of each that it starts, and let them leave no core files.

    What counts is what it has allocated, not what it has mapped: frameworks map far more than they use.
    """
    if sys.platform != "linux":
        return
    for what, most in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            hard = resource.prlimit(pid, what)[1]
            its = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(pid, what, (its, its))
