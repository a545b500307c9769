"""What ``run.json`` says of a run as a whole, read tolerantly: any key may be absent."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.record import Record, listed_failures
from reports.row import PUBLISHED
from reports.wording import counted

ANSWERS = {
    0: "All implementations agree with the exact values.",
    1: "At least one implementation disagrees with the exact values.",
    2: "Nothing was compared.",
    3: "The comparison is incomplete: a required backend did not answer.",
}
"""The answer to each exit code, for a run that brings no sentence of its own."""


@dataclass(frozen=True)
class Failure:
    """A case that failed the gate on a backend, and why. An empty name means all of them."""

    case: str
    backend: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """The answer of a run, and how it came about. Text is empty, ``seconds`` None, where nothing is known.

    ``backends`` are in the run's order; those that only rows mention come last.
    """

    exit_code: int
    sentence: str
    failures: tuple[Failure, ...]
    cases: int
    scans: int
    trainings: int
    backends: tuple[str, ...]
    command: str
    versions: tuple[tuple[str, str], ...]
    machine: str
    started: str
    seconds: float | None
    catalogue: str

    @property
    def agrees(self) -> bool:
        """Whether the gate passed."""
        return self.exit_code == 0

    @property
    def size(self) -> str:
        """``3,260 cases, 60 scans and 18 trainings × 4 backends``."""
        kinds = ((self.cases, "case"), (self.scans, "scan"), (self.trainings, "training"))
        *parts, last = [counted(number, kind) for number, kind in kinds if number] or [counted(0, "case")]
        compared = f"{', '.join(parts)} and {last}" if parts else last
        return f"{compared} × {counted(self.computing, 'backend')}"

    @property
    def computing(self) -> int:
        """How many backends computed: what a source prints, none did."""
        return len(set(self.backends) - {PUBLISHED})

    @property
    def circumstances(self) -> tuple[tuple[str, str], ...]:
        """Machine, start, duration and catalogue digest, where known, as (name, text)."""
        took = "" if self.seconds is None else f"{self.seconds:.1f} s"
        known = (("machine", self.machine), ("started", self.started), ("took", took),
                 ("catalogue", self.catalogue))  # fmt: skip
        return tuple((name, text) for name, text in known if text)


def outcome(record: Record) -> Outcome:
    """Read the outcome of a run; what it does not say follows from its rows.

    A run that lists failures is never reported as agreeing, nor is one that compared nothing.
    """
    run = record.run
    failures = _failures(record)
    given = run.get("exit_code")
    code = given if given in ANSWERS else 0
    if code == 0:
        code = 1 if failures else 0 if any(lot.entries for lot in record.sums.ordered) else 2
    contradicted = given == 0 and code != 0
    seen = dict.fromkeys([*map(str, _sequence(run.get("backends"))), *record.sums.backends])
    seconds, cases = run.get("seconds"), run.get("cases")
    return Outcome(
        exit_code=code,
        sentence=ANSWERS[code] if contradicted else str(run.get("sentence") or ANSWERS[code]),
        failures=failures,
        cases=cases if isinstance(cases, int) else record.sums.cases,
        scans=record.sums.scanned,
        trainings=record.sums.trained,
        backends=tuple(seen),
        command=_command(run.get("command")),
        versions=_versions(run.get("versions")),
        machine=_words(run.get("machine")),
        started=_words(run.get("started")),
        seconds=float(seconds) if isinstance(seconds, (int, float)) else None,
        catalogue=_words(run.get("catalogue")),
    )


def _failures(record: Record) -> tuple[Failure, ...]:
    listed = listed_failures(record.run)
    if listed is None:
        return tuple(Failure(*at, rows[-1].verdict.meaning) for at, rows in record.sums.blamed.items())
    return tuple(Failure(*its) for its in listed)


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _command(value: Any) -> str:
    return shlex.join(map(str, value)) if isinstance(value, (list, tuple)) else str(value or "")


def _versions(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(k), str(v)) for k, v in value.items()) if isinstance(value, Mapping) else ()


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value or "")


def short_answer(result: Outcome, rows: int, uncovered: str = "") -> str:
    """Say in a few words what the gate found, for the closing line: ``rows`` with discrepancies, what was not compared.

    What concerns the run as a whole, and so no row, is counted apart.
    """
    cases = len({failure.case for failure in result.failures if failure.case})
    whole = sum(not failure.case for failure in result.failures)
    parts = [f"{counted(rows, 'row')} in {counted(cases, 'case')}"] if cases or not whole else []
    parts += [f"{whole} of the run as a whole"] if whole else []
    found = f"discrepancies: {' and '.join(parts)}"
    return {0: f"all agree{uncovered}", 1: found, 2: "nothing was compared"}.get(
        result.exit_code, f"incomplete, {found}" if cases else "incomplete"
    )
