"""Layer normalisation and softmax in other ways: what they make of x, and of ∂ℰ/∂y as autodiff may find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.layers.normalisation import EPSILON, Normalisation
from reference.layers.softmax import Softmax


def mean(parts: Any) -> Any:
    return parts.sum(axis=-1, keepdims=True) / parts.dtype.type(parts.shape[-1])


def two_pass(x: Any) -> tuple[Any, Any]:
    m = mean(x)
    return m, mean((x - m) ** 2)


def one_pass(x: Any) -> tuple[Any, Any]:
    m = mean(x)
    return m, mean(x * x) - m * m


def welford(x: Any) -> tuple[Any, Any]:
    m, squares = np.zeros_like(x[..., :1]), np.zeros_like(x[..., :1])
    for n in range(x.shape[-1]):
        one = x[..., n : n + 1]
        d = one - m
        m = m + d / x.dtype.type(n + 1)
        squares = squares + d * (one - m)
    return m, squares / x.dtype.type(x.shape[-1])


def reciprocal(v: Any) -> Any:
    return 1 / np.sqrt(v + v.dtype.type(EPSILON))


def closed(x: Any, m: Any, v: Any, g: Any) -> Any:
    """r·(g − mean g − y·mean(g ⊙ y))."""
    r = reciprocal(v)
    y = (x - m) * r
    return r * (g - mean(g) - y * mean(g * y))


def kernel(x: Any, m: Any, v: Any, g: Any) -> Any:
    """g·a + b·x + c, as in the kernel of torch.nn.functional.layer_norm."""
    a, n = reciprocal(v), x.dtype.type(x.shape[-1])
    ds, db = (g * x).sum(axis=-1, keepdims=True), g.sum(axis=-1, keepdims=True)
    b = (db * m - ds) * a * a * a / n
    return g * a + b * x + (-b * m - db * a / n)


def centred(x: Any, m: Any, v: Any, g: Any) -> Any:
    """As autodiff goes back through d = x − m, the mean of d², r and d·r."""
    d, r, n = x - m, reciprocal(v), x.dtype.type(x.shape[-1])
    to_v = (g * d).sum(axis=-1, keepdims=True) * (x.dtype.type(-0.5) * r / (v + x.dtype.type(EPSILON)))
    to_d = g * r + d * (2 * to_v / n)
    return to_d - mean(to_d)


def moments(x: Any, m: Any, v: Any, g: Any) -> Any:
    """As autodiff goes back through x·r − m·r, r, the mean of x² and m²."""
    r, n = reciprocal(v), x.dtype.type(x.shape[-1])
    to_r = (g * x).sum(axis=-1, keepdims=True) - (g * m).sum(axis=-1, keepdims=True)
    to_v = x.dtype.type(-0.5) * r**3 * to_r
    to_m = -(g * r).sum(axis=-1, keepdims=True) - 2 * m * to_v
    return g * r + 2 * x * (to_v / n) + to_m / n


@dataclass(frozen=True)
class Normalised(Normalisation):
    statistics: Callable[[Any], tuple[Any, Any]]
    back: Callable[..., Any]
    apart: bool = False

    def forward(self, w: None, x: Any) -> Any:
        m, v = self.statistics(x)
        r = reciprocal(v)
        return x * r - m * r if self.apart else (x - m) * r

    def pullback_input(self, w: None, x: Any, y: Any, delta: Any) -> Any:
        return self.back(x, *self.statistics(x), delta)


MODERATE = 60.0
"""Where e^x without a shift is far from both ends of every format."""


def shifted(x: Any) -> Any:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e * (1 / e.sum(axis=-1, keepdims=True))


def plain(x: Any) -> Any:
    e = np.exp(np.clip(x, -MODERATE, MODERATE))
    near = (np.abs(x) <= MODERATE).all(axis=-1, keepdims=True)
    return np.where(near, e / e.sum(axis=-1, keepdims=True), shifted(x))


def logarithmic(x: Any) -> Any:
    c = x.max(axis=-1, keepdims=True)
    return np.exp(x - (np.log(np.exp(x - c).sum(axis=-1, keepdims=True)) + c))


def differences(x: Any) -> Any:
    """1/Σ e^{x_i − x_j}, where that does not overflow."""
    with np.errstate(all="ignore"):
        sums = np.exp(x[..., None, :] - x[..., :, None]).sum(axis=-1)
        return 1 / sums


def bracketed(x: Any, y: Any, g: Any) -> Any:
    return y * (g - (g * y).sum(axis=-1, keepdims=True))


def spread(x: Any, y: Any, g: Any) -> Any:
    return y * g - y * (y * g).sum(axis=-1, keepdims=True)


def quotient(x: Any, y: Any, g: Any) -> Any:
    """As autodiff goes back through e/Σe and e^x."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    s = e.sum(axis=-1, keepdims=True)
    to_s = -(g * e).sum(axis=-1, keepdims=True) / (s * s)
    return (g / s + to_s) * e


def jacobian(x: Any, y: Any, g: Any) -> Any:
    """By the matrix diag(y) − y yᵀ."""
    J = y[..., :, None] * (np.eye(y.shape[-1], dtype=y.dtype) - y[..., None, :])
    return (J @ g[..., None])[..., 0]


@dataclass(frozen=True)
class Softened(Softmax):
    way: Callable[[Any], Any]
    back: Callable[..., Any]

    def forward(self, w: None, x: Any) -> Any:
        return self.way(x)

    def pullback_input(self, w: None, x: Any, y: Any, delta: Any) -> Any:
        return self.back(x, y, delta)
