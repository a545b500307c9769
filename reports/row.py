"""A row of results: one quantity of one layer of one case, as one backend computed it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from reports.verdict import Verdict

PUBLISHED = "published"
"""What stands for a backend in rows of numbers that a source prints: nothing computes them."""

_AT = re.compile(r"\bat x = ([^\s:;,]+)")
_IDS = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*(?:, [a-z0-9]+(?:-[a-z0-9]+)*)*): ")


@dataclass(frozen=True)
class Row:
    """One quantity of one layer of one case, as one backend computed it.

    ``quantity`` is output, loss, gradient or update (None for a case without values), and in a scan, whose
    ``task`` is None, activation or derivative; ``layer`` counts weight matrices from the input, from 1, and
    is 0 where there is none. ``max_abs``, ``max_ulp``, ``max_rel`` are distances from the exact value,
    ``reference_abs`` and ``reference_ulp`` from the NumPy reference. ``share`` is the largest error over
    bound; above 1 the entry is wrong. ``blind`` counts entries whose bound is at least their magnitude,
    ``zero`` those that are exactly zero. ``worst_index`` (0-based, in the case's own array) is the entry of
    largest share. Of an update, ``from_gradient`` and ``from_arithmetic`` are the largest errors, over the same
    bound, that came with ΔW and that W − αΔW itself made; None elsewhere.

    Of PUBLISHED the bound is half a unit of the last digit printed, and one more quantity is loss after: the total
    error after one step.
    """

    case: str
    family: str
    activation: str
    task: str | None
    dtype: str
    layers: str
    batch: int
    backend: str
    quantity: str | None
    layer: int
    entries: int
    max_abs: float | None
    max_ulp: float | None
    max_rel: float | None
    reference_abs: float | None
    reference_ulp: float | None
    share: float | None
    typical: float | None
    blind: int
    zero: int
    worst_index: tuple[int, ...] | None
    worst_value: float | None
    worst_exact: float | None
    verdict: Verdict
    detail: str
    from_gradient: float | None = None
    from_arithmetic: float | None = None

    @classmethod
    def of(cls, its: Mapping[str, Any]) -> Row:
        """A row of all its columns: a frozen class sets its fields one by one, and rows are many."""
        row = cls.__new__(cls)
        vars(row).update(its)
        return row

    @property
    def is_scan(self) -> bool:
        """Whether this is of a scan: an activation by itself, in no network."""
        return self.task is None

    @property
    def x(self) -> str:
        """The input of a scan's worst entry, as its detail gives it; empty where it gives none."""
        found = _AT.search(self.detail) if self.is_scan else None
        return found[1] if found else ""

    @property
    def deviations(self) -> tuple[str, ...]:
        """Ids of the known deviations that explain it, as its detail gives them."""
        found = _IDS.match(self.detail) if self.verdict == Verdict.KNOWN else None
        return tuple(found[1].split(", ")) if found else ()

    @property
    def members(self) -> tuple[str, ...]:
        """The legal derivatives on a kink that fit it, as its detail gives them."""
        return members(self.verdict, self.detail)


def members(verdict: Verdict, detail: str) -> tuple[str, ...]:
    """The legal derivatives that the detail of a convention names."""
    return tuple(detail.split(", ")) if verdict == Verdict.CONVENTION and detail else ()


COLUMNS = tuple(f.name for f in fields(Row))
"""Columns of results.jsonl and results.csv, in order."""

cells: Callable[[Row], tuple[Any, ...]] = attrgetter(*COLUMNS)
"""The values of a row, in the order of the columns."""

_TEXT = ("case", "family", "activation", "dtype", "layers", "backend", "detail")
_OPTIONAL_TEXT = ("task", "quantity")
_COUNTS = ("batch", "layer", "entries", "blind", "zero")
_LATER = ("from_gradient", "from_arithmetic")
"""Columns that the first versions did not write: a row of theirs has None there."""

_NUMBERS = ("max_abs", "max_ulp", "max_rel", "reference_abs", "reference_ulp", "share", "typical",
            "worst_value", "worst_exact", *_LATER)  # fmt: skip

_VERDICTS = {verdict.value: verdict for verdict in Verdict}

_NAMES = frozenset(COLUMNS)
_KINDS: tuple[tuple[str, type | tuple[type, ...]], ...] = (
    *((name, str) for name in _TEXT),
    *((name, (str, type(None))) for name in _OPTIONAL_TEXT),
    *((name, int) for name in _COUNTS),
)


def parse(found: Any) -> Row:
    """Make a row of what JSON holds, of an older version's too. Raises ValueError or TypeError where it is not one."""
    if not isinstance(found, dict):
        raise ValueError("not an object")
    if found.keys() != _NAMES:
        found = dict.fromkeys(_LATER) | found
        if found.keys() != _NAMES:
            wrong = [name for name in COLUMNS if name not in found] or [n for n in found if n not in COLUMNS]
            raise ValueError(f"{'unknown' if wrong[0] in found else 'missing'}: {', '.join(wrong)}")
    for name, kinds in _KINDS:
        if not isinstance(found[name], kinds):
            raise ValueError(f"{name} is {found[name]!r}")
    for name in _NUMBERS:
        value = found[name]
        if value is not None and type(value) is not float:  # a word, or a whole number
            found[name] = float(value)
    if found["worst_index"] is not None:
        found["worst_index"] = tuple([int(i) for i in found["worst_index"]])
    found["verdict"] = _VERDICTS.get(found["verdict"]) or Verdict(found["verdict"])
    return Row.of(found)
