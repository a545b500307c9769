"""The gate: from rows to an answer, an exit code and the reasons.

0 all agree · 1 a discrepancy · 2 bad usage, bad file, nothing selected · 3 incomplete: a required backend
is missing, crashed or timed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cases.case import Case
from reports.record import Row
from reports.verdict import Verdict

AGREES = (Verdict.EXACT, Verdict.ROUNDING, Verdict.CONVENTION, Verdict.KNOWN, Verdict.UNSUPPORTED)
"""Verdicts that pass where a case expects nothing else."""

INCOMPLETE = (Verdict.CRASHED, Verdict.TIMED_OUT)

LISTED_CONVENTION = {"relu": "left"}
"""The derivative on a kink that is expected: S4 puts 0 on the ≤ side, so ReLU'(0) = 0, the left one."""


@dataclass(frozen=True)
class Failure:
    """One case that one backend does not pass, and why, in words."""

    case: str
    backend: str
    reason: str
    incomplete: bool = False


@dataclass(frozen=True)
class Answer:
    """What the run came to."""

    exit_code: int
    sentence: str
    failures: tuple[Failure, ...]


def gate(cases: Sequence[Case], rows: Iterable[Row], missing: Mapping[str, str]) -> Answer:
    """Judge a run. ``missing`` holds required backends that could not be had, and why."""
    by_case: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_case.setdefault((row.case, row.backend), []).append(row)
    named = {case.name: case for case in cases}
    failures = [Failure("", backend, why, incomplete=True) for backend, why in missing.items()]
    for (name, _), its in by_case.items():
        failure = _failure(named[name], its)
        if failure is not None:
            failures.append(failure)
    wrong = [f for f in failures if not f.incomplete]
    backends = len({backend for _, backend in by_case})
    code = 1 if wrong else (3 if failures else 0)
    return Answer(code, _sentence(len(named), backends, wrong, failures), tuple(failures))


def case_verdict(rows: Sequence[Row]) -> Verdict:
    """The verdict of one case by one backend: that of its worst row.

    A case is blind only where all its gradients are blind: where one layer still shows, it was checked.
    """
    gradients = [row for row in rows if row.quantity == "gradient"]
    blind = bool(gradients) and all(row.verdict == Verdict.BLIND for row in gradients)
    rest = [row.verdict for row in rows if blind or row.verdict != Verdict.BLIND]
    return max(rest, key=lambda verdict: verdict.severity, default=Verdict.ROUNDING)


def _failure(case: Case, rows: Sequence[Row]) -> Failure | None:
    verdict = case_verdict(rows)
    first = rows[0]
    row = next((row for row in rows if row.verdict == verdict), first)
    place = "" if row.quantity is None else f"{row.quantity}{f' of layer {row.layer}' if row.layer else ''}: "
    if case.expect is not None:
        if verdict == Verdict(case.expect):
            return None
        reason = f"expected {case.expect}, found {verdict}: {place}{row.detail or verdict.meaning}"
        return Failure(case.name, first.backend, reason, incomplete=verdict in INCOMPLETE)
    if verdict == Verdict.CONVENTION:
        return _unlisted(case, rows)
    if verdict in AGREES:
        return None
    reason = f"{verdict}: {place}{row.detail or verdict.meaning}"
    return Failure(case.name, first.backend, reason, incomplete=verdict in INCOMPLETE)


def _unlisted(case: Case, rows: Sequence[Row]) -> Failure | None:
    listed = LISTED_CONVENTION.get(case.activation, "left")
    for row in rows:
        if row.verdict == Verdict.CONVENTION and row.detail != listed:
            reason = (
                f"{row.quantity} of layer {row.layer}: a legal subgradient, but not the listed one: "
                f"{row.detail} where {listed} is listed for {case.activation}"
            )
            return Failure(case.name, row.backend, reason)
    return None


def _sentence(cases: int, backends: int, wrong: Sequence[Failure], failures: Sequence[Failure]) -> str:
    checked = f"{cases} {'case' if cases == 1 else 'cases'} on {backends} {'backend' if backends == 1 else 'backends'}"
    if wrong:
        blamed = ", ".join(dict.fromkeys(f.backend for f in wrong))
        return f"{checked}: {len(wrong)} discrepancies, by {blamed}."
    if failures:
        blamed = ", ".join(dict.fromkeys(f.backend for f in failures))
        return f"{checked}: incomplete, for want of {blamed}."
    return f"{checked}: all agree with the exact values within the rounding bound."
