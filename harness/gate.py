"""The gate: from rows to an answer, an exit code and the reasons.

0 all agree · 1 a discrepancy · 2 bad usage, bad file, nothing selected · 3 incomplete: a required backend
is missing, crashed or timed out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cases.case import Case
from cases.known import Convention, listed_member
from reports.counts import unsupported
from reports.row import PUBLISHED, Row
from reports.sums import Sums, sums
from reports.verdict import Verdict

AGREES = (Verdict.EXACT, Verdict.ROUNDING, Verdict.CONVENTION, Verdict.KNOWN, Verdict.UNSUPPORTED)
"""Verdicts that pass where a case expects nothing else."""

INCOMPLETE = (Verdict.CRASHED, Verdict.TIMED_OUT)

ADJECTIVES = {Verdict.BLIND: "blind throughout", Verdict.RANGE: "out of range", Verdict.NONFINITE: "not finite"}
"""What cases with an expected verdict are, where that is not the verdict's own name."""

IDLE = "compared nothing: it covers none of the cases that were run"


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


def gate(
    cases: Sequence[Case],
    rows: Iterable[Row],
    missing: Mapping[str, str],
    listed: Sequence[Convention] = (),
    gone: Sequence[tuple[str, str]] = (),
    required: Sequence[str] = (),
    wide: Collection[str] = (),
) -> Answer:
    """Judge a run.

    ``missing`` holds required backends that could not be had, and why; ``listed`` are the conventions;
    ``gone`` are known deviations that were looked for and not seen, as (backend, sentence); ``required`` are
    backends that must have compared at least one entry; ``wide`` are those with a wider bound than reverse mode's,
    which may hide what the case itself does not.
    """
    of: dict[str, list[Row]] = {}
    for row in rows:
        of.setdefault(row.case, []).append(row)
    named = {case.name: case for case in cases}
    failures = [failure for name, its in of.items() for failure in failures_of(named.get(name), its, listed, wide)]
    expected = Counter(case.expect for case in cases if case.expect is not None)
    its_sums = sums((row for its in of.values() for row in its), [(f.case, f.backend) for f in failures])
    return answer(len(named), expected, failures, its_sums, missing, gone, required)


def failures_of(
    case: Case | None, rows: Sequence[Row], listed: Sequence[Convention], wide: Collection[str]
) -> list[Failure]:
    """On which backends one case fails, given all its rows; without a case they are of a scan or a training."""
    of: dict[str, list[Row]] = {}
    for row in rows:
        of.setdefault(row.backend, []).append(row)
    found = (_scanned(its) if case is None else _failure(case, its, listed, wide) for its in of.values())
    return [failure for failure in found if failure is not None]


def answer(
    cases: int,
    expected: Mapping[str, int],
    failures: Iterable[Failure],
    found: Sums,
    missing: Mapping[str, str],
    gone: Sequence[tuple[str, str]] = (),
    required: Sequence[str] = (),
) -> Answer:
    """Judge a run of which each case is judged: ``failures`` are theirs, in order, and ``found`` sums up all rows.

    ``expected`` says how many cases expect which verdict; the rest is as in `gate`.
    """
    every = [Failure("", backend, why, incomplete=True) for backend, why in missing.items()]
    every += [Failure("", backend, sentence) for backend, sentence in gone]
    every += [*failures, *_idle(found, required)]
    wrong = [f for f in every if not f.incomplete]
    code = 1 if wrong else (3 if every else 0)
    sentence = _sentence(cases, len({*found.backends} - {PUBLISHED}), wrong, every, expected)
    return Answer(code, sentence if every else f"{sentence[:-1]}{unsupported(found)}.", tuple(every))


def _idle(found: Sums, required: Sequence[str]) -> list[Failure]:
    """Backends that compared nothing: a check that did not check is not a pass."""
    entries = dict.fromkeys(required, 0)
    blamed = set()
    for lot in found.ordered:
        if lot.backend in entries:
            entries[lot.backend] += lot.entries
        if lot.verdict not in AGREES:
            blamed.add(lot.backend)
    return [
        Failure("", backend, f"{IDLE}{_why(found, backend)}", incomplete=True)
        for backend, count in entries.items()
        if not count and backend not in blamed
    ]


def _why(found: Sums, backend: str) -> str:
    """The first reason that a backend gives for not covering a case, in brackets."""
    reason = next((lot.detail for lot in found.ordered if lot.backend == backend and lot.detail), "")
    return f" (it says: {reason})" if reason else ""


def case_verdict(rows: Sequence[Row]) -> Verdict:
    """The verdict of one case by one backend: that of its worst row.

    A case is blind only where all its gradients are blind: where one layer still shows, it was checked.
    """
    gradients = [row for row in rows if row.quantity == "gradient"]
    blind = bool(gradients) and all(row.verdict == Verdict.BLIND for row in gradients)
    rest = [row.verdict for row in rows if blind or row.verdict != Verdict.BLIND]
    return max(rest, key=lambda verdict: verdict.severity, default=Verdict.ROUNDING)


def _failure(case: Case, rows: Sequence[Row], listed: Sequence[Convention], wide: Collection[str]) -> Failure | None:
    verdict = case_verdict(rows)
    first = rows[0]
    if case.expect is None and (verdict is Verdict.EXACT or verdict is Verdict.ROUNDING):  # most of what there is
        return None
    row = next((row for row in rows if row.verdict == verdict), first)
    place = "" if row.quantity is None else f"{row.quantity}{f' of layer {row.layer}' if row.layer else ''}: "
    if case.expect is not None and verdict != Verdict.UNSUPPORTED and first.backend != PUBLISHED:
        if verdict in _expected(case.expect, wide=first.backend in wide):
            return None
        reason = f"expected {case.expect}, found {verdict}: {place}{row.detail or verdict.meaning}"
        return Failure(case.name, first.backend, reason, incomplete=verdict in INCOMPLETE)
    if verdict in AGREES or (verdict == Verdict.BLIND and first.backend in wide):
        return _unlisted(case, rows, listed)
    reason = f"{verdict}: {place}{row.detail or verdict.meaning}"
    return Failure(case.name, first.backend, reason, incomplete=verdict in INCOMPLETE)


def _expected(expect: str, wide: bool) -> tuple[Verdict, ...]:
    """Verdicts that satisfy an expectation, which is of reverse mode's bound; a listed deviation shows in the dark."""
    if wide:
        return (Verdict(expect), *AGREES, Verdict.BLIND)
    return (Verdict.BLIND, Verdict.KNOWN) if expect == Verdict.BLIND else (Verdict(expect),)


def _unlisted(case: Case, rows: Sequence[Row], listed: Sequence[Convention]) -> Failure | None:
    expected = listed_member(case.activation, rows[0].backend, listed)
    for row in rows:
        if row.verdict == Verdict.CONVENTION and expected not in row.detail.split(", "):
            reason = (
                f"{row.quantity} of layer {row.layer}: a legal subgradient, but not the listed one: "
                f"{row.detail}, where {expected} is listed for {case.activation} on {row.backend}"
            )
            return Failure(case.name, row.backend, reason)
    return None


def _scanned(rows: Sequence[Row]) -> Failure | None:
    """A scan fails where a point lies outside the accuracy row and is not listed; a training where a step is wrong."""
    worst = max(rows, key=lambda row: row.verdict.severity)
    if worst.verdict in AGREES:
        return None
    reason = f"{worst.verdict}: {worst.quantity or ''} {worst.detail}".replace("  ", " ")
    return Failure(worst.case, worst.backend, reason, incomplete=worst.verdict in INCOMPLETE)


def _sentence(
    cases: int, backends: int, wrong: Sequence[Failure], failures: Sequence[Failure], expected: Mapping[str, int]
) -> str:
    checked = (
        f"{cases:,} {'case' if cases == 1 else 'cases'} on {backends} {'backend' if backends == 1 else 'backends'}"
    )
    if wrong:
        blamed = ", ".join(dict.fromkeys(f.backend for f in wrong))
        found = len({failure.case for failure in wrong})
        return f"{checked}: discrepancies in {found:,} {'case' if found == 1 else 'cases'}, by {blamed}."
    if failures:
        blamed = ", ".join(dict.fromkeys(f.backend for f in failures))
        return f"{checked}: incomplete, for want of {blamed}."
    if expected:
        kinds = " and ".join(f"{n:,} {ADJECTIVES.get(Verdict(kind), kind)}" for kind, n in sorted(expected.items()))
        return f"{checked}: all agree with the exact values within the rounding bound, but for {kinds}, as expected."
    return f"{checked}: all agree with the exact values within the rounding bound."
