"""PyTorch: gradients by torch.autograd, the update by torch.optim.SGD, σ by torch's own functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from cases.case import Array, Case
from harness.backends import Evaluation, Terms
from harness.stack import Stack

Tensor = torch.Tensor

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "identity": lambda x: x,
}
"""torch's own function for each activation."""


@dataclass(frozen=True)
class Autograd:
    """Eager mode, ``backward()``, SGD. Cases of a stack are independent: their losses are summed."""

    name: str = "torch"

    def supports(self, case: Case) -> str | None:
        """Every activation in the table."""
        return None if case.activation in ACTIVATIONS else f"torch has no {case.activation}"

    def evaluate(self, stack: Stack) -> Evaluation:
        """Forward, backward, one step of SGD."""
        weights = [_tensor(w).requires_grad_() for w in stack.weights]
        _, h = forward(stack.first, _tensor(stack.x), weights)
        loss = _losses(h[-1], _tensor(stack.target))
        torch.autograd.backward(loss.sum())
        gradients = [_array(w.grad) for w in weights]
        torch.optim.SGD(weights, lr=stack.first.learning_rate).step()
        return Evaluation(_array(h[-1]), _array(loss), gradients, [_array(w) for w in weights])

    def terms(self, stack: Stack) -> Terms:
        """I, h, and the retained gradients of I, of the first case."""
        weights = [_tensor(w).requires_grad_() for w in stack.weights]
        I, h = forward(stack.first, _tensor(stack.x), weights)
        for term in I:
            term.retain_grad()
        torch.autograd.backward(_losses(h[-1], _tensor(stack.target)).sum())
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
    return torch.nn.functional.mse_loss(y, target, reduction="none").mean(dim=(1, 2))


def _tensor(values: Array) -> Tensor:
    return torch.from_numpy(values.copy())


def _array(tensor: Tensor | None) -> Array:
    assert tensor is not None
    result: Array = tensor.detach().numpy().copy()
    return result


autograd = Autograd()
