"""Progress on long work: a bar on a terminal, a line every ten seconds elsewhere; always on stderr.

Both say how many are done, how many a second, how long it will still take, and what was found so far.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

LINE_EVERY = 10.0
"""Seconds between lines where stderr is no terminal."""


class Advance(Protocol):
    """Told how many were just finished, and in how many of them there are discrepancies."""

    def __call__(self, finished: int, wrong: int = 0, /) -> None:
        """Count them."""


@contextmanager
def progress(total: int, what: str = "cases", done: int = 0, wrong: int | None = None) -> Iterator[Advance]:
    """Give a function to be told of progress. ``done`` and ``wrong`` are from before: they count in no rate.

    Without ``wrong``, discrepancies are none of its business.
    """
    if sys.stderr.isatty():
        with _bar(total, what, done, wrong) as advance:
            yield advance
        return
    yield Lines(total, what, done, wrong)


class Lines:
    """Plain lines: ``1,234 of 3,422 cases, 45 a second, 49 s left, no discrepancy``."""

    def __init__(self, total: int, what: str, done: int, wrong: int | None) -> None:
        self._total, self._what, self._done, self._wrong = total, what, done, wrong
        self._before, self._begun = done, time.monotonic()
        self._last = self._begun

    def __call__(self, finished: int, wrong: int = 0, /) -> None:
        """Count, and print a line if it is time."""
        self._done += finished
        self._wrong = None if self._wrong is None else self._wrong + wrong
        now = time.monotonic()
        if now - self._last >= LINE_EVERY:
            self._last = now
            print(self.line(now - self._begun), file=sys.stderr, flush=True)

    def line(self, seconds: float) -> str:
        """How far it is after so many seconds."""
        rate = (self._done - self._before) / seconds if seconds > 0 else 0.0
        left = f"{spoken((self._total - self._done) / rate)} left" if rate else "time left unknown"
        counted = f"{self._done:,} of {self._total:,} {self._what}"
        return ", ".join(filter(None, (counted, f"{_rate(rate)} a second", left, discrepancies(self._wrong))))


@contextmanager
def _bar(total: int, what: str, done: int, wrong: int | None) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(), TextColumn("{task.fields[found]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, completed=done, rate="", found=discrepancies(wrong))
        begun, finished_now = time.monotonic(), 0

        def advance(finished: int, more: int = 0, /) -> None:
            nonlocal finished_now, wrong
            finished_now, wrong = finished_now + finished, None if wrong is None else wrong + more
            rate = finished_now / max(time.monotonic() - begun, 1e-9)
            bar.update(task, advance=finished, rate=f"{_rate(rate)} a second", found=discrepancies(wrong))

        yield advance


def discrepancies(count: int | None) -> str:
    """So many, in words; nothing where nobody counts."""
    if count is None:
        return ""
    return "no discrepancy" if not count else f"discrepancies in {count:,} {'case' if count == 1 else 'cases'}"


def spoken(seconds: float) -> str:
    """A time as one says it: ``49 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _rate(rate: float) -> str:
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"
