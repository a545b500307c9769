"""``gradproof prove``: the certificate; or what is wrong with a mistake or a reading, as formulas."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from cases.faults import did_you_mean
from harness.commands import Incomplete, UserError
from harness.commands.inputs import read_cases
from harness.crew import hands
from harness.hands import WorkerDied
from harness.limits import default_workers
from harness.mistakes import MISTAKES
from harness.progress import progress
from harness.proof.certificate import certificate
from harness.proof.evidence import gather, size
from harness.proof.refuted import by_mistake, by_reading
from harness.proof.told import told
from reference.readings import DERIVATIVE, READINGS
from reports import proved as report
from reports.record import FolderError
from reports.terminal import console


def command(mistake: str | None, reading: str | None, out: Path | None, workers: int | None) -> int:
    """Prove, print, and return 0; 1 where a derivative is not what the equations say."""
    if mistake is not None or reading is not None:
        if out is not None or None not in (mistake, reading):
            raise UserError("--mistake and --reading go alone: what they show is printed, and no certificate written")
        return _refuse(mistake, reading)
    cases = read_cases(())
    try:
        with progress(size(cases), "steps") as advance, closing(hands(workers or default_workers())) as its:
            found = certificate(gather(cases, its, advance))
    except WorkerDied as error:
        raise Incomplete(str(error)) from error
    report.show(found, console(sys.stdout))
    if out is not None:
        try:
            paths = report.write(out, found)
        except FolderError as error:
            raise UserError(str(error)) from error
        print(f"written: {', '.join(map(str, paths))}")
    return 0 if found["proved"] else 1


def _refuse(mistake: str | None, reading: str | None) -> int:
    """Show where a mistake or a reading is not the derivative."""
    if mistake is not None:
        its = MISTAKES.get(mistake)
        if its is None:
            near = did_you_mean(mistake, MISTAKES) or "gradproof list mistakes has all of them"
            raise UserError(f"no mistake is called {mistake!r}; {near}")
        title, text, found = f"mistake {its.name}", f"{its.what} ({its.equations}); {its.fix}", by_mistake(its)
        rounding = its.rounding
    else:
        known = {r.name: r for r in READINGS if r is not DERIVATIVE}
        if reading not in known:
            raise UserError(f"no reading is called {reading!r}; there are {', '.join(known)}")
        its_reading = known[reading]
        title, text = f"reading {reading}", f"{its_reading.statement} ({its_reading.equations})"
        found, rounding = by_reading(its_reading), False
    to = console(sys.stdout)
    for line in told(title, text, found, rounding):
        to.print(line, soft_wrap=True)
    return 1 if any(one.wrong for one in found) and not rounding else 0
