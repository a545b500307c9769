"""All that is made of a run's record, once: terminal, summary and page show nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from reports.certificate import Certificate, certificate
from reports.compact import BOTH, FEW, GRADIENT, UPDATE, Entry, Uncovered, compact, uncovered
from reports.counts import Counts, count, unsupported
from reports.curves import Curves, curves
from reports.discrepancies import Discrepancy, Key, failed_rows, of_record
from reports.exhibits import Equation, Reading, equations, readings
from reports.kills import Kills, kills
from reports.lesson import Lesson, lesson
from reports.met import Convention, Deviation, conventions, deviations
from reports.outcome import Outcome, outcome, short_answer
from reports.record import Record
from reports.routes import Route, absent, routes
from reports.routes import names as route_names
from reports.row import PUBLISHED, Row
from reports.scan_errors import ScanErrors, scan_errors
from reports.scans import Scans, scans
from reports.shapes import Shape, shapes
from reports.structures import Structures, structures
from reports.sums import Sums
from reports.suspicious import Suspicious, suspicious
from reports.tables import Table, tables
from reports.verdict import Verdict
from reports.wording import counted
from reports.worth import Visibility, visibility


@dataclass(frozen=True)
class View:
    """A run, ready to be shown. ``suspicious`` is None where the run says nothing of it.

    ``columns`` are the backends of the tables: those that ran on every case. ``entries`` are the lines of the tables
    of many activations, by quantity.
    """

    rows: Sequence[Row]
    sums: Sums
    outcome: Outcome
    discrepancies: tuple[Discrepancy, ...]
    failed: frozenset[Key]
    columns: tuple[str, ...]
    tables: tuple[Table, ...]
    entries: Mapping[str, tuple[Entry, ...]]
    uncovered: tuple[Uncovered, ...]
    routes: tuple[Route, ...]
    absent: tuple[str, ...]
    scans: Scans
    errors: ScanErrors | None
    visibility: tuple[Visibility, ...]
    kills: Kills | None
    proof: Certificate | None
    curves: Curves | None
    shapes: Mapping[str, Shape]
    lesson: Lesson | None
    conventions: tuple[Convention, ...]
    deviations: tuple[Deviation, ...]
    suspicious: tuple[Suspicious, ...] | None
    structures: Structures | None
    readings: tuple[Reading, ...]
    equations: tuple[Equation, ...]

    @cached_property
    def counts(self) -> Counts:
        """How much was compared."""
        return count(self.sums.ordered)

    @cached_property
    def errata(self) -> tuple[Row, ...]:
        """Rows of printed numbers that their source has wrong, and that are listed."""
        if PUBLISHED not in self.sums.backends:
            return ()  # rows need not be read again, of which there may be many
        return tuple(row for row in self.rows if row.backend == PUBLISHED and row.verdict == Verdict.KNOWN)

    @property
    def few(self) -> bool:
        """Whether the tables are few enough to be shown in full, and not as one line each."""
        return len(self.tables) <= FEW

    @property
    def met(self) -> str:
        """``24 conventions and 17 known deviations met``; where a source has something wrong, that too."""
        conventions = counted(len(self.conventions), "convention")
        deviations = counted(len(self.deviations), "known deviation")
        if not self.errata:
            return f"{conventions} and {deviations} met"
        return f"{conventions}, {deviations} and {counted(len(self.errata), 'row')} of listed errata met"

    @property
    def closing(self) -> str:
        """The line that everything ends with."""
        entries = counted(self.counts.entries, "entry", "entries")
        rows = sum(item.row is not None for item in self.discrepancies)
        answer = short_answer(self.outcome, rows, unsupported(self.sums))
        return f"{self.outcome.size}, {entries}: {answer}; {self.met}."


@lru_cache(maxsize=1)
def view(record: Record) -> View:
    """Make everything of a record; once, for all that shows the same one."""
    result = outcome(record)
    found = of_record(record)
    failed = failed_rows(found)
    beside = set(route_names(record))
    compared = [lot for lot in record.sums.ordered if lot.backend not in beside and not lot.learning]
    backends = [name for name in result.backends if name not in beside]
    computing = tuple(name for name in backends if name != PUBLISHED)
    computed = [lot for lot in compared if lot.backend != PUBLISHED]
    return View(
        rows=record.rows,
        sums=record.sums,
        outcome=result,
        discrepancies=found,
        failed=failed,
        columns=computing,
        tables=tables(compared, backends),
        entries={name: compact(computed, computing, name) for name in (GRADIENT, UPDATE, BOTH)},
        uncovered=uncovered(record.sums, beside),
        routes=routes(record, result.backends),
        absent=absent(record),
        scans=scans(record.sums.scan_rows, failed),
        errors=scan_errors(record),
        visibility=visibility(record),
        kills=kills(record),
        proof=certificate(record),
        curves=curves(record),
        shapes=shapes(record),
        lesson=lesson(record),
        conventions=conventions(record),
        deviations=deviations(record),
        suspicious=suspicious(record),
        structures=structures(record.sums.chains),
        readings=readings(record),
        equations=equations(record),
    )
