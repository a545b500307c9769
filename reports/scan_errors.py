"""The exhibit ``scans``: errors of σ and σ′ in ulps over bins of x, by backend; read tolerantly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.record import Record
from reports.tolerant import Item, items, numbers, string, whole
from reports.wording import ulps

Bins = tuple[float | None, ...]
"""A figure a bin, from −Ω on with 0 in the middle; None where nothing is judged, NaN and infinities as they came."""


@dataclass(frozen=True)
class Format:
    """A precision: digits of its significand, and the exponents of 2 at which the bins on either side of 0 end."""

    bits: int
    exponents: tuple[int, ...]

    @property
    def side(self) -> int:
        """How many bins are on either side of 0."""
        return len(self.exponents) - 1

    @property
    def bins(self) -> int:
        """How many there are."""
        return 2 * self.side + 1


@dataclass(frozen=True)
class Line:
    """One backend: its worst error in each bin, and the bins in which a point is outside of its own bound."""

    backend: str
    ulps: Bins
    outside: frozenset[int]

    @property
    def worst(self) -> float | None:
        """The worst of all; NaN where there is one, None where nothing is judged."""
        judged = [value for value in self.ulps if value is not None]
        return math.nan if any(map(math.isnan, judged)) else max(judged, default=None)


@dataclass(frozen=True)
class Errors:
    """σ or σ′ of an activation in a precision; ``least`` and ``most`` is what is allowed at some point of a bin."""

    activation: str
    dtype: str
    quantity: str
    least: Bins
    most: Bins
    lines: tuple[Line, ...]

    @property
    def symbol(self) -> str:
        """σ or σ′."""
        return "σ" if self.quantity == "activation" else "σ′"

    @property
    def worst(self) -> str:
        """``reference, torch 1.6; jax nan``."""
        of: dict[str, list[str]] = {}
        for line in self.lines:
            of.setdefault(ulps(line.worst), []).append(line.backend)
        return "; ".join(f"{', '.join(backends)} {figure}" for figure, backends in of.items())


@dataclass(frozen=True)
class ScanErrors:
    """All of it; ``errors`` have a format each."""

    formats: Mapping[str, Format]
    errors: tuple[Errors, ...]

    @property
    def backends(self) -> tuple[str, ...]:
        """In the order of the lines."""
        return tuple(dict.fromkeys(line.backend for one in self.errors for line in one.lines))


def scan_errors(record: Record) -> ScanErrors | None:
    """Read the exhibit; None where a run has none."""
    found = record.exhibits.get("scans")
    if not isinstance(found, dict):
        return None
    formats = found.get("formats")
    known = {str(k): _format(v) for k, v in formats.items() if _is_format(v)} if isinstance(formats, dict) else {}
    errors = tuple(_errors(item) for item in items(found.get("scans")) if string(item, "dtype") in known)
    return ScanErrors(known, errors) if errors else None


def _is_format(found: Any) -> bool:
    return isinstance(found, Mapping) and whole(found, "bits") > 0 and len(numbers(found, "exponents")) > 1


def _format(item: Item) -> Format:
    return Format(whole(item, "bits"), tuple(int(end) for end in numbers(item, "exponents")))


def _errors(item: Item) -> Errors:
    return Errors(
        activation=string(item, "activation"),
        dtype=string(item, "dtype"),
        quantity=string(item, "quantity"),
        least=_bins(item, "least"),
        most=_bins(item, "most"),
        lines=tuple(
            Line(string(line, "backend"), _bins(line, "ulps"), frozenset(map(int, numbers(line, "outside"))))
            for line in items(item.get("lines"))
        ),
    )


def _bins(item: Item, name: str) -> Bins:
    found = item.get(name)
    judged = [value is not None for value in found] if isinstance(found, (list, tuple)) else []
    return tuple(v if judge else None for v, judge in zip(numbers(item, name), judged, strict=True))
