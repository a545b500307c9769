"""GitHub-flavoured markdown out of foreign text, and never more of it than fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reports.cells import Cell
from reports.compact import Mark
from reports.wording import NOTHING, clipped

_LONGEST = 300
_SPECIAL = re.compile(r"([\\`*_\[\]~|$])")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#@!&'*+,;=%-]{1,500}")

Value = str | Cell | Mark | None
"""What stands in a table: text, already markdown where it is `Markdown`, a cell, or nothing."""


class Markdown(str):
    """Text that is markdown already."""

    __slots__ = ()


def escape(text: str, longest: int = _LONGEST) -> str:
    """Make foreign text safe inside a markdown line or table cell: one line that means only itself."""
    text = _SPECIAL.sub(r"\\\1", clipped(text, longest))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def linked(text: str, address: str) -> Markdown:
    """Make text a link, where the address is a plain one."""
    if not _ADDRESS.fullmatch(address):
        return Markdown(escape(text))
    return Markdown(f"[{escape(text)}](<{address}>)")


def section(title: str, *lines: str) -> list[str]:
    """Lines of a section under its title."""
    return ["", f"## {title}", "", *lines]


def table(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> list[str]:
    """Lines of a table."""
    lines = [" | ".join(map(escape, header)), " | ".join("---" for _ in header)]
    lines += [" | ".join(map(_cell, row)) for row in rows]
    return [f"| {line} |" for line in lines]


def fitting(lines: Sequence[str], room: int, cut: Sequence[str]) -> list[str]:
    """As many lines as fit into ``room`` bytes; where some do not, ``cut`` stands in their place."""
    taken: list[str] = []
    for line in lines:
        room -= size(line)
        if room < 0:
            return [*taken, *cut]
        taken.append(line)
    return taken


def size(line: str) -> int:
    """Bytes of a line in a file."""
    return len(line.encode("utf-8", "backslashreplace")) + 1


def _cell(cell: Value) -> str:
    if cell is None:
        return NOTHING
    if isinstance(cell, Markdown):
        return cell
    if isinstance(cell, str):
        return escape(cell)
    return f"**❌ {escape(cell.text)}**" if cell.failed else escape(cell.text)
