"""PyTorch: gradients by torch.autograd, the update by torch.optim.SGD, σ by torch's own functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import ml_dtypes
import numpy as np
import torch
from torch.nn import functional

from cases.case import Array, Case
from harness.backends import Evaluation, Terms
from harness.stack import Stack

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


@dataclass(frozen=True)
class Autograd:
    """Eager mode, ``backward()``, SGD. Cases of a stack are independent: their losses are summed."""

    name: str = "torch"
    device: str = "cpu"
    accumulates: str = "format"

    def supports(self, case: Case) -> str | None:
        """Every activation in the table; TF32 for float32 alone."""
        if self.accumulates == "tf32" and case.dtype != "float32":
            return "TF32 is a way to multiply float32 matrices"
        return None if case.activation in ACTIVATIONS else f"torch has no {case.activation}"

    def _tensor(self, values: Array) -> Tensor:
        torch.set_float32_matmul_precision("high" if self.accumulates == "tf32" else "highest")
        return _tensor(values).to(self.device)

    def evaluate(self, stack: Stack) -> Evaluation:
        """Forward, backward, one step of SGD."""
        weights = [self._tensor(w).requires_grad_() for w in stack.weights]
        _, h = forward(stack.first, self._tensor(stack.x), weights)
        loss = _losses(h[-1], self._tensor(stack.target))
        torch.autograd.backward(loss.sum())
        gradients = [_array(w.grad) for w in weights]
        torch.optim.SGD(weights, lr=stack.first.learning_rate).step()
        return Evaluation(_array(h[-1]), _array(loss), gradients, [_array(w) for w in weights])

    def pointwise(self, activation: str, x: Array) -> tuple[Array, Array] | None:
        """torch's own σ, and its derivative by autograd."""
        at = self._tensor(x).requires_grad_()
        value = ACTIVATIONS[activation](at)
        (slope,) = torch.autograd.grad(value, at, torch.ones_like(value))
        return _array(value), _array(slope)

    def terms(self, stack: Stack) -> Terms:
        """I, h, and the retained gradients of I, of the first case."""
        weights = [self._tensor(w).requires_grad_() for w in stack.weights]
        I, h = forward(stack.first, self._tensor(stack.x), weights)
        for term in I:
            term.retain_grad()
        torch.autograd.backward(_losses(h[-1], self._tensor(stack.target)).sum())
        deltas = [_array(term.grad)[0] for term in I]
        return Terms([_array(t)[0] for t in I], [_array(t)[0] for t in h], deltas)


def forward(case: Case, x: Tensor, weights: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Every I^l and h^l, l = 1 … L."""
    I: list[Tensor] = []
    h: list[Tensor] = []
    for number, w in enumerate(weights, start=1):
        I.append((h[-1] if h else x) @ w)
        if number < len(weights):
            h.append(ACTIVATIONS[case.activation](I[-1]))
        else:
            h.append(torch.sigmoid(I[-1]) if case.task == "classification" else I[-1])
    return I, h


def _losses(y: Tensor, target: Tensor) -> Tensor:
    """S11 of each case, shape (K,)."""
    return functional.mse_loss(y, target, reduction="none").mean(dim=(1, 2))


def _tensor(values: Array) -> Tensor:
    if values.dtype == ml_dtypes.bfloat16:
        return torch.from_numpy(values.view(np.int16).copy()).view(torch.bfloat16)
    return torch.from_numpy(values.copy())


def _array(tensor: Tensor | None) -> Array:
    assert tensor is not None
    detached = tensor.detach().cpu()
    if detached.dtype == torch.bfloat16:
        return detached.view(torch.int16).numpy().copy().view(ml_dtypes.bfloat16)
    result: Array = detached.numpy().copy()
    return result


def missing(device: str) -> str | None:
    """Why torch cannot compute on a device; None where it can."""
    if device == "cuda" and not torch.cuda.is_available():
        return f"torch {torch.__version__} sees no CUDA device"
    return None


autograd = Autograd()
cuda = Autograd("torch-cuda", "cuda")
cuda_tf32 = Autograd("torch-cuda-tf32", "cuda", "tf32")
