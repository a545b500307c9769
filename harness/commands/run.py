"""``gradproof run``: the main job."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from cases.case import Case
from cases.known import conventions, deviations
from harness import bins, equations, kills, lesson, misreadings, shapes, visibility
from harness.backends import Backend
from harness.claims import FAILS
from harness.cluster import Unreachable, cluster
from harness.commands import Incomplete, UserError
from harness.commands.inputs import TWICE, Selection, call_backends, choose, read_cases, selected
from harness.crew import hands
from harness.engine import CORE
from harness.found import Found
from harness.gate import Answer
from harness.hands import Hands, Here, Job, Lost, Raised, WorkerDied
from harness.journal import OtherRun
from harness.kept import Kept, ended, stoppable
from harness.learning import exhibit as learned
from harness.limits import TIMEOUT, default_workers
from harness.machine import catalogue_digest, digest, machine, versions
from harness.parts import Introduced
from harness.progress import progress
from harness.proof.certificate import certificate
from harness.proof.evidence import gather, size
from harness.run import Asked, suspicious, tally
from reports import github, terminal
from reports.build import SUMMARY, build
from reports.record import FolderError, read, write_texts

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
    timeout: float | None = None,
    scheduler: str | None = None,
    resume: bool = False,
) -> int:
    """Select, run, write the run folder, print, and return the exit code."""
    started = time.time()
    every = read_cases(files)
    selection = selected(every, patterns, dtypes, quick, beside=not files)
    own = any(name.endswith(".py") for name in backends)
    seconds = timeout or TIMEOUT
    count = workers or (default_workers() if selection.size > WORTH_WORKERS else 1)
    apart = own or timeout is not None or selection.size > WORTH_WORKERS
    if scheduler is not None and workers is not None:
        raise UserError(TWICE)
    try:
        with ExitStack() as until:
            near = until.enter_context(closing(hands(count, apart)))
            its = until.enter_context(closing(cluster(scheduler))) if scheduler else near
            if scheduler:  # a file's path must say the same there
                backends = tuple(str(Path(b).resolve()) if b.endswith(".py") else b for b in backends)
            chosen, missing, lines = call_backends(backends, device, near)
            routed = not backends and (bool(selection.scans) or any(CORE in case.tags for case in selection.cases))
            routes, _, without = call_backends((), device, near, CORE) if routed else ([], {}, [])
            for line in [*lines, *without]:
                print(line, file=sys.stderr)
            asked = Asked(
                selection.cases, [_called(backend, its) for backend in chosen], missing, scans=selection.scans,
                required=bool(backends), routes=[_called(route, its) for route in routes],
                trainings=selection.trainings,
                people={b.source: b for b in chosen if isinstance(b, Introduced) and b.own},
                modes={b.name: b.mode for b in (*chosen, *routes) if isinstance(b, Introduced)},
            )  # fmt: skip
            kept = until.enter_context(
                closing(Kept(out, asked, not (patterns or files or quick or backends), resume, seconds))
            )
            if kept.finished:
                return _again(out)
            until.enter_context(stoppable(kept))
            proof = kept.certificate(lambda: _proof(every, its)) if kept.proved else {}
            stated = equations.exhibit(_deck())
            refuted = [("reference", f"{e['id']} does not hold: {e['note']}") for e in stated if e["outcome"] == FAILS]
            if proof and not proof["proved"]:
                refuted.append(("reference", REFUTED))
            asked = replace(asked, refuted=refuted)
            found = _found(asked, its, seconds, kept, _kinds(selection))
            kept.same_files()
            whole = [backend for backend in chosen if backend.name not in ended(found)]
            terms = _lesson(asked.cases, whole, near, seconds)
            answer = asked.judged(found)
            about = _about(answer, found, asked.cases, [b.name for b in (*chosen, *routes)], missing, started)
            about |= {
                "catalogue": catalogue_digest(every),
                "routes": [route.name for route in routes],
                "absent": [line for line in (*lines, *without) if line],
            }
            exhibits = {
                "visibility": visibility.exhibit(found.sights),
                "kills": kills.exhibit(found.kills),
                "readings": misreadings.exhibit(found.readings),
                "equations": stated,
                "curves": learned.exhibit(found.learned),
                "scans": bins.exhibit(found.binned),
                "shapes": shapes.exhibit(lot.activation for lot in found.sums.ordered),
                **({"certificate": proof} if proof else {}),
                **({"terms": terms} if terms else {}),
            }
            write_texts(out, kept.texts(), about, exhibits)
    except WorkerDied as error:
        raise Incomplete(str(error)) from error
    except (OtherRun, FolderError, Unreachable) as error:
        raise UserError(str(error)) from error
    try:
        record = read(out, found.sums)
        pages = build(out, record)
        terminal.show(record, terminal.console(sys.stdout))
        github.tell(github.of_run(record), (out / SUMMARY).read_text(encoding="utf-8"), os.environ)
    except FolderError as error:
        raise UserError(str(error)) from error
    print(f"written: {', '.join(str(page) for page in pages)}")
    return answer.exit_code


def _kinds(asked: Selection) -> str:
    """What progress counts: ``cases, scans and trainings``."""
    kinds = {"cases": asked.cases, "scans": asked.scans, "trainings": asked.trainings}
    *parts, last = [kind for kind, its in kinds.items() if its] or ["cases"]
    return f"{', '.join(parts)} and {last}" if parts else last


def _called(backend: Backend | Introduced, its: Hands) -> Backend | str:
    """A backend as those who compute want it: itself here, and by name or path anywhere else."""
    if isinstance(backend, Introduced):
        return backend.source
    return backend if isinstance(its, Here) else backend.name


def _found(asked: Asked, its: Hands, seconds: float, kept: Kept, kinds: str) -> Found:
    """What is found in every task, under the eyes of whoever waits for it."""
    total, done = sum(task.size for task in asked.cut), kept.done.values()
    with progress(total, kinds, sum(its.size for its in done), sum(its.wrong for its in done)) as advance:
        return tally(asked, its, seconds, advance, kept.done, kept.keep)


def _proof(cases: Sequence[Case], its: Hands) -> dict[str, Any]:
    with progress(size(cases), "steps of the proof") as advance:
        return certificate(gather(cases, its, advance))


def _lesson(cases: Sequence[Case], backends: Sequence[Backend | Introduced], near: Hands, seconds: float) -> Any:
    """The lesson's numbers, by those who compute; without somebody's own file where that comes to an end."""
    shown = [case for case in cases if lesson.shown(case)]
    here = [backend for backend in backends if not isinstance(backend, Introduced)]
    if len(here) == len(backends) or not shown:
        return lesson.exhibit(shown, here)
    ours = [its.source for its in backends if isinstance(its, Introduced) and not its.own]
    every = [its.source for its in backends if isinstance(its, Introduced)]
    for sources in dict.fromkeys((tuple(every), tuple(ours))):
        room = "" if len(sources) == len(ours) else "lesson"
        near.put(Job("lesson", (lesson.exhibit_by_name, shown, sources), seconds=seconds, room=room))
        ((_, found),) = near.finished()
        if not isinstance(found, (Lost, Raised)):
            return found
    raise WorkerDied(f"a worker process {found.how}")


def _again(out: Path) -> int:
    """Show a run that was finished before, and return what it returned."""
    record = read(out)
    terminal.show(record, terminal.console(sys.stdout))
    print(f"nothing is left to do: the run in {out} is finished")
    return int(record.run["exit_code"])


def _deck() -> Case:
    """The deck's own case, on which its equations are checked."""
    return choose(read_cases(()), ("slide-3-5-2-sigmoid-classification-float64",), ())[0]


def _about(
    answer: Answer,
    found: Found,
    cases: Sequence[Case],
    backends: Sequence[str],
    missing: Mapping[str, str],
    started: float,
) -> dict[str, Any]:
    """What run.json says of the run: everything that is not in the rows."""
    return {
        "exit_code": answer.exit_code,
        "sentence": answer.sentence,
        "failures": [{"case": f.case, "backend": f.backend, "reason": f.reason} for f in answer.failures],
        "suspicious": [{"case": r.case, "backend": r.backend, "typical": r.typical} for r in suspicious(found)],
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
