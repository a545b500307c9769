"""``gradproof bench`` on the command line: its arguments and its help. Imports click and nothing else of weight."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from harness.bench import PARTS


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS), metavar="[PART]...")
@click.option(
    "--repeats", type=click.IntRange(min=1), default=None, metavar="N",
    help="Rounds of each part; by default 3 where one takes minutes, up to 15 where it takes milliseconds.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="Smaller sizes and 3 rounds: a minute or two in all, for a change in hand.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("build/bench"), show_default=True, metavar="DIR",
    help="Write bench.json, bench.md and bench.html into DIR.",
)  # fmt: skip
def bench(**options: Any) -> None:
    """Measure how fast gradproof is, beside what it could be.

    \b
    PART is one of these; without one, all are measured, which takes the better part of an hour:
      floor       the default run against a plain script that computes the same gradients, cold and warm
      certifying  every entry on three backends, against torch's gradcheck and JAX's check_grads
      gradient    one gradient by the reference, torch and JAX, at 1 and 2 threads, and its bare matrix products
      throughput  random cases certified a second, and the memory they take, by their number
      start       --help and list from a cold start, against a bare Python

    What is compared runs in turns in the same run, several rounds. Each figure is a median with its quartiles, each
    ratio one of figures of the same round. Targets are printed beside what was measured: reached, or missed by what
    factor. Measure on a machine that does nothing else.

    Exit codes: 0 measured, whether targets are reached or not; 2 bad usage; 3 something that was to be measured failed.
    """
    from harness.commands.bench import command

    sys.exit(command(**options))
