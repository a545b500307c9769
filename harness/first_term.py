"""The first term that went wrong in a failing case, in the order of the whole run (S26).

I, h and so on up to Y, then ℰ, then σ' and Δ from the output back, ΔW, and W'. A wrong term spoils those after it,
so the first one outside its bound is where to look. Terms inside come from the backend, where it gives any; without
them what it returned has to speak.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cases.case import Case
from cases.known import Deviation
from harness.backends import Backend, Evaluation
from harness.chain_terms import chain_terms, suspects
from harness.compare import Comparison, Standard, shares
from harness.factors import wrong_factor
from harness.inside import WRONG, Inside, TermJudge, inside
from harness.judge import Judge
from harness.numbers.running import Mask
from harness.other_epsilon import other_epsilon
from harness.returned import Absent, Quantity, returned
from harness.terms import Term, terms
from reports.record import Row
from reports.wording import apart, share


@dataclass(frozen=True)
class Seen:
    """A term as a backend has it: its array (or anything else), what that is held against, and how it compares."""

    term: Term
    values: Any
    standard: Standard
    figures: Row | Comparison

    @property
    def wrong(self) -> bool:
        """Whether it is wrong in itself."""
        return self.figures.verdict in WRONG

    @property
    def marks(self) -> Mask | None:
        """Which entries are outside their bound; None where the array has another form."""
        if self.figures.share is None:
            return None
        outside = ~(shares(np.asarray(self.values, np.float64), self.standard) <= 1)
        return np.asarray(outside & self.wrong)


def first_wrong(
    judge: Judge,
    k: int,
    backend: Backend,
    found: Evaluation,
    rows: Sequence[Row],
    known: Sequence[Deviation] = (),
) -> str | None:
    """Name the first wrong term of case ``k``, in words; None where no row is wrong.

    ``rows`` are those of ``found``, as ``judge`` judged them; ``known`` the deviations in force for this backend.
    """
    if not any(row.verdict in WRONG for row in rows):
        return None
    its = inside(judge.stack.cases[k], backend)
    return first_of(list(walk(judge, k, found, rows, its, known)), judge.stack.cases[k], its)


def first_of(every: Sequence[Seen], case: Case, its: Inside) -> str | None:
    """Name the first wrong one of all terms seen, in words; None where none is wrong."""
    wrong = [one for one in every if one.wrong]
    return sentence(wrong[0], case, its, wrong[1:]) if wrong else None


def explained(row: Row, said: str) -> Row:
    """A wrong row whose detail says what the first wrong term is; any other as it is."""
    return replace(row, detail=f"{row.detail}; {said}") if row.verdict in WRONG else row


def walk(
    judge: Judge,
    k: int,
    found: Evaluation,
    rows: Sequence[Row],
    its: Inside,
    known: Sequence[Deviation] = (),
) -> Iterator[Seen]:
    """Every term that a backend has of case ``k``, in order; arguments as of `first_wrong`, ``its`` terms inside."""
    case, standards = judge.stack.cases[k], next(iter(judge.standards[k].values()))
    within = TermJudge(case, judge.stack.precision.accumulating(judge.accumulates), known, judge.mode)
    by_key: dict[Quantity, Row] = {(row.quantity, row.layer): row for row in rows if row.quantity is not None}
    values = dict(returned(found, k, len(judge.stack.cases), len(case.weights))) | dict(its.values)
    values |= _error(values.get(("output", 0)), case)
    for term in terms(case) if case.links is None else chain_terms(case):
        if term.key in by_key:
            yield Seen(term, values[term.key], standards[term.key], by_key[term.key])
        elif term.key in values:
            comparison, standard = within.compare(term.key, values[term.key])
            yield Seen(term, values[term.key], standard, comparison)


def _error(output: Any, case: Case) -> dict[Quantity, Any]:
    """E = Y* − Y (S10), which no backend returns."""
    if isinstance(output, Absent | None) or (output.shape, output.dtype) != (case.target.shape, case.target.dtype):
        return {}
    with np.errstate(all="ignore"):
        return {("error", 0): case.target - output}


def sentence(seen: Seen, case: Case, its: Inside, others: Sequence[Seen] = ()) -> str:
    """Say which term is wrong, where, and by how much; ``others`` are wrong too."""
    name = _named(seen.term) if its.values else _behind(seen, case, others)
    why = f" ({its.why})" if its.why else ""
    links = {"value": seen.term.layer, "output": len(case.chain)}
    other = other_epsilon(case, seen.values, links[seen.term.kind]) if seen.term.kind in links else ""
    return f"first wrong term: {name}: {_figures(seen)}{why}{f'; {other}' if other else ''}"


def _named(term: Term) -> str:
    return f"{term.name} ({term.equation})"


def _behind(seen: Seen, case: Case, others: Sequence[Seen] = ()) -> str:
    """What may be wrong where only results are known, and this is the first wrong one of them."""
    term = seen.term
    if case.links is not None and term.kind == "gradient":
        nearer = any(one.term.kind == "gradient" and one.term.layer < term.layer for one in others)
        return suspects(case, term.layer, nearer or term.layer == 1)
    if term.kind == "output":
        return f"{_named(term)} or a term before it"
    if term.kind != "gradient" or seen.marks is None:
        return _named(term)
    delta = next(_named(its) for its in terms(case) if its.key == ("delta", term.layer))
    match wrong_factor(seen.values, seen.standard, case.batch):
        case "delta":
            return f"{delta}, as {term.name} shows"
        case "left":
            return f"{_named(term)}, its left factor"
        case "summed":
            return f"{delta} or {_named(term)}"
        case _:
            return _named(term)


def _figures(seen: Seen) -> str:
    """The worst entry with both values and error over bound; where it cannot be compared, why."""
    its = seen.figures
    if its.worst_index is None or its.worst_value is None or its.worst_exact is None:
        return its.detail
    value, exact = apart(its.worst_value, its.worst_exact)
    finite = its.share is not None and math.isfinite(its.share)
    ratio = f"{share(its.share)} times the bound" if finite else "which no rounding explains"
    return f"{seen.term.entry(its.worst_index)} is {value} where exact is {exact}, {ratio}"
