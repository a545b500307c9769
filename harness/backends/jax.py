"""JAX: jit of grad under vmap, σ by jax.nn; 64-bit numbers are switched on where the case is float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from cases.case import Case
from harness.backends import Evaluation, Terms
from harness.stack import Stack

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": jax.nn.sigmoid,
    "relu": jax.nn.relu,
    "identity": lambda x: x,
}
"""JAX's own function for each activation."""


@dataclass(frozen=True)
class Grad:
    """``jit(vmap(value_and_grad))`` and W − αΔW in the same program."""

    name: str = "jax"

    def supports(self, case: Case) -> str | None:
        """Every activation in the table."""
        return None if case.activation in ACTIVATIONS else f"jax has no {case.activation}"

    def evaluate(self, stack: Stack) -> Evaluation:
        """Forward, backward, update."""
        case = stack.first
        with jax.enable_x64(case.dtype == "float64"):
            step = program(case.activation, case.task)
            result = step(stack.weights, stack.x, stack.target, case.learning_rate)
            output, loss, gradients, updated = jax.tree.map(np.asarray, result)
        return Evaluation(output, loss, gradients, updated)

    def terms(self, stack: Stack) -> Terms:
        """I and h of the first case, and Δ as the gradient with respect to a zero added to each I."""
        case = stack.first
        with jax.enable_x64(case.dtype == "float64"):
            weights, x, target = (jax.tree.map(jnp.asarray, part) for part in (case.weights, case.x, case.target))
            I, h = forward(case.activation, case.task, x, weights)
            zeros = [jnp.zeros_like(term) for term in I]

            def loss(added: Sequence[Any]) -> Any:
                return total_error(forward(case.activation, case.task, x, weights, added)[1][-1], target)

            deltas = jax.jit(jax.grad(loss))(zeros)
            return Terms(*([np.asarray(t) for t in part] for part in (I, h, deltas)))


def forward(
    activation: str, task: str, x: Any, weights: Sequence[Any], added: Sequence[Any] | None = None
) -> tuple[list[Any], list[Any]]:
    """Every I^l and h^l, l = 1 … L; ``added[l]`` is added to each I^l where given."""
    I: list[Any] = []
    h: list[Any] = []
    for number, w in enumerate(weights):
        I.append((h[-1] if h else x) @ w)
        if added is not None:
            I[-1] = I[-1] + added[number]
        if number < len(weights) - 1:
            h.append(ACTIVATIONS[activation](I[-1]))
        else:
            h.append(jax.nn.sigmoid(I[-1]) if task == "classification" else I[-1])
    return I, h


def total_error(y: Any, target: Any) -> Any:
    """S11 averaged over the samples."""
    return jnp.mean(jnp.square(y - target))


@cache
def program(activation: str, task: str) -> Callable[..., Any]:
    """One compiled program for an activation and a task; JAX compiles it anew for each structure."""

    def loss(weights: Sequence[Any], x: Any, target: Any) -> tuple[Any, Any]:
        output = forward(activation, task, x, weights)[1][-1]
        return total_error(output, target), output

    def step(weights: Sequence[Any], x: Any, target: Any, alpha: Any) -> Any:
        (total, output), gradients = jax.value_and_grad(loss, has_aux=True)(weights, x, target)
        updated = [w - alpha * g for w, g in zip(weights, gradients, strict=True)]
        return output, total, gradients, updated

    compiled: Callable[..., Any] = jax.jit(jax.vmap(step, in_axes=(0, 0, 0, None)))
    return compiled


grad = Grad()
