"""Peers: other ways to check a gradient, asked the same questions as gradproof.

A question is a network and the gradients that somebody claims for it; a peer says whether they pass.
``python -m harness.peers`` prints the answers. Each framework is imported in one file of this folder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cases.case import Array, Case


@dataclass(frozen=True, eq=False)
class Question:
    """Do these gradients pass? ``gradients[l]`` (N_l, N_{l+1}) are claimed for ``case``, and are correct or not.

    ``claim`` says in words what is claimed, ``network`` for which network.
    """

    claim: str
    network: str
    case: Case
    gradients: tuple[Array, ...]
    correct: bool


@dataclass(frozen=True)
class Answer:
    """Whether the gradients pass; ``word`` is the peer's own word for that, ``note`` what it says besides."""

    passes: bool
    word: str = ""
    note: str = ""


@dataclass(frozen=True)
class Peer:
    """A check as people use it: its name in the table, the call, the package that it is from, and how to ask it.

    ``ask`` gives None where a question does not concern the peer.
    """

    name: str
    call: str
    package: str
    ask: Callable[[Question], Answer | None]


def answer(check: Callable[[], object], refusal: type[Exception], words: str) -> Answer:
    """What a check that raises has to say: it passes, or it fails in the words that it has for a wrong gradient.

    Whatever else it raises goes on its way: that would be an error of ours, and no answer.
    """
    try:
        check()
    except refusal as error:
        if words not in str(error):
            raise
        return Answer(passes=False)
    return Answer(passes=True)
