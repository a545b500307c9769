"""What each kind of link makes of its input, by definition, as nodes of the truth (`harness.nodes`).

Only forward, and in other words than ``reference/layers``: what is the same in both is the definition alone. A sum
over nodes is the product by a column of ones, a number for every sample the product by a row of ones.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, arb_mat

from harness.nodes import Node, elementwise, product, times, total
from reference.layers.normalisation import EPSILON


def bias(b: Node, h: Node) -> Node:
    """h + 1·b."""
    return total(h, product(_ones(h.value.nrows(), 1), b))


def scale(s: Node, x: Node) -> Node:
    """x ⊙ 1·s."""
    return times(x, product(_ones(x.value.nrows(), 1), s))


def convolution(w: Node, x: Node) -> Node:
    """x · T, where T has w in every column, one row further down in each."""
    N, k = x.value.ncols(), w.value.ncols()
    M = N - k + 1

    def placed() -> arb_mat:
        T = arb_mat(N, M)
        for m in range(M):
            for i in range(k):
                T[m + i, m] = w.value[0, i]
        return T

    def gathered(g: arb_mat) -> arb_mat:
        return arb_mat([[sum((g[m + i, m] for m in range(M)), arb(0)) for i in range(k)]])

    return product(x, Node(placed(), ((w, gathered),)))


def normalisation(_: Node | None, x: Node) -> Node:
    """d ⊙ r·1, with d = x·(1 − 1/N) and r = (d²·1/N + ε)^(−1/2)."""
    N = x.value.ncols()
    centring = arb_mat([[arb(i == j) - arb(1) / N for j in range(N)] for i in range(N)])
    d = product(x, Node(centring))
    v = product(times(d, d), Node(arb_mat(N, 1, [arb(1) / N] * N)))
    r, _slopes = elementwise(v, _inverse_root)
    return times(d, product(r, _ones(1, N)))


def softmax(_: Node | None, x: Node) -> Node:
    """e^x ⊙ (1/Σ)·1."""
    N = x.value.ncols()
    e, _slopes = elementwise(x, lambda v: (v.exp(), v.exp()))
    q, _slopes = elementwise(product(e, _ones(N, 1)), lambda v: (1 / v, -1 / (v * v)))
    return times(e, product(q, _ones(1, N)))


def quadratic(A: Node, x: Node) -> Node:
    """(x·A ⊙ x)·1."""
    return product(times(product(x, A), x), _ones(x.value.ncols(), 1))


LINKS: dict[str, Callable[..., Node]] = {
    "dense": lambda W, h: product(h, W),
    "bias": bias,
    "scale": scale,
    "convolution": convolution,
    "normalisation": normalisation,
    "softmax": softmax,
    "quadratic": quadratic,
}
"""Every kind but the activation: its weight (None where it has none) and its input, to its output."""


def _inverse_root(v: arb) -> tuple[arb, arb]:
    r = (v + arb(EPSILON)).rsqrt()
    return r, -r * r * r / 2


def _ones(rows: int, columns: int) -> Node:
    return Node(arb_mat(rows, columns, [arb(1)] * (rows * columns)))
