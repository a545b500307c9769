"""``bench.html``: a measurement as one self-contained page; and all files of its folder."""

from __future__ import annotations

from pathlib import Path

from reports.bench import plots, words
from reports.bench.record import FILE, Bench, read
from reports.bench.table import markdown
from reports.page import environment
from reports.record import save

PAGE, SUMMARY = "bench.html", "bench.md"


def page(bench: Bench) -> str:
    """Render a measurement as HTML."""
    targets = words.judged(bench)
    return (
        environment()
        .get_template("bench.html.j2")
        .render(
            bench=bench,
            targets=targets,
            missed=any(not target.reached for part in bench.parts for target in part.targets),
            sentence=words.sentence(bench),
            words=words,
            plots=plots,
        )
    )


def build(folder: Path) -> list[Path]:
    """Write the page and the summary of a folder that holds ``bench.json``; return the paths of all three.

    Raises FolderError where the folder cannot be read or written.
    """
    bench = read(folder)
    for name, text in ((SUMMARY, markdown(bench)), (PAGE, page(bench))):
        save(folder / name, text)
    return [folder / name for name in (FILE, SUMMARY, PAGE)]
