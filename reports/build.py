"""Reports from a run folder: ``summary.md`` and ``index.html``."""

from __future__ import annotations

from pathlib import Path

from reports.page import page
from reports.record import read, save
from reports.summary import summary

SUMMARY = "summary.md"
PAGE = "index.html"


def build(folder: Path) -> list[Path]:
    """Read a run folder, write its summary and page into it, and return their paths.

    Raises FolderError where the folder cannot be read or written.
    """
    record = read(folder)
    paths = [folder / SUMMARY, folder / PAGE]
    for path, text in zip(paths, (summary(record), page(record)), strict=True):
        save(path, text)
    return paths
