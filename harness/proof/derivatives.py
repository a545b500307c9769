"""Every derivative of one structure: sympy's, of the total error, minus what the text of ``reference/`` makes of it.

The difference is expanded; where nothing is left, the two are the same polynomial in weights, inputs, targets, σ and
σ', and so equal whatever these are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import sympy

from harness.proof import sides
from harness.proof.networks import Structure
from harness.proof.written import cut, shortest, text


@dataclass(frozen=True)
class Entry:
    """One derivative: its name, what the text makes of it, and what that is off by, empty where it is 0."""

    name: str
    formula: str
    left_over: str = ""


@dataclass(frozen=True)
class Checked:
    """One claim about one structure, derivative by derivative.

    ``claim`` is a key of `sides.CLAIMS`; ``layer`` counts from 1, and is 0 where there is none. ``fault`` says why
    nothing could be compared.
    """

    claim: str
    structure: str
    task: str
    layer: int
    entries: tuple[Entry, ...]
    fault: str = ""

    @property
    def wrong(self) -> tuple[Entry, ...]:
        """Derivatives that are not what the text says."""
        return tuple(entry for entry in self.entries if entry.left_over)

    @property
    def proved(self) -> bool:
        """Whether every difference is 0, and there are any."""
        return bool(self.entries) and not self.wrong and not self.fault


def examine(structure: Structure) -> list[Checked]:
    """All claims about a structure, in the order of the whole run (S26); a claim whose text cannot run is refused."""
    s = replace(structure)  # nothing is remembered from a text that may have been another
    return [
        _checked(s, claim, layer, pairs)
        for claim, pairs in sides.CLAIMS.items()
        for layer in sides.layers(claim, s.depth)
        if claim != "scalar" or s.batch == 1
    ]


def _checked(s: Structure, claim: str, layer: int, pairs: Callable[[Structure, int], Iterable[sides.Pair]]) -> Checked:
    start = layer if claim == "delta" else 0
    entries: list[Entry] = []
    try:
        for pair in pairs(s, layer):
            first = not any(entry.left_over for entry in entries)
            entries.append(_entry(s, start, first, *pair))
    except Exception as raised:  # whatever a wrong text does, it proves nothing
        return Checked(claim, s.label, s.task, layer, (), f"the text does not run: {type(raised).__name__}: {raised}")
    return Checked(claim, s.label, s.task, layer, tuple(entries))


def _entry(s: Structure, start: int, first: bool, name: str, left: Any, right: Any) -> Entry:
    """``first``: what it is off by is worth the time to find its factors."""
    rest = sympy.expand(left - right.xreplace(s.meaning(start)))
    if rest == 0:
        return Entry(name, text(s.paired(right)))
    off = s.paired(right) - s.brief(left, start)
    return Entry(name, text(s.paired(right)), shortest(off) if first else cut(text(off)))
