"""Optax: the update by ``optax.sgd``, on the gradients that JAX finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import optax

from cases.case import Array
from harness.backends import Evaluation
from harness.backends.jax import Grad, arrays, latest
from harness.stack import Stack


@dataclass(frozen=True)
class Descent(Grad):
    """The gradients of the backend ``jax``; then one step of ``optax.sgd``, without jit."""

    name: str = "jax-optax"
    pointwise = None  # type: ignore[assignment]  # its σ is the route jax's

    def evaluate_together(self, stacks: Sequence[Stack]) -> list[Evaluation]:
        """The gradients that ``jax`` has just found, or those of all stacks by one program; and a step for each."""
        known = [latest.of(stack) for stack in stacks]
        found = [one for one in known if one is not None]
        if len(found) < len(stacks):
            found = super().evaluate_together(stacks)
        return [replace(one, updated=self._step(stack, one)) for stack, one in zip(stacks, found, strict=True)]

    def _step(self, stack: Stack, found: Evaluation) -> list[Array]:
        with self.settings(stack.first.dtype):
            weights, gradients = arrays((list(stack.weights), list(found.gradients or ())))
            descent = optax.sgd(stack.first.learning_rate)
            changes, _ = descent.update(gradients, descent.init(weights), weights)
            return [np.asarray(w) for w in optax.apply_updates(weights, changes)]


sgd = Descent()
