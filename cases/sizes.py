"""Sizes in family blocks: structures, batches, counts and scales, one value or a list of them, within limits."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import PlainValidator, ValidationInfo

from cases.arrays import as_float, number_complaint
from cases.chains import word_link
from cases.faults import Complaint, Rejected, counted, described
from cases.links import Link, widths
from cases.words import each_once

WIDEST = 4096
LARGEST_BATCH = 4096
MOST_DRAWS = 1000
MOST_WEIGHTS = 5_000_000
"""Weights of one draw."""

WIDTHS = f"two widths or more, each a whole number from 1 to {WIDEST}"
BATCH = f"a whole number from 1 to {LARGEST_BATCH}"
SCALE = "a finite number greater than 0"
SEED = f"a whole number from 0 to {2**63 - 1}"

T = TypeVar("T")


def whole_at(value: object, where: str, low: int, high: int) -> int:
    """Return ``value`` if it is a whole number from ``low`` to ``high``. Raises Rejected."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    whole = isinstance(value, float) and value.is_integer() and low <= value <= high
    suggestion = f"write {value:.0f}" if whole else ""
    raise Rejected([Complaint(where, described(value), f"a whole number from {low} to {high}", suggestion)])


def scale_at(value: Any, where: str) -> float:
    """Return ``value`` as a float if it is a finite number greater than 0. Raises Rejected."""
    complaint = number_complaint(value, where)
    if complaint is None and not value > 0:
        complaint = Complaint(where, described(value), "a number greater than 0")
    if complaint:
        raise Rejected([complaint])
    return as_float(value)


Structure = tuple[int | Link, ...]
"""Widths N_0 … N_L, or the width of the input and the links of a chain."""


def structure_at(value: object, where: str) -> Structure:
    """Return a structure that is neither too small nor too large. Raises Rejected."""
    if isinstance(value, list) and any(isinstance(entry, str) for entry in value[1:]):
        return _chain_at(value, where)
    if not isinstance(value, list):
        raise Rejected([Complaint(where, described(value), "a structure: a list of widths, such as [3, 5, 2]")])
    if len(value) < 2:
        few = counted(len(value), "width")
        raise Rejected([Complaint(where, few, "two or more: the input's and the output's at least")])
    complaints: list[Complaint] = []
    found: list[int] = []
    for number, width in enumerate(value):
        try:
            found.append(whole_at(width, f"{where}[{number}]", 1, WIDEST))
        except Rejected as rejected:
            complaints += rejected.complaints
    if complaints:
        raise Rejected(complaints)
    weights = weights_of(tuple(found))
    if weights > MOST_WEIGHTS:
        raise Rejected([Complaint(where, f"{weights:,} weights", f"at most {MOST_WEIGHTS:,}")])
    return tuple(found)


def _chain_at(value: list[object], where: str) -> Structure:
    """Return the input's width and the links of a chain, each of which fits what comes in. Raises Rejected."""
    complaints: list[Complaint] = []
    links: list[Link] = []
    width = 1
    try:
        width = whole_at(value[0], f"{where}[0]", 1, WIDEST)
    except Rejected as rejected:
        complaints += rejected.complaints
    for number, entry in enumerate(value[1:], start=1):
        try:
            links.append(word_link(entry, f"{where}[{number}]"))
        except Rejected as rejected:
            complaints += rejected.complaints
    if complaints:
        raise Rejected(complaints)
    for number, link in enumerate(links, start=1):
        if unfit := link.unfit(width):
            raise Rejected([Complaint(f"{where}[{number}]", *unfit)])
        width = link.after(width)
    structure = (int(value[0]), *links)  # type: ignore[call-overload]  # a number, as was seen above
    count = weights_of(structure)
    if not 0 < count <= MOST_WEIGHTS:
        raise Rejected([Complaint(where, f"{count:,} weights", f"from 1 to {MOST_WEIGHTS:,}")])
    return structure


def weights_of(structure: Structure) -> int:
    """Return how many weights a structure has."""
    return sum(m * n for m, n in weight_shapes(structure))


def weight_shapes(structure: Structure) -> list[tuple[int, int]]:
    """The shapes of a structure's weights, from the input."""
    numbers = [width for width in structure if isinstance(width, int)]
    links = links_in(structure)
    if links is None:
        return list(itertools.pairwise(numbers))
    befores = widths(numbers[0], links)
    return [shape for link, width in zip(links, befores, strict=False) if (shape := link.weight(width))]


def links_in(structure: Structure) -> tuple[Link, ...] | None:
    """The links of a chain; None where the structure is one of widths alone."""
    links = tuple(link for link in structure if isinstance(link, Link))
    return links or None


def ends_of(structure: Structure) -> tuple[int, int]:
    """Nodes of the input and of the output."""
    numbers, links = [width for width in structure if isinstance(width, int)], links_in(structure)
    return numbers[0], numbers[-1] if links is None else widths(numbers[0], links)[-1]


def one_or_several(expected: str, check: Callable[[object, str], T]) -> PlainValidator:
    """Return the validator of one value or a list of them, each once, which returns a tuple of them."""

    def validate(value: object, info: ValidationInfo) -> tuple[T, ...]:
        where = str(info.field_name)
        if not isinstance(value, list):
            return (check(value, where),)
        if not value:
            raise Rejected([Complaint(where, "an empty list", f"{expected}, or a list of them")])
        return each_once(value, where, check)

    return PlainValidator(validate)


def structures(value: object, info: ValidationInfo) -> tuple[Structure, ...]:
    """Return one or several structures; one by itself is a list of numbers, several are a list of lists."""
    where = str(info.field_name)
    if not isinstance(value, list) or not any(isinstance(entry, list) for entry in value):
        return (structure_at(value, where),)
    return each_once(value, where, structure_at)


def one(check: Callable[..., T], *limits: int) -> PlainValidator:
    """Return the validator of one value, with ``limits`` passed on to ``check``."""
    return PlainValidator(lambda value, info: check(value, str(info.field_name), *limits))
