"""Faults of case files: what is wrong, where, what was expected instead, in one line each."""

from __future__ import annotations

import datetime
import difflib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")
_LONGEST_QUOTE = 60
_WIDEST_INTEGER = 128


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one case file.

    ``path`` leads to the value inside the file. It counts from 0, like the arrays it indexes, tables
    and entries alike, and puts a block's name, where it has one, behind its number:
    ``case[2] "tiny".weights[1]`` is the second matrix of the third block. For text that is not TOML
    it is a line and column, from 1; for a file that cannot be read it is empty.
    """

    file: Path
    path: str
    found: str
    expected: str
    suggestion: str = ""

    def __str__(self) -> str:
        place = ": ".join(part for part in (printable(str(self.file)), self.path) if part)
        line = f"{place}: found {self.found}, expected {self.expected}"
        return f"{line}; {self.suggestion}" if self.suggestion else line


class CaseFileError(ValueError):
    """Case files cannot be used. ``faults`` has every fault of every file; ``str`` has one a line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


@dataclass(frozen=True)
class Complaint:
    """A fault before its file and block are known; ``where`` is the path inside the block."""

    where: str
    found: str
    expected: str
    suggestion: str = ""

    def at(self, file: Path, block: str = "") -> Fault:
        """Return the fault in ``file``, inside ``block`` (``case[2] "tiny"``, or empty for none)."""
        path = ".".join(part for part in (block, self.where) if part)
        return Fault(file, path, self.found, self.expected, self.suggestion)


class Rejected(ValueError):
    """Raised by the validators of the schema: one value with any number of complaints."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__(self.complaints)


class TooLarge(float):
    """The infinity that reading made of a finite number, which ``spelling`` has as written."""

    spelling: str = ""

    @classmethod
    def spelled(cls, text: str) -> float:
        """Read a TOML float: an ordinary float, unless a finite number overflows float64."""
        value = float(text)
        if not math.isinf(value) or "inf" in text:
            return value
        marked = cls(value)
        marked.spelling = text
        return marked


def printable(text: str) -> str:
    """Return ``text`` on one line, its control characters and stray bytes escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)


def shortened(text: str) -> str:
    """Return ``text`` on one line, its middle left out where it is long."""
    half = _LONGEST_QUOTE // 2
    return printable(text if len(text) <= _LONGEST_QUOTE else f"{text[:half]}…{text[-half:]}")


def quoted(text: str) -> str:
    """Return ``text`` in double quotes, on one line, shortened where it is long."""
    return f'"{shortened(text)}"'


def key(text: str) -> str:
    """Return a TOML key as a path shows it: bare where TOML allows that, else quoted."""
    return text if _BARE_KEY.fullmatch(text) else quoted(text)


def one_of(known: Iterable[str]) -> str:
    """Return the known words as what is expected: ``one of "relu", "sigmoid"``."""
    return "one of " + ", ".join(f'"{word}"' for word in known)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean "…"?`` with the known word closest to ``word``, or "" where none is close."""
    close = difflib.get_close_matches(word.strip().lower()[:200], list(known), n=1)
    return f'did you mean "{close[0]}"?' if close else ""


def described(value: object) -> str:
    """Say what a TOML value is, without ever printing a long one.

    Integers of thousands of digits and arrays thousands deep are described, not converted: either
    conversion raises.
    """
    match value:
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() if value.bit_length() > _WIDEST_INTEGER:
            return f"an integer of {value.bit_length()} bits"
        case int():
            return f"the integer {value}"
        case TooLarge():
            return f"the number {shortened(value.spelling)}"
        case float():
            return f"the number {value!r}" if math.isfinite(value) else repr(value)
        case str():
            return f"the string {quoted(value)}" if value else "an empty string"
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case dict():
            return "a table"
        case datetime.date() | datetime.time():
            return f"the date or time {value.isoformat()}"
    return f"a {type(value).__name__}"


def counted(number: int, noun: str) -> str:
    """Return number and noun, in the plural unless it is 1: ``4 rows``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
