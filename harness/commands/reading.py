"""Cases as named on the command line. It imports what cases are made of, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cases.case import Case
from cases.faults import CaseFileError
from cases.loader import catalogue, load
from cases.select import SelectionError, select
from harness.commands import UserError


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
