"""What a run prints: the tables, what is known, each discrepancy, the readings, and one closing line."""

from __future__ import annotations

import os
import sys
from typing import IO

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from reports import grids, learning, legend, worth
from reports import kills as mistakes
from reports import routes as roads
from reports import suspicious as warnings
from reports.compact import BOTH
from reports.discrepancies import ORDER, TITLE, Discrepancy
from reports.grids import FAILED
from reports.record import Record
from reports.view import View, view
from reports.wording import counted, plain, where

MOST = 20
"""How many discrepancies are printed."""

UNBOUNDED = 10**9
"""Width of the console where output is not to a terminal: nothing is ever wrapped or cut."""


class Patient(Console):
    """A console that goes on in silence when its reader has seen enough, so that the exit code stays the answer."""

    def on_broken_pipe(self) -> None:
        """Send the rest nowhere."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console(stream: IO[str]) -> Console:
    """Make a console for ``stream``: on a pipe or file, no colour, and no line is ever wrapped or cut.

    Characters that the stream's encoding lacks are written as escapes.
    """
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    if stream.isatty():
        return Patient(file=stream, highlight=False, markup=False, emoji=False)
    return Patient(
        file=stream,
        width=UNBOUNDED,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
        highlight=False,
        markup=False,
        emoji=False,
    )


def show(record: Record, to: Console) -> None:
    """Print a run: tables, what it met, discrepancies (at most MOST), the readings, and the closing line."""
    seen = view(record)
    _tables(seen, to)
    _routes(seen, to)
    _scans(seen, to)
    if lines := worth.overall(seen.visibility):
        _section(legend.WORTH, grids.precision(lines), to)
        _say(f"{worth.EXPLANATION}", to, gap=True)
    if seen.conventions:
        backends = tuple(name for name in seen.columns if any(one.backend == name for one in seen.conventions))
        _section(legend.CONVENTIONS, grids.conventions(seen.conventions, backends), to, gap=True)
    if seen.deviations:
        _section(legend.DEVIATIONS, grids.deviations(seen.deviations), to, gap=True)
    _errata(seen, to)
    _suspicious(seen, to)
    _discrepancies(seen, to)
    if seen.readings:
        title = "The readings of the deck, against the derivative of S11"
        _section(title, grids.readings(seen.readings), to, gap=True)
    _curves(seen, to)
    if seen.proof is not None:
        mark = "✓" if seen.proof.proved else "✗"
        _say(f"{mark} {seen.proof.heading}; step by step: gradproof prove.", to, gap=True)
    _kills(seen, to)
    if not seen.outcome.agrees:
        to.print(Text(plain(seen.outcome.sentence), style=FAILED), soft_wrap=True)
    _say(f"By verdict: {seen.counts.text}.", to)
    if seen.kills is not None and seen.kills.cells:
        _say(f"{seen.kills.text}.", to)
    _say(seen.closing, to)


def _tables(seen: View, to: Console) -> None:
    if not seen.tables:
        return
    if seen.few:
        _say(f"Each cell: {legend.CELL}; ✗ failed.", to, gap=True)
        for table in seen.tables:
            _section(table.title, grids.full(table), to, gap=True)
        return
    _say(f"Each cell, of gradients and updates: {legend.MARK}; ✗ failed.", to, gap=True)
    to.print(grids.activations(seen.entries[BOTH], seen.columns))
    for item in seen.uncovered:
        _say(item.text, to)
    to.print()


def _routes(seen: View, to: Console) -> None:
    if not seen.routes:
        return
    _section(roads.TITLE, grids.routes(seen.routes), to)
    for route in seen.routes:
        if route.gaps:
            _say(f"{route.backend}: {route.gaps}", to, indent="  ")
    for sentence in seen.absent:
        _say(sentence, to, indent="  ")
    _say(roads.EXPLANATION, to, gap=True)


def _scans(seen: View, to: Console) -> None:
    if not seen.scans.number:
        return
    if seen.scans.findings:
        _section(legend.SCANS, grids.findings(seen.scans.findings), to)
        _say(f"{seen.scans.rest}", to, gap=True)
    else:
        _say(f"{legend.SCANS}: {seen.scans.rest}", to, gap=True)


def _kills(seen: View, to: Console) -> None:
    if seen.kills is None or not seen.kills.cells or not seen.outcome.agrees:
        return  # who is accused comes first, and last: the page has the table
    _section(mistakes.TITLE, grids.kills(seen.kills), to)
    _say(mistakes.EXPLANATION, to)
    for alarm in seen.kills.alarms[:MOST]:
        _say(f"false alarm: {alarm}", to, indent="  ")
    _say("", to)


def _curves(seen: View, to: Console) -> None:
    if seen.curves is None or not seen.outcome.agrees:
        return  # as for the mistakes; S27 is on the page and in the summary
    _section(learning.TITLE, grids.trainings(seen.curves), to)
    _say(learning.CELL, to)
    _say(f"{seen.curves.text}.", to, gap=True)


def _errata(seen: View, to: Console) -> None:
    if not seen.errata:
        return
    _heading(legend.ERRATA, to)
    for row in seen.errata:
        _say(f"{row.case}, {where(row)}: {row.detail}", to, indent="  ")
    _say(legend.PRINTED, to, gap=True)


def _suspicious(seen: View, to: Console) -> None:
    if not seen.suspicious:
        if seen.suspicious is not None:
            _say(warnings.NONE, to, gap=True)
        return
    _heading(legend.SUSPICIOUS, to)
    for item in seen.suspicious[: warnings.MOST]:
        _say(f"{item.case}, {item.backend}: {item.text}", to, indent="  ")
    if len(seen.suspicious) > warnings.MOST:
        _say(f"… and {len(seen.suspicious) - warnings.MOST:,} more.", to, indent="  ")
    _say(f"{warnings.MEANING}", to, gap=True)


def _discrepancies(seen: View, to: Console) -> None:
    found = seen.discrepancies
    if not found:
        return
    _heading(TITLE, to)
    _say(ORDER, to, indent="  ")
    for item in found[:MOST]:
        to.print(_line(item), soft_wrap=True)
    if len(found) > MOST:
        _say(f"… and {counted(len(found) - MOST, 'more row')}.", to, indent="  ")
    to.print()


def _section(title: str, grid: Grid, to: Console, gap: bool = False) -> None:
    _heading(title, to)
    to.print(grid)
    if gap:
        to.print()


def _heading(title: str, to: Console) -> None:
    to.print(Text(plain(title), style="bold"), soft_wrap=True)


def _say(text: str, to: Console, gap: bool = False, indent: str = "") -> None:
    to.print(Text(indent + plain(text)), soft_wrap=True)
    if gap:
        to.print()


def _line(item: Discrepancy) -> Text:
    names = "  ".join(plain(name) for name in (item.failure.case, item.failure.backend) if name)
    parts = (names or "all cases", item.place, item.numbers, plain(item.advice))
    return Text("  ").append("FAILED  ", FAILED).append("  ".join(part for part in parts if part))
