"""What a ``[case.published]`` block may say, and whether its numbers are those of its case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationInfo

from cases.case import Case
from cases.errata import errata_list, whole
from cases.faults import Complaint, Rejected, counted, described, one_of, quoted
from cases.published import DEPTHS, LOSSES, QUANTITIES, WAYS, Erratum, Place, Printed, Published, decimal
from cases.words import word_at

PRINTED = 'a printed number in quotes, such as "0.30", or "" where nothing is printed'

EXPECTED = {
    "output": f"a matrix: a list of rows, each a list of {PRINTED}",
    "total_error": PRINTED,
    "gradients": f"a list of matrices, one for each layer of weights; each number {PRINTED}",
    "updated_weights": f"a list of matrices, one for each layer of weights; each number {PRINTED}",
    "total_error_after": PRINTED,
    "loss": one_of(LOSSES),
    "learning_rate": "the source's own learning rate as a printed number in quotes",
    "printed": one_of(WAYS),
    "fixed": "a list of weight arrays, counted from 1, that the source does not update",
    "errata": "a list of printed numbers that are known to be wrong",
}
"""Each key of a ``[case.published]`` block, with what its value should be."""


def _nested(value: object, info: ValidationInfo) -> object:
    where = str(info.field_name)
    if complaints := list(_bad(value, where, DEPTHS[where])):
        raise Rejected(complaints)
    return value


def _bad(value: object, where: str, depth: int) -> Iterator[Complaint]:
    """What is wrong with numbers nested so deep; ``""`` stands for all that would be in its place."""
    if isinstance(value, str):
        if value and (depth or Printed.read(value) is None):
            yield Complaint(where, described(value), f"a list of {PRINTED}" if depth else PRINTED)
    elif isinstance(value, list) and depth:
        for number, entry in enumerate(value):
            yield from _bad(entry, f"{where}[{number}]", depth - 1)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield Complaint(where, described(value), PRINTED, "put it in quotes, with every digit that is printed")
    else:
        nesting = " (nested too deep)" if isinstance(value, list) else ""
        yield Complaint(where, f"{described(value)}{nesting}", f"a list of {PRINTED}" if depth else PRINTED)


def _rate(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str) or Printed.read(value) is None:
        raise Rejected([Complaint(str(info.field_name), described(value), EXPECTED["learning_rate"])])
    return value


def _word(value: object, info: ValidationInfo) -> str:
    name = str(info.field_name)
    return word_at(value, name, tuple(LOSSES) if name == "loss" else WAYS)


def _fixed(value: object, info: ValidationInfo) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(whole(number, 1) for number in value):
        raise Rejected([Complaint(str(info.field_name), described(value), EXPECTED["fixed"])])
    return tuple(value)


class PublishedBlock(BaseModel):
    """One ``[case.published]`` table, valid by itself."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    output: Annotated[Any, PlainValidator(_nested)] = ""
    total_error: Annotated[Any, PlainValidator(_nested)] = ""
    gradients: Annotated[Any, PlainValidator(_nested)] = ""
    updated_weights: Annotated[Any, PlainValidator(_nested)] = ""
    total_error_after: Annotated[Any, PlainValidator(_nested)] = ""
    loss: Annotated[str, PlainValidator(_word)] = "mean of squares"
    learning_rate: Annotated[str, PlainValidator(_rate)] = ""
    printed: Annotated[str, PlainValidator(_word)] = "rounded"
    fixed: Annotated[tuple[int, ...], PlainValidator(_fixed)] = ()
    errata: Annotated[tuple[Erratum, ...], PlainValidator(errata_list)] = ()

    def published(self) -> Published:
        """Its numbers, each with its place."""
        found = [
            (Place(quantity, path[0] + 1 if depth == 3 else 0, path[max(depth - 2, 0) :]), number)
            for quantity, depth in DEPTHS.items()
            for path, number in _numbers(getattr(self, quantity))
        ]
        return Published(tuple(found), self.loss, self.printed == "cut", self.fixed, self.errata)

    def complaints(self, case: Case) -> Iterator[Complaint]:
        """What of it is not of its case: shapes, arrays, places of errata, the learning rate."""
        arrays = [list(weights.shape) for weights in case.weights]
        sizes = {"output": list(case.target.shape), "gradients": arrays, "updated_weights": arrays}
        for quantity, size in sizes.items():
            yield from _misfit(getattr(self, quantity), quantity, size)
        for number, array in enumerate(self.fixed):
            if array > len(arrays):
                yield Complaint(f"fixed[{number}]", str(array), f"at most {len(arrays)}, the number of weight arrays")
        found = self.published()
        if not found.figures:
            yield Complaint("", "no printed number", f"at least one of {', '.join(QUANTITIES)}")
        places, seen = {place for place, _ in found.figures}, set()
        for number, erratum in enumerate(self.errata):
            if erratum.place not in places or erratum.place in seen:
                which = "again" if erratum.place in seen else "where nothing is printed"
                yield Complaint(f"errata[{number}]", f"{erratum.place} {which}", "one erratum a printed number")
            seen.add(erratum.place)
        yield from self._mistranslated(case, found)

    def _mistranslated(self, case: Case, found: Published) -> Iterator[Complaint]:
        own = Printed.read(self.learning_rate) if self.learning_rate else None
        if own is None:
            return
        factor = found.factor(*case.target.shape)
        if own.value * factor != decimal(case.learning_rate):
            expected = f"{float(own.value * factor)!r} in the case, for {quoted(self.loss)} is {factor} × S11"
            yield Complaint("learning_rate", f"{own.text} beside {case.learning_rate!r} in the case", expected)


def _numbers(value: Any, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Printed]]:
    if isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _numbers(entry, (*path, number))
    elif value and (printed := Printed.read(value)):
        yield path, printed


def _misfit(value: Any, where: str, size: list[Any]) -> Iterator[Complaint]:
    """Where lists are longer or shorter than the case's arrays; ``size`` are shapes of arrays, or one shape."""
    if value == "" or not size:
        return
    arrays = isinstance(size[0], list)
    length = len(size) if arrays else size[0]
    if len(value) != length:
        noun = "matrix" if arrays else "number" if len(size) == 1 else "row"
        found = f"{len(value)} matrices" if arrays and len(value) != 1 else counted(len(value), noun)
        yield Complaint(where, found, f"{length}, as the case has")
        return
    for number, entry in enumerate(value):
        yield from _misfit(entry, f"{where}[{number}]", size[number] if arrays else size[1:])
