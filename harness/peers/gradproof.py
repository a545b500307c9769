"""gradproof's own answer: a run of one case on a backend that returns the claimed gradients."""

from __future__ import annotations

from dataclasses import dataclass

from cases.case import Case
from harness.backends import Evaluation
from harness.gate import AGREES, case_verdict
from harness.peers import Answer, Peer, Question
from harness.run import run
from harness.stack import Stack


@dataclass(frozen=True, eq=False)
class Claimed:
    """A backend that computes nothing but the gradients of one question."""

    question: Question
    name: str = "claimed"

    def supports(self, case: Case) -> str | None:
        """The question's case is the only one that is run."""
        return None

    def evaluate(self, stack: Stack) -> Evaluation:
        """The gradients on the stack's axis."""
        return Evaluation(None, None, [gradient[None].copy() for gradient in self.question.gradients], None)


def gate(question: Question) -> Answer:
    """The exit code, the verdict, and how many entries are blind.

    Raises RuntimeError where nothing was judged.
    """
    outcome = run([question.case], [Claimed(question)], observers=(), required=True, mistakes=False)
    if outcome.answer.exit_code not in (0, 1):
        raise RuntimeError(f"{question.claim}: {outcome.answer.failures[0].reason}")
    verdict, passes = case_verdict(outcome.rows), outcome.answer.exit_code == 0
    blind, entries = sum(row.blind for row in outcome.rows), sum(row.entries for row in outcome.rows)
    word = f"{verdict}, not listed" if verdict in AGREES and not passes else str(verdict)
    return Answer(passes, word, f"{blind} of {entries} blind" if blind else "")


PEERS = (Peer("gradproof", "harness.run.run on a backend that returns the claim", "gradproof", gate),)
