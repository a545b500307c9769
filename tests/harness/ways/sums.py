"""Sums in other orders, and the links that are sums of products: dense, bias, scale, convolution, quadratic form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reference import arrays
from reference.layers.convolution import Convolution

Order = Callable[[Any], Any]
"""A sum over the last axis."""


def forwards(parts: Any) -> Any:
    total = parts[..., 0].copy()
    for i in range(1, parts.shape[-1]):
        total = total + parts[..., i]
    return total


def backwards(parts: Any) -> Any:
    return forwards(parts[..., ::-1])


def pairwise(parts: Any) -> Any:
    if (n := parts.shape[-1]) == 1:
        return parts[..., 0]
    return pairwise(parts[..., : n // 2]) + pairwise(parts[..., n // 2 :])


def strided(parts: Any) -> Any:
    """Four accumulators, as vector instructions have them, added in the end."""
    lanes = [forwards(parts[..., i::4]) for i in range(min(4, parts.shape[-1]))]
    return forwards(np.stack(lanes, axis=-1))


ORDERS: dict[str, Order] = {f.__name__: f for f in (forwards, backwards, pairwise, strided)}


def fused(a: Any, b: Any) -> Any:
    """Σ a·b over the last axis by fused multiply-add, one rounding a step, in float32 (by way of float64)."""
    total = a[..., 0] * b[..., 0]
    for i in range(1, a.shape[-1]):
        total = (a[..., i].astype(np.float64) * b[..., i] + total).astype(np.float32)
    return total


def matmul(a: Any, b: Any, order: Order | None) -> Any:
    """a @ b with its sums in an order; None: fused where that can be done here."""
    left, right = np.broadcast_arrays(a[..., :, None, :], b.mT[..., None, :, :])
    if order is None:
        return fused(left, right) if left.dtype == np.float32 else a @ b
    return order(left * right)


def flat(array: Any, axes: int) -> Any:
    """The last ``axes`` axes as one."""
    return array.reshape(*array.shape[:-axes], -1)


@dataclass
class Dense:
    order: Order | None
    seen: list[Any] = field(default_factory=list)

    def forward(self, W: Any, h: Any) -> Any:
        self.seen[:] = [h, W]
        return matmul(h, W, self.order)

    def pullback_input(self, W: Any, h: Any, I: Any, delta: Any) -> Any:
        return matmul(delta, W.mT, self.order)

    def pullback_weight(self, W: Any, h: Any, I: Any, delta: Any) -> Any:
        return matmul(h.mT, delta, self.order)


@dataclass
class BiasFirst:
    """The sum behind which the bias stands begins with it."""

    dense: Dense
    order: Order

    def forward(self, b: Any, I: Any) -> Any:
        h, W = self.dense.seen
        parts = h[..., :, None, :] * W.mT[..., None, :, :]
        return self.order(np.concatenate([np.broadcast_to(b[..., None], (*I.shape, 1)), parts], axis=-1))

    def pullback_input(self, b: Any, h: Any, I: Any, delta: Any) -> Any:
        return delta

    def pullback_weight(self, b: Any, h: Any, I: Any, delta: Any) -> Any:
        return self.order(delta.mT)[..., None, :]


@dataclass
class Scale:
    order: Order

    def forward(self, s: Any, x: Any) -> Any:
        return s * x

    def pullback_input(self, s: Any, x: Any, y: Any, delta: Any) -> Any:
        return s * delta

    def pullback_weight(self, s: Any, x: Any, y: Any, delta: Any) -> Any:
        return self.order((x * delta).mT)[..., None, :]


@dataclass
class LoopedConvolution:
    """Window by window; the gradient of w over places and samples as one long sum."""

    order: Order

    def forward(self, w: Any, x: Any) -> Any:
        return self.order(arrays.windows(x, w.shape[-1]) * w[..., None, :])

    def pullback_input(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        found, M = np.zeros_like(x), delta.shape[-1]
        for i in range(w.shape[-1]) if self.order is forwards else reversed(range(w.shape[-1])):
            found[..., i : i + M] += w[..., i : i + 1] * delta
        return found

    def pullback_weight(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        parts = arrays.windows(x, w.shape[-1]) * delta[..., None]
        return self.order(flat(np.moveaxis(parts, -1, 1), 2))[..., None, :]


class Toeplitz(Convolution):
    """By the dense matrix of S20 that has w in every column."""

    def __init__(self) -> None:
        super().__init__(arrays)

    def _matrix(self, w: Any, N: int) -> Any:
        T, k = np.zeros((len(w), N, N - w.shape[-1] + 1), w.dtype), w.shape[-1]
        for m in range(T.shape[-1]):
            T[:, m : m + k, m] = w[:, 0]
        return T

    def forward(self, w: Any, x: Any) -> Any:
        return x @ self._matrix(w, x.shape[-1])

    def pullback_input(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        return delta @ self._matrix(w, x.shape[-1]).mT

    def pullback_weight(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        g, M = x.mT @ delta, delta.shape[-1]
        return np.stack([sum(g[:, m + i, m] for m in range(M)) for i in range(w.shape[-1])], axis=-1)[:, None]


@dataclass(frozen=True)
class ByTerm:
    """All N² terms in one sum, the two x multiplied first; A + Aᵀ formed on the way back."""

    order: Order

    def forward(self, A: Any, x: Any) -> Any:
        return self.order(flat(x[..., :, None] * x[..., None, :] * A[..., None, :, :], 2))[..., None]

    def pullback_input(self, A: Any, x: Any, y: Any, delta: Any) -> Any:
        return self.order((delta * x)[..., None, :] * (A + A.mT)[..., None, :, :])

    def pullback_weight(self, A: Any, x: Any, y: Any, delta: Any) -> Any:
        return self.order(np.moveaxis(delta[..., None] * (x[..., :, None] * x[..., None, :]), 1, -1))


@dataclass(frozen=True)
class ByRow:
    """x·(A x); back in one sum of 2N terms with Δ in each."""

    order: Order

    def forward(self, A: Any, x: Any) -> Any:
        return self.order(x * matmul(x, A.mT, self.order))[..., None]

    def pullback_input(self, A: Any, x: Any, y: Any, delta: Any) -> Any:
        both = np.concatenate([A, A.mT], axis=-1)[..., None, :, :]
        return self.order(delta[..., None] * both * np.concatenate([x, x], axis=-1)[..., None, :])

    def pullback_weight(self, A: Any, x: Any, y: Any, delta: Any) -> Any:
        return self.order(np.moveaxis(x[..., :, None] * (delta * x)[..., None, :], 1, -1))
