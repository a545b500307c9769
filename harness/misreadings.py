"""The deck's disagreements with itself, in numbers: each reading run like any other implementation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reference.readings import DERIVATIVE, READINGS, Reading
from reports.record import Row
from reports.verdict import Verdict

PREFIX = "reading-"
"""Backends with this prefix are readings: shown, never gated."""


def exhibit(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """What each reading gets wrong, and by how much, from the gradients of the readings' rows; empty without any."""
    gradients = [row for row in rows if row.quantity == "gradient"]
    if not gradients:
        return []
    return [_summary(r, [row for row in gradients if row.backend == PREFIX + r.name]) for r in READINGS]


def _summary(reading: Reading, rows: Sequence[Row]) -> dict[str, Any]:
    cases = {row.case for row in rows}
    wrong = {row.case for row in rows if row.verdict in (Verdict.VIOLATION, Verdict.NONFINITE)}
    worst = max(rows, key=_rank, default=None)
    return {
        "name": reading.name,
        "equation": reading.equations,
        "statement": reading.statement,
        "is_derivative": reading is DERIVATIVE,
        "cases": len(cases),
        "agrees": len(cases) - len(wrong),
        "worst": None if worst is None else _worst(worst),
        "sentence": _sentence(reading, len(cases), len(wrong), worst),
    }


def _rank(row: Row) -> float:
    return float("inf") if row.share is None or row.share != row.share else row.share


def _worst(row: Row) -> dict[str, Any]:
    value, exact = row.worst_value, row.worst_exact
    ratio = value / exact if value is not None and exact else None
    return {
        "case": row.case,
        "layer": row.layer,
        "index": row.worst_index,
        "value": value,
        "exact": exact,
        "ratio": ratio,
        "share": row.share,
    }


def _sentence(reading: Reading, cases: int, wrong: int, worst: Row | None) -> str:
    if not cases or worst is None:
        return "not run"
    if not wrong:
        return f"is the derivative of S11 on all {cases} cases, within {worst.share:.2g} of the bound"
    at = f"layer {worst.layer} {list(worst.worst_index or ())} of {worst.case}"
    return (
        f"is not the derivative of S11 on {wrong} of {cases} cases; "
        f"at {at} it gives {worst.worst_value!r} where exact is {worst.worst_exact!r}"
    )
