"""Checking one stack: every backend is called once, and judged case by case."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases.case import Case
from cases.known import deviations
from harness.backends import Backend, Evaluation, Together
from harness.backends.reference import matrix
from harness.judge import Judge, valueless
from harness.known import known_for
from harness.stack import Stack
from reports.record import Row
from reports.verdict import Verdict

ACCUMULATES = ("format", "storage", "tf32")
"""What a backend may say of how it adds products; the last only where it computes on a CUDA device."""


@dataclass(frozen=True)
class Refusal:
    """In place of a result: a verdict and its reason."""

    verdict: Verdict
    reason: str


Attempt = Evaluation | Refusal


def check(
    stack: Stack,
    backends: Sequence[Backend],
    judge: Judge | None = None,
    ready: Mapping[str, Attempt] | None = None,
) -> list[list[Row]]:
    """Rows of each case of a stack, backend by backend.

    ``ready`` holds what backends have computed already, by their names.
    """
    judges = {"format": judge or Judge(stack)}
    rows: list[list[Row]] = [[] for _ in stack.cases]
    reference = matrix.evaluate(stack)
    for backend in backends:
        result = (ready or {}).get(backend.name)
        if result is None and len(reasons := supported(backend, stack)) > 1:
            its = _one_by_one(stack, backend, reasons)
        else:
            accumulates = _accumulates(backend)
            found = result or attempt(backend, stack)
            by = judges.setdefault(accumulates, Judge(stack, accumulates))
            its = [_rows(by, k, backend.name, found, reference) for k in range(len(stack.cases))]
        for k, found_rows in enumerate(its):
            rows[k] += found_rows
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
    if _accumulates(backend) == "tf32" and getattr(backend, "device", "cpu") == "cpu":
        return Refusal(Verdict.MALFORMED, "accumulates is 'tf32', which only CUDA devices have")
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


def _crashed(error: BaseException, case: Case) -> Refusal:
    last = traceback.extract_tb(error.__traceback__)[-1]
    shapes = " → ".join(str(n) for n in case.layers)
    where = f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}"
    return Refusal(Verdict.CRASHED, f"{type(error).__name__} at {where} on layers {shapes}: {message(error)}")


def message(error: BaseException) -> str:
    """The first line of what an error says; even saying it may raise."""
    try:
        return str(error).strip().splitlines()[0]
    except Exception:
        return "no message"


def _one_by_one(stack: Stack, backend: Backend, said: Mapping[Refusal | None, Sequence[Case]]) -> list[list[Row]]:
    """Rows where a backend covers some cases of a stack and not others."""
    rows: dict[str, list[Row]] = {}
    for refusal, cases in said.items():
        if refusal is None:
            rows |= zip((c.name for c in cases), check(Stack(tuple(cases)), [backend]), strict=True)
        else:
            rows |= {c.name: [valueless(c, backend.name, refusal.verdict, refusal.reason)] for c in cases}
    return [rows[case.name] for case in stack.cases]


def _rows(judge: Judge, k: int, backend: str, result: Attempt, reference: Evaluation) -> list[Row]:
    if isinstance(result, Refusal):
        return [valueless(judge.stack.cases[k], backend, result.verdict, result.reason)]
    return judge.rows(k, backend, result, reference, known_for(backend, judge.stack.first, deviations()))
