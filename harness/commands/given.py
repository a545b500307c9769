"""What a case gives: x, Y* and its weights, in numbers where they are few, and otherwise in shapes."""

from __future__ import annotations

from collections.abc import Iterator

from cases.case import Array, Case
from harness.chain_terms import called
from harness.terms import terms

FEW = 40
"""Numbers up to which they are printed."""


def given(case: Case) -> Iterator[str]:
    """A line for each array of a small case; one line for all of a larger one."""
    named = [("x", case.x), ("Y*", case.target), *zip(_names(case), case.weights, strict=True)]
    if sum(array.size for _, array in named) > FEW:
        yield ", ".join(f"{name} {' × '.join(map(str, array.shape))}" for name, array in named)
        return
    for name, array in named:
        yield f"{name} = {_rows(array)}"


def _names(case: Case) -> list[str]:
    if case.links is not None:
        return [f"w of {called(i, link)}" for i, link in enumerate(case.chain, start=1) if link.weighted]
    changes = sorted((term.layer, term.name) for term in terms(case) if term.kind == "gradient")
    return [name.removeprefix("Δ") for _, name in changes]


def _rows(array: Array) -> str:
    """As a case file has it, in the digits that tell a number of its format from its neighbours."""
    rows = ", ".join(f"[{', '.join(map(str, row))}]" for row in array)
    return f"[{rows}]"
