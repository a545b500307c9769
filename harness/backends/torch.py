"""PyTorch by four roads; σ by torch's own functions, the update by torch.optim.SGD.

Autograd in eager mode, torch.func under vmap, forward mode (a Jacobian-vector product for each weight), and
the program that torch.compile makes of the first.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, ClassVar

import ml_dtypes
import numpy as np
import torch

from cases.case import Array, Case
from harness.backends import Along, Evaluation, Terms, weight_by_weight
from harness.layers.torch import ACTIVATIONS, Tensor, chained, forward, losses, outputs, total_error
from harness.stack import Stack

Results = tuple[Tensor, Tensor, Sequence[Tensor]]
"""Output (K, B, N_L), loss (K,) and gradients (K, N_l, N_{l+1})."""


@dataclass(frozen=True)
class Autograd:
    """Eager mode, ``backward()``, SGD. Cases of a stack are independent: their losses are summed."""

    name: str = "torch"
    device: str = "cpu"
    accumulates: str = "format"
    mode: str = "reverse"
    chains: ClassVar[bool] = True

    def supports(self, case: Case) -> str | None:
        """Every activation in the table; TF32 for float32 alone."""
        if self.accumulates == "tf32" and case.dtype != "float32":
            return "TF32 is a way to multiply float32 matrices"
        return None if case.activation in ACTIVATIONS else f"torch has no {case.activation}"

    def _tensor(self, values: Array) -> Tensor:
        torch.set_float32_matmul_precision("high" if self.accumulates == "tf32" else "highest")
        return _tensor(values).to(self.device)

    def _parts(self, stack: Stack) -> tuple[list[Tensor], Tensor, Tensor]:
        weights = [self._tensor(w).requires_grad_() for w in stack.weights]
        return weights, self._tensor(stack.x), self._tensor(stack.target)

    def evaluate(self, stack: Stack) -> Evaluation:
        """Forward, backward, one step of SGD."""
        weights, x, target = self._parts(stack)
        output, loss, gradients = self._differentiate(stack.first, weights, x, target)
        for w, gradient in zip(weights, gradients, strict=True):
            w.grad = gradient
        torch.optim.SGD(weights, lr=stack.first.learning_rate).step()
        found = [_array(g) for g in gradients]
        return Evaluation(_array(output), _array(loss), found, [_array(w) for w in weights])

    def _differentiate(self, case: Case, weights: list[Tensor], x: Tensor, target: Tensor) -> Results:
        output = outputs(case, weights, x)
        loss = losses(output, target)
        return output, loss, torch.autograd.grad(loss.sum(), weights)

    def along(self, stack: Stack) -> Along:
        """What every link makes of the first case, and the retained gradient of that."""
        weights, x, target = self._parts(stack)
        values = chained(stack.first, [w[0] for w in weights], x[0].requires_grad_())
        for value in values:
            value.retain_grad()
        losses(values[-1], target[0]).backward()  # type: ignore[no-untyped-call]  # torch has no types there
        return Along([_array(value) for value in values], [_array(value.grad) for value in values])

    def pointwise(self, activation: str, x: Array) -> tuple[Array, Array] | None:
        """torch's own σ, and its derivative by autograd."""
        at = self._tensor(x).requires_grad_()
        value = ACTIVATIONS[activation](at)
        (slope,) = torch.autograd.grad(value, at, torch.ones_like(value))
        return _array(value), _array(slope)

    def terms(self, stack: Stack) -> Terms:
        """I, h, the slope from I to h, and the retained gradients of I, of the first case."""
        weights, x, target = self._parts(stack)
        I, h = forward(stack.first.activation, stack.first.task, x, weights)
        for term in I:
            term.retain_grad()
        torch.autograd.backward(losses(h[-1], target).sum(), retain_graph=True)
        deltas = [_array(term.grad)[0] for term in I]
        pairs = zip(I, h, strict=True)
        slopes = [torch.autograd.grad(b, a, torch.ones_like(b), retain_graph=True)[0] for a, b in pairs]
        return Terms(_firsts(I), _firsts(h), deltas, _firsts(slopes))


@dataclass(frozen=True)
class Func(Autograd):
    """``torch.func.vmap`` of ``torch.func.grad_and_value``: one case's program, mapped over the stack."""

    name: str = "torch-func"
    chains: ClassVar[bool] = False

    def _differentiate(self, case: Case, weights: list[Tensor], x: Tensor, target: Tensor) -> Results:
        def loss(weights: Sequence[Tensor], x: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
            output, loss = total_error(case.activation, case.task, weights, x, target)
            return loss, output

        both = torch.func.grad_and_value(loss, has_aux=True)
        gradients, (total, output) = torch.func.vmap(both)(_detached(weights), x, target)
        return output, total, gradients

    def pointwise(self, activation: str, x: Array) -> tuple[Array, Array] | None:
        """torch's own σ, and its derivative by ``torch.func.grad`` of each number."""
        at = self._tensor(x)
        gradient, value = torch.func.vmap(torch.func.grad_and_value(ACTIVATIONS[activation]))(at)
        return _array(value), _array(gradient)

    def terms(self, stack: Stack) -> Terms:
        """I and h; σ' by itself; and Δ as the gradient with respect to a zero added to each I."""
        case, (weights, x, target) = stack.first, self._parts(stack)
        first = _detached([w[0] for w in weights])

        def of(added: Sequence[Tensor]) -> tuple[Tensor, tuple[list[Tensor], list[Tensor]]]:
            I, h = forward(case.activation, case.task, x[0], first, added)
            return losses(h[-1], target[0]), (I, h)

        I, _ = forward(case.activation, case.task, x[0], first)
        deltas, (I, h) = self._with_respect_to(of, [torch.zeros_like(term) for term in I])
        names = [case.activation] * (len(I) - 1) + ["sigmoid" if case.task == "classification" else "identity"]
        slopes = [self._slope(name, term) for name, term in zip(names, I, strict=True)]
        return Terms(*([_array(term) for term in part] for part in (I, h, deltas, slopes)))

    def _with_respect_to(self, of: Callable[..., Any], added: list[Tensor]) -> Any:
        return torch.func.grad(of, has_aux=True)(added)

    def _slope(self, activation: str, at: Tensor) -> Tensor:
        found = self.pointwise(activation, _array(at.reshape(-1)))
        assert found is not None
        return _tensor(found[1]).reshape(at.shape)


@dataclass(frozen=True)
class Forward(Func):
    """Forward mode: ``torch.func.jacfwd``, a Jacobian-vector product for each weight."""

    name: str = "torch-forward"
    mode: str = "forward"

    def supports(self, case: Case) -> str | None:
        """What torch supports, for networks of not too many weights."""
        return super().supports(case) or weight_by_weight(case)

    def _differentiate(self, case: Case, weights: list[Tensor], x: Tensor, target: Tensor) -> Results:
        def loss(weights: Sequence[Tensor], x: Tensor, target: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
            output, loss = total_error(case.activation, case.task, weights, x, target)
            return loss, (output, loss)

        jacobians: Callable[..., Any] = torch.func.vmap(torch.func.jacfwd(loss, has_aux=True))
        gradients, found = jacobians(_detached(weights), x, target)
        output, total = found
        return output, total, gradients

    def pointwise(self, activation: str, x: Array) -> tuple[Array, Array] | None:
        """torch's own σ, and its derivative in the direction 1."""
        at = self._tensor(x)
        found: Any = torch.func.jvp(ACTIVATIONS[activation], (at,), (torch.ones_like(at),))
        return _array(found[0]), _array(found[1])

    def _with_respect_to(self, of: Callable[..., Any], added: list[Tensor]) -> Any:
        return torch.func.jacfwd(of, has_aux=True)(added)


@dataclass(frozen=True)
class Compiled(Autograd):
    """``torch.compile`` of forward and loss by inductor, whole; autograd differentiates what it traced."""

    name: str = "torch-compile"
    chains: ClassVar[bool] = False

    def supports(self, case: Case) -> str | None:
        """What torch supports, where there is a compiler for C++."""
        if shutil.which("g++") is None and shutil.which("clang++") is None:
            return "inductor needs a C++ compiler, and neither g++ nor clang++ is installed"
        return super().supports(case)

    def _differentiate(self, case: Case, weights: list[Tensor], x: Tensor, target: Tensor) -> Results:
        output, loss = compiled(case.activation, case.task)(weights, x, target)
        return output, loss, torch.autograd.grad(loss.sum(), weights)

    def pointwise(self, activation: str, x: Array) -> None:
        """Not scanned: σ compiled alone is not σ fused into a program."""

    terms = None  # type: ignore[assignment]  # what is fused has no intermediate values


@lru_cache(maxsize=64)
def compiled(activation: str, task: str) -> Callable[..., tuple[Tensor, Tensor]]:
    """Forward and loss as one compiled graph; a break in it is an error. Compiled anew for each structure."""
    torch._dynamo.config.recompile_limit = 4096  # one program a structure, and as many structures as there are
    program: Callable[..., tuple[Tensor, Tensor]] = torch.compile(
        partial(total_error, activation, task), fullgraph=True, dynamic=False
    )
    return program


def _detached(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return tuple(tensor.detach() for tensor in tensors)


def _firsts(tensors: Sequence[Tensor]) -> list[Array]:
    return [_array(tensor)[0] for tensor in tensors]


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
func = Func()
forward_mode = Forward()
compile_ = Compiled()
cuda = Autograd("torch-cuda", "cuda")
cuda_tf32 = Autograd("torch-cuda-tf32", "cuda", "tf32")
