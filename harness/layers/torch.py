"""PyTorch's own layers and activations, and the forward pass that is made of them, up to the total error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch.nn import functional

from cases.case import Case
from harness.layers.forward import along, plain
from reference.layers.normalisation import EPSILON

Tensor = torch.Tensor

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "identity": lambda x: x,
    "softplus": functional.softplus,
    "silu": functional.silu,
    "gelu": functional.gelu,
    "gelu_tanh": partial(functional.gelu, approximate="tanh"),
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "selu": functional.selu,
    "hardtanh": functional.hardtanh,
    "hardsigmoid": functional.hardsigmoid,
    "hardswish": functional.hardswish,
    "softsign": functional.softsign,
}
"""torch's own function for each activation."""


def forward(
    activation: str, task: str, x: Tensor, weights: Sequence[Tensor], added: Sequence[Tensor] | None = None
) -> tuple[list[Tensor], list[Tensor]]:
    """Every I^l and h^l, l = 1 … L; ``added[l]`` is added to each I^l where given."""
    return plain(ACTIVATIONS[activation], torch.sigmoid if task == "classification" else None, x, weights, added)


LINKS: dict[str, Callable[[Tensor, Any], Tensor]] = {
    "dense": lambda x, w: functional.linear(x, w.mT),
    "bias": lambda x, b: x + b,
    "scale": lambda x, s: x * s,
    "convolution": lambda x, w: functional.conv1d(x[:, None], w[None])[:, 0],
    "normalisation": lambda x, _: functional.layer_norm(x, x.shape[-1:], eps=EPSILON),
    "softmax": lambda x, _: functional.softmax(x, -1),
    "quadratic": lambda x, w: functional.bilinear(x, x, w[None]),
}
"""torch's own layer for each kind of link, of one case; w is None where there is no weight."""


def chained(case: Case, weights: Sequence[Tensor], x: Tensor) -> list[Tensor]:
    """What each link of one case makes, from the input."""
    return along(case.chain, ACTIVATIONS, LINKS, x, weights)


def outputs(case: Case, weights: Sequence[Tensor], x: Tensor) -> Tensor:
    """The outputs of a stack of cases like this one; of chains case by case, as torch's layers take them."""
    if case.links is None:
        return forward(case.activation, case.task, x, weights)[1][-1]
    return torch.stack([chained(case, [w[k] for w in weights], x[k])[-1] for k in range(len(x))])


def total_error(
    activation: str, task: str, weights: Sequence[Tensor], x: Tensor, target: Tensor
) -> tuple[Tensor, Tensor]:
    """Output and loss of a case, or of each case of a stack."""
    output = forward(activation, task, x, weights)[1][-1]
    return output, losses(output, target)


def losses(y: Tensor, target: Tensor) -> Tensor:
    """S11 averaged over the samples, of a case or of each case of a stack, shape (K,)."""
    return functional.mse_loss(y, target, reduction="none").mean(dim=(-2, -1))
