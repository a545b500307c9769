"""Question 5: --help and list from a cold start, against a bare Python."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from harness.bench.processes import GRADPROOF, timed
from harness.bench.timing import alternate
from reports.bench.record import WALL, Figure, Part, Ratio, Target

REPEATS = 15

BARE = "python -c pass"

LISTS = ("cases", "backends", "activations", "equations", "mistakes")

COMMANDS = {f"gradproof {' '.join(words)}": words for words in [("--help",), *(("list", what) for what in LISTS)]}

ANEW = "gradproof list cases, with no cache"

LIMIT = 8.0


def measure(rounds: int, quick: bool, told: Callable[[str], None]) -> Part:
    """Measure; ``quick`` changes nothing but the number of rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = partial(timed, [sys.executable, "-c", "pass"], folder)
        ours = {title: partial(timed, [*GRADPROOF, *words], folder) for title, words in COMMANDS.items()}
        ours[ANEW] = partial(timed, [*GRADPROOF, "list", "cases"], folder, GRADPROOF_CACHE=os.devnull)
        for turn in ours.values():
            turn()  # so that Python has written its byte code, as pip does
        series = alternate("from a cold start", {BARE: bare, **ours}, rounds, told)
    ratios = [series.ratio(title, BARE) for title in ours]
    helped, listed = ratios[0], max(ratios[1:], key=lambda ratio: ratio.median)
    targets = [
        Target("--help within 8 times a bare Python", helped.median, LIMIT),
        Target(f"list within 8 times a bare Python; worst {listed.name}", listed.median, LIMIT),
    ]
    figures = [
        Figure(one.name, "a bare Python" if one.name == BARE else "gradproof", one.quantity, one.values)
        for one in series.figures()
        if one.quantity == WALL
    ]
    return Part(
        "start",
        "From a cold start, against a bare Python",
        "A process from its start to its end, by the clock: the same interpreter that does nothing, and the command "
        "line. Byte code is written before, as an installation does, and so are the tables that list keeps, but where "
        "there is no cache.",
        tuple(figures),
        tuple(Ratio(one.name, "gradproof", BARE, WALL, one.values) for one in ratios),
        tuple(targets),
    )
