"""NumPy's part: one gradient by the text of ``reference/``, and the matrix products that any gradient needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cases.case import Array
from harness.backends.reference import network
from harness.bench.networks import size
from harness.bench.served import Task
from reference.backward import backward
from reference.network import forward


def tasks(setting: Mapping[str, Any]) -> dict[str, Task]:
    """``reference`` and ``products`` for a network of the layers and the batch given."""
    case = size(setting["layers"], setting["batch"]).draw()
    net = network(case)
    pairs = factors(case.x, case.weights, case.target)

    def gradient(_: None) -> Sequence[Array]:
        run = forward(net, case.weights, case.x)
        return backward(net, case.weights, run, case.target).gradients

    def products(_: None) -> list[Array]:
        return [a @ b for a, b in pairs]

    return {"reference": Task(gradient), "products": Task(products)}


def factors(x: Array, weights: Sequence[Array], target: Array) -> list[tuple[Array, Array]]:
    """What is multiplied for one gradient: h · W forward, h^T · Δ, and Δ · W^T back, but for the first layer.

    h and Δ are arrays of the right shape, (B, N_l): what is in them does not matter to a product.
    """
    h = [x]
    for w in weights:
        h.append(h[-1] @ w)
    deltas = [*h[1:-1], target]
    forwards = list(zip(h[:-1], weights, strict=True))
    changes = [(before.T, delta) for before, delta in zip(h[:-1], deltas, strict=True)]
    back = [(delta, w.T) for delta, w in zip(deltas[1:], weights[1:], strict=True)]
    return [*forwards, *changes, *back]
