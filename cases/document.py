"""From a path to a TOML document: every way in which bytes can fail to be one, as a fault."""

from __future__ import annotations

import difflib
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from cases.faults import CaseFileError, Fault, TooLarge, printable, quoted

LARGEST_FILE = 32 * 2**20
"""Bytes of the largest case file that is read; a 784-128-10 network takes two million."""

_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_SYNTAX = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)


def read_document(path: Path) -> dict[str, Any]:
    """Return the TOML document at ``path`` as plain dicts, lists, strings, numbers and dates.

    A number too large for float64 is a `TooLarge`. Raises CaseFileError, with one fault, where there
    is no such file or its content is not TOML.
    """
    return _parsed(path, _decoded(path, _read(path)))


def _fail(path: Path, where: str, found: str, expected: str, suggestion: str = "") -> CaseFileError:
    return CaseFileError([Fault(path, where, found, expected, suggestion)])


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise _fail(path, "", "no such file", "a TOML file", _neighbour(path)) from None
    except IsADirectoryError:
        suggestion = f"name the files in it, such as {quoted(str(path / '*.toml'))}"
        raise _fail(path, "", "a directory", "a TOML file", suggestion) from None
    except PermissionError:
        raise _fail(path, "", "a file that may not be read", "one with read permission") from None
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror or type(error).__name__})"
        raise _fail(path, "", found, "a TOML file") from None
    except ValueError:  # a NUL in the path itself
        raise _fail(path, "", "a path that no file can have", "the path of a TOML file") from None
    if len(content) > LARGEST_FILE:
        raise _fail(path, "", f"more than {LARGEST_FILE:,} bytes", "a smaller file", "split it into several files")
    return content


def _neighbour(path: Path) -> str:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix == ".toml")
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {quoted(str(path.parent / close[0]))}?" if close else ""


def _decoded(path: Path, content: bytes) -> str:
    if content.startswith(_BOM):
        expected = "UTF-8 without one, as TOML is"
        raise _fail(path, "line 1, column 1", "a byte order mark (BOM)", expected, "save it without a BOM")
    if content.startswith(_UTF16_BOMS):
        raise _fail(path, "line 1, column 1", "UTF-16", "UTF-8, as TOML is", "save it as UTF-8")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        found = f"the byte 0x{content[error.start]:02x}, which is not UTF-8"
        raise _fail(path, _place(before, len(before)), found, "text in UTF-8, as TOML is") from None
    nul = text.find("\0")
    if nul >= 0:
        raise _fail(path, _place(text, nul), "a NUL byte", "text: this looks like a binary file")
    return text


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=TooLarge.spelled)
    except tomllib.TOMLDecodeError as error:
        syntax = _SYNTAX.fullmatch(str(error))
        what = printable(syntax["what"] if syntax else str(error))
        if syntax and syntax["line"]:
            where = f"line {syntax['line']}, column {syntax['column']}"
        else:
            where = _place(text, len(text))
        raise _fail(path, where, f"a syntax error ({what})", "TOML") from None
    except RecursionError:
        found = "lists or tables nested too deep to be read"
        raise _fail(path, "", found, "weights three deep, input and target two deep") from None
    except ValueError as error:  # an integer of more digits than Python converts
        where, found = _unreadable_integer(text) or (
            "",
            f"a value that cannot be read ({printable(str(error))})",
        )
        raise _fail(path, where, found, "numbers that fit float64") from None


def _unreadable_integer(text: str) -> tuple[str, str] | None:
    longest = sys.get_int_max_str_digits()
    for number in re.finditer(r"[0-9][0-9_]*", text):
        digits = len(number[0].replace("_", ""))
        if digits > longest:
            return _place(text, number.start()), f"an integer of {digits} digits"
    return None


def _place(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return f"line {line}, column {column}"
