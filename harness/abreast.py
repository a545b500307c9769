"""All cases of a stack judged at once: one pass over arrays where `Judge.rows` makes one a case.

The figures are the same, operation by operation. Left to `Judge.rows` are cases that need a second look: some array has
not the form that it should have, or is wrong where the backend is known to deviate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import numpy as np

from harness.backends import Evaluation
from harness.beside import Beside, side_by_side
from harness.compare import Comparison, compared
from harness.descent import UNSPLIT, Split, errors, made_by_update, nearest
from harness.judge import EXCUSABLE, Judge, among, make_row
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


def rows_abreast(
    judge: Judge, backend: str, found: Evaluation, reference: Evaluation, known: Known
) -> list[list[Row] | None]:
    """Rows of every case as ``backend`` found them; None for those that are left."""
    parts, ours = _arrays(found, judge), _arrays(reference, judge)
    if parts is None or ours is None:
        return [None] * len(judge.stack.cases)
    values, mine = (side_by_side([its[q] for q in parts]).astype(np.float64) for its in (parts, ours))
    its = next(iter(judge.legal.values())).beside(tuple(parts))
    places = dict(zip(parts, its.parts, strict=True))
    absolute, ulps = _distances(values, mine, its, judge.stack)
    splits = _splits(judge, values, places)
    unsplit = [UNSPLIT] * len(values)
    found_of = zip(parts, _comparisons(judge, values, parts), absolute, ulps, strict=True)
    columns = [(q, comparisons, far, in_ulps, splits.get(q, unsplit)) for q, comparisons, far, in_ulps in found_of]
    deviates = bool(known.here or known.elsewhere)
    return [_rows(judge, k, backend, columns, deviates) for k in range(len(judge.stack.cases))]


def _rows(judge: Judge, k: int, backend: str, columns: list[Column], deviates: bool) -> list[Row] | None:
    case, rows = judge.stack.cases[k], []
    for quantity, comparisons, absolute, ulps, splits in columns:
        comparison = comparisons[k]
        if deviates and comparison.verdict in EXCUSABLE:
            return None
        rows.append(make_row(case, backend, quantity, comparison, absolute[k], ulps[k], splits[k]))
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


def _comparisons(judge: Judge, values: Floats, quantities: Collection[Quantity]) -> list[list[Comparison]]:
    """The comparisons of every quantity of every case, by the legal derivatives on its kinks."""
    precision, legal = judge.stack.precision, judge.legal
    by_member = {
        member: compared(_of(values, its), its.beside(tuple(quantities)), precision) for member, its in legal.items()
    }
    if len(legal) == 1:
        return next(iter(by_member.values()))
    places = {member: {k: place for place, k in enumerate(its.ks)} for member, its in legal.items()}
    return [
        [
            among(
                {m: its[n][places[m][k]] for m, its in by_member.items() if k in places[m]},
                partial(judge.differ.__getitem__, (k, quantity)),
            )
            for k in range(len(values))
        ]
        for n, quantity in enumerate(quantities)
    ]


def _of(values: Floats, legal: Legal) -> Floats:
    """Those of the cases that have a legal derivative."""
    return values if len(values) == len(legal.ks) else values[list(legal.ks)]


def _distances(values: Floats, mine: Floats, its: Beside, stack: Stack) -> tuple[list[list[float]], list[list[float]]]:
    """How far every quantity of every case is from the reference, absolutely and in ulps."""
    with np.errstate(all="ignore"):
        distance = np.where(mine == values, 0.0, np.abs(values - mine))
        ulps = distance / stack.precision.spacing(mine)
    return its.largest(distance), its.largest(ulps)


def _splits(judge: Judge, values: Floats, places: Mapping[Quantity, slice]) -> dict[Quantity, list[Split]]:
    """The errors of every case's updated weights, taken apart, where its gradients were returned too."""
    weights = judge.stack.weights
    layers = [n for n in range(1, len(weights) + 1) if ("gradient", n) in places and ("update", n) in places]
    if not layers:
        return {}
    gradients, updates = ([(name, n) for n in layers] for name in ("gradient", "update"))
    dW, moved = (side_by_side([values[:, places[q]] for q in its]) for its in (gradients, updates))
    W = side_by_side([weights[n - 1] for n in layers]).astype(np.float64)
    alpha = judge.stack.first.learning_rate
    made = made_by_update(W, alpha, dW, moved)
    found: list[list[list[tuple[float, float]]]] = [[[] for _ in values] for _ in layers]
    for its in judge.legal.values():
        every = errors(alpha, _of(dW, its), _of(made, its), its.beside(gradients), its.beside(updates))
        for of_layer, pairs in zip(found, every, strict=True):
            for k, pair in zip(its.ks, pairs, strict=True):
                of_layer[k].append(pair)
    return {q: list(map(nearest, of_layer)) for q, of_layer in zip(updates, found, strict=True)}
