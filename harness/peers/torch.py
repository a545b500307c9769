"""PyTorch's peers: ``gradcheck``, and ``assert_close`` with a result of torch.autograd."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch.autograd.gradcheck import GradcheckError
from torch.nn import functional

from harness.layers.torch import Tensor, forward
from harness.peers import Answer, Peer, Question, answer
from harness.peers.questions import expected

DTYPES = {"float64": torch.float64, "float32": torch.float32}


def gradcheck(question: Question, dtype: torch.dtype = torch.float64) -> Answer:
    """``gradcheck`` with inputs in float64, as its documentation asks, whatever the gradients were computed in."""
    case = question.case
    x, target, *claimed = (torch.tensor(a, dtype=dtype) for a in (case.x, case.target, *question.gradients))

    class TotalError(torch.autograd.Function):
        """S11 of the network, whose backward returns what is claimed."""

        @staticmethod
        def forward(ctx: Any, *weights: Tensor) -> Tensor:
            """The total error."""
            return functional.mse_loss(forward(case.activation, case.task, x, weights)[1][-1], target)

        @staticmethod
        def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, ...]:
            """The claimed gradients."""
            return tuple(upstream * gradient for gradient in claimed)

    weights = [torch.tensor(w, dtype=dtype, requires_grad=True) for w in case.weights]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Input #.* is not a double precision")  # what `gradcheck_float32` shows
        return answer(lambda: torch.autograd.gradcheck(TotalError.apply, weights), GradcheckError, "Jacobian mismatch")


def gradcheck_float32(question: Question) -> Answer | None:
    """The same with inputs in float32, against which it warns; None for gradients in float64."""
    return gradcheck(question, torch.float32) if question.case.dtype == "float32" else None


def assert_close(question: Question) -> Answer:
    """Default tolerances of the dtype; the float64 gradients by autograd are rounded to it, as it demands."""
    dtype = DTYPES[question.case.dtype]
    claimed = [torch.tensor(gradient) for gradient in question.gradients]
    ours = [torch.tensor(gradient).to(dtype) for gradient in expected(question)]
    return answer(lambda: torch.testing.assert_close(claimed, ours), AssertionError, "Tensor-likes are not close!")


PEERS = (
    Peer("gradcheck", "torch.autograd.gradcheck(f, weights), in float64", "torch", gradcheck),
    Peer("gradcheck\nfloat32", "the same in float32, against which it warns", "torch", gradcheck_float32),
    Peer("assert_close", "torch.testing.assert_close(claimed, expected)", "torch", assert_close),
)
