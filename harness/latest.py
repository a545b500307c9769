"""What a backend has just found, for a route that goes on from there.

Compiling a program anew for some of the cases takes as long as it took for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cases.case import Case
from harness.backends import Evaluation
from harness.stack import Stack


class Latest:
    """The results of the last call for each dtype, so never more than those of one task."""

    def __init__(self) -> None:
        self._found: dict[str, dict[Case, tuple[Evaluation, int]]] = {}

    def keep(self, stacks: Sequence[Stack], found: Sequence[Evaluation]) -> None:
        """Remember what was found for stacks of one dtype, and forget what was before."""
        pairs = zip(stacks, found, strict=True)
        places = {case: (its, k) for stack, its in pairs for k, case in enumerate(stack.cases)}
        self._found[stacks[0].first.dtype] = places

    def of(self, stack: Stack) -> Evaluation | None:
        """Copies of output, loss and gradients of these very cases, as one stack; None where some are not there."""
        places = self._found.get(stack.first.dtype, {})
        if not all(case in places for case in stack.cases):
            return None
        its = [places[case] for case in stack.cases]
        gradients = [
            np.stack([(found.gradients or ())[layer][k] for found, k in its])
            for layer in range(len(stack.first.weights))
        ]
        output, loss = (np.stack([getattr(found, part)[k] for found, k in its]) for part in ("output", "loss"))
        return Evaluation(output, loss, gradients, None)
