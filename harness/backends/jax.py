"""JAX: jit of grad under vmap, σ by jax.nn; 64-bit numbers are switched on where the case is float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from cases.case import Array, Case
from harness.backends import Evaluation, Terms
from harness.stack import Stack

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": jax.nn.sigmoid,
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "identity": lambda x: x,
    "softplus": jax.nn.softplus,
    "silu": jax.nn.silu,
    "gelu": partial(jax.nn.gelu, approximate=False),
    "gelu_tanh": partial(jax.nn.gelu, approximate=True),
    "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "hardtanh": jax.nn.hard_tanh,
    "hardsigmoid": jax.nn.hard_sigmoid,
    "hardswish": jax.nn.hard_swish,
    "softsign": jax.nn.soft_sign,
}
"""JAX's own function for each activation."""


@dataclass(frozen=True)
class Grad:
    """``jit(vmap(value_and_grad))`` and W − αΔW in the same program."""

    name: str = "jax"
    device: str = "cpu"
    accumulates: str = "format"

    @contextmanager
    def _settings(self, dtype: str) -> Iterator[None]:
        """64-bit numbers where the case is float64; the device; full float32 products unless TF32 is meant."""
        products = "tensorfloat32" if self.accumulates == "tf32" else "highest"
        device = jax.default_device(jax.devices(self.device)[0])
        with jax.enable_x64(dtype == "float64"), device, jax.default_matmul_precision(products):
            yield

    def supports(self, case: Case) -> str | None:
        """Every activation in the table; TF32 for float32 alone."""
        if self.accumulates == "tf32" and case.dtype != "float32":
            return "TF32 is a way to multiply float32 matrices"
        return None if case.activation in ACTIVATIONS else f"jax has no {case.activation}"

    def evaluate(self, stack: Stack) -> Evaluation:
        """Forward, backward, update."""
        return self.evaluate_together([stack])[0]

    def evaluate_together(self, stacks: Sequence[Stack]) -> list[Evaluation]:
        """All stacks as one program: compiling takes longer than anything else, and less for many at once."""
        steps = tuple((stack.first.activation, stack.first.task) for stack in stacks)
        numbers = [(stack.weights, stack.x, stack.target, stack.first.learning_rate) for stack in stacks]
        with self._settings(stacks[0].first.dtype):
            results = jax.tree.map(np.asarray, program(steps)(numbers))
        return [Evaluation(*result) for result in results]

    def pointwise(self, activation: str, x: Array) -> tuple[Array, Array] | None:
        """jax.nn's own σ, and its derivative by the vector-Jacobian product with 1."""

        def both(at: Any) -> Any:
            value, pull = jax.vjp(ACTIVATIONS[activation], at)
            return value, pull(jnp.ones_like(value))[0]

        with self._settings(x.dtype.name):
            value, slope = jax.jit(both)(x)
            return np.asarray(value), np.asarray(slope)

    def terms(self, stack: Stack) -> Terms:
        """I and h of the first case, and Δ as the gradient with respect to a zero added to each I."""
        case = stack.first
        with self._settings(case.dtype):
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


@lru_cache(maxsize=32)
def program(steps: tuple[tuple[str, str], ...]) -> Callable[..., Any]:
    """One compiled program for stacks of these activations and tasks; compiled anew for other structures."""

    def every(numbers: Sequence[tuple[Any, ...]]) -> list[Any]:
        mapped = [jax.vmap(one_step(*step), in_axes=(0, 0, 0, None)) for step in steps]
        return [step(*its) for step, its in zip(mapped, numbers, strict=True)]

    compiled: Callable[..., Any] = jax.jit(every)
    return compiled


def one_step(activation: str, task: str) -> Callable[..., Any]:
    """Output, total error, gradients and updated weights of one case."""

    def loss(weights: Sequence[Any], x: Any, target: Any) -> tuple[Any, Any]:
        output = forward(activation, task, x, weights)[1][-1]
        return total_error(output, target), output

    def step(weights: Sequence[Any], x: Any, target: Any, alpha: Any) -> Any:
        (total, output), gradients = jax.value_and_grad(loss, has_aux=True)(weights, x, target)
        updated = [w - alpha * g for w, g in zip(weights, gradients, strict=True)]
        return output, total, gradients, updated

    return step


def missing(device: str) -> str | None:
    """Why JAX cannot compute on a device; None where it can."""
    try:
        jax.devices(device)
    except RuntimeError:
        return f"jax {jax.__version__} sees no {device.upper()} device"
    return None


grad = Grad()
cuda = Grad("jax-cuda", "cuda")
cuda_tf32 = Grad("jax-cuda-tf32", "cuda", "tf32")
