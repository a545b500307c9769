"""Reports from a run folder: ``summary.md``, ``junit.xml`` and ``index.html``."""

from __future__ import annotations

from pathlib import Path

from reports.junit import junit_lines
from reports.page import page
from reports.record import FILES, RUN, Record, read, remove, save
from reports.summary import summary

SUMMARY = "summary.md"
TESTS = "junit.xml"
PAGE = "index.html"


def build(folder: Path, record: Record | None = None) -> list[Path]:
    """Write the summary, the tests and the page of a run folder into it, and return their paths.

    ``record`` is the folder's, where it was read already. Raises FolderError where the folder cannot be read or
    written.
    """
    record = record or read(folder)
    paths = [folder / SUMMARY, folder / TESTS, folder / PAGE]
    save(paths[0], summary(record))
    save(paths[1], junit_lines(record))
    save(paths[2], page(record))
    return paths


def finished(folder: Path) -> bool:
    """Whether a run folder is complete: what is written last is there."""
    return (folder / RUN).exists() and (folder / PAGE).exists()


def clear(folder: Path) -> None:
    """Remove all that an earlier run left in a folder, its page and its seal first: nothing of it is to be taken for
    the next run. Raises FolderError.
    """
    remove(folder, (PAGE, RUN, SUMMARY, TESTS, *FILES))
