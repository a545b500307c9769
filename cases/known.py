"""What correct implementations are known to do differently: two tables, strict and versioned.

``conventions.toml``: which legal derivative a backend takes exactly on a kink. ``deviations.toml``: where a
library's own σ or σ' is less accurate than its accuracy row, and by how much at most. Nothing is listed
that was not seen in a run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from packaging.specifiers import SpecifierSet
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cases.case import ACTIVATIONS, DTYPES

HERE = Path(__file__).parent


def _one_of(known: Iterable[str]) -> AfterValidator:
    names = tuple(known)

    def check(word: str) -> str:
        if word not in names:
            raise ValueError(f"{word!r} is none of {', '.join(names)}")
        return word

    return AfterValidator(check)


def _versions(text: str) -> str:
    SpecifierSet(text)
    return text


Activation = Annotated[str, _one_of(ACTIVATIONS)]
Dtype = Annotated[str, _one_of(DTYPES)]
Versions = Annotated[str, AfterValidator(_versions)]


class Listed(BaseModel):
    """What both tables have: whose behaviour it is, in which versions, and where it is discussed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    activation: Activation
    backend: str
    versions: Versions
    thread: str = ""
    what: str

    def concerns(self, backend: str) -> bool:
        """Whether a backend is of this row's framework: ``torch`` concerns ``torch-func`` too."""
        return backend == self.backend or backend.startswith(self.backend + "-")

    def covers(self, version: str) -> bool:
        """Whether a version lies in the row's range."""
        return SpecifierSet(self.versions).contains(version, prereleases=True)


class Convention(Listed):
    """The derivative that a backend takes exactly on the kinks of an activation."""

    member: Literal["left", "right", "mean", "inner", "outer"]


class Deviation(Listed):
    """Where a backend's σ (``of`` = value) or σ' (derivative) is off by up to ``limit`` units of u·scale.

    The unit is that of the activation's accuracy row; ``x`` is a list of closed intervals. ``limit`` is the worst
    figure of the scan rounded up to a power of two, or "nonfinite" where NaN or infinity comes out.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    dtype: Dtype
    of: Literal["value", "derivative"]
    x: tuple[tuple[float, float], ...]
    limit: float | Literal["nonfinite"]


class _Tables(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    convention: list[Convention] = []
    deviation: list[Deviation] = []


@cache
def conventions(path: Path = HERE / "conventions.toml") -> tuple[Convention, ...]:
    """The table of conventions."""
    return tuple(_read(path).convention)


@cache
def deviations(path: Path = HERE / "deviations.toml") -> tuple[Deviation, ...]:
    """The table of known deviations."""
    return tuple(_read(path).deviation)


def listed_member(activation: str, backend: str, table: Sequence[Convention]) -> str:
    """The derivative expected of a backend on a kink: the listed one, else the deck's, on the ≤ side (S4).

    A row of its own comes before one of its framework.
    """
    rows = [row for row in table if row.activation == activation and row.concerns(backend)]
    return max(rows, key=lambda row: len(row.backend)).member if rows else "left"


def _read(path: Path) -> _Tables:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    for row in document.get("deviation", []):
        row["x"] = tuple(tuple(float(end) for end in interval) for interval in row["x"])
        if not isinstance(row["limit"], str):
            row["limit"] = float(row["limit"])
    return _Tables.model_validate(document)
