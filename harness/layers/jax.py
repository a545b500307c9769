"""JAX's own layers and activations, and the forward pass that is made of them, up to the total error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from cases.case import Case
from cases.links import Link
from harness.layers.forward import along, plain
from reference.layers.normalisation import EPSILON

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


def forward(
    activation: str, task: str, x: Any, weights: Sequence[Any], added: Sequence[Any] | None = None
) -> tuple[list[Any], list[Any]]:
    """Every I^l and h^l, l = 1 … L; ``added[l]`` is added to each I^l where given."""
    return plain(ACTIVATIONS[activation], jax.nn.sigmoid if task == "classification" else None, x, weights, added)


Form = tuple[str, str, Sequence[Link] | None]
"""What a program depends on besides shapes: activation and task of the plain network, or the links of another chain."""


def form_of(case: Case) -> Form:
    """What a program depends on, of a case."""
    return case.activation, case.task, None if case.links is None else case.chain


LINKS: dict[str, Callable[[Any, Any], Any]] = {
    "dense": lambda x, w: x @ w,
    "bias": lambda x, b: x + b,
    "scale": lambda x, s: x * s,
    "convolution": lambda x, w: jax.lax.conv_general_dilated(x[:, None], w[None], (1,), "VALID")[:, 0],
    "normalisation": lambda x, _: jax.nn.standardize(x, epsilon=EPSILON),
    "softmax": lambda x, _: jax.nn.softmax(x),
    "quadratic": lambda x, A: jnp.einsum("bi,ij,bj->b", x, A, x)[:, None],
}
"""JAX's own layer for each kind of link; the second argument is None where there is no weight."""


def chained(links: Sequence[Link], weights: Sequence[Any], x: Any, added: Sequence[Any] | None = None) -> list[Any]:
    """What each link of one case makes, from the input; ``added[i]`` is added to it where given."""
    return along(links, ACTIVATIONS, LINKS, x, weights, added)


def output(form: Form, weights: Sequence[Any], x: Any) -> Any:
    """The output of one case of a form."""
    activation, task, chain = form
    return (forward(activation, task, x, weights)[1] if chain is None else chained(chain, weights, x))[-1]


def total_error(y: Any, target: Any) -> Any:
    """S11 averaged over the samples."""
    return jnp.mean(jnp.square(y - target))
