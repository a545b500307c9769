"""One training: restarted from the reference's weights and judged, and running freely beside what is predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cases.case import Case
from harness.backends import Backend
from harness.backends.reference import matrix, readings
from harness.check import supported
from harness.judge import valueless
from harness.learning.course import Course, course
from harness.learning.growth import hessians, kind_of, local_bounds, predicted, sharpness
from harness.learning.path import Path, exact_path
from harness.learning.restarted import restarted
from harness.learning.training import Training
from harness.numbers.running import Floats, Mask
from harness.stack import Stack
from reference.readings import SIGN
from reports.record import Row
from reports.verdict import Verdict

BLIND = 1e6
"""A prediction so many times the drift says nothing of it: it is called blind. So it is where it is as large as
the weights themselves, and from then on, for first order holds no longer."""


@dataclass(frozen=True)
class Run:
    """One backend running freely: t = 0 … T, where T is less than asked for where it ends early (``note``).

    ``drift`` (T+1,) is the largest distance of a weight from the exact one, ``predicted`` the largest that is
    predicted for one. ``ratios`` (T+1,) are those of drift to prediction, at the weight where it is largest, so
    no weight hides behind another. ``blind_from`` is the step from which the prediction is blind, if any.
    """

    backend: str
    loss: Floats
    drift: Floats
    predicted: Floats
    ratios: Floats
    blind_from: int | None
    note: str

    @property
    def ratio(self) -> float:
        """The largest ratio before the prediction is blind; NaN where it always is."""
        return float(self._seen.max()) if len(self._seen) else float("nan")

    @property
    def last(self) -> float:
        """The last ratio before the prediction is blind."""
        return float(self._seen[-1]) if len(self._seen) else float("nan")

    @property
    def within(self) -> bool:
        """Whether no weight is ever further off than predicted, as long as the prediction is not blind."""
        return not self.ratio > 1

    @property
    def _seen(self) -> Floats:
        return self.ratios[1 : self.blind_from]


@dataclass(frozen=True)
class Learned:
    """What came of a training; it can be sent from process to process.

    ``loss`` is the exact total error (T+1,), ``falls`` (T,) whether it falls at a step, ``sharpness`` (T,) α
    times the largest eigenvalue of the Hessian there: descent is stable where that is below 2. ``ascent`` is
    the run under the wrong-sign reading of the deck (S10, S18), which is only shown.
    """

    training: Training
    loss: Floats
    falls: Mask
    sharpness: Floats
    runs: tuple[Run, ...]
    ascent: Course
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """The training's name."""
        return self.training.name

    @property
    def stable(self) -> bool:
        """Whether α is below 2 over the largest eigenvalue at every step of the exact trajectory."""
        return bool((self.sharpness < 2).all())

    @property
    def steepest(self) -> float:
        """The largest ``sharpness`` on the way, of steps that have one."""
        return float(np.fmax.reduce(self.sharpness))

    @property
    def rises(self) -> int:
        """At how many steps the exact total error does not fall."""
        return int((~self.falls).sum())


def train(training: Training, backends: Sequence[Backend]) -> Learned:
    """Train on every backend; the rows are those of the restarted steps, which the gate sees."""
    start, steps = training.start, training.steps
    path = exact_path(start, steps)
    of = hessians(start, path.high[:-1])
    covered = [backend for backend in backends if list(supported(backend, Stack((start,)))) == [None]]
    own = course(matrix, start, steps)
    courses = [own if backend is matrix else course(backend, start, steps) for backend in covered]
    kinds = list(dict.fromkeys(map(kind_of, covered)))
    local = [local_bounds(start, path.high[:-1], kind) for kind in kinds]
    growth = dict(zip(kinds, predicted(of, start.learning_rate, np.array(local)), strict=True)) if kinds else {}
    runs = [_run(c, path, growth[kind_of(b)]) for b, c in zip(covered, courses, strict=True)]
    slopes = sharpness(of, start.learning_rate)
    astray = [_astray(start, c, one, path, bool((slopes < 2).all())) for c, one in zip(courses, runs, strict=True)]
    return Learned(
        training=training,
        loss=path.loss,
        falls=path.falls,
        sharpness=slopes,
        runs=tuple(runs),
        ascent=course(next(r for r in readings if r.reading is SIGN), start, steps),
        rows=(*restarted(start, own.states[: min(own.finite, steps)], backends), *filter(None, astray)),
    )


def _astray(start: Case, found: Course, run: Run, path: Path, stable: bool) -> Row | None:
    """A row for a free run that fails where the exact trajectory goes on, or leaves what is predicted; else None.

    Where α is not stable, weights may leave the range.
    First order neglects what is of second: as long as the prediction is far below the weights (it is not blind),
    that is below the prediction itself, and twice the prediction is beyond any rounding. So it is where α is stable.
    """
    ends = found.verdict is not None and len(found.states) <= path.steps
    if found.verdict is not None and ends and (stable or found.verdict != Verdict.NONFINITE):
        return valueless(start, found.backend, found.verdict, f"running free, {found.note}")
    if stable and run.ratio > 2:
        why = f"running free, the weights drift {run.ratio:.3g} times as far as rounding is predicted to take them"
        return valueless(start, found.backend, Verdict.VIOLATION, why)
    return None


def _run(found: Course, path: Path, growth: Floats) -> Run:
    """A course beside the exact trajectory and what is predicted, as far as all three are numbers."""
    rows = found.rows[: min(path.steps + 1, found.finite)]
    drift, its = path.drift(rows), growth[: len(rows)]
    size = np.abs(path.high[: len(rows)]).max(axis=1)
    with np.errstate(all="ignore"):
        ratios = np.where(drift == 0, 0.0, drift / its).max(axis=1)
        largest, most = drift.max(axis=1), its.max(axis=1)
        blind = ~(most < size) | (largest > 0) & ~(most <= BLIND * largest)
    first = np.flatnonzero(blind[1:])
    note = found.note
    if not note and path.steps + 1 < len(found.states):
        note = f"step {path.steps + 1}: the exact trajectory is known no further"
    return Run(
        backend=found.backend,
        loss=found.loss,
        drift=largest,
        predicted=most,
        ratios=np.where(np.isnan(ratios), np.inf, ratios),
        blind_from=int(first[0]) + 1 if len(first) else None,
        note=note,
    )
