"""Reports from a run folder: ``summary.md`` and ``index.html``."""

from __future__ import annotations

from pathlib import Path

from reports.page import page
from reports.record import Record, read, save
from reports.summary import summary

SUMMARY = "summary.md"
PAGE = "index.html"


def build(folder: Path, record: Record | None = None) -> list[Path]:
    """Write the summary and the page of a run folder into it, and return their paths.

    ``record`` is the folder's, where it was read already. Raises FolderError where the folder cannot be read or
    written.
    """
    record = record or read(folder)
    paths = [folder / SUMMARY, folder / PAGE]
    for path, text in zip(paths, (summary(record), page(record)), strict=True):
        save(path, text)
    return paths
