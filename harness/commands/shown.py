"""What ``gradproof show`` prints of a case: a column for each backend, a table for each term."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rich.table import Table

from cases.case import Case
from cases.known import deviations
from harness.backends import Backend, Evaluation
from harness.backends.reference import matrix
from harness.check import attempt
from harness.first_term import Seen, first_of, walk
from harness.inside import TermJudge, inside
from harness.judge import Judge, valueless
from harness.known import known_for
from harness.precision import PRECISIONS
from harness.printed import shown
from harness.published import figures
from harness.returned import Quantity
from harness.stack import Stack
from harness.terms import Term
from harness.truth import Exact
from reports.record import Row
from reports.wording import apart, plain

LARGEST = 400
"""Entries of a term that are printed; of larger ones the first are shown, and how many more there are."""

MORE = 20
"""Entries outside their bound that are printed besides."""

DIGITS = {"float64": 12, "float32": 5, "float16": 2, "bfloat16": 1}
"""Significant digits printed: what is left of the format after a few roundings, so equal numbers look equal."""

MARK = "✗"
"""Stands before an entry outside its bound."""


@dataclass(frozen=True)
class Column:
    """A backend's terms of a case, by kind and layer; the rows of a run; and its first wrong term, in words."""

    name: str
    rows: tuple[Row, ...]
    seen: Mapping[Quantity, Seen] = field(default_factory=dict)
    first: str | None = None


def column(case: Case, backend: Backend) -> Column:
    """Compute a case by a backend, and hold every term of it against its exact value."""
    stack = Stack((case,))
    result = attempt(backend, stack)
    if not isinstance(result, Evaluation):
        return Column(backend.name, (valueless(case, backend.name, result.verdict, result.reason),))
    accumulates, mode = (str(getattr(backend, *its)) for its in (("accumulates", "format"), ("mode", "reverse")))
    judge = Judge(stack, accumulates, mode)
    known, its = known_for(backend.name, case, deviations()), inside(case, backend)
    rows = judge.rows(0, backend.name, result, matrix.evaluate(stack), known)
    seen = {one.term.key: one for one in walk(judge, 0, result, rows, its, known.here)}
    return Column(backend.name, tuple(rows), seen, first_of(list(seen.values()), case, its))


def exact_terms(case: Case) -> dict[Quantity, Exact]:
    """Exact values of every term, by kind and layer."""
    stack = Stack((case,))
    returned = next(iter(Judge(stack).standards[0].values()))
    within = TermJudge(case, stack.precision).standards[0]
    return {key: standard.exact for key, standard in (returned | within).items()}


def table(case: Case, term: Term, exact: Exact, columns: Sequence[Column]) -> Table:
    """A term's entries, each exactly and by every backend; entries outside their bound are marked."""
    found = Table(title=f"{term.stage}: {term.name}  ({term.equation})", title_justify="left", box=None, pad_edge=False)
    found.add_column("term")
    for header in ("exact", *(plain(col.name) for col in columns), "worst ulp"):
        found.add_column(header, justify="right")
    marks = [_marks(col.seen.get(term.key)) for col in columns]
    every = list(np.ndindex(exact.high.shape))
    wrong = [index for index in every[LARGEST:] if any(mark is not None and mark[index] for mark in marks)]
    for index in [*every[:LARGEST], *wrong[:MORE]]:
        right = float(exact.high[index])
        values = [_value(col.seen.get(term.key), index) for col in columns]
        pairs = zip(values, marks, strict=True)
        cells = [_cell(value, right, mark is not None and bool(mark[index]), case) for value, mark in pairs]
        ulps = [_ulps(value, exact, index, case) for value in values if isinstance(value, float)]
        worst = f"{max(ulps, key=lambda u: math.inf if math.isnan(u) else u):.2g}" if ulps else "-"
        found.add_row(term.entry(index), _digits(right, case), *cells, worst)
    if exact.high.size > LARGEST:
        found.add_row(f"… {exact.high.size - LARGEST - len(wrong[:MORE])} more")
    return found


def printed(case: Case) -> Table:
    """What the source prints beside the exact values, in its own convention; what is not these, rounded, is marked."""
    found = Table(title="printed by the source", title_justify="left", box=None, pad_edge=False)
    found.add_column("number")
    for header in ("printed", "exact", "units off"):
        found.add_column(header, justify="right")
    for figure in figures(case):
        mark = "" if figure.right else f"{MARK} "
        exact = shown(figure.exact, figure.printed)
        found.add_row(str(figure.place), f"{mark}{figure.printed.text}", exact, f"{figure.units:.2g}")
    return found


def _marks(seen: Seen | None) -> Any:
    return None if seen is None else seen.marks


def _value(seen: Seen | None, index: tuple[int, ...]) -> float | str:
    """A number, or what stands in its place: a dash where there is none, a mark where it has another form."""
    if seen is None:
        return "-"
    return MARK if seen.marks is None else float(seen.values[index])


def _cell(value: float | str, exact: float, wrong: bool, case: Case) -> str:
    if isinstance(value, str):
        return value
    text = _digits(value, case)
    if not wrong:
        return text
    return f"{MARK} {text if text != _digits(exact, case) else apart(value, exact)[0]}"


def _digits(value: float, case: Case) -> str:
    return f"{value + 0.0:.{DIGITS[case.dtype]}g}"  # −0 is 0


def _ulps(value: float, exact: Exact, index: tuple[int, ...], case: Case) -> float:
    high, low = exact.high[index], exact.low[index]
    with np.errstate(all="ignore"):
        return float(abs((value - high) - low) / PRECISIONS[case.dtype].spacing(np.asarray(high)))
