"""From evaluations to rows: every quantity of every case of a stack, as one backend computed it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cases.case import Case
from cases.known import Deviation
from harness.backends import Evaluation
from harness.bound import Bounds
from harness.compare import Comparison, Standard, ladder
from harness.descent import UNSPLIT, Split, split_of
from harness.known import Known, excusing, finite_follows
from harness.modes import bounds_in
from harness.numbers.running_sigma import members
from harness.precision import PRECISIONS
from harness.returned import Absent, Quantity, returned
from harness.stack import Stack
from harness.stacked_truth import exact_values
from harness.standards import Legal, Standards, Values, differ, quantities, standards_of
from reports.record import Row
from reports.verdict import Verdict

NOTHING = Known((), ())
"""No known deviations."""

EXCUSABLE = (Verdict.VIOLATION, Verdict.NONFINITE)
"""Verdicts that a known deviation may explain."""

NONE: Mapping[Quantity, Any] = {}
"""No arrays of the reference to be compared with."""


@dataclass(frozen=True)
class Judge:
    """Truth and bound of a stack, computed once for all backends of a kind.

    ``accumulates``: how the implementation adds products ("format", "storage", "tf32"), if it says so.
    ``mode``: how it differentiates (`harness.modes.MODES`). ``source``: a judge that has the truth already, and
    where in its stack the cases are.
    """

    stack: Stack
    accumulates: str = "format"
    mode: str = "reverse"
    source: tuple[Judge, Sequence[int]] | None = None

    def other(self, accumulates: str, mode: str) -> Judge:
        """The judge of backends of another kind, for the same cases."""
        if (accumulates, mode) == (self.accumulates, self.mode):
            return self
        return Judge(self.stack, accumulates, mode, (self, range(len(self.stack.cases))))

    def part(self, ks: Sequence[int]) -> Judge:
        """The judge of some of the cases."""
        return Judge(self.stack.part(ks), self.accumulates, self.mode, (self, ks))

    @cached_property
    def limits(self) -> dict[str, Bounds]:
        """Bounds for each legal derivative on the kinks; usually just one."""
        first, *others = members(self.stack.first.activation)
        found = {first: self._bounds(first)}
        if found[first].on_kink.any():
            found |= {member: self._bounds(member) for member in others}
        return found

    @cached_property
    def exact(self) -> dict[str, Values]:
        """Exact values with each legal derivative, of the cases that have it. The bound says how precise they are."""
        every = range(len(self.stack.cases))
        found = {}
        for member, limits in self.limits.items():
            ks = tuple(k for k in every if member in self._legal(k))
            if self.source is not None:
                judge, places = self.source
                found[member] = judge.exact[member].of(ks, [places[k] for k in ks])
            else:
                wanted = {q: limit.bound[list(ks)] for q, limit in quantities(limits)}
                found[member] = Values(ks, exact_values(self.stack.part(ks), wanted, member))
        return found

    @cached_property
    def legal(self) -> dict[str, Legal]:
        """What all cases are held against at once: the first legal derivative with all, others where they differ."""
        return {m: Legal(its.ks, standards_of(its, self.limits[m])) for m, its in self.exact.items()}

    @cached_property
    def standards(self) -> list[Standards]:
        """What each case is held against."""
        found: list[Standards] = [{} for _ in self.stack.cases]
        for member, its in self.legal.items():
            for place, k in enumerate(its.ks):
                found[k][member] = {quantity: standard.at(place) for quantity, standard in its.standards.items()}
        return found

    @cached_property
    def differ(self) -> dict[tuple[int, Quantity], bool]:
        """Whether the legal derivatives on a kink can be told apart, for every case on one and every quantity."""
        on = [k for k, standards in enumerate(self.standards) if len(standards) > 1]
        return {(k, q): differ(self.standards[k], q) for k in on for q in next(iter(self.standards[k].values()))}

    def _legal(self, k: int) -> list[str]:
        """Members for case k: all of them where a unit lies exactly on a kink."""
        first = next(iter(self.limits))
        return list(self.limits) if self.limits[first].on_kink[k] else [first]

    def _bounds(self, member: str, relaxed: Sequence[Deviation] = ()) -> Bounds:
        return bounds_in(self.mode, self.stack, member, self.stack.precision.accumulating(self.accumulates), relaxed)

    def rows(self, k: int, backend: str, found: Evaluation, reference: Evaluation, known: Known = NOTHING) -> list[Row]:
        """Rows of case ``k`` as ``backend`` found it, with its distance from the NumPy reference.

        ``known`` are the backend's listed deviations for this activation and precision.
        """
        count, depth = len(self.stack.cases), len(self.stack.first.weights)
        ours = dict(returned(reference, k, count, depth))
        return self.rows_of(k, backend, returned(found, k, count, depth), ours, known)

    def rows_of(
        self,
        k: int,
        backend: str,
        parts: Iterable[tuple[Quantity, Any]],
        ours: Mapping[Quantity, Any] = NONE,
        known: Known = NOTHING,
    ) -> list[Row]:
        """The same from the arrays of case ``k``, by quantity; ``ours`` are the reference's."""
        case, standards = self.stack.cases[k], self.standards[k]
        rows = []
        found = [(quantity, values, _judged(values, quantity, standards, case)) for quantity, values in parts]
        values_of = {quantity: values for quantity, values, _ in found}
        lost = any(name == "gradient" and _no_number(values, its) for (name, _), values, its in found)
        for quantity, values, comparison in found:
            if comparison.verdict in EXCUSABLE:
                comparison = self._with_known(comparison, values, quantity, k, known, lost)
            distance = _from_reference(values, ours.get(quantity), comparison, case)
            name, layer = quantity
            split = split_of(case, layer, values_of, standards.values()) if name == "update" else UNSPLIT
            rows.append(make_row(case, backend, quantity, comparison, *distance, split))
        return rows

    def _with_known(
        self, found: Comparison, values: Any, quantity: Quantity, k: int, known: Known, lost: bool
    ) -> Comparison:
        """The bound again, with the deviations in place of the accuracy row: between the two it is known.

        ``lost``: a gradient of the case is no number.
        """
        if known.here and self._relaxed(values, quantity, k, known.here, lost):
            return found._replace(verdict=Verdict.KNOWN, detail=f"{_names(known.here)}: {found.detail}")
        if known.elsewhere and self._relaxed(values, quantity, k, known.elsewhere, lost):
            hint = f"same deviation as {_names(known.elsewhere)}, listed for other versions: extend the row"
            return found._replace(detail=f"{found.detail}; {hint}")
        return found

    def _relaxed(self, values: Any, quantity: Quantity, k: int, known: Sequence[Deviation], lost: bool) -> bool:
        case = self.stack.cases[k]
        relaxed: Standards = {}
        follows = lost and finite_follows(known, case)
        for member, its in self.standards[k].items():
            wide, tight = (
                dict(quantities(self._bounds(member, rows)))[quantity].bound[k]
                for rows in (known, [row for row in known if row.limit != "nonfinite"])
            )
            relaxed[member] = {quantity: excusing(its[quantity], wide, tight, follows)}
        again = _judged(values, quantity, relaxed, case)
        return within(again) or again.verdict == Verdict.CONVENTION


def _no_number(values: Any, comparison: Comparison) -> bool:
    """Whether an array that could be compared has NaN or infinity in it."""
    return comparison.share is not None and not np.isfinite(np.asarray(values).astype(np.float64)).all()


def _names(known: Sequence[Deviation]) -> str:
    return ", ".join(dict.fromkeys(row.id for row in known))


def _judged(values: Any, quantity: Quantity, standards: Standards, case: Case) -> Comparison:
    """One verdict from the comparisons with each legal derivative on the kinks."""
    by_member = {m: _compare(values, its[quantity], case) for m, its in standards.items()}
    return among(by_member, lambda: differ(standards, quantity))


def among(by_member: Mapping[str, Comparison], differ: Callable[[], bool]) -> Comparison:
    """One verdict from the comparisons with each legal derivative.

    Where these can be told apart and one fits it is a convention, whose detail names every one that fits.
    """
    first = next(iter(by_member.values()))
    if len(by_member) == 1 or (within(first) and not differ()):
        return first
    fitting = {m: comparison for m, comparison in by_member.items() if within(comparison)}
    if not fitting:
        return first
    return next(iter(fitting.values()))._replace(verdict=Verdict.CONVENTION, detail=", ".join(fitting))


def _compare(values: Any, standard: Standard, case: Case) -> Comparison:
    if isinstance(values, Absent):
        return Comparison(Verdict.MALFORMED, values.reason, standard.bound.size)
    return ladder(values, standard, PRECISIONS[case.dtype])


def within(comparison: Comparison) -> bool:
    """Whether no entry is outside its bound."""
    return comparison.verdict in (Verdict.EXACT, Verdict.ROUNDING, Verdict.BLIND)


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
    split: Split = UNSPLIT,
) -> Row:
    """A row of the record; without a quantity, the row of a case that gave no values."""
    name, layer = quantity or (None, 0)
    return Row.of(
        {
            "case": case.name,
            "family": case.family,
            "activation": case.activation,
            "task": case.task,
            "dtype": case.dtype,
            "layers": case.structure,
            "batch": case.batch,
            "backend": backend,
            "quantity": name,
            "layer": layer,
            "entries": comparison.entries,
            "max_abs": comparison.max_abs,
            "max_ulp": comparison.max_ulp,
            "max_rel": comparison.max_rel,
            "reference_abs": reference_abs,
            "reference_ulp": reference_ulp,
            "share": comparison.share,
            "typical": comparison.typical,
            "blind": comparison.blind,
            "zero": comparison.zero,
            "worst_index": comparison.worst_index,
            "worst_value": comparison.worst_value,
            "worst_exact": comparison.worst_exact,
            "verdict": comparison.verdict,
            "detail": comparison.detail,
            "from_gradient": split.gradient,
            "from_arithmetic": split.arithmetic,
        }
    )


def valueless(case: Case, backend: str, verdict: Verdict, detail: str) -> Row:
    """The single row of a case that a backend does not cover, or that made it fail."""
    return make_row(case, backend, None, Comparison(verdict, detail, 0))
