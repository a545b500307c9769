"""Chains in case files: a list of links, each a word, or a kind with its weight.

In a ``[[case]]`` block ``layers`` is such a list: ``"activation"``, ``"normalisation"`` and ``"softmax"`` stand by
themselves, the others with their numbers, as ``{ dense = [[…], …] }`` and ``{ bias = [… ] }``. In a ``[[family]]``
block, whose numbers are drawn, a structure with words in it is a chain: ``[6, "dense 5", "bias", "activation"]``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cases.arrays import matrix_complaints, number_complaint, shape
from cases.case import DTYPES, finfo
from cases.faults import Complaint, Rejected, counted, described, did_you_mean, one_of, quoted
from cases.links import KINDS, Link

ROWS = ("dense", "quadratic")
"""Kinds whose weight is a matrix; that of the others is a list of numbers."""

BARE = tuple(kind for kind, its in KINDS.items() if its.weight is None)
"""Kinds that have no weight."""

CHAIN = f"a list of links: {', '.join(quoted(kind) for kind in BARE)}, or one of " + ", ".join(
    f"{{ {kind} = {'[[…]]' if kind in ROWS else '[…]'} }}" for kind in KINDS if kind not in BARE
)

WORD = re.compile(r"([a-z]+)(?: +([0-9]+))?")

LARGEST_SIZE = 4096
"""Nodes of the widest dense link."""


def link_complaints(value: object, where: str) -> list[Complaint]:
    """Say why ``value`` is not a list of links with finite numbers."""
    if not isinstance(value, list):
        return [Complaint(where, described(value), CHAIN)]
    if not value:
        return [Complaint(where, "no link", "at least one: a chain needs a weight")]
    found = [one for number, entry in enumerate(value) for one in _entry_complaints(entry, f"{where}[{number}]")]
    if not found and not any(isinstance(entry, dict) for entry in value):
        found.append(Complaint(where, "no link with a weight", "at least one: there is nothing to differentiate by"))
    return found


def links_of(value: Sequence[Any]) -> list[Link]:
    """The links of a list without complaints."""
    return [_link(entry) for entry in value]


def weights_of_links(value: Sequence[Any]) -> list[list[list[float]]]:
    """The weights of a list without complaints, each as a matrix; that of a bias is one row."""
    return [matrix(*next(iter(entry.items()))) for entry in value if isinstance(entry, dict)]


def matrix(kind: str, numbers: Any) -> Any:
    """The weight of a link as a matrix, as it is where it is one or should be."""
    return numbers if kind in ROWS else [numbers]


def chain_complaints(table: Mapping[str, object]) -> list[Complaint]:
    """Say where the widths of a chain and its weights, or its target, do not fit (see `cases.shapes`)."""
    x, target, value = shape(table.get("input")), shape(table.get("target")), table.get("layers")
    if x is None or not isinstance(value, list) or link_complaints(value, "layers"):
        return []
    complaints, width = [], x[1]
    for number, entry in enumerate(value):
        link, place = _link(entry), f"layers[{number}]"
        if isinstance(entry, dict):
            its = shape(matrix(*next(iter(entry.items()))))
            expected = link.weight(width)
            if its and expected and its != expected and link.kind != "convolution":
                found = f"{link.kind} of {_times(its)}"
                return [Complaint(place, found, f"{_times(expected)}: {counted(width, 'node')} come in")]
        if unfit := link.unfit(width):
            return [Complaint(place, *unfit)]
        width = link.after(width)
    if target and target[1] != width:
        complaints.append(Complaint("target", counted(target[1], "column"), f"{width}, as the last link gives"))
    if target and target[0] != x[0]:
        complaints.append(Complaint("target", counted(target[0], "row"), f"{x[0]} (one for each sample)"))
    return complaints


def narrow_complaint(dtypes: Sequence[str]) -> Complaint | None:
    """Say that chains of other layers are for formats in which the bound of each kind is known."""
    narrow = [dtype for dtype in dtypes if finfo(DTYPES[dtype]).bits < 32]
    return Complaint("dtype", quoted(narrow[0]), "float64 or float32 for a chain of other layers") if narrow else None


def unused_activation() -> Complaint:
    """Say that a chain names an activation and has none."""
    suggestion = 'or put "activation" among them'
    return Complaint("activation", "no activation among the layers", 'activation = "identity"', suggestion)


def word_link(word: object, where: str) -> Link:
    """The link that a word of a family's structure names: ``bias``, ``dense 5``. Raises Rejected."""
    parts = WORD.fullmatch(word) if isinstance(word, str) else None
    if parts is None:
        raise Rejected([Complaint(where, described(word), 'a link, such as "bias" or "dense 5"')])
    kind, size = parts[1], int(parts[2] or 0)
    if kind not in KINDS:
        raise Rejected([Complaint(where, quoted(kind), one_of(tuple(KINDS)), did_you_mean(kind, tuple(KINDS)))])
    sized = KINDS[kind].sized
    if bool(sized) != bool(parts[2]) or size > LARGEST_SIZE or (sized and size < 1):
        expected = f'"{kind} N", with N {sized} from 1 to {LARGEST_SIZE}' if sized else f'"{kind}" alone'
        raise Rejected([Complaint(where, quoted(str(word)), expected)])
    return Link(kind, size)


def _entry_complaints(entry: object, where: str) -> list[Complaint]:
    if isinstance(entry, str):
        if entry in BARE:
            return []
        if entry in KINDS:
            return [Complaint(where, quoted(entry), f"its weight too, as {{ {entry} = … }}")]
        return [Complaint(where, quoted(entry), one_of(tuple(KINDS)), did_you_mean(entry, tuple(KINDS)))]
    if not isinstance(entry, dict) or len(entry) != 1:
        return [Complaint(where, described(entry), "one link: a word, or one kind with its weight")]
    kind, numbers = next(iter(entry.items()))
    if kind not in KINDS:
        return [Complaint(where, quoted(kind), one_of(tuple(KINDS)), did_you_mean(kind, tuple(KINDS)))]
    if kind in BARE:
        return [Complaint(where, f"a weight for {quoted(kind)}", f"{quoted(kind)} alone: it has none")]
    place = f"{where}.{kind}"
    if kind in ROWS:
        found = matrix_complaints(numbers, place)
        rows = None if found else shape(numbers)
        if rows and kind == "quadratic" and rows[0] != rows[1]:
            found = [Complaint(place, _times(rows), "as many rows as columns")]
        return found
    if not isinstance(numbers, list) or not numbers:
        return [Complaint(place, described(numbers), "a list of numbers")]
    each = (number_complaint(number, f"{place}[{n}]") for n, number in enumerate(numbers))
    return [one for one in each if one][:1]


def _link(entry: Any) -> Link:
    if isinstance(entry, str):
        return Link(entry)
    kind, numbers = next(iter(entry.items()))
    match kind:
        case "dense":
            return Link(kind, len(numbers[0]))
        case "convolution":
            return Link(kind, len(numbers))
        case _:
            return Link(kind)


def _times(its: tuple[int, int]) -> str:
    return f"{its[0]}×{its[1]}"
