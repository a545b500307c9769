"""The tables as a terminal shows them, and as ``bench.md``."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from reports import grids
from reports import markdown as md
from reports.bench.record import Bench
from reports.bench.words import QUARTILES, TARGET_HEADER, circumstances, header, judged, lines, sentence
from reports.wording import plain


def show(bench: Bench, to: Console) -> None:
    """Print every part, the targets, and one closing line."""
    for part in bench.parts:
        to.print(Text(plain(part.title), style="bold"), soft_wrap=True)
        to.print(grids.lines(header(part), lines(part)))
        for note in part.notes:
            _say(note, to)
        to.print()
    _say(QUARTILES, to)
    for name, text in circumstances(bench.about):
        _say(f"{name}: {text}", to)
    if targets := judged(bench):
        to.print()
        to.print(grids.lines(TARGET_HEADER, targets))
    to.print()
    _say(f"{sentence(bench)}.", to)


def markdown(bench: Bench) -> str:
    """The same for a job summary or a closing note."""
    found = ["# How fast gradproof is", "", f"{md.escape(sentence(bench))}. {QUARTILES}"]
    if targets := judged(bench):
        found += md.section("Targets", *md.table(TARGET_HEADER, targets))
    for part in bench.parts:
        table = md.table(header(part), lines(part))
        found += md.section(md.escape(part.title), md.escape(part.about, len(part.about)), "", *table)
        for note in part.notes:
            found += ["", md.escape(note, len(note))]
    found += md.section("Versions and machine", *md.table(("what", "is"), circumstances(bench.about)))
    return "\n".join(found) + "\n"


def _say(text: str, to: Console) -> None:
    to.print(Text(plain(text)), soft_wrap=True)
