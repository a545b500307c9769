"""Suspicious rows: they pass, but are further off than independent roundings add up to. A warning, never a failure."""

from __future__ import annotations

from dataclasses import dataclass

from reports.record import Record
from reports.tolerant import items, number, string
from reports.wording import ulps

MOST = 5
"""How many are shown."""

NONE = "nothing suspicious: no seeded case is further off than independent roundings add up to"

MEANING = "They pass, but are further off than independent roundings add up to: a warning, never a failure."


@dataclass(frozen=True)
class Suspicious:
    """A case on a backend, and its error in standard deviations of the typical error."""

    case: str
    backend: str
    typical: float | None

    @property
    def text(self) -> str:
        """``31 standard deviations of the typical error``."""
        return f"{ulps(self.typical)} standard deviations of the typical error"


def suspicious(record: Record) -> tuple[Suspicious, ...] | None:
    """Read the warnings of ``run.json``, worst first, one a case and backend; None where it says nothing of them."""
    if "suspicious" not in record.run:
        return None
    found: dict[tuple[str, str], Suspicious] = {}
    for item in items(record.run["suspicious"]):
        one = Suspicious(string(item, "case"), string(item, "backend"), number(item, "typical"))
        found.setdefault((one.case, one.backend), one)
    return tuple(found.values())
