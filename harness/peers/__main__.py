"""``python -m harness.peers``: the questions, and what every peer answers."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from harness.peers import Peer
from harness.peers.asked import ask
from harness.peers.questions import questions
from harness.peers.table import show
from reports.terminal import console

MODULES = ("torch", "jax", "arrays", "gradproof")
"""Files of peers, in the order of the table; torch is imported before jax."""


def peers() -> list[Peer]:
    """Every peer."""
    return [peer for name in MODULES for peer in import_module(f"harness.peers.{name}").PEERS]


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--times", type=click.IntRange(min=1), default=3, show_default=True, metavar="N",
    help="Times that each question is put to each peer for the clock; the shortest counts.",
)  # fmt: skip
def main(times: int) -> None:
    """Ask gradcheck, check_grads, assert_allclose, assert_close and gradproof the same questions.

    Each question is a network and gradients claimed for it, right or wrong. Prints what each peer answers,
    marks false greens and false alarms, and says how long each took relative to gradproof.
    """
    every = peers()
    show([ask(question, every, times) for question in questions()], every, console(sys.stdout))


if __name__ == "__main__":
    main()
