"""PyTorch's part: gradients as a plain script takes them, one gradient in eager mode, and ``gradcheck``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from cases.case import Array, Case
from harness.bench.networks import size
from harness.bench.served import Task
from harness.layers.torch import Tensor, forward, outputs
from harness.stack import Stack


def gradients(stacks: Sequence[Stack]) -> list[list[Array]]:
    """ΔW of every layer, each (K, N_l, N_{l+1}), of every stack: forward, loss, ``torch.autograd.grad``."""
    return [_of(stack) for stack in stacks]


def _of(stack: Stack) -> list[Array]:
    case, weights = stack.first, [tensor(w).requires_grad_() for w in stack.weights]
    output = outputs(case, weights, tensor(stack.x))
    losses = functional.mse_loss(output, tensor(stack.target), reduction="none").mean(dim=(-2, -1))
    return [
        array(gradient, w)
        for gradient, w in zip(torch.autograd.grad(losses.sum(), weights), stack.weights, strict=True)
    ]


def tensor(values: Array) -> Tensor:
    """A tensor of the same numbers; torch does not know NumPy's bfloat16."""
    if values.dtype.name == "bfloat16":
        return torch.tensor(values.astype(np.float32)).to(torch.bfloat16)
    return torch.tensor(values)


def array(found: Tensor, like: Array) -> Array:
    """An array of the same numbers, in the dtype of another; NumPy does not know torch's bfloat16."""
    numbers: Array = (found.float() if found.dtype == torch.bfloat16 else found).numpy()
    return numbers.astype(like.dtype, copy=False)


def total_error(case: Case) -> Callable[..., Tensor]:
    """S11 of a case as a function of its weights."""
    x, target = tensor(case.x), tensor(case.target)

    def loss(*weights: Tensor) -> Tensor:
        _, h = forward(case.activation, case.task, x, weights)
        return functional.mse_loss(h[-1], target)

    return loss


def inputs(case: Case) -> list[Tensor]:
    """The weights, to be differentiated by."""
    return [tensor(w).requires_grad_() for w in case.weights]


def gradcheck(case: Case) -> None:
    """``gradcheck`` as it comes; it raises where a gradient does not pass."""
    torch.autograd.gradcheck(total_error(case), inputs(case))


def tasks(setting: Mapping[str, Any]) -> dict[str, Task]:
    """``torch`` for a network of the layers and the batch given: loss and gradients in eager mode."""
    torch.set_num_threads(setting["threads"])
    case = size(setting["layers"], setting["batch"]).draw()
    loss, weights = total_error(case), inputs(case)
    return {"torch": Task(lambda _: torch.autograd.grad(loss(*weights), weights))}
