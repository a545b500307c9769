"""Asking every peer every question, and how long each took."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from harness.peers import Answer, Peer, Question

OWN = "gradproof"
"""The peer that the others' times are held against."""


@dataclass(frozen=True)
class Asked:
    """A question, and by peer: the answer, and the seconds that it took; only those that it concerns."""

    question: Question
    answers: dict[str, Answer]
    seconds: dict[str, float]

    def wrong(self, peer: str) -> str:
        """``false green`` or ``false alarm``; nothing where the answer is right."""
        if self.answers[peer].passes == self.question.correct:
            return ""
        return "false alarm" if self.question.correct else "false green"

    def ratio(self, peer: str) -> float:
        """The peer's time as a multiple of gradproof's."""
        return self.seconds[peer] / self.seconds[OWN]


def ask(question: Question, peers: Sequence[Peer], times: int = 3) -> Asked:
    """Ask once for the answer, and then so many times with a clock; the shortest counts."""
    answers = {peer.name: found for peer in peers if (found := peer.ask(question)) is not None}
    asked = [peer for peer in peers if peer.name in answers]
    return Asked(question, answers, {peer.name: min(_seconds(peer, question) for _ in range(times)) for peer in asked})


def _seconds(peer: Peer, question: Question) -> float:
    started = time.perf_counter()
    peer.ask(question)
    return time.perf_counter() - started
