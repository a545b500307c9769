"""The deck's disagreements with itself, in numbers: each reading run like any other implementation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reference.readings import DERIVATIVE, READINGS, Reading
from reports.record import Row
from reports.verdict import Verdict

PREFIX = "reading-"
"""Backends with this prefix are readings: shown, never gated."""


@dataclass
class Misread:
    """The gradients of one reading: in how many cases, wrong in how many, and the worst row with its place."""

    cases: int = 0
    wrong: int = 0
    worst: Row | None = None
    place: int = 0

    def join(self, other: Misread) -> None:
        """Count another's cases too."""
        self.cases += other.cases
        self.wrong += other.wrong
        if other.worst is not None:
            self.see(other.place, other.worst)

    def see(self, place: int, row: Row) -> None:
        """Keep a row, if it is worse than the worst, or as bad and stands before it."""
        if self.worst is None or (-_rank(row), place) < (-_rank(self.worst), self.place):
            self.worst, self.place = row, place


def misread(place: int, rows: Sequence[Row], found: dict[str, Misread]) -> None:
    """Add the readings' rows of one case, by backend; it stands at ``place``."""
    of: dict[str, list[Row]] = {}
    for row in rows:
        if row.quantity == "gradient":
            of.setdefault(row.backend, []).append(row)
    for backend, its in of.items():
        one = found.setdefault(backend, Misread())
        one.cases += 1
        one.wrong += any(row.verdict in (Verdict.VIOLATION, Verdict.NONFINITE) for row in its)
        one.see(place, max(its, key=_rank))


def exhibit(found: Mapping[str, Misread]) -> list[dict[str, Any]]:
    """What each reading gets wrong, and by how much, from its gradients, by backend; empty without any."""
    if not found:
        return []
    return [_summary(r, found.get(PREFIX + r.name, Misread())) for r in READINGS]


def _summary(reading: Reading, its: Misread) -> dict[str, Any]:
    worst = its.worst
    return {
        "name": reading.name,
        "equation": reading.equations,
        "statement": reading.statement,
        "is_derivative": reading is DERIVATIVE,
        "cases": its.cases,
        "agrees": its.cases - its.wrong,
        "worst": None if worst is None else _worst(worst),
        "sentence": _sentence(reading, its.cases, its.wrong, worst),
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
