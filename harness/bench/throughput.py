"""Question 4: random cases certified a second, and cost and memory against their number."""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from harness.bench.drawn import A_DRAW, BACKENDS, case_bytes, case_file
from harness.bench.processes import GRADPROOF, Ran, timed
from reports.bench.record import EACH, MEMORY, WALL, WORKER, Figure, Part, Ratio, Target, middle

REPEATS = 3

NUMBERS = (1_000, 10_000, 100_000)

QUICK = (200, 1_000)

CORES = 2
"""Worker processes, and the processors that the target speaks of."""

PATIENCE = 600.0
"""Seconds that one turn may be expected to take; what would take longer is left out, but for the two least numbers."""

A_SECOND = 2_000.0

CERTIFIED, COMMAND = "certified", "gradproof run"


def measure(rounds: int, quick: bool, told: Callable[[str], None]) -> Part:
    """Measure at every number of cases that there is patience for."""
    with tempfile.TemporaryDirectory() as name:
        turns, notes = _turns(Path(name), QUICK if quick else NUMBERS, rounds, told)
    figures = [
        one
        for number in turns[CERTIFIED]
        for title, its in turns.items()
        if number in its
        for one in _figures(title, its, number)
    ]
    numbers = [number for number in turns[CERTIFIED] if number != A_DRAW]
    each = {number: _each(turns[CERTIFIED], number) for number in numbers}
    few, many = numbers[0], numbers[-1]  # the first two are always measured
    linear = Ratio(_title(many), CERTIFIED, f"that of {_title(few)}", EACH, _over(each[many], each[few]))
    few_peaks, many_peaks = (_peaks(turns[CERTIFIED][number]) for number in (few, many))
    grown = max(b - a for a, b in zip(few_peaks, many_peaks, strict=True))
    rate = 1 / middle(each[many])
    targets = (
        Target(f"2,000 a second on {CORES} cores; {_title(many)}", rate, A_SECOND, True, "cases a second"),
        Target(f"linear: a case of {many:,} costs no more than one of {few:,}", linear.median, 1),
        Target(
            f"memory flat: from {few:,} to {many:,} it grows by less than the cases' own numbers take",
            grown / (many - few),
            case_bytes(),
            unit="bytes a case",
        ),
    )
    return Part(
        "throughput",
        "Random cases certified a second, by their number",
        f"certified: a case file of families is read, and every case certified on {', '.join(BACKENDS)} by {CORES} "
        "worker processes (harness.run.run without mistakes and readings). gradproof run: the command with the same "
        "backends and all that it does, mistakes and reports too. Sigmoid, float64, 3-5-2 and 4-8-3, both tasks, one "
        "sample. The time a case is what a run takes beyond one of four cases, over their number. Memory is the peak "
        "of the process itself, and of its largest worker.",
        tuple(figures),
        (linear,),
        targets,
        tuple(notes),
    )


def _turns(
    folder: Path, numbers: Sequence[int], rounds: int, told: Callable[[str], None]
) -> tuple[dict[str, dict[int, list[Ran]]], list[str]]:
    """Runs of both contestants by the number of cases, and what was left out."""
    turns: dict[str, dict[int, list[Ran]]] = {CERTIFIED: {}, COMMAND: {}}
    left = {}
    for number in (A_DRAW, *numbers):
        path = folder / f"{number}.toml"
        path.write_text(case_file(number), encoding="utf-8")
        named = [word for backend in BACKENDS for word in ("--backend", backend)]
        with_workers = ["--workers", str(CORES)]
        commands = {
            CERTIFIED: [sys.executable, "-m", "harness.bench.drawn", str(path), str(CORES)],
            COMMAND: [*GRADPROOF, "run", "--cases", str(path), *named, *with_workers, "--out", str(folder / "out")],
        }
        contestants = {
            title: partial(timed, command, folder, watched=True, GRADPROOF_CACHE=str(folder / "cache"))
            for title, command in commands.items()
            if title not in left
        }
        for title in list(contestants):
            if number not in (A_DRAW, *numbers[:2]) and expected(turns[title], number) > PATIENCE:
                left[title] = f"{title}: left out from {number:,} cases on, which would take over {PATIENCE:g} s."
                del contestants[title]
        for round_ in range(1, rounds + 1):
            told(f"{_title(number)}: round {round_} of {rounds}")
            for title, turn in contestants.items():
                turns[title].setdefault(number, []).append(turn())
    return turns, list(left.values())


def expected(turns: dict[int, list[Ran]], number: int) -> float:
    """Seconds that so many cases will take, if cost grows in proportion from the largest number measured."""
    last = max(turns)
    start = middle([ran.seconds for ran in turns[min(turns)]])
    return start + (middle([ran.seconds for ran in turns[last]]) - start) * number / last


def _figures(title: str, turns: dict[int, list[Ran]], number: int) -> list[Figure]:
    its = turns[number]
    setting = f"start-up: {_title(number)}" if number == A_DRAW else _title(number)
    of = {
        WALL: tuple(ran.seconds for ran in its),
        EACH: () if number == A_DRAW else _each(turns, number),
        MEMORY: tuple(ran.parent for ran in its),
        WORKER: tuple(ran.worker for ran in its),
    }
    return [Figure(setting, title, quantity, values) for quantity, values in of.items() if values]


def _each(turns: dict[int, list[Ran]], number: int) -> tuple[float, ...]:
    """Seconds a case beyond start-up, round by round; NaN where the start took longer, so that nothing can be said."""
    pairs = zip(turns[number], turns[A_DRAW], strict=True)
    beyond = [ran.seconds - start.seconds for ran, start in pairs]
    return tuple(seconds / (number - A_DRAW) if seconds > 0 else math.nan for seconds in beyond)


def _over(values: Sequence[float], others: Sequence[float]) -> tuple[float, ...]:
    return tuple(a / b for a, b in zip(values, others, strict=True))


def _peaks(its: Sequence[Ran]) -> tuple[float, float]:
    """Median peaks of memory: of the process itself, and of its largest worker."""
    return middle([ran.parent for ran in its]), middle([ran.worker for ran in its])


def _title(number: int) -> str:
    return f"{number:,} cases"
