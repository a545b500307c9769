"""A run: cases and backends in; rows, exhibits and an answer out."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cases.case import Case
from harness.backends import Backend, Evaluation
from harness.backends.reference import matrix
from harness.gate import Answer, gate
from harness.judge import Standards, judge, standards, valueless
from harness.stack import Stack, stacks
from reports.record import Row
from reports.verdict import Verdict

Progress = Callable[[int], None]
"""Told how many cases were just finished."""


@dataclass(frozen=True)
class Outcome:
    """What a run gives: rows in the order of catalogue and backends, the answer, and the observers' rows."""

    rows: tuple[Row, ...]
    answer: Answer
    observed: tuple[Row, ...] = ()


def run(
    cases: Sequence[Case],
    backends: Sequence[Backend],
    missing: Mapping[str, str] | None = None,
    observers: Sequence[Backend] = (),
    progress: Progress = lambda finished: None,
) -> Outcome:
    """Hold every backend against the truth on every case.

    ``missing`` are required backends that could not be loaded, and why: they make the answer incomplete.
    ``observers`` run like backends, but are only shown: the gate does not see them.
    """
    found: dict[str, list[Row]] = {}
    for stack in stacks(cases):
        for case, rows in zip(stack.cases, check(stack, [*backends, *observers]), strict=True):
            found[case.name] = rows
        progress(len(stack.cases))
    shown = {observer.name for observer in observers}
    every = [row for case in cases for row in found[case.name]]
    gated = tuple(row for row in every if row.backend not in shown)
    observed = tuple(row for row in every if row.backend in shown)
    return Outcome(gated, gate(cases, gated, missing or {}), observed)


def check(stack: Stack, backends: Sequence[Backend]) -> list[list[Row]]:
    """Rows of each case of a stack, backend by backend."""
    truths = standards(stack)
    rows: list[list[Row]] = [[] for _ in stack.cases]
    reference = matrix.evaluate(stack)
    for backend in backends:
        result = attempt(backend, stack)
        for k, standard in enumerate(truths):
            rows[k] += _rows(standard, k, backend.name, result, reference)
    return rows


def attempt(backend: Backend, stack: Stack) -> Evaluation | tuple[Verdict, str]:
    """Call a backend; in place of a result, the verdict and the reason."""
    try:
        reason = backend.supports(stack.first)
        if reason is not None:
            return Verdict.UNSUPPORTED, reason
        result = backend.evaluate(Stack(stack.cases))  # arrays of its own: it may write into them
    except (Exception, SystemExit) as error:  # a backend may raise anything; it costs its own rows and nothing else
        last = traceback.extract_tb(error.__traceback__)[-1]
        shapes = " → ".join(str(n) for n in stack.first.layers)
        where = f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}"
        return Verdict.CRASHED, f"{type(error).__name__} at {where} on layers {shapes}: {_message(error)}"
    if isinstance(result, Evaluation) and result.gradients is None:
        return Verdict.MALFORMED, "returned no gradients"
    if not isinstance(result, Evaluation):
        return Verdict.MALFORMED, f"returned {type(result).__name__}, expected an Evaluation"
    return result


def _message(error: BaseException) -> str:
    """The first line of what an error says; even saying it may raise."""
    try:
        return str(error).strip().splitlines()[0]
    except Exception:
        return "no message"


def _rows(
    standard: Standards,
    k: int,
    backend: str,
    result: Evaluation | tuple[Verdict, str],
    reference: Evaluation,
) -> list[Row]:
    if isinstance(result, tuple):
        return [valueless(standard.case, backend, *result)]
    return judge(standard, k, backend, result, reference)
