"""A diff of two runs on a terminal, in markdown and as a table of every change."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from reports import grids
from reports.changes import Change, Direction
from reports.diff import RULE, Diff, Section
from reports.groups import HEADER, Group
from reports.markdown import escape, fitting, section, size, table
from reports.record import Row, encode
from reports.summary import LIMIT
from reports.wording import clipped, counted, plain

PRINTED = {Direction.WORSE: 12, Direction.DIFFERENT: 10, Direction.BETTER: 8}
"""How many groups are printed."""

WRITTEN = 200
"""How many groups of a section stand in the markdown."""

TOLD = 5
"""Of how many groups that are worse the worst example is told in full."""

COLUMNS = ("direction", "what", "case", "family", "activation", "task", "dtype", "layers", "backend", "quantity",
           "layer", "verdict_a", "verdict_b", "max_ulp_a", "max_ulp_b", "share_a", "share_b", "detail_a", "detail_b",
           "other_numbers", "note")  # fmt: skip
"""Columns of diff.csv, one line a change."""

_BOTH = ("verdict", "max_ulp", "share", "detail")


def show(found: Diff, to: Console) -> None:
    """Print what changed: both runs, their versions, and each section in at most a few lines."""
    changed, same = found.environment
    _say(f"A: {found.a}: {found.sizes[0]}", to)
    _say(f"B: {found.b}: {found.sizes[1]}", to)
    _say(f"Changed from A to B: {changed or 'no version'}", to)
    _say(f"The same: {same or 'nothing that is known'}", to)
    if found.apart:
        _say(found.apart, to)
    for part in found.sections:
        to.print()
        to.print(Text(plain(part.heading), style=grids.FAILED if part.direction == Direction.WORSE else "bold"))
        for figure in part.figures:
            _say(f"  {clipped(figure.text, 600)}", to)
        groups, left = part.groups(PRINTED[part.direction])
        if groups:
            to.print(grids.lines(HEADER, [group.cells for group in groups]))
        if left:
            _say(f"  … and {counted(left, 'more group')}; --out DIR writes every change.", to)
        for group in _told(part, groups):
            _say(f"  {_example(group.worst)}", to)
    to.print()
    _say(RULE, to)
    _say(found.closing, to)


def markdown(found: Diff) -> str:
    """Write what changed as markdown, in fewer than LIMIT bytes."""
    changed, same = found.environment
    start = [
        f"# {'❌' if found.worse else '✅'} {escape(found.closing, 2000)}",
        "",
        f"- A: **{escape(found.a)}**: {escape(found.sizes[0], 2000)}",
        f"- B: **{escape(found.b)}**: {escape(found.sizes[1], 2000)}",
        f"- Changed from A to B: **{escape(changed or 'no version', 2000)}**",
        f"- The same: {escape(same or 'nothing that is known', 2000)}",
        *([f"- {escape(found.apart, 2000)}"] if found.apart else []),
    ]
    body: list[str] = []
    for part in found.sections:
        groups, left = part.groups(WRITTEN)
        told = [f"- {escape(_example(group.worst), 2000)}" for group in _told(part, groups)]
        body += section(part.heading, *(f"- {escape(figure.text, 2000)}" for figure in part.figures))
        body += ["", *table(HEADER, (group.cells for group in groups))] if groups else []
        body += ["", f"… and {counted(left, 'more group')}; diff.csv has every change."] if left else []
        body += ["", *told] if told else []
    end = ["", RULE]
    cut = ["", "*The rest does not fit here: diff.csv has every change.*"]
    room = LIMIT - sum(size(line) for line in (*start, *end, *cut))
    return "\n".join([*start, *fitting(body, room, cut), *end]) + "\n"


def as_csv(found: Diff) -> str:
    """Write every change, one a line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_values(change) for change in found.changes)
    return text.getvalue()


def errors(found: Diff) -> list[tuple[str, str]]:
    """Everything that is worse as title and message, what the runs say of themselves first, then the worst groups."""
    return [
        error
        for part in found.sections
        if part.direction == Direction.WORSE
        for error in (
            *(("gradproof diff", figure.text) for figure in part.figures),
            *(_error(group) for group in part.groups(WRITTEN)[0]),
        )
    ]


def _error(group: Group) -> tuple[str, str]:
    return (
        f"{group.what}, {group.worst.row.backend}",
        f"{counted(len(group.changes), 'change')}: {_example(group.worst)}",
    )


def _told(part: Section, groups: Sequence[Group]) -> Sequence[Group]:
    return groups[:TOLD] if part.direction == Direction.WORSE else ()


def _example(change: Change) -> str:
    """The worst of a group in full: where, how far off, and what its row says."""
    detail = change.note if change.note and change.note in change.row.detail else ""
    parts = [
        change.row.backend,
        change.text,
        change.what,
        "" if detail else change.note,
        change.row.detail if change.after else "",
    ]
    return clipped(": ".join(part for part in parts if part), 1000)


def _values(change: Change) -> list[object]:
    row = change.row
    pairs = [_of(one, name) for name in _BOTH for one in (change.before, change.after)]
    return [change.direction, change.what, row.case, row.family, row.activation, row.task, row.dtype, row.layers,
            row.backend, change.quantity, row.layer, *pairs, change.other, change.note]  # fmt: skip


def _of(row: Row | None, name: str) -> object:
    return None if row is None else encode(getattr(row, name))


def _say(text: str, to: Console) -> None:
    indent = "  " if text.startswith("  ") else ""
    to.print(Text(indent + plain(text)), soft_wrap=True)
