"""What a measurement holds, and how it is written and read: ``bench.json``.

A part answers one question. Its figures are what was measured round by round, its ratios are of two figures of the
same round, its targets are judged on a median.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from reports.record import FolderError, encode, save

FILE = "bench.json"

WALL, CPU, EACH, MEMORY, WORKER = "time", "CPU time", "time a case", "memory", "memory of a worker"
"""What a figure may be of, in the order of the tables: seconds, then bytes."""

QUANTITIES = (WALL, CPU, EACH, MEMORY, WORKER)


class Rounds:
    """Something that has a value for each round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return middle(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles, between which half of the values lie."""
        return quartiles(self.values)


@dataclass(frozen=True)
class Figure(Rounds):
    """One quantity of one contestant in one setting, a value for each round."""

    setting: str
    name: str
    quantity: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Ratio(Rounds):
    """A figure over another of the same round, for each round."""

    setting: str
    name: str
    against: str
    quantity: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Target:
    """What was aimed at: ``value`` is to be at most ``limit``, or with ``least`` at least that."""

    statement: str
    value: float
    limit: float
    least: bool = False
    unit: str = "times"

    @property
    def reached(self) -> bool:
        """Whether the value is on the right side; what is no number is not."""
        return self.value >= self.limit if self.least else self.value <= self.limit

    @property
    def factor(self) -> float:
        """How many times off the target: above 1 where it is missed; NaN where nothing can be said."""
        off, by = (self.limit, self.value) if self.least else (self.value, self.limit)
        return off / by if by else math.inf

    @property
    def word(self) -> str:
        """``reached``, or ``missed by a factor of 3``."""
        if self.reached:
            return "reached"
        return "not measured" if math.isnan(self.value) else f"missed by a factor of {self.factor:.3g}"


@dataclass(frozen=True)
class Part:
    """One question: what was measured, what that was aimed at, and what is to be said besides."""

    name: str
    title: str
    about: str
    figures: tuple[Figure, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bench:
    """All that was measured in one run. ``about``: versions, machine, command and times."""

    parts: tuple[Part, ...]
    about: Mapping[str, Any] = field(default_factory=dict)


def middle(values: Sequence[float]) -> float:
    """The median of what is a number; NaN of nothing."""
    known = [value for value in values if not math.isnan(value)]
    return median(known) if known else math.nan


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """The quartiles of the values themselves; of a single one, itself twice."""
    known = [value for value in values if not math.isnan(value)]
    if len(known) < 2:
        return (middle(known),) * 2
    low, _, high = quantiles(known, n=4, method="inclusive")
    return low, high


def write(folder: Path, bench: Bench) -> Path:
    """Write ``bench.json``. Raises FolderError with a sentence."""
    path = folder / FILE
    parts = [asdict(part) for part in bench.parts]
    save(path, json.dumps(encode({**bench.about, "parts": parts}), ensure_ascii=False, indent=1) + "\n")
    return path


def read(folder: Path) -> Bench:
    """Read it back. Raises FolderError where it is missing or damaged."""
    path = folder / FILE
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        parts = tuple(_part(item) for item in about.pop("parts"))
    except OSError as error:
        raise FolderError(
            f"cannot read {path}: {error.strerror or error}; is it a folder of gradproof bench?"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FolderError(f"{path}: not a measurement ({error}); measure again") from error
    return Bench(parts, about)


def _part(item: Mapping[str, Any]) -> Part:
    return Part(
        item["name"],
        item["title"],
        item["about"],
        tuple(Figure(**{**one, "values": _numbers(one["values"])}) for one in item["figures"]),
        tuple(Ratio(**{**one, "values": _numbers(one["values"])}) for one in item["ratios"]),
        tuple(Target(**{**one, "value": float(one["value"])}) for one in item["targets"]),
        tuple(item["notes"]),
    )


def _numbers(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(map(float, values))
