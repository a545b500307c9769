"""A table in plain text: columns side by side, no line wrapped or cut. On a terminal rich draws it, to its width."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TextIO

GAP = "  "


def show(header: Sequence[str], rows: Iterable[Sequence[str]], stream: TextIO) -> None:
    """Print a table, whose cells are single lines."""
    if stream.isatty():
        _draw(header, rows, stream)
        return
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    stream.writelines(f"{line}\n" for line in aligned(header, rows))


def aligned(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines, every column as wide as its widest cell."""
    lines = [header, *rows]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return [
        GAP.join(cell + " " * (most - width(cell)) for cell, most in zip(cells, widths, strict=True)).rstrip()
        for cells in lines
    ]


def width(text: str) -> int:
    """Columns that a text takes: Chinese characters take two, marks on the letter before them none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) != 0 for character in text)


def _draw(header: Sequence[str], rows: Iterable[Sequence[str]], stream: TextIO) -> None:
    from rich.table import Column, Table
    from rich.text import Text

    from reports.terminal import console

    first, *others = header
    columns = (Column(first, no_wrap=True), *(Column(name, overflow="fold") for name in others))
    table = Table(*columns, box=None, pad_edge=False, show_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    console(stream).print(table)
