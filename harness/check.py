"""Checking one stack: every backend is called once, and judged case by case."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from cases.case import Case
from cases.known import deviations
from harness.abreast import Found, rows_abreast
from harness.backends import BACKENDS, Backend, Evaluation, Together
from harness.backends.reference import matrix
from harness.first_term import explained, first_wrong
from harness.judge import NOTHING, Judge, valueless
from harness.known import Known, known_for
from harness.limits import message
from harness.modes import MODES, OWN_MODES
from harness.stack import Stack
from reports.record import Row
from reports.verdict import Verdict

ACCUMULATES = ("format", "storage", "tf32")
"""What a backend may say of how it adds products; the last only where it computes on a CUDA device."""


PLAIN = "covers the plain network alone, not every chain of layers"
"""Why a backend that does not say ``chains = True`` is not given a case of other links."""


@dataclass(frozen=True)
class Refusal:
    """In place of a result: a verdict and its reason."""

    verdict: Verdict
    reason: str


Attempt = Evaluation | Refusal

Tried = tuple[Judge, Backend, Attempt] | list[list[Row]]
"""A backend's result and who judges it; or its rows, where it covers some cases alone."""


def check(
    stack: Stack,
    backends: Sequence[Backend],
    judge: Judge | None = None,
    ready: Mapping[str, Attempt] | None = None,
    explain: bool = False,
) -> list[list[Row]]:
    """Rows of each case of a stack, backend by backend.

    ``ready`` holds what backends have computed already, by their names. ``explain``: say of a wrong row which
    term went wrong first.
    """
    judge = judge or Judge(stack)
    judges: dict[tuple[str, str], Judge] = {}
    reference = matrix.evaluate(stack)
    tried: list[Tried] = []
    for backend in backends:
        result = (ready or {}).get(backend.name)
        if result is None and len(reasons := supported(backend, stack)) > 1:
            tried.append(_one_by_one(stack, backend, reasons, explain))
        else:
            kind, found = (_accumulates(backend), _mode(backend)), result or attempt(backend, stack)
            if isinstance(found, Evaluation) and kind not in judges:
                judges[kind] = judge.other(*kind)
            tried.append((judges.get(kind, judge), backend, found))
    rows: list[list[Row]] = [[] for _ in stack.cases]
    abreast = _abreast(tried, reference)
    for n, one in enumerate(tried):
        its = one if isinstance(one, list) else _rows(*one, reference, explain, *abreast.get(n, (NOTHING, ())))
        for k, found_rows in enumerate(its):
            rows[k] += found_rows
    return rows


def _abreast(tried: Sequence[Tried], reference: Evaluation) -> dict[int, tuple[Known, list[list[Row] | None]]]:
    """Listed deviations and rows of what is judged at once, by its place in ``tried``; None for rows that are left."""
    by: dict[int, tuple[Judge, dict[int, Found]]] = {}
    for n, one in enumerate(tried):
        if not isinstance(one, list) and isinstance(result := one[2], Evaluation):
            judge, backend, _ = one
            known = known_for(backend.name, judge.stack.first, deviations())
            by.setdefault(id(judge), (judge, {}))[1][n] = Found(backend.name, result, known)
    rows: dict[int, tuple[Known, list[list[Row] | None]]] = {}
    with uncollected():
        for judge, found in by.values():
            every = rows_abreast(judge, list(found.values()), reference)
            rows |= {n: (its.known, of) for (n, its), of in zip(found.items(), every, strict=True)}
    return rows


def supported(backend: Backend, stack: Stack) -> dict[Refusal | None, list[Case]]:
    """The cases of a stack by what the backend says of them: None where it covers them."""
    said: dict[Refusal | None, list[Case]] = {}
    for case in stack.cases:
        said.setdefault(_supports(backend, case), []).append(case)
    return said


def attempt_together(backend: Backend, stacks: Sequence[Stack]) -> dict[int, Attempt]:
    """Call a backend once for all stacks of each precision; results by position, fewer if it cannot or fails."""
    if not isinstance(backend, Together):
        return {}
    found: dict[int, Attempt] = {}
    covered = [k for k, stack in enumerate(stacks) if list(supported(backend, stack)) == [None]]
    for dtype in dict.fromkeys(stacks[k].first.dtype for k in covered):
        its = [k for k in covered if stacks[k].first.dtype == dtype]
        try:
            results = list(backend.evaluate_together([Stack(stacks[k].cases) for k in its]))
        except (Exception, SystemExit):  # one of them fails: each is tried alone, and says why
            continue
        if len(results) == len(its):
            found |= zip(its, map(_validated, results), strict=True)
    return found


def attempt(backend: Backend, stack: Stack) -> Attempt:
    """Call a backend; in place of a result, the verdict and the reason."""
    refusal = _supports(backend, stack.first)
    if refusal is not None:
        return refusal
    try:
        return _validated(backend.evaluate(Stack(stack.cases)))  # arrays of its own: it may write into them
    except (Exception, SystemExit) as error:  # a backend may raise anything; it costs its own rows and nothing else
        return _crashed(error, stack.first)


def _validated(result: object) -> Attempt:
    """Whatever came back, as a result with gradients or a refusal."""
    if not isinstance(result, Evaluation):
        return Refusal(Verdict.MALFORMED, f"returned {type(result).__name__}, expected an Evaluation")
    if result.gradients is None:
        return Refusal(Verdict.MALFORMED, "returned no gradients")
    return result


def _supports(backend: Backend, case: Case) -> Refusal | None:
    """What a backend says of a case; a reason why not must be in words, for True or "" is no reason."""
    if _accumulates(backend) not in ACCUMULATES:
        return Refusal(Verdict.MALFORMED, f"accumulates is {_accumulates(backend)!r}, none of {', '.join(ACCUMULATES)}")
    if _mode(backend) not in MODES:
        return Refusal(Verdict.MALFORMED, f"mode is {_mode(backend)!r}, none of {', '.join(MODES)}")
    if _mode(backend) in OWN_MODES and backend.name not in BACKENDS:
        return Refusal(
            Verdict.MALFORMED, f"mode is {_mode(backend)!r}, whose bound is that of the steps of our own route"
        )
    if _accumulates(backend) == "tf32" and getattr(backend, "device", "cpu") == "cpu":
        return Refusal(Verdict.MALFORMED, "accumulates is 'tf32', which only CUDA devices have")
    if case.links is not None and getattr(backend, "chains", False) is not True:
        return Refusal(Verdict.UNSUPPORTED, PLAIN)
    try:
        reason = backend.supports(case)
    except (Exception, SystemExit) as error:
        return _crashed(error, case)
    if reason is None:
        return None
    if isinstance(reason, str) and reason.strip():
        return Refusal(Verdict.UNSUPPORTED, reason)
    return Refusal(Verdict.MALFORMED, f"supports() returned {reason!r}, expected None or a sentence")


def _accumulates(backend: Backend) -> str:
    return str(getattr(backend, "accumulates", "format"))


def _mode(backend: Backend) -> str:
    return str(getattr(backend, "mode", "reverse"))


def _crashed(error: BaseException, case: Case) -> Refusal:
    last = traceback.extract_tb(error.__traceback__)[-1]
    shapes = " → ".join(str(n) for n in case.layers)
    where = f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}"
    return Refusal(Verdict.CRASHED, f"{type(error).__name__} at {where} on layers {shapes}: {message(error)}")


def _one_by_one(
    stack: Stack, backend: Backend, said: Mapping[Refusal | None, Sequence[Case]], explain: bool
) -> list[list[Row]]:
    """Rows where a backend covers some cases of a stack and not others."""
    rows: dict[str, list[Row]] = {}
    for refusal, cases in said.items():
        if refusal is None:
            rows |= zip((c.name for c in cases), check(Stack(tuple(cases)), [backend], explain=explain), strict=True)
        else:
            rows |= {c.name: [valueless(c, backend.name, refusal.verdict, refusal.reason)] for c in cases}
    return [rows[case.name] for case in stack.cases]


def _rows(
    judge: Judge,
    backend: Backend,
    result: Attempt,
    reference: Evaluation,
    explain: bool,
    known: Known,
    abreast: Sequence[list[Row] | None],
) -> list[list[Row]]:
    """Rows of every case: those that were found of all at once, and one by one of those that need a second look."""
    cases = judge.stack.cases
    if isinstance(result, Refusal):
        return [[valueless(case, backend.name, result.verdict, result.reason)] for case in cases]
    found = []
    for k, its in enumerate(abreast):
        rows = its or judge.rows(k, backend.name, result, reference, known)
        said = first_wrong(judge, k, backend, result, rows, known.here) if explain else None
        found.append(rows if said is None else [explained(row, said) for row in rows])
    return found


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for garbage in between: thousands of rows, none of which is any, took a quarter of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
