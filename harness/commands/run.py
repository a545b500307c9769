"""``gradproof run``: the main job."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

from cases.case import Case
from harness import equations, misreadings
from harness.backends.reference import readings
from harness.commands import UserError
from harness.commands.inputs import choose, load_backends, read_cases
from harness.machine import catalogue_digest, machine, versions
from harness.progress import progress
from harness.run import run
from reports import terminal
from reports.build import build
from reports.record import FolderError, read, write


def command(
    patterns: tuple[str, ...],
    files: tuple[Path, ...],
    backends: tuple[str, ...],
    dtypes: tuple[str, ...],
    out: Path,
    quick: bool,
) -> int:
    """Select, run, write the run folder, print, and return the exit code."""
    started = time.time()
    every = read_cases(files)
    cases = choose(choose(every, ("tag:quick",), ()) if quick else every, patterns, dtypes)
    chosen, missing, lines = load_backends(backends)
    for line in lines:
        print(line, file=sys.stderr)
    with progress(len(cases)) as advance:
        outcome = run(cases, chosen, missing, observers=readings, progress=advance)
    about = {
        "exit_code": outcome.answer.exit_code,
        "sentence": outcome.answer.sentence,
        "failures": [{"case": f.case, "backend": f.backend, "reason": f.reason} for f in outcome.answer.failures],
        "command": shlex.join(["gradproof", *sys.argv[1:]]),
        "cases": len(cases),
        "backends": [backend.name for backend in chosen],
        "missing": missing,
        "catalogue": catalogue_digest(every),
        "versions": versions(),
        "machine": machine(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 3),
    }
    exhibits = {"readings": misreadings.exhibit(outcome.observed), "equations": equations.exhibit(_deck())}
    try:
        write(out, outcome.rows, about, exhibits)
        pages = build(out)
        terminal.show(read(out), terminal.console(sys.stdout))
    except FolderError as error:
        raise UserError(str(error)) from error
    print(f"written: {', '.join(str(page) for page in pages)}")
    return outcome.answer.exit_code


def _deck() -> Case:
    """The deck's own case, on which its equations are checked."""
    return choose(read_cases(()), ("slide-3-5-2-sigmoid-classification-float64",), ())[0]
