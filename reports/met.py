"""What a run met of what is listed: conventions on kinks, and known deviations."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reports.cells import worst
from reports.lots import Lot
from reports.record import Record
from reports.sums import Sums
from reports.tolerant import Item, items, link, string
from reports.wording import counted


@dataclass(frozen=True)
class Convention:
    """The legal derivative that a backend takes on the kinks of an activation, in the rows that show it.

    ``listed``, ``what`` and ``thread`` are empty where nothing is listed.
    """

    activation: str
    backend: str
    member: str
    rows: int
    listed: str
    what: str
    thread: str

    @property
    def text(self) -> str:
        """``outer, 31 rows``."""
        return f"{self.member}, {counted(self.rows, 'row')}"


@dataclass(frozen=True)
class Deviation:
    """A known deviation that rows name: in how many scans' rows, in how many cases, and how far off.

    ``share`` is the worst of rows that it alone explains, None where each has others too. What the list says of it is
    empty where the run does not bring the list.
    """

    id: str
    scanned: int
    cases: int
    share: float | None
    activation: str
    backend: str
    dtype: str
    of: str
    x: tuple[str, ...]
    limit: str
    versions: str
    what: str
    thread: str

    @property
    def stem(self) -> str:
        """The id without its precision at the end: deviations of one stem are one, met in several formats."""
        return self.id.removesuffix(f"-{self.dtype}")


def conventions(record: Record) -> tuple[Convention, ...]:
    """Find the conventions met, by activation and backend in the order of the rows."""
    of: dict[tuple[str, str], list[Lot]] = defaultdict(list)
    for lot in record.sums.ordered:
        if lot.members:
            of[lot.activation, lot.backend].append(lot)
    order = {name: position for position, name in enumerate(dict.fromkeys(activation for activation, _ in of))}
    listed = items(record.run.get("conventions"))
    found = []
    for activation, backend in sorted(of, key=lambda at: order[at[0]]):
        lots = of[activation, backend]
        line = _listed(listed, activation, backend)
        found.append(
            Convention(
                activation, backend, _member(lots), sum(lot.rows for lot in lots),
                listed=string(line, "member"), what=string(line, "what"), thread=link(line, "thread"),
            )
        )  # fmt: skip
    return tuple(found)


def alike(found: Iterable[Convention]) -> tuple[tuple[Convention, ...], ...]:
    """Group backends that take the same derivative, for the same reason."""
    of: dict[tuple[str, ...], list[Convention]] = defaultdict(list)
    for one in found:
        of[one.activation, one.member, one.listed, one.what].append(one)
    return tuple(map(tuple, of.values()))


def deviations(record: Record) -> tuple[Deviation, ...]:
    """Find the known deviations met, in the order of the list; others follow."""
    of: dict[str, list[Lot]] = defaultdict(list)
    for lot in record.sums.ordered:
        for name in lot.deviations:
            of[name].append(lot)
    listed = {string(item, "id"): item for item in items(record.run.get("deviations"))}
    names = [name for name in listed if name in of] + [name for name in of if name not in listed]
    return tuple(_deviation(name, of[name], listed.get(name, {}), record.sums) for name in names)


def by_stem(found: Iterable[Deviation]) -> tuple[tuple[Deviation, ...], ...]:
    """Group deviations that differ in the precision alone."""
    of: dict[tuple[str, ...], list[Deviation]] = defaultdict(list)
    for deviation in found:
        of[deviation.backend, deviation.stem, deviation.of, deviation.versions].append(deviation)
    return tuple(map(tuple, of.values()))


def _member(lots: Sequence[Lot]) -> str:
    """The members that fit every row; where none does, each row's own, with their numbers."""
    common = [member for member in lots[0].members if all(member in lot.members for lot in lots)]
    if common:
        return " or ".join(common)
    number: Counter[str] = Counter()
    for lot in lots:
        number[" or ".join(lot.members)] += lot.rows
    return ", ".join(f"{text} {rows}" for text, rows in number.items())


def _listed(table: Sequence[Item], activation: str, backend: str) -> Item:
    for item in table:
        name = string(item, "backend")
        if string(item, "activation") == activation and (backend == name or backend.startswith(f"{name}-")):
            return item
    return {}


def _deviation(name: str, lots: Sequence[Lot], listed: Item, found: Sums) -> Deviation:
    first = lots[0]
    return Deviation(
        id=name,
        scanned=sum(lot.rows for lot in lots if lot.is_scan),
        cases=found.met[name],
        share=worst(lot.share for lot in lots if lot.deviations == (name,)),
        activation=string(listed, "activation") or first.activation,
        backend=string(listed, "backend") or first.backend,
        dtype=string(listed, "dtype") or first.dtype,
        of=string(listed, "of"),
        x=_intervals(listed),
        limit=_limit(string(listed, "limit")),
        versions=string(listed, "versions"),
        what=string(listed, "what"),
        thread=link(listed, "thread"),
    )


def _limit(text: str) -> str:
    """Write a power of two as one: ``2^20``."""
    try:
        fraction, exponent = math.frexp(float(text))
    except ValueError:
        return text
    return f"2^{exponent - 1}" if fraction == 0.5 else text


def _intervals(listed: Item) -> tuple[str, ...]:
    found = listed.get("x")
    pairs = found if isinstance(found, (list, tuple)) else ()
    return tuple(" … ".join(map(_end, pair)) for pair in pairs if isinstance(pair, (list, tuple)) and len(pair) == 2)


def _end(value: Any) -> str:
    """An end of an interval as written for people: ``-inf``, ``20``, ``-1.34e+154``."""
    return f"{value:.6g}" if isinstance(value, (int, float)) else str(value)
