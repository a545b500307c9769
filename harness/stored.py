"""What came of a task as JSON, and back, with nothing lost: floats round-trip, arrays are kept byte by byte.

JSON and not pickle: a journal outlives the program that wrote it, and reading one must not run anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from harness.candidate.wire import packed, unpacked
from harness.engine import Result, Task
from harness.kills import Kill, Kills
from harness.learning.course import Course
from harness.learning.train import Learned, Run
from harness.learning.training import Training
from harness.visibility import Sight
from reports.record import COLUMNS, Row
from reports.row import parse
from reports.verdict import Verdict


def stored(result: Result) -> dict[str, Any]:
    """A result as what JSON can hold, NaN and infinities among its numbers."""
    return {
        "size": result.size,
        "rows": {name: _lines(rows) for name, rows in result.rows.items()},
        "observed": {name: _lines(rows) for name, rows in result.observed.items()},
        "sights": [astuple(sight) for sight in result.sights],
        "looked_for": sorted(result.looked_for),
        "seen": sorted(result.seen),
        "kills": _kills(result.kills),
        "learned": [_learned(one) for one in result.learned],
        "binned": result.binned,
        "lost": result.lost,
    }


def restored(found: Any, task: Task) -> Result:
    """The result of a task from what `stored` made of it. Raises ValueError, TypeError, KeyError where it did not."""
    result = Result(
        size=found["size"],
        rows={name: _rows(lines) for name, lines in found["rows"].items()},
        observed={name: _rows(lines) for name, lines in found["observed"].items()},
        sights=[Sight(*its) for its in found["sights"]],
        looked_for=set(found["looked_for"]),
        seen=set(found["seen"]),
        kills=_kills_of(found["kills"]),
        learned=[_learned_of(its, one) for its, one in zip(found["learned"], task.trainings, strict=True)],
        binned=found["binned"],
        lost=found["lost"],
    )
    if result.size != task.size:
        raise ValueError(f"a result of {result.size} cases, where the task has {task.size}")
    return result


def _lines(rows: Sequence[Row]) -> list[list[Any]]:
    return [[getattr(row, name) for name in COLUMNS] for row in rows]


def _rows(lines: Sequence[Sequence[Any]]) -> list[Row]:
    return [parse(dict(zip(COLUMNS, line, strict=True))) for line in lines]


def _kills(kills: Kills) -> dict[str, Any]:
    cells = [[*key, *vars(kill).values()] for key, kill in kills.matrix.items()]
    return {"matrix": cells, "correct": kills.correct, "alarms": kills.alarms}


def _kills_of(found: Any) -> Kills:
    matrix = {
        (mistake, family, dtype): Kill(cases, caught, same, hidden, Counter(apart), *shares)
        for mistake, family, dtype, cases, caught, same, hidden, apart, *shares in found["matrix"]
    }
    return Kills(matrix, found["correct"], found["alarms"])


def _learned(one: Learned) -> dict[str, Any]:
    ascent = one.ascent
    return {
        "arrays": [packed(one.loss), packed(one.falls.astype("uint8")), packed(one.sharpness)],
        "runs": [
            [r.backend, *map(packed, (r.loss, r.drift, r.predicted, r.ratios)), r.blind_from, r.note] for r in one.runs
        ],
        "ascent": [
            ascent.backend,
            [[packed(w) for w in state] for state in ascent.states],
            packed(ascent.loss),
            ascent.note,
            ascent.verdict,
        ],
        "rows": _lines(one.rows),
    }


def _learned_of(found: Any, training: Training) -> Learned:
    loss, falls, sharpness = map(unpacked, found["arrays"])
    name, states, ascent, note, verdict = found["ascent"]
    return Learned(
        training=training,
        loss=loss,
        falls=falls.astype(bool),
        sharpness=sharpness,
        runs=tuple(map(_run_of, found["runs"])),
        ascent=Course(
            name,
            tuple(tuple(map(unpacked, state)) for state in states),
            unpacked(ascent),
            note,
            None if verdict is None else Verdict(verdict),
        ),
        rows=tuple(_rows(found["rows"])),
    )


def _run_of(found: Any) -> Run:
    backend, *arrays, blind_from, note = found
    loss, drift, predicted, ratios = map(unpacked, arrays)
    return Run(backend, loss, drift, predicted, ratios, blind_from, note)
