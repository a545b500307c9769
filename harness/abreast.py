"""All cases of a stack judged at once: one pass over arrays where `Judge.rows` makes one a case.

The figures are the same, operation by operation. Left to `Judge.rows` are cases that need a second look: some array has
not the form that it should have, or is wrong where the backend is known to deviate.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from harness.backends import Evaluation
from harness.compare import Comparison, compared, largest
from harness.descent import UNSPLIT, Split, errors, made_by_update, nearest
from harness.judge import EXCUSABLE, Judge, among, make_row
from harness.known import Known
from harness.numbers.running import Floats
from harness.returned import Quantity
from harness.stack import Stack
from reports.record import Row

Arrays = dict[Quantity, Any]
"""Arrays (K, …) of the stack's dtype."""

Column = tuple[Quantity, list[Comparison], list[tuple[float, float]], list[Split]]
"""What is found of one quantity of every case: comparison, distances from the reference, errors of W' taken apart."""


def rows_abreast(
    judge: Judge, backend: str, found: Evaluation, reference: Evaluation, known: Known
) -> list[list[Row] | None]:
    """Rows of every case as ``backend`` found them; None for those that are left."""
    parts, ours = _arrays(found, judge), _arrays(reference, judge)
    if parts is None or ours is None:
        return [None] * len(judge.stack.cases)
    values = {quantity: array.astype(np.float64) for quantity, array in parts.items()}
    columns = [
        (q, _comparisons(judge, q, its), _distances(its, ours[q], judge.stack), _splits(judge, q, values))
        for q, its in values.items()
    ]
    deviates = bool(known.here or known.elsewhere)
    return [_rows(judge, k, backend, columns, deviates) for k in range(len(judge.stack.cases))]


def _rows(judge: Judge, k: int, backend: str, columns: list[Column], deviates: bool) -> list[Row] | None:
    case, rows = judge.stack.cases[k], []
    for quantity, comparisons, distances, splits in columns:
        comparison, (absolute, ulps) = comparisons[k], distances[k]
        if deviates and comparison.verdict in EXCUSABLE:
            return None
        rows.append(make_row(case, backend, quantity, comparison, absolute, ulps, splits[k]))
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


def _comparisons(judge: Judge, quantity: Quantity, values: Floats) -> list[Comparison]:
    """The comparison of every case, by the legal derivatives on its kinks."""
    precision = judge.stack.precision
    by_member = {
        member: dict(zip(its.ks, compared(values[list(its.ks)], its.standards[quantity], precision), strict=True))
        for member, its in judge.legal.items()
    }
    found = []
    for k in range(len(values)):
        every = {member: its[k] for member, its in by_member.items() if k in its}
        found.append(among(every, partial(judge.differ.__getitem__, (k, quantity))))
    return found


def _distances(values: Floats, ours: Any, stack: Stack) -> list[tuple[float, float]]:
    """How far every case is from the reference, absolutely and in ulps."""
    mine = ours.astype(np.float64)
    with np.errstate(all="ignore"):
        distance = np.where(mine == values, 0.0, np.abs(values - mine))
        ulps = distance / stack.precision.spacing(mine)
    return list(zip(largest(distance), largest(ulps), strict=True))


def _splits(judge: Judge, quantity: Quantity, values: dict[Quantity, Floats]) -> list[Split]:
    """The errors of every case's updated weights, taken apart."""
    name, layer = quantity
    cases, dW = judge.stack.cases, values.get(("gradient", layer))
    if name != "update" or dW is None:
        return [UNSPLIT] * len(cases)
    alpha, W = judge.stack.first.learning_rate, judge.stack.weights[layer - 1].astype(np.float64)
    made = made_by_update(W, alpha, dW, values[quantity])
    found: list[list[tuple[float, float]]] = [[] for _ in cases]
    for its in judge.legal.values():
        ks, standards = list(its.ks), its.standards
        pairs = errors(alpha, dW[ks], made[ks], standards["gradient", layer], standards[quantity])
        for k, pair in zip(ks, pairs, strict=True):
            found[k].append(pair)
    return [nearest(pairs) for pairs in found]
