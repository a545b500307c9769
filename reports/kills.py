"""The exhibit ``kills``: every mistake against the gate, and correct rewritings beside them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from reports.record import Record
from reports.tolerant import Item, items, number, string, whole
from reports.wording import NOTHING, counted, share

TITLE = "Mistakes against the gate"

EXPLANATION = (
    "Each mistake is a wrong implementation of our own, the reference with one change. A cell: cases on which it "
    "is caught, of those where it can show, and the smallest ratio of error to bound on a case where it is caught "
    "(where rounding hides it everywhere, the largest). It cannot show where it is the same program, or has the "
    "truth's own numbers: its balls overlap."
)
"""What the figures mean."""

FEW = 8
"""How many families of cases a terminal has room for."""

MANY = 24
"""How many families a table has room for; where there are more, those that begin alike share a column."""

_DTYPES = ("float64", "float32", "bfloat16", "float16")


@dataclass
class Cell:
    """Cases of one mistake, summed over families or precisions; ``apart`` counts reasons why it cannot show."""

    cases: int = 0
    caught: int = 0
    same: int = 0
    hidden: int = 0
    smallest: float = math.inf
    nearest: float = 0.0
    apart: Counter[str] = field(default_factory=Counter)

    @property
    def can(self) -> int:
        """Cases on which it can show."""
        return self.caught + self.hidden

    @property
    def why(self) -> str:
        """Why it is not caught anywhere: the reason that most cases have; empty where it is."""
        if self.caught or not self.cases:
            return ""
        if self.hidden:
            return "below rounding"
        reasons = Counter(self.apart)
        if self.same:
            reasons["same numbers"] = self.same
        return reasons.most_common(1)[0][0] if reasons else NOTHING

    @property
    def text(self) -> str:
        """``750 of 754, 1.3``; the reason where it cannot show; nothing where there are no cases."""
        if not self.cases:
            return NOTHING
        if not self.can:
            return self.why
        return f"{self.caught:,} of {self.can:,}, {self._ratio}" + (f" ({self.why})" if self.why else "")

    @property
    def short(self) -> str:
        """``100 %, 3e+11``, with · where it cannot show."""
        if not self.can:
            return "·" if self.cases else NOTHING
        return f"{_percent(self.caught, self.can)}, {self._ratio}"

    @property
    def _ratio(self) -> str:
        return share(self.smallest if self.caught else self.nearest)

    def add(self, other: Cell) -> None:
        """Count another's cases too."""
        self.cases += other.cases
        self.caught += other.caught
        self.same += other.same
        self.hidden += other.hidden
        self.smallest = min(self.smallest, other.smallest)
        self.nearest = max(self.nearest, other.nearest)
        self.apart += other.apart


@dataclass(frozen=True)
class Told:
    """A mistake in words."""

    name: str
    family: str
    what: str
    equations: str
    fix: str
    call: int

    @property
    def shown(self) -> str:
        """Its name, and from which call on it shows."""
        return f"{self.name} (second call)" if self.call > 1 else self.name


@dataclass(frozen=True)
class Kills:
    """The matrix: cells by mistake, family of cases and precision; and the runs of correct rewritings."""

    told: tuple[Told, ...]
    cells: dict[tuple[str, str, str], Cell]
    correct: int
    alarms: tuple[str, ...]
    rewritings: tuple[tuple[str, str], ...]

    @cached_property
    def dtypes(self) -> tuple[str, ...]:
        """Precisions in the order of the other tables."""
        found = {dtype for _, _, dtype in self.cells}
        return tuple(sorted(found, key=lambda d: _DTYPES.index(d) if d in _DTYPES else len(_DTYPES)))

    @cached_property
    def families(self) -> tuple[str, ...]:
        """Families of cases, as the catalogue has them."""
        return tuple(dict.fromkeys(family for _, family, _ in self.cells))

    @cached_property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """Columns of the table by family: families, or where they are many, those with the same first word."""
        if len(self.families) <= MANY:
            return {family: (family,) for family in self.families}
        found: dict[str, list[str]] = {}
        for family in self.families:
            found.setdefault(family.split("-")[0], []).append(family)
        return {its[0] if len(its) == 1 else f"{word}-*": tuple(its) for word, its in found.items()}

    @cached_property
    def _by(self) -> dict[tuple[str, str, str], Cell]:
        """Sums over families (family ""), over precisions (dtype ""), over both."""
        found: dict[tuple[str, str, str], Cell] = {}
        for (mistake, family, dtype), cell in self.cells.items():
            for key in ((mistake, "", dtype), (mistake, family, ""), (mistake, "", "")):
                found.setdefault(key, Cell()).add(cell)
        return found

    def cell(self, mistake: str, family: str = "", dtype: str = "") -> Cell:
        """The sum over what is not given."""
        if family and dtype:
            return self.cells.get((mistake, family, dtype), Cell())
        return self._by.get((mistake, family, dtype), Cell())

    @property
    def figures(self) -> tuple[int, int, int]:
        """Mistakes caught, of those that can show, of all."""
        every = [self.cell(told.name) for told in self.told]
        return sum(cell.caught > 0 for cell in every), sum(cell.can > 0 for cell in every), len(every)

    @property
    def text(self) -> str:
        """The two figures at the top of every report."""
        caught, can, every = self.figures
        rest = f" ({every - can} of {every} cannot show on these cases)" if can < every else ""
        alarms = counted(len(self.alarms), "false alarm")
        return f"{caught} of {can} mistakes caught{rest}; {alarms} in {counted(self.correct, 'correct run')}"

    @property
    def missed(self) -> tuple[Told, ...]:
        """Mistakes that can show and are caught nowhere."""
        every = [(told, self.cell(told.name)) for told in self.told]
        return tuple(told for told, cell in every if cell.can and not cell.caught)

    def by_precision(self) -> list[tuple[str, ...]]:
        """A line a mistake: its name, and a cell for each precision."""
        return [(t.shown, *(self.cell(t.name, dtype=dtype).text for dtype in self.dtypes)) for t in self.told]

    def by_family(self) -> list[tuple[str, ...]]:
        """A line a mistake: its name, and a cell for each of `kinds`."""
        return [(t.shown, *(self.over(t.name, its).short for its in self.kinds.values())) for t in self.told]

    def over(self, mistake: str, families: Sequence[str]) -> Cell:
        """The sum over some families, all precisions together."""
        total = Cell()
        for family in families:
            total.add(self.cell(mistake, family))
        return total

    def by_kind_of_mistake(self) -> list[tuple[str, tuple[Told, ...], tuple[str, ...]]]:
        """Mistakes of one family: its name, they, and for each precision how many are caught, and the weakest catch."""
        of: dict[str, list[Told]] = {}
        for told in self.told:
            of.setdefault(told.family, []).append(told)
        return [(name, tuple(its), tuple(self._caught(its, d) for d in self.dtypes)) for name, its in of.items()]

    def _caught(self, its: Sequence[Told], dtype: str) -> str:
        """``15 of 16, 1.3``: of those that can show in a precision."""
        cells = [cell for told in its if (cell := self.cell(told.name, dtype=dtype)).can]
        if not cells:
            return NOTHING
        caught = [cell.smallest for cell in cells if cell.caught]
        return f"{len(caught)} of {len(cells)}" + (f", {share(min(caught))}" if caught else "")


def kills(record: Record) -> Kills | None:
    """Read the exhibit; None where a run has none."""
    found = record.exhibits.get("kills")
    if not isinstance(found, dict):
        return None
    told = found.get("correct")
    correct: Item = told if isinstance(told, dict) else {}
    return Kills(
        tuple(_told(item) for item in items(found.get("mistakes"))),
        dict(_cells(items(found.get("cells")))),
        whole(correct, "runs"),
        tuple(str(name) for name in _list(correct.get("alarms"))),
        tuple((string(item, "name"), string(item, "what")) for item in items(correct.get("rewritings"))),
    )


def _told(item: Item) -> Told:
    return Told(
        string(item, "name"),
        string(item, "family"),
        string(item, "what"),
        string(item, "equations"),
        string(item, "fix"),
        whole(item, "call") or 1,
    )


def _cells(found: Sequence[Item]) -> Iterable[tuple[tuple[str, str, str], Cell]]:
    for item in found:
        apart = item.get("apart")
        reasons = {str(k): v for k, v in apart.items() if isinstance(v, int)} if isinstance(apart, dict) else {}
        smallest = number(item, "smallest")
        cell = Cell(
            whole(item, "cases"),
            whole(item, "caught"),
            whole(item, "same"),
            whole(item, "hidden"),
            math.inf if smallest is None else smallest,
            number(item, "nearest") or 0.0,
            Counter(reasons),
        )
        yield (string(item, "mistake"), string(item, "cases_of"), string(item, "dtype")), cell


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _percent(part: int, of: int) -> str:
    """Percent, rounded down, so that only all is 100."""
    return f"{100 * part // of} %"
