"""Chains of other layers (S14): the structures on which BP and autodiff meet, of a run's own rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.sums import Meeting
from reports.wording import NOTHING, counted, share

TITLE = "Structures on which BP and autodiff meet"

EXPLANATION = (
    "S14 says that BP applies to any differentiable structure. Each line is a chain of layers, from the width of its "
    "input; each cell the largest share, error over bound, of all that the backend returned for it: up to 1 it has the "
    "derivative's own numbers but for rounding."
)


@dataclass(frozen=True)
class Structure:
    """One chain of layers: how many cases there are of it, a cell for each backend, and whether all of them agree."""

    name: str
    cases: int
    cells: tuple[str, ...]
    meets: bool


@dataclass(frozen=True)
class Structures:
    """All chains of a run, with the backends that compared anything on them."""

    backends: tuple[str, ...]
    lines: tuple[Structure, ...]

    @property
    def sentence(self) -> str:
        """How many there are, and on how many all agree."""
        met = sum(line.meets for line in self.lines)
        some = counted(len(self.lines), "structure")
        return f"{some}: all backends meet on {'each' if met == len(self.lines) else f'{met} of them'}"


def structures(chains: Mapping[str, Meeting]) -> Structures | None:
    """Make them of the sums of a run; None where it has no other chains."""
    order = sorted(chains.values(), key=lambda its: its.place)
    backends = tuple(dict.fromkeys(name for its in order for name in its.compared))
    lines = [
        Structure(
            name,
            max(its.compared.values()),
            tuple(_cell(its, backend) for backend in backends),
            not any(its.failed.values()),
        )
        for name, its in sorted(chains.items(), key=lambda item: (len(item[0].split("-")), item[0]))
    ]
    return Structures(backends, tuple(lines)) if lines else None


def _cell(its: Meeting, backend: str) -> str:
    if backend not in its.compared:
        return NOTHING
    mark = "✗ " if its.failed[backend] else ""
    found = its.shares.get(backend)
    return f"{mark}{NOTHING if found is None else share(found)}"
