"""Question 1: the default run against its floor, cold and warm."""

from __future__ import annotations

import pickle
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cases.loader import catalogue, load
from cases.select import select
from harness.bench.processes import GRADPROOF, timed
from harness.bench.served import threads
from harness.bench.timing import Series, Taken
from harness.stack import stacks
from reports.bench.record import CPU, Part, Target

REPEATS = 3

LIMIT = 1.5

RUN, STRICT, ROUTES = "gradproof run", "floor", "floor, all routes"

STATES = ("cold", "warm")

QUICK = "tag:quick"
"""What `run` takes where it must be quick."""


def measure(rounds: int, quick: bool, told: Callable[[str], None]) -> Part:
    """Measure the default run; ``quick`` takes ``run tag:quick`` and its cases instead."""
    turns: dict[str, dict[str, list[Taken]]] = {state: {name: [] for name in (RUN, STRICT, ROUTES)} for state in STATES}
    cases = select(load(catalogue()), [QUICK] if quick else [], [])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cases").write_bytes(pickle.dumps(stacks(cases)))
        floor = [sys.executable, "-m", "harness.bench.plain", str(folder / "cases")]
        commands = {
            RUN: [*GRADPROOF, "run", "--out", str(folder / "out"), *([QUICK] if quick else [])],
            STRICT: [*floor, "strict"],
            ROUTES: [*floor, "routes"],
        }
        for number in range(1, rounds + 1):
            with tempfile.TemporaryDirectory() as made:
                for state in STATES:
                    told(f"{state}: round {number} of {rounds}")
                    for title, command in commands.items():
                        turns[state][title].append(_turn(command, folder, Path(made) / title.replace(" ", "-")))
    every = [Series(state, its) for state, its in turns.items()]
    ratios = [(series.ratio(RUN, STRICT), series.ratio(RUN, ROUTES)) for series in every]
    targets = [
        Target(f"{strict.setting}: within 1.5 times the {ratio.against}", ratio.median, LIMIT)
        for strict, routes in ratios
        for ratio in (strict, routes)
    ]
    return Part(
        "floor",
        "The default run against its floor" + (", on the quick cases" if quick else ""),
        f"gradproof run{f' {QUICK}' if quick else ''}: {len(cases):,} cases and all that belongs to a run, with a "
        "worker for each processor where the cases are many. floor: a plain script, one process, that imports torch "
        "and jax and computes the gradients of the same cases by both, and nothing else; all routes: and those of the "
        "core cases by every other route through a framework. Cold: the folder of compiled programs is empty; warm: it "
        "holds those of the cold run just before. Each has a folder of its own.",
        tuple(figure for series in every for figure in series.figures()),
        (
            *(ratio for pair in ratios for ratio in pair),
            *(series.ratio(RUN, name, CPU) for series in every for name in (STRICT, ROUTES)),
        ),
        tuple(targets),
        (
            "The floor has no scans, trainings, proof, mistakes or report, which the default run has; its ratio of "
            "processor times says what all that costs, that of times by the clock how long one waits.",
        ),
    )


def _turn(command: list[str], folder: Path, cache: Path) -> Taken:
    cache.mkdir(exist_ok=True)
    return timed(command, folder, watched=True, GRADPROOF_CACHE=str(cache), **threads_of_one())


def threads_of_one() -> dict[str, str]:
    """BLAS and OpenMP on one thread, as the command line sets them; XLA compiles on as many as it likes."""
    return {name: value for name, value in threads(1).items() if "NPROC" not in name}
