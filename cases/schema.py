"""What a ``[[case]]`` block may say: its keys, their types and their words, as pydantic models."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, ValidationInfo

from cases.arrays import MATRIX, WEIGHTS, as_float, matrix_complaints, number_complaint, weights_complaints
from cases.case import ACTIVATIONS, DTYPES, EXPECTATIONS, TASKS, Case, expanded_name, make_case
from cases.chains import CHAIN, link_complaints, links_of, weights_of_links
from cases.faults import Complaint, Rejected, described, did_you_mean, key, one_of, quoted
from cases.published_block import EXPECTED as PUBLISHED
from cases.published_block import PublishedBlock
from cases.words import SLUG_RULE, choices, slug, tag_list, word_at

EXPECTED = {
    "name": SLUG_RULE,
    "activation": f"{one_of(ACTIVATIONS)}, or a list of them",
    "task": f"{one_of(TASKS)}, or a list of them",
    "input": MATRIX,
    "target": MATRIX,
    "weights": f"{WEIGHTS} (or layers, in place of it)",
    "layers": f"{CHAIN} (in place of weights)",
    "dtype": f"{one_of(DTYPES)}, or a list of them",
    "learning_rate": "a finite number, not negative",
    "source": "a string",
    "tags": "a list of slugs",
    "expect": one_of(EXPECTATIONS),
    "shows": "a string",
    "published": "a [case.published] table: what a source prints for this case",
}
"""Each key of a ``[[case]]`` block, with what its value should be."""


def _expectation(value: object, info: ValidationInfo) -> str:
    return word_at(value, str(info.field_name), EXPECTATIONS)


def _learning_rate(value: Any, info: ValidationInfo) -> float:
    where = str(info.field_name)
    complaint = number_complaint(value, where)
    if complaint is None and value < 0:
        found, expected = f"{described(value)}, which is negative", "zero or more"
        complaint = Complaint(where, found, expected, "a negative learning rate would ascend (S13)")
    if complaint:
        raise Rejected([complaint])
    return as_float(value)


def _array(complaints: Callable[[object, str], list[Complaint]]) -> PlainValidator:
    def check(value: object, info: ValidationInfo) -> object:
        found = complaints(value, str(info.field_name))
        if found:
            raise Rejected(found)
        return value

    return PlainValidator(check)


def _published(value: object, info: ValidationInfo) -> PublishedBlock:
    where = str(info.field_name)
    if not isinstance(value, dict):
        raise Rejected([Complaint(where, described(value), EXPECTED[where], "write [case.published]")])
    try:
        return PublishedBlock.model_validate(value)
    except ValidationError as error:
        found = block_complaints(error, PUBLISHED)
    raise Rejected([replace(complaint, where=f"{where}.{complaint.where}") for complaint in found])


_Matrix = Annotated[list[list[float]], _array(matrix_complaints)]


class Identity(BaseModel):
    """The part of a block that names its expansions, readable where the rest is at fault."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    name: Annotated[str, PlainValidator(slug)]
    activation: Annotated[tuple[str, ...], choices(ACTIVATIONS)]
    task: Annotated[tuple[str, ...], choices(TASKS)]
    dtype: Annotated[tuple[str, ...], choices(tuple(DTYPES))] = ("float64",)

    @property
    def expansions(self) -> list[tuple[str, str, str]]:
        """The product of activation, task and dtype, in this order, the last changing fastest."""
        return list(itertools.product(self.activation, self.task, self.dtype))

    @property
    def names(self) -> list[str]:
        """The expanded names, one for each of ``expansions``."""
        return [expanded_name(self.name, *choice) for choice in self.expansions]


class Remarks(BaseModel):
    """What any block may say besides its numbers."""

    learning_rate: Annotated[float, PlainValidator(_learning_rate)] = 0.1
    source: str = ""
    tags: Annotated[tuple[str, ...], PlainValidator(tag_list)] = ()
    expect: Annotated[str | None, PlainValidator(_expectation)] = None
    shows: str = ""


class Block(Identity, Remarks):
    """One ``[[case]]`` table, valid by itself. Shapes are those of `cases.case.Case`."""

    model_config = ConfigDict(extra="forbid")

    input: _Matrix
    target: _Matrix
    weights: Annotated[list[list[list[float]]] | None, _array(weights_complaints)] = None
    layers: Annotated[list[Any] | None, _array(link_complaints)] = None
    published: Annotated[PublishedBlock | None, PlainValidator(_published)] = None

    def cases(self) -> list[Case]:
        """Return one case for each of ``expansions``. Raises ValueError where the shapes do not chain."""
        links = None if self.layers is None else links_of(self.layers)
        return [
            make_case(
                self.name,
                *choice,
                x=self.input,
                target=self.target,
                weights=(self.weights or []) if self.layers is None else weights_of_links(self.layers),
                links=links,
                learning_rate=self.learning_rate,
                source=self.source,
                tags=self.tags,
                expect=self.expect,
                shows=self.shows,
                published=self.published.published() if self.published and choice[-1] == "float64" else None,
            )
            for choice in self.expansions
        ]

    def published_complaints(self) -> list[Complaint]:
        """Say what of its published numbers does not fit the rest of it, where that is valid."""
        if self.published is None:
            return []
        several = [name for name in ("activation", "task") if len(getattr(self, name)) > 1]
        complaints = [
            Complaint(name, f"{len(getattr(self, name))} of them", f"one {name}, for which the numbers are printed")
            for name in several
        ]
        if "float64" not in self.dtype:
            complaints.append(
                Complaint("dtype", quoted(self.dtype[0]), '"float64", in which printed numbers are judged')
            )
        if not complaints:
            found = self.published.complaints(self.cases()[0])
            complaints += [replace(c, where=f"published.{c.where}".strip(".")) for c in found]
        return complaints


def block_complaints(error: ValidationError, expected: Mapping[str, str]) -> list[Complaint]:
    """Return the complaints behind pydantic's error about one block, whose keys are those of ``expected``."""
    complaints: list[Complaint] = []
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0])
        cause: Mapping[str, Any] = detail.get("ctx", {})
        match detail["type"], cause.get("error"):
            case "missing", _:
                complaints.append(Complaint(name, "no such key", f"{expected[name]} (required)"))
            case "extra_forbidden", _:
                complaints.append(unknown_key(name, tuple(expected)))
            case _, Rejected() as rejected:
                complaints += rejected.complaints
            case _:
                complaints.append(Complaint(name, described(detail["input"]), expected[name]))
    return complaints


def unknown_key(name: str, known: Sequence[str]) -> Complaint:
    """Complain of a key that is none of the ``known`` ones, with the closest of them."""
    return Complaint(key(name), "unknown key", f"one of {', '.join(known)}", did_you_mean(name, known))
