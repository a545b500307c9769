"""All cases of a stack judged at once: one pass over arrays where `Judge.rows` makes one a case.

The figures are the same, operation by operation. Left to `Judge.rows` are cases that need a second look: some array has
not the form that it should have, or is wrong where the backend is known to deviate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from harness.backends import Evaluation
from harness.beside import Beside, repeated, side_by_side
from harness.compare import Comparison, compared
from harness.descent import UNSPLIT, Split, errors, made_by_update, nearest
from harness.judge import EXCUSABLE, NOTHING, Judge, among, make_row
from harness.known import Known
from harness.numbers.running import Floats
from harness.returned import Quantity
from harness.stack import Stack
from harness.standards import Legal
from reports.record import Row

Arrays = dict[Quantity, Any]
"""Arrays (K, …) of the stack's dtype."""

Column = tuple[Quantity, list[Comparison], list[float], list[float], list[Split]]
"""What is found of one quantity of every case: comparison, distances from the reference, errors of W' taken apart."""


TOGETHER = 2**12
"""Numbers of several backends that are compared in one pass; of more, each backend's by themselves.

A matter of time alone. By the processor's clock, three backends in one pass took half as long on 159 numbers, three
quarters on 1,272, and no less on 10,176 and more.
"""


@dataclass(frozen=True)
class Found:
    """What a backend returned for a stack, and its listed deviations."""

    backend: str
    result: Evaluation
    known: Known = NOTHING


def rows_abreast(judge: Judge, found: Sequence[Found], reference: Evaluation) -> list[list[list[Row] | None]]:
    """Rows of every case as each backend found them; None for those that are left."""
    ours = _arrays(reference, judge)
    formed = [_arrays(its.result, judge) for its in found]
    count = sum(its.bound.size for its in next(iter(judge.legal.values())).standards.values())
    alike = len({tuple(parts) for parts in formed if parts is not None}) == 1
    if alike and ours is not None and count * len(found) <= TOGETHER and None not in formed:
        return _together(judge, found, [parts for parts in formed if parts is not None], ours)
    return [
        [None] * len(judge.stack.cases) if parts is None or ours is None else _together(judge, [its], [parts], ours)[0]
        for its, parts in zip(found, formed, strict=True)
    ]


def _together(
    judge: Judge, found: Sequence[Found], formed: Sequence[Arrays], ours: Arrays
) -> list[list[list[Row] | None]]:
    """Rows of backends that returned the same quantities: arrays of one after those of the other, as more cases."""
    quantities, cases = tuple(formed[0]), len(judge.stack.cases)
    every = [side_by_side([parts[q] for q in quantities]) for parts in formed]
    values = every[0] if len(every) == 1 else np.concatenate(every)
    values, mine = (its.astype(np.float64) for its in (values, side_by_side([ours[q] for q in quantities])))
    its = next(iter(judge.legal.values())).beside(quantities)
    absolute, ulps = _distances(values, mine, its, judge.stack)
    splits = _splits(judge, values, dict(zip(quantities, its.parts, strict=True)))
    unsplit = [UNSPLIT] * len(values)
    found_of = zip(quantities, _comparisons(judge, values, quantities), absolute, ulps, strict=True)
    columns = [(q, comparisons, far, in_ulps, splits.get(q, unsplit)) for q, comparisons, far, in_ulps in found_of]
    return [[_rows(judge, k, n * cases + k, its, columns) for k in range(cases)] for n, its in enumerate(found)]


def _rows(judge: Judge, k: int, at: int, found: Found, columns: list[Column]) -> list[Row] | None:
    case, rows, deviates = judge.stack.cases[k], [], bool(found.known.here or found.known.elsewhere)
    for quantity, comparisons, absolute, ulps, splits in columns:
        comparison = comparisons[at]
        if deviates and comparison.verdict in EXCUSABLE:
            return None
        rows.append(make_row(case, found.backend, quantity, comparison, absolute[at], ulps[at], splits[at]))
    return rows


def _arrays(found: Evaluation, judge: Judge) -> Arrays | None:
    """What was returned, by quantity; None where anything has not the form that it should have."""
    depth, parts = len(judge.stack.first.weights), {("output", 0): found.output, ("loss", 0): found.loss}
    for name, layers in (("gradient", found.gradients), ("update", found.updated)):
        if not isinstance(layers, list | tuple | None) or (layers is not None and len(layers) != depth):
            return None
        parts |= {(name, number): layer for number, layer in enumerate(layers or (), start=1)}
    parts = {quantity: values for quantity, values in parts.items() if values is not None or quantity[1]}
    standards = next(iter(judge.legal.values())).standards
    formed = all(_formed(values, standards[quantity].bound.shape, judge.stack) for quantity, values in parts.items())
    return parts if formed else None


def _formed(values: Any, shape: tuple[int, ...], stack: Stack) -> bool:
    return type(values) is np.ndarray and values.shape == shape and values.dtype == stack.precision.dtype


def _comparisons(judge: Judge, values: Floats, quantities: Sequence[Quantity]) -> list[list[Comparison]]:
    """The comparisons of every quantity of every case, by the legal derivatives on its kinks."""
    precision, legal, cases = judge.stack.precision, judge.legal, len(judge.stack.cases)
    times = len(values) // cases
    by_member = {
        member: compared(values[_at(its, times, cases)], its.beside(quantities, times), precision)
        for member, its in legal.items()
    }
    if len(legal) == 1:
        return next(iter(by_member.values()))
    places = {m: {at: place for place, at in enumerate(_places(its, times, cases))} for m, its in legal.items()}
    return [
        [
            among(
                {m: its[n][places[m][at]] for m, its in by_member.items() if at in places[m]},
                partial(judge.differ.__getitem__, (at % cases, quantity)),
            )
            for at in range(len(values))
        ]
        for n, quantity in enumerate(quantities)
    ]


def _places(legal: Legal, times: int, cases: int) -> list[int]:
    """Where the cases that have a legal derivative are among those of all backends."""
    return [n * cases + k for n in range(times) for k in legal.ks]


def _at(legal: Legal, times: int, cases: int) -> Any:
    """An index of them, which copies nothing where it is of all."""
    return slice(None) if len(legal.ks) == cases else _places(legal, times, cases)


def _distances(values: Floats, mine: Floats, its: Beside, stack: Stack) -> tuple[list[list[float]], list[list[float]]]:
    """How far every quantity of every case is from the reference, absolutely and in ulps."""
    times = len(values) // len(mine)
    mine = repeated(mine, times)
    with np.errstate(all="ignore"):
        distance = np.where(mine == values, 0.0, np.abs(values - mine))
        ulps = distance / stack.precision.spacing(mine)
    return its.largest(distance), its.largest(ulps)


def _splits(judge: Judge, values: Floats, places: Mapping[Quantity, slice]) -> dict[Quantity, list[Split]]:
    """The errors of every case's updated weights, taken apart, where its gradients were returned too."""
    weights, cases = judge.stack.weights, len(judge.stack.cases)
    layers = [n for n in range(1, len(weights) + 1) if ("gradient", n) in places and ("update", n) in places]
    if not layers:
        return {}
    gradients, updates = ([(name, n) for n in layers] for name in ("gradient", "update"))
    dW, moved = (side_by_side([values[:, places[q]] for q in its]) for its in (gradients, updates))
    W = side_by_side([weights[n - 1] for n in layers]).astype(np.float64)
    times, alpha = len(values) // cases, judge.stack.first.learning_rate
    made = made_by_update(repeated(W, times), alpha, dW, moved)
    found: list[list[list[tuple[float, float]]]] = [[[] for _ in values] for _ in layers]
    for its in judge.legal.values():
        at = _at(its, times, cases)
        every = errors(alpha, dW[at], made[at], its.beside(gradients, times), its.beside(updates, times))
        for of_layer, pairs in zip(found, every, strict=True):
            for place, pair in zip(_places(its, times, cases), pairs, strict=True):
                of_layer[place].append(pair)
    return {q: list(map(nearest, of_layer)) for q, of_layer in zip(updates, found, strict=True)}
