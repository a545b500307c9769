"""Which rows are worse than which, and which of a failing case's rows are to blame."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reports.row import Row
from reports.verdict import Verdict

_WRONG = Verdict.VIOLATION.severity

Rank = tuple[bool, float, int]
"""Whether the gate did not fail on it, its share, and the severity of its verdict, the worse the less."""


def noted(verdict: Verdict) -> bool:
    """Whether a verdict is worth a word: anything but exact and rounding."""
    return not (verdict is Verdict.EXACT or verdict is Verdict.ROUNDING)


def wrong(row: Row) -> bool:
    """Whether a row is wrong in itself."""
    return row.verdict.severity >= _WRONG


def blamed(rows: Sequence[Row]) -> list[Row]:
    """The rows of a failing case that its failure stands on: wrong ones, or else all that are worth a word."""
    return [row for row in rows if wrong(row)] or [row for row in rows if noted(row.verdict)]


def rank(row: Row, failed: bool) -> Rank:
    """The less, the worse: failed ones first, then by share (NaN, or no value where one was due, is worst)."""
    size, severity = row.share, row.verdict.severity
    if size is None:
        size = math.inf if severity >= _WRONG else -1.0
    return not failed, (-math.inf if size != size else -size), -severity
