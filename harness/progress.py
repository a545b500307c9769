"""Progress on long work: a bar on a terminal, a line every ten seconds elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LINE_EVERY = 10.0
"""Seconds between lines where stderr is no terminal."""


@contextmanager
def progress(total: int, what: str = "cases") -> Iterator[Callable[[int], None]]:
    """Give a function to be told how many were just finished."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda finished: bar.advance(task, finished)
        return
    done, last = 0, time.monotonic()

    def advance(finished: int) -> None:
        nonlocal done, last
        done += finished
        if time.monotonic() - last >= LINE_EVERY:
            last = time.monotonic()
            print(f"{done:,} of {total:,} {what}", file=sys.stderr, flush=True)

    yield advance
