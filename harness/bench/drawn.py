"""Random cases in a case file, and a program that certifies every case of one.

``python -m harness.bench.drawn FILE WORKERS`` does what ``gradproof run --cases FILE`` does with three backends, but
for the mistakes, the readings and the reports: it prints the closing sentence, and ends with the gate's exit code.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

from cases.loader import load
from harness.run import certify

BACKENDS = ("reference", "torch", "jax")

LAYERS = ((3, 5, 2), (4, 8, 3))

TASKS = ("classification", "prediction")

A_DRAW = len(LAYERS) * len(TASKS)
"""Cases of one draw."""

MOST = 1000
"""Draws of one block: a case file takes no more."""

BLOCK = """[[family]]
name = "drawn-{number}"
layers = {layers}
activation = ["sigmoid"]
task = {tasks}
batch = [1]
draws = {draws}
seed = {number}
"""


def case_file(number: int) -> str:
    """Families of ``number`` cases in all, a multiple of A_DRAW: a few structures, sigmoid, float64, one sample."""
    draws, rest = divmod(number, A_DRAW)
    if rest or not draws:
        raise ValueError(f"{number} cases; a draw is {A_DRAW}, so there can be {A_DRAW}, {2 * A_DRAW} and so on")
    parts = [MOST] * (draws // MOST) + ([draws % MOST] if draws % MOST else [])
    layers, tasks = list(map(list, LAYERS)), str(list(TASKS)).replace("'", '"')
    return "\n".join(
        BLOCK.format(number=n, layers=layers, tasks=tasks, draws=its) for n, its in enumerate(parts, start=1)
    )


def case_bytes() -> float:
    """Bytes of the numbers of a case: input, target and weights, on average."""
    return 8 * sum(its[0] + its[-1] + sum(m * n for m, n in pairwise(its)) for its in LAYERS) / len(LAYERS)


def main() -> None:
    """Certify every case of a file."""
    path, workers = sys.argv[1:3]
    answer = certify(load([Path(path)]), BACKENDS, workers=int(workers), observers=(), mistakes=False, required=True)
    print(answer.sentence)
    sys.exit(answer.exit_code)


if __name__ == "__main__":
    main()
