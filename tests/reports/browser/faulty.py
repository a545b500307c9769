"""A backend that is wrong: gradients of ReLU networks point the other way, and what it says looks like markup."""

from __future__ import annotations

from dataclasses import replace

from cases.case import Case
from harness.backends import Evaluation
from harness.backends.reference import matrix
from harness.stack import Stack

NAME = "faulty"

REFUSAL = "<script>alert('not covered')</script>"


class Faulty:
    """The reference, spoiled."""

    name = NAME

    def supports(self, case: Case) -> str | None:
        return REFUSAL if case.structure == "1-1-1" else None

    def evaluate(self, stack: Stack) -> Evaluation:
        its = matrix.evaluate(stack)
        wrong = stack.first.activation == "relu"
        return replace(its, gradients=[-g for g in its.gradients]) if wrong else its


backend = Faulty()
