"""Two runs side by side: what an upgrade changed, worse first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reports.changes import Change, Direction, changes, other_numbers
from reports.figures import Figure, figures, size, versions
from reports.groups import Group, grouped
from reports.record import Record
from reports.wording import counted

RULE = (
    "Compared row by row: case, backend, quantity and layer. Worse: a verdict is further from right, the gate fails "
    "where it passed, a case or a required backend is lost, or the check is worth less. Exact, rounding and a "
    "convention are all right. Ulps count as changed where they are more than twice as many or less than half; "
    "fewer than 1 count as 1."
)
"""How it is told what changed."""


@dataclass(frozen=True)
class Section:
    """Changes of one direction: what the runs say of themselves, then rows in groups."""

    title: str
    direction: Direction
    figures: tuple[Figure, ...]
    changes: tuple[Change, ...]

    @property
    def heading(self) -> str:
        """``Worse: 12 changes in 4 cases``."""
        cases = len({change.row.case for change in self.changes})
        rows = f"{counted(len(self.changes), 'change')} in {counted(cases, 'case')}" if self.changes else ""
        said = counted(len(self.figures), "figure") if self.figures else ""
        return f"{self.title}: {', '.join(filter(None, (rows, said)))}"

    def groups(self, most: int) -> tuple[Sequence[Group], int]:
        """At most so many groups, as fine as fits, and how many are left out."""
        found = grouped(self.changes, most)
        return found[:most], max(len(found) - most, 0)


@dataclass(frozen=True)
class Diff:
    """What changed from run A to run B. ``other`` are cases with other numbers under the same name."""

    a: str
    b: str
    sizes: tuple[str, str]
    versions: tuple[Figure, ...]
    figures: tuple[Figure, ...]
    changes: tuple[Change, ...]
    other: tuple[str, ...]

    @property
    def worse(self) -> bool:
        """Whether anything got worse."""
        return Direction.WORSE in {*(one.direction for one in self.figures), *(one.direction for one in self.changes)}

    @property
    def sections(self) -> tuple[Section, ...]:
        """Worse, different, what is of other numbers, better; those that hold something."""
        found = []
        for title, direction, other in (
            ("Worse", Direction.WORSE, None),
            ("Different", Direction.DIFFERENT, False),
            ("Other numbers under the same name", Direction.DIFFERENT, True),
            ("Better", Direction.BETTER, None),
        ):
            said = tuple(one for one in self.figures if one.direction == direction and not other)
            rows = tuple(one for one in self.changes if one.direction == direction and other in (None, one.other))
            if said or rows:
                found.append(Section(title, direction, said, rows))
        return tuple(found)

    @property
    def environment(self) -> tuple[str, str]:
        """Versions, machine and catalogue that are not the same, and those that are."""
        changed = [figure.text for figure in self.versions if not figure.same and figure.name != "command"]
        same = [figure.text for figure in self.versions if figure.same and figure.name not in ("command", "catalogue")]
        return ", ".join(changed), ", ".join(same)

    @property
    def apart(self) -> str:
        """A sentence on cases that are not the same numbers; empty where all are."""
        if not self.other:
            return ""
        few = ", ".join(self.other[:3]) + (", …" if len(self.other) > 3 else "")
        return (
            f"{counted(len(self.other), 'case')} with other numbers in B under the same name ({few}): what is "
            "different there is shown apart, ulps are not compared, and only the gate says what is worse."
        )

    @property
    def closing(self) -> str:
        """The answer in one line."""
        number = Counter(change.direction for change in self.changes)
        weaker = sum(figure.direction == Direction.WORSE for figure in self.figures)
        if not self.changes and not self.figures:
            return "Nothing changed."
        by = dict.fromkeys(one.row.backend for one in self.changes if one.direction == Direction.WORSE)
        accused = f", by {', '.join(by)}" if by else ""
        worse = f"{counted(number[Direction.WORSE], 'change')} for the worse{accused}"
        more = f"; {counted(weaker, 'figure')} worse" if weaker else ""
        return f"{worse}; {number[Direction.DIFFERENT]:,} merely different; {number[Direction.BETTER]:,} better{more}."


def diff(a: Record, b: Record, names: tuple[str, str]) -> Diff:
    """Compare two runs; ``names`` are what they are called, such as their folders."""
    return Diff(
        *names,
        (size(a), size(b)),
        tuple(versions(a, b)),
        tuple(figures(a, b)),
        tuple(changes(a, b)),
        other_numbers(a, b),
    )
