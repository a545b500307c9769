"""A run: cases and backends in; rows, exhibits and an answer out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cases.case import Case
from cases.known import conventions, deviations
from harness.backends import BACKENDS, Backend, load
from harness.backends.reference import readings
from harness.bins import Binned
from harness.engine import Team, run_tasks, tasks
from harness.gate import Answer, gate
from harness.kills import Kills
from harness.known import gone, installed
from harness.learning.train import Learned
from harness.learning.training import Training
from harness.scan import Scan
from harness.visibility import SUSPICIOUS, Sight
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
    sights: tuple[Sight, ...] = ()
    suspicious: tuple[Row, ...] = ()
    kills: Kills = field(default_factory=Kills)
    learned: tuple[Learned, ...] = ()
    binned: tuple[Binned, ...] = ()


def run(
    cases: Sequence[Case],
    backends: Sequence[Backend | str],
    missing: Mapping[str, str] | None = None,
    observers: Sequence[Backend] = readings,
    progress: Progress = lambda finished: None,
    scans: Sequence[Scan] = (),
    workers: int = 1,
    required: bool = False,
    mistakes: bool = True,
    routes: Sequence[Backend | str] = (),
    trainings: Sequence[Training] = (),
    refuted: Sequence[tuple[str, str]] = (),
) -> Outcome:
    """Hold every backend against the truth on every case and training, and every activation in a scan against its row.

    ``backends`` are objects, or names and paths as on the command line; more than one worker needs the latter.
    ``routes`` are backends too, for the cases tagged core alone.
    ``missing`` are required backends that could not be loaded, and why: they make the answer incomplete.
    ``required``: every backend must have compared something, not only those without which no run is complete.
    ``mistakes``: hold every mistake against the gate too, on the same cases.
    ``refuted``: backends whose equations were proved wrong, and why.
    ``observers`` run like backends, but are only shown: the gate does not see them.
    """
    team = Team(backends, routes, observers, mistakes)
    results = run_tasks(tasks(cases, scans, trainings), team, workers, progress)
    found = {name: rows for result in results for name, rows in result.rows.items()}
    seen = {name: rows for result in results for name, rows in result.observed.items()}
    gated = tuple(
        row
        for name in [*(c.name for c in cases), *(s.name for s in scans), *(t.name for t in trainings)]
        for row in found[name]
    )
    observed = tuple(row for case in cases for row in seen[case.name])
    stale = gone(
        {id_ for result in results for id_ in result.looked_for},
        {id_ for result in results for id_ in result.seen},
        deviations(),
    )
    listed = [row for row in conventions() if row.covers(installed(row.backend))]
    called, beside = ([_loaded(backend) for backend in part] for part in (backends, routes))
    names = [backend.name for backend in called]
    demanded = [name for name in names if required or name not in BACKENDS or BACKENDS[name].required]
    wide = wide_routes([*called, *beside])
    answer = gate(
        cases, gated, missing or {}, listed, [*refuted, *stale], demanded if cases or scans or trainings else (), wide
    )
    sights = tuple(sight for result in results for sight in result.sights)
    kills = Kills()
    for result in results:
        kills.add(result.kills)
    learned = tuple(one for result in results for one in result.learned)
    scanned = tuple(one for result in results for one in result.binned)
    return Outcome(gated, answer, observed, sights, suspicious(cases, gated), kills, learned, scanned)


def wide_routes(backends: Iterable[Backend]) -> set[str]:
    """Routes of ours whose bound is wider than reverse mode's, and may hide what a case does not."""
    return {its.name for its in backends if its.name in BACKENDS and getattr(its, "mode", "reverse") != "reverse"}


def _loaded(backend: Backend | str) -> Backend:
    return load(backend) if isinstance(backend, str) else backend


def suspicious(cases: Sequence[Case], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows of seeded cases that pass, but are further off than independent roundings would ever be; worst first.

    A warning, never a judgement: the typical error is an estimate.
    """
    drawn = {case.name for case in cases if case.drawn}
    passing = [row for row in rows if row.case in drawn and row.verdict in (Verdict.EXACT, Verdict.ROUNDING)]
    found = [row for row in passing if row.typical is not None and row.typical > SUSPICIOUS]
    return tuple(sorted(found, key=lambda row: -(row.typical or 0.0)))
