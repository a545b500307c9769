"""Cases and backends as named on the command line."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from pathlib import Path

from cases.case import Case
from cases.faults import CaseFileError
from cases.loader import catalogue, load
from cases.select import SelectionError, select
from harness.backends import BACKENDS, Backend, BackendError, Missing
from harness.backends import load as load_backend
from harness.backends import names as backend_names
from harness.commands import UserError
from harness.learning.training import Training, trainings
from harness.scan import Scan, scans


def read_cases(files: Sequence[Path]) -> list[Case]:
    """The cases of these files, or of the catalogue. Raises UserError with every fault."""
    try:
        return load(list(files) or catalogue())
    except CaseFileError as error:
        raise UserError(f"the case files are not in order:\n{error}") from error


def choose(cases: Sequence[Case], patterns: Sequence[str], dtypes: Sequence[str]) -> list[Case]:
    """The selected cases. Raises UserError where nothing is selected."""
    try:
        return select(cases, patterns, dtypes)
    except SelectionError as error:
        raise UserError(str(error)) from error


def load_backends(
    names: Sequence[str], device: str = "cpu", runs: str = "all"
) -> tuple[list[Backend], dict[str, str], list[str]]:
    """Backends by name; without a name those that run by themselves on all cases, or on those of ``runs``.

    Returns those that could be had, those missing although required (with the reason), and a line about
    each missing one that is optional. Raises UserError for a name that is none.
    """
    found: list[Backend] = []
    missing: dict[str, str] = {}
    lines: list[str] = []
    for name in dict.fromkeys(names) or backend_names(device, runs):
        try:
            found.append(load_backend(name))
        except Missing as error:
            if names or BACKENDS[name].required:
                missing[name] = str(error)
            else:
                lines.append(f"without {name}: {error}")
        except BackendError as error:
            raise UserError(str(error)) from error
    twice = {backend.name for backend in found if [b.name for b in found].count(backend.name) > 1}
    if twice:
        raise UserError(f"two backends are both called {', '.join(sorted(twice))}; give yours another name")
    return found, missing, lines


def chosen_trainings(patterns: Sequence[str], dtypes: Sequence[str]) -> list[Training]:
    """The trainings whose names fit a pattern; all of them without one."""
    fitting = [t for t in trainings() if not patterns or any(fnmatch.fnmatchcase(t.name, p) for p in patterns)]
    return [t for t in fitting if not dtypes or t.start.dtype in dtypes]


def chosen_scans(patterns: Sequence[str], dtypes: Sequence[str]) -> list[Scan]:
    """The scans whose names fit a pattern; all of them without one."""
    fitting = [s for s in scans() if not patterns or any(fnmatch.fnmatchcase(s.name, p) for p in patterns)]
    return [s for s in fitting if not dtypes or s.dtype in dtypes]
