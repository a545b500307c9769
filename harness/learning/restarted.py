"""Every step started again from the reference's weights, and judged by the bound as any case is.

All steps of a training are one stack. As long as everything agrees they are held against their standards as one
array; where anything does not, each step is judged by itself, with known deviations and conventions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cases.case import Case
from cases.known import deviations
from harness.backends import Backend, Evaluation
from harness.backends.reference import matrix
from harness.check import Refusal, attempt
from harness.compare import Comparison, Standard, ladder
from harness.judge import Judge, make_row, valueless
from harness.known import known_for
from harness.learning.course import Weights
from harness.learning.growth import kind_of
from harness.learning.training import at_weights
from harness.returned import Absent, Quantity, returned
from harness.stack import Stack
from harness.truth import Exact
from reports.record import Row
from reports.verdict import Verdict

PLAIN = (Verdict.EXACT, Verdict.ROUNDING, Verdict.BLIND)
"""Verdicts of arrays that agree."""

APART = (Verdict.BLIND, Verdict.RANGE)
"""Verdicts of steps that were not checked: a training is called so only where all of its steps are."""


@dataclass(frozen=True)
class Restarts:
    """The states of a training as cases, and what each is held against."""

    start: Case
    judge: Judge
    reference: Evaluation

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self.judge.stack.cases)


def restarted(start: Case, states: Sequence[Weights], backends: Sequence[Backend]) -> list[Row]:
    """Rows of each backend: one for each quantity and layer, the worst over all steps.

    ``states`` are the weights from which each step starts, all finite.
    """
    stack = Stack(tuple(at_weights(start, states)))
    reference = matrix.evaluate(stack)
    judge = Judge(stack)
    judges = {("format", "reverse"): judge}
    rows: list[Row] = []
    for backend in backends:
        found = attempt(backend, stack)
        if isinstance(found, Refusal):
            rows.append(valueless(start, backend.name, found.verdict, found.reason))
            continue
        kind = kind_of(backend)
        its = Restarts(start, judges.setdefault(kind, judge.other(*kind)), reference)
        rows += together(its, backend.name, found) or step_by_step(its, backend.name, found)
    return rows


def together(its: Restarts, backend: str, found: Evaluation) -> list[Row]:
    """Rows of all steps as one array a quantity; none where anything is not plainly right."""
    stack, depth, steps = its.judge.stack, len(its.start.weights), its.steps
    every = [dict(returned(found, k, steps, depth)) for k in range(steps)]
    ours = [dict(returned(its.reference, k, steps, depth)) for k in range(steps)]
    if any(len(standards) > 1 for standards in its.judge.standards):  # on a kink
        return []
    standards = [next(iter(legal.values())) for legal in its.judge.standards]
    rows = []
    for quantity in every[0]:
        values = [parts[quantity] for parts in every]
        shape = standards[0][quantity].bound.shape
        if any(isinstance(value, Absent) or np.shape(value) != shape for value in values):
            return []
        comparison = _compared(values, [s[quantity] for s in standards], stack)
        if comparison.verdict not in PLAIN:
            return []
        distance = _distance(values, [parts[quantity] for parts in ours], stack)
        rows.append(make_row(its.start, backend, quantity, comparison, *distance))
    return rows


def step_by_step(its: Restarts, backend: str, found: Evaluation) -> list[Row]:
    """Rows of each step by itself, the worst of each quantity and layer kept."""
    stack = its.judge.stack
    known = known_for(backend, stack.first, deviations())
    rows = [its.judge.rows(k, backend, found, its.reference, known) for k in range(its.steps)]
    by: dict[Quantity, list[Row]] = {}
    for step in rows:
        for row in step:
            by.setdefault((row.quantity or "", row.layer), []).append(row)
    return [_worst(its.start, steps) for steps in by.values()]


def _compared(values: Sequence[object], standards: Sequence[Standard], stack: Stack) -> Comparison:
    """All steps as one array, but those that may leave the range; if all may, these."""
    chosen = [t for t, standard in enumerate(standards) if not standard.range] or list(range(len(standards)))
    its = [standards[t] for t in chosen]
    exact = Exact(*(np.stack([getattr(s.exact, part) for s in its]) for part in ("high", "low", "radius")))
    typical = np.stack([np.broadcast_to(np.nan if s.typical is None else s.typical, s.bound.shape) for s in its])
    left = len(chosen) < len(standards) or any(s.range for s in its)
    standard = Standard(exact, np.stack([s.bound for s in its]), typical, any(s.range for s in its))
    comparison = ladder(np.stack([np.asarray(values[t]) for t in chosen]), standard, stack.precision)
    if comparison.worst_index is None:
        return comparison
    t, *index = comparison.worst_index
    detail = f"{len(chosen)} steps, worst at step {chosen[t]}"
    if left:
        detail += f"; {len(standards) - len(chosen)} others may leave the range"
    return comparison._replace(worst_index=tuple(index), detail=detail)


def _distance(values: Sequence[object], ours: Sequence[object], stack: Stack) -> tuple[float, float]:
    """The largest distance from the reference, and in units of the last place."""
    theirs, mine = (np.stack([np.asarray(v, np.float64) for v in part]) for part in (values, ours))
    with np.errstate(all="ignore"):
        apart = np.where(mine == theirs, 0.0, np.abs(theirs - mine))
        return float(apart.max()), float((apart / stack.precision.spacing(mine)).max())


def _worst(start: Case, steps: Sequence[Row]) -> Row:
    """The row of the worst step that was checked, with the counts of all."""
    checked = [(t, row) for t, row in enumerate(steps) if row.verdict not in APART] or list(enumerate(steps))
    t, worst = max(checked, key=lambda item: (_rank(item[1].verdict), _size(item[1].share)))
    worst = replace(worst, verdict=max((row.verdict for _, row in checked), key=lambda verdict: verdict.severity))
    same = sum(row.verdict == worst.verdict for row in steps)
    where = f"step {t}, {same} of {len(steps)} steps {worst.verdict}"
    named = worst.verdict in (Verdict.KNOWN, Verdict.CONVENTION)  # whose details begin with names that are read
    detail = worst.detail if named else f"{where}: {worst.detail}" if worst.detail else where
    return replace(
        worst,
        case=start.name,
        entries=sum(row.entries for row in steps),
        blind=sum(row.blind for row in steps),
        zero=sum(row.zero for row in steps),
        max_abs=_largest(row.max_abs for _, row in checked),
        max_ulp=_largest(row.max_ulp for _, row in checked),
        max_rel=_largest(row.max_rel for _, row in checked),
        typical=_largest(row.typical for _, row in checked),
        reference_abs=_largest(row.reference_abs for _, row in checked),
        reference_ulp=_largest(row.reference_ulp for _, row in checked),
        detail=detail,
    )


def _rank(verdict: Verdict) -> int:
    """Exact and rounding are one: the larger share is the worse."""
    return 0 if verdict in (Verdict.EXACT, Verdict.ROUNDING) else verdict.severity


def _size(number: float | None) -> float:
    """A number to sort by: none is smallest, NaN largest."""
    return -1.0 if number is None else float("inf") if np.isnan(number) else number


def _largest(numbers: Iterable[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return max(known, key=_size, default=None)
