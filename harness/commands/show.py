"""``gradproof show``: one case, term by term, every backend's numbers beside the exact ones."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cases.case import Case
from cases.known import conventions
from cases.published import Erratum
from harness.backends import BACKENDS, Backend
from harness.chain_terms import chain_terms
from harness.commands.given import given
from harness.commands.inputs import choose, load_backends, read_cases
from harness.commands.shown import MARK, Column, column, exact_terms, printed, table
from harness.gate import gate
from harness.known import installed
from harness.mistakes import MISTAKES
from harness.printed import published_rows
from harness.run import wide_routes
from harness.terms import terms
from reports.terminal import console
from reports.verdict import Verdict
from reports.wording import plain, share

NO_TERMS = "; it has no terms(stack), so I, h, σ' and Δ inside are not shown"

NOT_ALONG = "; it has no along(stack), so what its links make is not shown"

SHOWN = ("reference", "reference-neuron", "torch", "jax")
"""Backends that are shown where none is named: the equations in both forms, and each framework's own way."""


def command(case: str, files: tuple[Path, ...], backends: tuple[str, ...], dtypes: tuple[str, ...]) -> int:
    """Print every term of the chosen case; for a block, of each activation and task in its first precision.

    Returns 1 where anything shown is outside its bound, and otherwise the exit code that a run of it has.
    """
    cases = choose(read_cases(files), (case,), dtypes)
    first = {(case.family, case.activation, case.task): case for case in reversed(cases)}
    shown = [case for case in cases if first[case.family, case.activation, case.task] is case]
    chosen, missing, lines = load_backends(backends or SHOWN)
    for line in [*lines, *missing.values()]:
        print(line, file=sys.stderr)
    demanded = [b.name for b in chosen if backends or BACKENDS[b.name].required]
    codes, to = {3 if missing else 0}, console(sys.stdout)
    for number, one in enumerate(shown):
        if number:
            print()
        codes.add(_show(one, chosen, demanded, to))
    if len(shown) < len(cases):
        others = ", ".join(dict.fromkeys(case.dtype for case in cases if case not in shown))
        print(f"\n{len(cases) - len(shown)} more in other precisions: add --dtype {others}")
    return 1 if 1 in codes else max(codes)


def _show(case: Case, backends: Sequence[Backend], demanded: Sequence[str], to: Console) -> int:
    samples = f", {case.batch} samples" if case.batch > 1 else ""
    _say(f"{case.name}: {case.structure}{samples}, α = {case.learning_rate:.6g}", to, style="bold")
    if case.source:
        _say(f"source: {case.source}", to)
    for line in given(case):
        _say(line, to)
    deltas = "Δ, ε and δ are derivatives" if case.links is None else "Derivatives are those"
    _say(f"{deltas} of ℰ (S11): with Y − Y* and the factor 2/N_O, averaged over the samples.", to)
    columns = [column(case, backend) for backend in backends]
    absent = [row for col in columns for row in col.rows if row.quantity is None]
    for row in absent:
        if row.verdict != Verdict.UNSUPPORTED:
            _say(f"{row.backend}: {row.verdict}: {row.detail}", to)
    if uncovered := [f"{row.backend} ({row.detail})" for row in absent if row.verdict == Verdict.UNSUPPORTED]:
        _say(f"unsupported: {'; '.join(uncovered)}", to)
    exact, shown = exact_terms(case), [col for col in columns if col.seen]
    for term in terms(case) if case.links is None else chain_terms(case):
        to.print()
        to.print(table(case, term, exact[term.key], shown))
    if case.published is not None:
        to.print()
        to.print(printed(case))
        for erratum in case.published.errata:
            _say(f"listed erratum: {erratum.place}: {_why(erratum)}", to)
    rows = [*(row for col in columns for row in col.rows), *published_rows(case)]
    listed = [one for one in conventions() if one.covers(installed(one.backend))]
    answer = gate([case], rows, {}, listed, required=demanded, wide=wide_routes(backends))
    first = {col.name: col.first for col in columns if col.first}
    failed = {failure.backend: failure.reason for failure in answer.failures} | first
    to.print()
    for col in shown:
        _say(_closing(col, failed, case), to)
    if failed:
        _say(f"{MARK} stands before what is outside its bound.", to)
    for name, reason in failed.items():
        _say(f"{MARK} {name}: {reason}", to, style="bold")
    return 1 if first and case.expect is None else answer.exit_code


def _why(erratum: Erratum) -> str:
    """Why a printed number is wrong; a mistake that is on no list is told at the end."""
    if erratum.mistake not in MISTAKES:
        return erratum.because or f"mistake {erratum.mistake}"
    return f"what comes out when {MISTAKES[erratum.mistake].what} (mistake {erratum.mistake})"


def _closing(col: Column, failed: Mapping[str, str], case: Case) -> str:
    """What is to be said of a backend at the end: how near its bound it came, and what it does not show."""
    missing = NO_TERMS if case.links is None else NOT_ALONG
    inner = "" if any(kind in ("I", "delta") for kind, _ in col.seen) else missing
    if col.name in failed:
        return f"{col.name}: outside its bound{inner}"
    shares = [row.share for row in col.rows if row.share is not None]
    return f"{col.name}: within its bound, error at most {share(max(shares, default=0.0))} of it{inner}"


def _say(text: str, to: Console, style: str = "") -> None:
    to.print(Text(plain(text), style=style), soft_wrap=True)
