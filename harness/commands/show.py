"""``gradproof show``: one case, term by term, every backend's numbers beside the exact ones."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from cases.case import Case
from harness.backends import Backend, Evaluation, Traced
from harness.check import attempt
from harness.commands.inputs import choose, load_backends, read_cases
from harness.precision import PRECISIONS
from harness.stack import Stack
from harness.terms import Term, backend_terms, exact_terms, terms
from harness.truth import Exact
from reports.terminal import console

LARGEST = 400
"""Entries of a term that are printed; of larger ones the first are shown, and how many more there are."""

DIGITS = {"float64": 12, "float32": 5, "float16": 2, "bfloat16": 1}
"""Significant digits printed: what is left of the format after a few roundings, so equal numbers look equal."""


def command(pattern: str, files: tuple[Path, ...], dtypes: tuple[str, ...]) -> int:
    """Print every term of the chosen case; for a block, of each activation and task in its first precision."""
    cases = choose(read_cases(files), (pattern,), dtypes)
    first = {(case.family, case.activation, case.task): case for case in reversed(cases)}
    shown = [case for case in cases if first[case.family, case.activation, case.task] is case]
    backends, missing, lines = load_backends(())
    for line in [*lines, *missing.values()]:
        print(line, file=sys.stderr)
    for number, case in enumerate(shown):
        if number:
            print()
        _show(case, backends)
    if len(shown) < len(cases):
        others = ", ".join(dict.fromkeys(case.dtype for case in cases if case not in shown))
        print(f"\n{len(cases) - len(shown)} more in other precisions: add --dtype {others}")
    return 3 if missing else 0


def _show(case: Case, backends: Sequence[Backend]) -> None:
    to = console(sys.stdout)
    samples = f", {case.batch} samples" if case.batch > 1 else ""
    to.print(f"{case.name}: {case.structure}{samples}, α = {case.learning_rate:.6g}", style="bold", markup=False)
    if case.source:
        to.print(f"source: {case.source}", markup=False)
    to.print("Δ, ε and δ are derivatives of ℰ (S11): with Y − Y* and the factor 2/N_O, averaged over the samples.")
    exact, columns = exact_terms(case), _columns(case, backends, to)
    for term in terms(case):
        to.print()
        to.print(_table(case, term, exact[term.name], columns))


def _columns(case: Case, backends: Sequence[Backend], to: Any) -> dict[str, dict[str, Any]]:
    stack, columns = Stack((case,)), {}
    for backend in backends:
        result = attempt(backend, stack)
        if isinstance(result, Evaluation):
            inner = backend.terms(stack) if isinstance(backend, Traced) else None
            columns[backend.name] = backend_terms(case, result, inner)
        else:
            to.print(f"{backend.name}: {result.verdict}: {result.reason}", markup=False)
    return columns


def _table(case: Case, term: Term, exact: Exact, columns: dict[str, dict[str, Any]]) -> Table:
    digits = DIGITS[case.dtype]
    table = Table(title=f"{term.stage}: {term.name}  ({term.equation})", title_justify="left", box=None, pad_edge=False)
    table.add_column("term")
    for header in ("exact", *columns):
        table.add_column(header, justify="right")
    table.add_column("worst ulp", justify="right")
    for index in list(np.ndindex(exact.high.shape))[:LARGEST]:
        values = [column[term.name][index] if term.name in column else None for column in columns.values()]
        cells = ["-" if value is None else f"{float(value):.{digits}g}" for value in values]
        worst = max((_ulps(value, exact, index, case) for value in values if value is not None), default=0.0)
        table.add_row(term.entry(index), f"{float(exact.high[index]):.{digits}g}", *cells, f"{worst:.2g}")
    if exact.high.size > LARGEST:
        table.add_row(f"… {exact.high.size - LARGEST} more")
    return table


def _ulps(value: Any, exact: Exact, index: tuple[int, ...], case: Case) -> float:
    high, low = exact.high[index], exact.low[index]
    return float(abs((float(value) - high) - low) / PRECISIONS[case.dtype].spacing(np.asarray(high)))
