"""``gradproof run``: the main job."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cases.case import Case
from cases.known import conventions, deviations
from harness import bins, equations, kills, lesson, misreadings, shapes, visibility
from harness.backends import Backend, names
from harness.claims import FAILS
from harness.commands import Incomplete, UserError
from harness.commands.inputs import Selection, choose, load_backends, read_cases, selected
from harness.engine import CORE, WorkerDied, default_workers
from harness.learning import exhibit as learned
from harness.machine import catalogue_digest, digest, machine, versions
from harness.progress import progress
from harness.proof.certificate import certificate
from harness.proof.evidence import gather, size
from harness.run import Outcome, run
from reports import github, terminal
from reports.build import SUMMARY, build
from reports.record import FolderError, read, write

REFUTED = "the text of reference/ is not the derivative of S11: gradproof prove says where"
"""The failure of a run whose certificate was refused."""

WORTH_WORKERS = 60
"""Cases above which starting worker processes pays."""


def command(
    patterns: tuple[str, ...],
    files: tuple[Path, ...],
    backends: tuple[str, ...],
    dtypes: tuple[str, ...],
    device: str,
    out: Path,
    quick: bool,
    workers: int | None,
) -> int:
    """Select, run, write the run folder, print, and return the exit code."""
    started = time.time()
    every = read_cases(files)
    asked = selected(every, patterns, dtypes, quick, beside=not files)
    chosen, missing, lines = load_backends(backends, device)
    routed = not backends and (bool(asked.scans) or any(CORE in case.tags for case in asked.cases))
    routes, _, without = load_backends((), device, CORE) if routed else ([], {}, [])
    for line in [*lines, *without]:
        print(line, file=sys.stderr)
    count = workers or (default_workers() if asked.size > WORTH_WORKERS else 1)
    loaded = [name for name in dict.fromkeys(backends) or names(device) if name not in missing]
    given: Sequence[Backend | str] = loaded if count > 1 else chosen
    beside: Sequence[Backend | str] = [route.name for route in routes] if count > 1 else routes
    try:
        proof = {} if patterns or files or quick or backends else _proof(every, count)
        stated = equations.exhibit(_deck())
        refuted = [("reference", f"{e['id']} does not hold: {e['note']}") for e in stated if e["outcome"] == FAILS]
        if proof and not proof["certificate"]["proved"]:
            refuted.append(("reference", REFUTED))
        with progress(asked.size, _kinds(asked)) as advance:
            outcome = run(
                asked.cases, given, missing, progress=advance, scans=asked.scans, workers=count,
                required=bool(backends), routes=beside, trainings=asked.trainings, refuted=refuted,
            )  # fmt: skip
    except WorkerDied as error:
        raise Incomplete(str(error)) from error
    computed = [backend.name for backend in (*chosen, *routes)]
    about = _about(outcome, asked.cases, computed, missing, started)
    about |= {
        "catalogue": catalogue_digest(every),
        "routes": [route.name for route in routes],
        "absent": [line for line in (*lines, *without) if line],
    }
    exhibits = {
        "visibility": visibility.exhibit(outcome.sights),
        "kills": kills.exhibit(outcome.kills),
        "readings": misreadings.exhibit(outcome.observed),
        "equations": stated,
        "curves": learned.exhibit(outcome.learned),
        "scans": bins.exhibit(outcome.binned),
        "shapes": shapes.exhibit(row.activation for row in outcome.rows),
        **proof,
    }
    if shown := lesson.exhibit(asked.cases, chosen):
        exhibits["terms"] = shown
    try:
        write(out, outcome.rows, about, exhibits)
        record = read(out)
        pages = build(out, record)
        terminal.show(record, terminal.console(sys.stdout))
        github.tell(github.of_run(record), (out / SUMMARY).read_text(encoding="utf-8"), os.environ)
    except FolderError as error:
        raise UserError(str(error)) from error
    print(f"written: {', '.join(str(page) for page in pages)}")
    return outcome.answer.exit_code


def _kinds(asked: Selection) -> str:
    """What progress counts: ``cases, scans and trainings``."""
    kinds = {"cases": asked.cases, "scans": asked.scans, "trainings": asked.trainings}
    *parts, last = [kind for kind, its in kinds.items() if its] or ["cases"]
    return f"{', '.join(parts)} and {last}" if parts else last


def _proof(cases: Sequence[Case], workers: int) -> dict[str, Any]:
    with progress(size(cases), "steps of the proof") as advance:
        return {"certificate": certificate(gather(cases, workers, advance))}


def _deck() -> Case:
    """The deck's own case, on which its equations are checked."""
    return choose(read_cases(()), ("slide-3-5-2-sigmoid-classification-float64",), ())[0]


def _about(
    outcome: Outcome, cases: Sequence[Case], backends: Sequence[str], missing: Mapping[str, str], started: float
) -> dict[str, Any]:
    """What run.json says of the run: everything that is not in the rows."""
    answer = outcome.answer
    return {
        "exit_code": answer.exit_code,
        "sentence": answer.sentence,
        "failures": [{"case": f.case, "backend": f.backend, "reason": f.reason} for f in answer.failures],
        "suspicious": [{"case": r.case, "backend": r.backend, "typical": r.typical} for r in outcome.suspicious],
        "command": shlex.join(["gradproof", *sys.argv[1:]]),
        "cases": len(cases),
        "backends": list(backends),
        "missing": dict(missing),
        "digests": {case.name: digest(case) for case in cases},
        "conventions": [row.model_dump() for row in conventions()],
        "deviations": [row.model_dump() for row in deviations()],
        "versions": versions(),
        "machine": machine(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 3),
    }
