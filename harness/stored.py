"""What is found in a task as JSON, and back, with nothing lost: floats round-trip, arrays are kept byte by byte.

JSON and not pickle: a journal outlives the program that wrote it, and reading one must not run anything.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from harness.candidate.wire import packed, unpacked
from harness.engine import Task
from harness.found import Found
from harness.gate import Failure
from harness.kills import Kill, Kills
from harness.learning.course import Course
from harness.learning.train import Learned, Run
from harness.learning.training import Training
from harness.misreadings import Misread
from harness.visibility import Looks
from reports.lots import Lot
from reports.record import COLUMNS, Row
from reports.row import parse
from reports.sums import Sums, Told
from reports.verdict import Verdict


def in_json(its: Found) -> bytes:
    """What `stored` makes of it, compressed."""
    return zlib.compress(json.dumps(stored(its), separators=(",", ":"), ensure_ascii=True).encode(), 1)


def stored(its: Found) -> dict[str, Any]:
    """What is found in a task as what JSON can hold, NaN and infinities among its numbers."""
    return {
        "size": its.size,
        "sums": _sums(its.sums),
        "failures": [[place, *astuple(failure)] for place, failure in its.failures],
        "suspicious": _placed(its.suspicious),
        "readings": [
            [name, one.cases, one.wrong, one.place, None if one.worst is None else _line(one.worst)]
            for name, one in its.readings.items()
        ],
        "sights": [
            [*at, one.entries, one.blind, list(one.fault), list(one.entry), list(one.typical)]
            for at, one in its.sights.items()
        ],
        "looked_for": sorted(its.looked_for),
        "seen": sorted(its.seen),
        "kills": _kills(its.kills),
        "learned": [_learned(one) for one in its.learned],
        "binned": its.binned,
        "lost": its.lost,
    }


def restored(found: Any, task: Task) -> Found:
    """What is found in a task, from what `stored` made of it. Raises ValueError, TypeError, KeyError otherwise."""
    its = Found(
        size=found["size"],
        sums=_sums_of(found["sums"]),
        failures=[(place, Failure(*failure)) for place, *failure in found["failures"]],
        suspicious=_placed_of(found["suspicious"]),
        readings={
            name: Misread(cases, wrong, None if worst is None else _row(worst), place)
            for name, cases, wrong, place, worst in found["readings"]
        },
        sights={
            (dtype, structure): Looks(entries, blind, *(array("d", numbers) for numbers in faults))
            for dtype, structure, entries, blind, *faults in found["sights"]
        },
        looked_for=set(found["looked_for"]),
        seen=set(found["seen"]),
        kills=_kills_of(found["kills"]),
        learned=[_learned_of(its, one) for its, one in zip(found["learned"], task.trainings, strict=True)],
        binned=found["binned"],
        lost=found["lost"],
    )
    if its.size != task.size:
        raise ValueError(f"a result of {its.size} cases, where the task has {task.size}")
    return its


def _sums(its: Sums) -> dict[str, Any]:
    return {
        "lots": [list(astuple(lot)) for lot in its.lots.values()],
        "told": [[one.place, one.case, one.rows, one.rank, one.tests] for one in its.told],
        "blamed": [[*at, _lines(rows)] for at, rows in its.blamed.items()],
        "scans": _placed(its.scans),
        "worst": [[rank, place, _line(row)] for rank, place, row in its.worst],
        "counts": [its.cases, its.scanned, its.trained],
        "by": [its.compared, its.uncovered, its.met],
    }


def _sums_of(found: Any) -> Sums:
    cases, scanned, trained = found["counts"]
    compared, uncovered, met = (Counter[str](its) for its in found["by"])
    its = Sums(
        told=[Told(place, case, rows, tuple(rank), tuple(map(tuple, tests)))
              for place, case, rows, rank, tests in found["told"]],
        blamed={(case, backend): tuple(_rows(lines)) for case, backend, lines in found["blamed"]},
        scans=_placed_of(found["scans"]),
        worst=[(tuple(rank), place, _row(line)) for rank, place, line in found["worst"]],
        cases=cases, scanned=scanned, trained=trained, compared=compared, uncovered=uncovered, met=met,
    )  # fmt: skip
    for activation, task, dtype, quantity, backend, verdict, *rest in found["lots"]:
        its.put(Lot(activation, task, dtype, quantity, backend, Verdict(verdict), *rest))
    return its


def _placed(its: Sequence[tuple[int, Row]]) -> list[list[Any]]:
    return [[place, _line(row)] for place, row in its]


def _placed_of(found: Any) -> list[tuple[int, Row]]:
    return [(place, _row(line)) for place, line in found]


def _line(row: Row) -> list[Any]:
    return [getattr(row, name) for name in COLUMNS]


def _row(line: Sequence[Any]) -> Row:
    return parse(dict(zip(COLUMNS, line, strict=True)))


def _lines(rows: Sequence[Row]) -> list[list[Any]]:
    return [_line(row) for row in rows]


def _rows(lines: Sequence[Sequence[Any]]) -> list[Row]:
    return [_row(line) for line in lines]


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
