"""``gradproof diff``: what changed between two runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from harness.commands import UserError
from reports import github
from reports.diff import diff
from reports.differences import as_csv, errors, markdown, show
from reports.record import FolderError, read, save
from reports.terminal import console


def command(run_a: Path, run_b: Path, out: Path | None) -> int:
    """Compare, print, write if asked to, and return 1 if anything got worse."""
    try:
        found = diff(read(run_a), read(run_b), (str(run_a), str(run_b)))
        show(found, console(sys.stdout))
        text = markdown(found)
        if out is not None:
            save(out / "diff.md", text)
            save(out / "diff.csv", as_csv(found))
            print(f"written: {out / 'diff.md'}, {out / 'diff.csv'}")
        github.tell(
            github.annotated(errors(found), ("change for the worse", "changes for the worse")), text, os.environ
        )
    except FolderError as error:
        raise UserError(str(error)) from error
    return 1 if found.worse else 0
