"""Layers whose bound does not follow from their text alone, on running-error numbers.

A text is one way to compute. Where others are about, and err more, the bound is that of the way that errs most:

* a bias may be what a sum begins with, so that every addition rounds it once more, and a sum that was exact is not
  (that links may be folded into each other is in `harness.numbers.running_folds`);
* a variance may be the mean of the squares less the square of the mean, and (x − m)·r may be x·r − m·r, with σ and Δ
  to match (torch.nn.functional.layer_norm, jax.nn.standardize; Chan, Golub & LeVeque, *The American Statistician* 37,
  1983): then x and not x − m carries the roundings;
* a constant such as S11's 2/(B·N_O) may be multiplied into a scale's s, and underflow there (XLA);
* softmax may be taken with the largest x subtracted, or as e to the logarithm of itself;
* a quadratic form is a sum of N² products of three factors, which may be multiplied and added in any order: each
  grouping underflows and overflows elsewhere (jax.numpy.einsum takes x_i x_j first, torch.nn.functional.bilinear adds
  all N²), and A + Aᵀ may be what goes back;
* the gradient of a convolution's weight is one sum over all places of all samples, in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.numbers.running import Floats, Running
from reference import arrays
from reference.layers.bias import Bias
from reference.layers.convolution import Convolution
from reference.layers.dense import Dense
from reference.layers.normalisation import EPSILON
from reference.layers.quadratic import Quadratic
from reference.layers.scale import Scale

ROOT = 4
"""Roundings of 1/√(v + ε): the sum, the root, the division, and one for a reciprocal root by Newton's steps.

Measured at most 2.3, by XLA's reciprocal root in float32.
"""

EXPONENTIAL = 4
"""Roundings of e^x and of ln x, in units of u: measured at most 3.2 (NumPy in float32; 1.9 elsewhere)."""


class RunningDense(Dense):
    """Keeps what it multiplied, for a bias behind it."""

    factors: tuple[Running, Running] | None = None

    def forward(self, W: Running, h: Running) -> Running:
        """I = h · W."""
        self.factors = h, W
        return h @ W


@dataclass
class RunningBias(Bias):
    """A bias; ``behind`` a dense layer, and other biases, it may be any term of that sum: exact only with all of it."""

    behind: RunningDense | RunningBias | None = None
    factors: tuple[Running, Running] | None = None

    def forward(self, b: Running, h: Running) -> Running:
        """h + b; behind a dense layer (h, 1) · (W, b), n + 1 terms in any order."""
        if self.behind is None or self.behind.factors is None:
            return h + b
        before, W = self.behind.factors
        one = np.ones_like(before.value[..., :1])
        ones = replace(before, value=one, delta=0 * one, variance=0 * one, exact=one == 1)
        self.factors = _joined(before, ones, -1), _joined(W, b, -2)
        return self.factors[0] @ self.factors[1]


@dataclass(frozen=True)
class RunningBiasOfSum(Bias):
    """A bias behind another sum of so many ``terms`` (none of them exact), which may have begun with it."""

    terms: int

    def forward(self, b: Running, h: Running) -> Running:
        """One rounding of the result, and one of b for every term."""
        found, p = h + b, h.precision
        began = self.terms * p.u_accumulate * b.magnitude
        return replace(_wider(found, began), variance=found.variance + began**2 / (3 * self.terms))


class RunningScale(Scale):
    """A scale whose s may be what S11's 2/(B·N_O) is multiplied into first."""

    def pullback_input(self, s: Running, x: Running, y: Running, delta: Running) -> Running:
        """XLA moves a constant to the smaller factor, (1, N) beside (B, N): what underflows there meets all of Δ."""
        found, p = delta * s, s.precision
        moved = np.where(s.nonzero, p.eta * delta.magnitude * delta.headroom, 0.0)
        return _wider(found, np.where(delta.nonzero, moved, 0.0))


@dataclass(frozen=True)
class RunningNormalisation:
    """y = x·r − m·r with r = 1/√(q − m² + ε), m the mean and q the mean of the squares, and what comes of it by S16."""

    def forward(self, w: None, x: Running) -> Running:
        """y, with every product rounded on its own."""
        m, r = self._parts(x)
        return x * r - m * r

    def pullback_input(self, w: None, x: Running, y: Running, delta: Running) -> Running:
        """Back through y, r, q and m, one after the other.

        r³ may be halved or divided by N before anything else is multiplied by it, and what underflows there is
        multiplied by ∂ℰ/∂r and x (it is so in JAX); and the bracket of the text may underflow before r is.
        """
        (m, r), N, p = self._parts(x), x.shape[-1], x.precision
        total = _sum(delta)
        to_r = _sum(delta * x) - m * total
        to_q = -(to_r * (r * (r * r))) / N
        to_q = _wider(to_q, 3 * p.eta * to_r.magnitude)
        found = delta * r + x * to_q - (total * r / N + m * to_q)
        inner = p.eta * r.magnitude * (4 + 2 * y.magnitude)
        return _wider(found, np.where(delta.nonzero.any(-1, keepdims=True), inner, 0))

    def pullback_weight(self, w: None, x: Running, y: Running, delta: Running) -> None:
        """No weight, nothing to adjust."""

    def _parts(self, x: Running) -> tuple[Running, Running]:
        m = _sum(x) / x.shape[-1]
        return m, _inverse_root(_sum(x * x) / x.shape[-1] - m * m)


def _inverse_root(v: Running) -> Running:
    """1/√(v + ε); its slope −r³/2 is steepest at the smallest v that may be."""
    p, value = v.precision, 1 / np.sqrt(np.maximum(v.value, 0) + EPSILON)
    smallest = v.value - 2 * v.delta + EPSILON
    steepest = np.where(smallest > 0, smallest**-1.5 / 2, np.inf)
    own = ROOT * p.u * (value + 2 * np.where(v.delta == 0, 0.0, steepest * v.delta))
    delta = np.where(v.delta == 0, 0.0, steepest * v.delta) + own + p.eta
    variance = (value**3 / 2) ** 2 * v.variance + own**2 / 3
    return replace(v, value=value, delta=_known(delta), variance=variance, exact=np.zeros_like(v.exact))


@dataclass(frozen=True)
class RunningSoftmax:
    """y = e^{x − c} / Σ e^{x − c}, each e^x wrong by the error of x and by the roundings on the way to it."""

    def forward(self, w: None, x: Running) -> Running:
        """y_j is relatively as wrong as e^{x_j} and the sum of all of them, which weighs each with y.

        x_j − c may come out above 0 by as much as x may be wrong, and overflow: XLA computes the product behind x once
        for the largest of them and once more for the difference, there without rounding it (fused multiply-add).
        """
        p, N = x.precision, x.shape[-1]
        shift = x.value.max(axis=-1, keepdims=True)
        powers = np.exp(x.value - shift)
        y = powers / powers.sum(axis=-1, keepdims=True)
        ends = [(x.value + side * x.delta).max(axis=-1, keepdims=True) for side in (-2, 2)]
        largest = np.maximum(*map(np.abs, ends))
        argument = x.delta + 2 * p.u * (x.magnitude + largest + EXPONENTIAL * (1 + np.log(N)))
        relative = np.expm1(argument) + EXPONENTIAL * p.u
        of_sum = (y * relative).sum(axis=-1, keepdims=True) + N * p.u
        quotient = np.where(of_sum < 0.5, (relative + of_sum) / (1 - np.minimum(of_sum, 0.5)), np.inf) + 3 * p.u
        delta = np.where(np.isfinite(x.delta), np.minimum(y * quotient * (1 + 2 * quotient), 1 + (N + 8) * p.u), np.inf)
        left = (argument + np.log(2 * N * x.headroom) > np.log(p.largest)).any(axis=(-2, -1))
        moved = x.variance + (y**2 * x.variance).sum(axis=-1, keepdims=True)
        variance = y**2 * (moved + (argument - x.delta + EXPONENTIAL * p.u) ** 2 / 3)
        return replace(x, value=y, delta=_known(delta + p.eta_activation), variance=variance,
                       exact=np.zeros_like(x.exact), range=x.range | left)  # fmt: skip

    def pullback_input(self, w: None, x: Running, y: Running, delta: Running) -> Running:
        """y ⊙ Δ − y·Σ y ⊙ Δ, each product rounded on its own."""
        parts = delta * y
        return parts - y * _sum(parts)

    def pullback_weight(self, w: None, x: Running, y: Running, delta: Running) -> None:
        """No weight, nothing to adjust."""


def _sum(x: Running) -> Running:
    return x.sum(axis=(-1,), keepdims=True)


def _wider(found: Running, more: Floats) -> Running:
    """With so much more allowed; what it is allowed for is not exact."""
    return replace(found, delta=_known(found.delta + more), exact=found.exact & (more == 0))


def _known(delta: Floats) -> Floats:
    return np.asarray(np.where(np.isnan(delta), np.inf, delta))


@dataclass(frozen=True)
class RunningQuadratic(Quadratic):
    """Σ_ij x_i A_ij x_j, its N² terms grouped and added in any order."""

    def forward(self, A: Running, x: Running) -> Running:
        """N² terms of two products each."""
        X, W, N = x.magnitude, A.magnitude, x.shape[-1]
        size = ((X @ W) * X).sum(axis=-1, keepdims=True)
        third = W.sum(axis=(-2, -1))[..., None, None] + 2 * N * X.sum(axis=-1, keepdims=True)
        return _grouped(super().forward(A, x), N * N + 2, size, third, N * N, (X, X), (X, W))

    def pullback_input(self, A: Running, x: Running, y: Running, delta: Running) -> Running:
        """2N terms of two products each, or N behind the sum A + Aᵀ."""
        X, W, D, N = x.magnitude, A.magnitude, delta.magnitude, x.shape[-1]
        both = W + W.mT
        third = 2 * N * D + both.sum(axis=-2)[..., None, :] + 2 * X.sum(axis=-1, keepdims=True)
        found = super().pullback_input(A, x, y, delta)
        return _grouped(found, 2 * N + 3, D * (X @ both), third, 2 * N, (D, X), (D, both), (X, both))

    def pullback_weight(self, A: Running, x: Running, y: Running, delta: Running) -> Running:
        """A term for each sample, of two products."""
        X, D, B = x.magnitude, delta.magnitude, x.shape[-2]
        each = X.sum(axis=-2)
        third = D.sum(axis=-2)[..., None] + each[..., :, None] + each[..., None, :]
        return _grouped(super().pullback_weight(A, x, y, delta), 0, (D * X).mT @ X, third, B, (X, X), (D, X))


def _grouped(found: Running, roundings: int, size: Floats, third: Floats, terms: int, *pairs: Any) -> Running:
    """A sum of products of three factors, rounded so many times more, whatever two are multiplied first.

    ``size`` is the sum of the terms' magnitudes, ``third`` that of the factors which an underflow may be multiplied by,
    and ``pairs`` are magnitudes of two factors whose product may leave the range.
    """
    p, axes = found.precision, (-2, -1)
    zero = ~found.nonzero & (size == 0)
    more = roundings * p.u_accumulate * size + p.eta * (third + terms)
    left = [~(a.max(axis=axes) * b.max(axis=axes) * found.headroom <= p.largest / 2) for a, b in pairs]
    left.append(~(size.max(axis=axes) * found.headroom <= p.largest / 2))
    its = np.logical_or.reduce([found.range, *left])
    return replace(_wider(found, np.where(zero, 0.0, more)), range=np.asarray(its))


@dataclass(frozen=True)
class RunningConvolution(Convolution):
    """Any order of summation over places and samples; ``biased``: with a bias among the terms of the sum."""

    biased: bool = False

    def forward(self, w: Running, x: Running) -> Running:
        """Each window of x times w, not exact where a bias may be added to it first."""
        found: Running = super().forward(w, replace(x, exact=np.zeros_like(x.exact)) if self.biased else x)
        return found

    def pullback_weight(self, w: Running, x: Running, y: Running, delta: Running) -> Running:
        """One sum of B·M terms. Shape (1, k)."""
        k, cases = w.shape[-1], x.shape[0]
        windows = _each(RunningWindows.windows(x, k), lambda part: part.reshape(cases, -1, k))
        row = _each(delta, lambda part: part.reshape(cases, 1, -1))
        return row @ windows


class RunningWindows:
    """Windows of rows of running-error numbers; a namespace for `reference.layers.convolution`."""

    @staticmethod
    def windows(x: Running, width: int) -> Running:
        """Every run of ``width`` neighbours in a row: (…, N) → (…, N − width + 1, width)."""
        return _each(x, lambda part: arrays.windows(part, width))

    @staticmethod
    def padded(x: Running, width: int) -> Running:
        """``width`` zeros before and after each row, which are exact."""
        found = _each(x, lambda part: arrays.padded(part, width))
        return replace(found, exact=found.exact | (found.value == 0) & (found.delta == 0))


def _joined(a: Running, b: Running, axis: int) -> Running:
    names = ("value", "delta", "variance", "exact")
    parts: dict[str, Any] = {name: np.concatenate([getattr(a, name), getattr(b, name)], axis) for name in names}
    return replace(a, **parts, range=a.range | b.range)


def _each(x: Running, change: Callable[[Any], Any]) -> Running:
    return replace(x, **{name: change(getattr(x, name)) for name in ("value", "delta", "variance", "exact")})
