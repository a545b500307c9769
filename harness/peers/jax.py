"""JAX's peer: ``check_grads`` in reverse mode."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.test_util import check_grads

from harness.backends.jax import SIXTY_FOUR
from harness.layers.jax import forward, total_error
from harness.peers import Answer, Peer, Question, answer


def reverse(question: Question) -> Answer:
    """``check_grads`` in the question's own precision, first order, default tolerances."""
    case = question.case
    with SIXTY_FOUR(case.dtype == "float64"):
        x, target, weights, claimed = jax.tree.map(jnp.asarray, (case.x, case.target, case.weights, question.gradients))

        @jax.custom_vjp
        def loss(*weights: Any) -> Any:
            return total_error(forward(case.activation, case.task, x, weights)[1][-1], target)

        def ahead(*weights: Any) -> tuple[Any, None]:
            return loss(*weights), None

        def back(kept: None, upstream: Any) -> Any:
            return tuple(upstream * gradient for gradient in claimed)

        loss.defvjp(ahead, back)
        check = partial(check_grads, loss, weights, order=1, modes=["rev"])
        return answer(check, AssertionError, "VJP cotangent projection")


PEERS = (Peer("check_grads", 'jax.test_util.check_grads(f, weights, order=1, modes=["rev"])', "jax", reverse),)
