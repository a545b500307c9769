"""HIPS autograd: `autograd.grad` of the plain NumPy forward pass itself, the text of ``reference/`` as it stands.

σ is its formula from ``reference/activations`` on autograd's own versions of NumPy's functions: what is tested is its
rule for each of them. In float32 its rules for where, maximum and minimum give float64, which is rounded here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
from autograd.scipy.special import erfc

from cases.case import Array, Case
from harness.backends import Evaluation, Terms
from harness.lanes import Plus, network
from harness.precision import PRECISIONS
from harness.stack import Stack
from reference import arrays, chain, error
from reference.activations import Formula
from reference.network import between, forward
from reference.update import update

TRACED = (
    "abs", "exp", "expm1", "log1p", "maximum", "minimum", "ones_like", "tanh", "where", "zeros_like",
)  # fmt: skip
"""Functions of NumPy that autograd wraps; π and √ of plain numbers are the reference's own."""

XP = SimpleNamespace(**{name: getattr(anp, name) for name in TRACED}, erfc=erfc, pi=arrays.pi, sqrt=arrays.sqrt)
"""The namespace ``xp`` on which the equations run."""


def sigma(name: str) -> Formula:
    """σ by its formula, on autograd's functions."""
    return Formula(name, XP)


@dataclass(frozen=True)
class Grad:
    """``autograd.grad`` of the total error; cases of a stack are independent, so their total errors are summed."""

    name: str = "autograd"

    def supports(self, case: Case) -> str | None:
        """Wide formats: autograd knows NumPy's own numbers."""
        return f"autograd has no {case.dtype}" if PRECISIONS[case.dtype].narrow else None

    def evaluate(self, stack: Stack) -> Evaluation:
        """Forward, backward, update."""
        case, weights = stack.first, list(stack.weights)

        def losses(at: Sequence[Any]) -> tuple[Any, Any]:
            output = forward(network(case, sigma), at, stack.x).Y
            return output, error.total_error(error.error(output, stack.target))

        with np.errstate(all="ignore"):
            output, loss = losses(weights)
            gradients = _as(autograd.grad(lambda at: losses(at)[1].sum())(weights), weights)
            updated = update(weights, gradients, case.learning_rate)
        return Evaluation(output, loss, gradients, list(updated))

    def pointwise(self, activation: str, x: Array) -> tuple[Array, Array] | None:
        """σ on autograd's functions, and its derivative."""
        if PRECISIONS[x.dtype.name].narrow:
            return None
        value = sigma(activation).value
        with np.errstate(all="ignore"):
            return value(x), _as([autograd.elementwise_grad(value)(x)], [x])[0]

    def terms(self, stack: Stack) -> Terms:
        """I and h of the first case, and Δ as the gradient with respect to zeros added to each I."""
        case, net = stack.first, network(stack.first, sigma)

        def loss(added: Sequence[Any]) -> Any:
            layers = net.layers(len(case.weights))
            layers[0::2] = [Plus(layer, zeros) for layer, zeros in zip(layers[0::2], added, strict=True)]
            output = chain.forward(layers, between(case.weights, len(layers)), case.x)[-1]
            return error.total_error(error.error(output, case.target))

        with np.errstate(all="ignore"):
            run = forward(net, case.weights, case.x)
            deltas = autograd.grad(loss)([np.zeros_like(I) for I in run.I[1:]])
        return Terms(list(run.I[1:]), list(run.h[1:]), _as(deltas, run.I[1:]))


def _as(found: Sequence[Any], like: Sequence[Array]) -> list[Array]:
    """Arrays in the dtypes of others."""
    return [np.asarray(values, its.dtype) for values, its in zip(found, like, strict=True)]


grad = Grad()
