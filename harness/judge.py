"""From evaluations to rows: every quantity of every case of a stack, as one backend computed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cases.case import Case
from harness.accuracy import MEMBERS
from harness.backends import Evaluation
from harness.bound import Bounds, Limit, bounds
from harness.compare import Comparison, Standard, ladder
from harness.precision import PRECISIONS
from harness.stack import Stack
from harness.truth import Exact, Truth, truth
from reports.record import Row
from reports.verdict import Verdict

Quantity = tuple[str, int]
"""A quantity and its layer: ("gradient", 2)."""


@dataclass(frozen=True)
class Standards:
    """What a case is held against, for each legal derivative on its kinks (usually just one)."""

    case: Case
    members: dict[str, dict[Quantity, Standard]]


def standards(stack: Stack) -> list[Standards]:
    """Truth and bound of every case of a stack; the bound comes first, for it says how precise the truth must be."""
    limits = {MEMBERS[0]: bounds(stack)}
    on_kink = limits[MEMBERS[0]].on_kink
    if on_kink.any():
        limits |= {member: bounds(stack, member) for member in MEMBERS[1:]}
    result = []
    for k, case in enumerate(stack.cases):
        members = MEMBERS if on_kink[k] else MEMBERS[:1]
        result.append(Standards(case, {m: _standard(case, k, limits[m], m) for m in members}))
    return result


def _standard(case: Case, k: int, limits: Bounds, member: str) -> dict[Quantity, Standard]:
    flat = dict(_quantities(limits.output, limits.loss, limits.gradients, limits.updated))
    exact: Truth = truth(case, [limit.bound[k] for limit in flat.values()], member)
    numbers = dict(_quantities(exact.output, exact.loss, exact.gradients, exact.updated))
    return {q: Standard(numbers[q], _at(limit, k), bool(limit.range[k])) for q, limit in flat.items()}


def _at(limit: Limit, k: int) -> Any:
    return np.asarray(limit.bound[k])


def _quantities(output: Any, loss: Any, gradients: Any, updated: Any) -> Iterator[tuple[Quantity, Any]]:
    yield ("output", 0), output
    yield ("loss", 0), loss
    for name, layers in (("gradient", gradients), ("update", updated)):
        for number, layer in enumerate(layers, start=1):
            yield (name, number), layer


def judge(standard: Standards, k: int, backend: str, found: Evaluation, reference: Evaluation) -> list[Row]:
    """Rows of case ``k`` of a stack as ``backend`` found it, with its distance from the NumPy reference."""
    case = standard.case
    cases, depth = len(reference.loss), len(case.weights)
    ours = dict(_returned(reference, k, cases, depth))
    rows = []
    for quantity, values in _returned(found, k, cases, depth):
        by_member = {m: _compare(values, s[quantity], case) for m, s in standard.members.items()}
        comparison = _with_conventions(by_member, standard, quantity)
        distance = _from_reference(values, ours.get(quantity), comparison, case)
        rows.append(make_row(case, backend, quantity, comparison, *distance))
    return rows


def _returned(found: Evaluation, k: int, cases: int, depth: int) -> Iterator[tuple[Quantity, Any]]:
    """What was returned for case k; a missing layer comes as `Absent`, an extra one is counted there too."""
    for name, value in (("output", found.output), ("loss", found.loss)):
        if value is not None:
            yield (name, 0), _slice(value, k, cases)
    for name, layers in (("gradient", found.gradients), ("update", found.updated)):
        if layers is None:
            continue
        arrays = _listed(layers, depth)
        for number in range(1, depth + 1):
            if isinstance(arrays, Absent):
                yield (name, number), arrays
            elif arrays[number - 1] is None:
                yield (name, number), Absent("None, expected an array")
            else:
                yield (name, number), _slice(arrays[number - 1], k, cases)


@dataclass(frozen=True)
class Absent:
    """In place of an array that was not returned: why."""

    reason: str


def _listed(layers: Any, depth: int) -> list[Any] | Absent:
    try:
        count, arrays = len(layers), list(layers)
    except Exception:  # a number, a generator, whatever a backend may return
        return Absent(f"{type(layers).__name__}, expected a list of arrays, one a weight matrix")
    return arrays if count == depth else Absent(f"{count} arrays, expected {depth}: one a weight matrix")


def _slice(value: Any, k: int, cases: int) -> Any:
    try:
        array = np.asarray(value)
    except Exception as error:  # a ragged list, a tensor that does not let its numbers go
        return Absent(f"{type(value).__name__} that is no array: {type(error).__name__}: {error}")
    if array.ndim == 0 or array.shape[0] != cases:
        return Absent(f"shape {array.shape}, expected the axis of the stack's cases first, of length {cases}")
    return array[k, ...]  # an array even where it holds one number, so that its dtype stays


def _compare(values: Any, standard: Standard, case: Case) -> Comparison:
    if isinstance(values, Absent):
        return Comparison(Verdict.MALFORMED, values.reason, standard.bound.size)
    return ladder(values, standard, PRECISIONS[case.dtype])


def _with_conventions(by_member: dict[str, Comparison], standard: Standards, quantity: Quantity) -> Comparison:
    """One verdict from the comparisons with each legal derivative on the kinks."""
    first = by_member[MEMBERS[0]]
    if len(by_member) == 1 or (_passes(first) and not _differ(standard, quantity)):
        return first
    for member, comparison in by_member.items():
        if _passes(comparison):
            return replace(comparison, verdict=Verdict.CONVENTION, detail=member)
    return first


def _passes(comparison: Comparison) -> bool:
    return comparison.share is not None and comparison.share <= 1


def _differ(standard: Standards, quantity: Quantity) -> bool:
    """Whether the legal derivatives on a kink can be told apart in this quantity."""
    first, *others = (s[quantity] for s in standard.members.values())
    return any(bool(np.any(_gap(first.exact, o.exact) > first.bound + o.bound)) for o in others)


def _gap(a: Exact, b: Exact) -> Any:
    return np.abs((a.high - b.high) + (a.low - b.low))


def _from_reference(values: Any, ours: Any, comparison: Comparison, case: Case) -> tuple[float | None, float | None]:
    if comparison.share is None or ours is None or np.shape(values) != np.shape(ours):
        return None, None
    mine, theirs = np.asarray(ours, np.float64), np.asarray(values, np.float64)
    with np.errstate(all="ignore"):
        distance = np.where(mine == theirs, 0.0, np.abs(theirs - mine))
        ulps = distance / PRECISIONS[case.dtype].spacing(mine)
    return float(np.max(distance)), float(np.max(ulps))


def make_row(
    case: Case,
    backend: str,
    quantity: Quantity | None,
    comparison: Comparison,
    reference_abs: float | None = None,
    reference_ulp: float | None = None,
) -> Row:
    """A row of the record; without a quantity, the row of a case that gave no values."""
    name, layer = quantity or (None, 0)
    return Row(
        case=case.name,
        family=case.family,
        activation=case.activation,
        task=case.task,
        dtype=case.dtype,
        layers=case.structure,
        batch=case.batch,
        backend=backend,
        quantity=name,
        layer=layer,
        entries=comparison.entries,
        max_abs=comparison.max_abs,
        max_ulp=comparison.max_ulp,
        max_rel=comparison.max_rel,
        reference_abs=reference_abs,
        reference_ulp=reference_ulp,
        share=comparison.share,
        typical=None,
        blind=comparison.blind,
        zero=comparison.zero,
        worst_index=comparison.worst_index,
        worst_value=comparison.worst_value,
        worst_exact=comparison.worst_exact,
        verdict=comparison.verdict,
        detail=comparison.detail,
    )


def valueless(case: Case, backend: str, verdict: Verdict, detail: str) -> Row:
    """The single row of a case that a backend does not cover, or that made it fail."""
    return make_row(case, backend, None, Comparison(verdict, detail, 0))
