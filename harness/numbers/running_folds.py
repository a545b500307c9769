"""Runs of affine links (dense, bias, scale, convolution) on running-error numbers, folded into each other or not.

A run is one affine map, and an implementation may make its weight and its offset first: (x W + b) g + c is
x (W g) + (b g + c), as where batch normalisation is folded into the layer before it (Jacob et al., arXiv:1712.05877,
2018, section 3.2); then what cancels in sequence need not cancel. Every way to cut, fold and add a run sums the same
products, each rounded no more often than there are multiplications and additions on its way: K of them, so it errs by
at most γ_K = K·u/(1 − K·u) times the sum of the products' magnitudes (Higham, *Accuracy and Stability of Numerical
Algorithms*, 2nd ed., lemma 3.1), whatever comes first. On the way back it is the same, from ∂ℰ/∂ the run's output.
Magnitudes go through the text of the layers as the numbers do, without a rounding.

Any stretch of factors may be multiplied first, and underflow, before it meets the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.numbers.running import Floats, Running
from reference.layers import Layer

AFFINE = ("dense", "bias", "scale", "convolution")
"""Kinds that may be folded into each other."""

UNROUNDED = 1000
"""Bits of a format without roundings; λ and Ω stay as they are."""


@dataclass(frozen=True)
class Terms:
    """Magnitudes of the products that a run sums, so far.

    ``size`` is their sum and ``stretch`` that of the products of weights from any place on, each (K, B, N); ``entered``
    (K, B, 1) is the sum of all sizes so far; ``rounded`` is how often a product may have been rounded.
    """

    size: Running
    stretch: Running
    entered: Floats
    rounded: int

    @staticmethod
    def of(x: Running, rounded: int = 0) -> Terms:
        """What comes in, each number a product by itself."""
        size, one = magnitudes(x), np.ones_like(x.value)
        return Terms(size, replace(size, value=one, delta=0 * one), _sum(x.magnitude * x.headroom), rounded)

    def after(self, size: Running, stretch: Running | None, rounded: int) -> Terms:
        """Behind one link more, which rounds a product so often; a stretch that ends in it may underflow.

        ``stretch`` is None behind a bias, which multiplies nothing.
        """
        lost = 2 * rounded * size.precision.eta * self.entered
        size = replace(size, delta=size.delta + np.where(size.nonzero, lost, 0.0))
        entered = self.entered + _sum(size.magnitude * size.headroom)
        its = self.stretch if stretch is None else replace(stretch, value=stretch.value + 1)
        return Terms(size, its, entered, self.rounded + rounded)


def magnitudes(x: Running) -> Running:
    """|x|, in a format without roundings, and none of it exact."""
    precision = replace(x.precision, bits=UNROUNDED, accumulator_bits=UNROUNDED)
    return replace(x, value=np.abs(x.value), exact=np.zeros_like(x.exact), precision=precision)


@dataclass(repr=False, eq=False)
class RunningAffine:
    """A link of a run: in sequence it is ``its``; ``plain`` is its text, for magnitudes.

    ``kinds`` are those of the whole run, ``place`` is this link's; ``rounded`` is how often what the run adds to may
    round it; ``run`` are all links of the run.
    """

    its: Layer
    plain: Layer
    kinds: Sequence[str]
    place: int
    rounded: int
    run: list[RunningAffine]
    forth: Terms | None = None
    back: Terms | None = None

    def forward(self, w: Running, x: Running) -> Running:
        """As the layer has it, and as far off as the links up to here may be, folded."""
        found: Running = self.its.forward(w, x)
        before, W = self._before(x), magnitudes(w)
        stretch = None if self.kind == "bias" else self.plain.forward(W, before.stretch)
        rounded = {"dense": w.shape[-2], "convolution": w.shape[-1]}.get(self.kind, 1)
        self.forth = before.after(self.plain.forward(W, before.size), stretch, rounded)
        return _allowed(found, self.forth.size, self.forth) if self._folds_forth else found

    def pullback_input(self, w: Running, x: Running, y: Running, delta: Running) -> Running:
        """The same of the links from here on."""
        found: Running = self.its.pullback_input(w, x, y, delta)
        after = self._after(delta)
        if self.kind == "bias":
            self.back = after
        else:
            W, rounded = magnitudes(w), 1 if self.kind == "scale" else w.shape[-1]
            size, stretch = (self.plain.pullback_input(W, x, y, part) for part in (after.size, after.stretch))
            self.back = after.after(size, stretch, rounded)
        return _allowed(found, self.back.size, self.back) if self._folds_back else found

    def pullback_weight(self, w: Running, x: Running, y: Running, delta: Running) -> Running:
        """The same of all other links; x and Δ may be multiplied before any of them."""
        found: Running = self.its.pullback_weight(w, x, y, delta)
        before, after = self._before(x), self._after(delta)
        if not self._folds_weight:
            return found
        W, p = magnitudes(w), x.precision
        size, stretch = (
            self.plain.pullback_weight(W, a, y, b)
            for a, b in ((before.size, after.size), (before.stretch, after.stretch))
        )
        rounded = before.rounded + after.rounded + 1 + delta.shape[-2] * delta.shape[-1]
        met = before.entered * after.entered
        across = met.sum(axis=-2, keepdims=True) if 0 < self.place < len(self.kinds) - 1 else 0.0
        lost = 2 * rounded * p.eta * (stretch.magnitude * delta.headroom + across)
        size = replace(size, delta=size.delta + np.where(size.nonzero, lost, 0.0))
        left = ~(met.max(axis=(-2, -1)) <= p.largest / 2)
        size = replace(size, range=size.range | left)
        return _allowed(found, size, Terms(size, stretch, met, rounded))

    def _before(self, x: Running) -> Terms:
        found = self.run[self.place - 1].forth if self.place else Terms.of(x, self.rounded)
        assert found is not None
        return found

    def _after(self, delta: Running) -> Terms:
        last = self.place == len(self.kinds) - 1
        found = Terms.of(delta) if last else self.run[self.place + 1].back
        assert found is not None
        return found

    @property
    def kind(self) -> str:
        """Its own."""
        return self.kinds[self.place]

    @property
    def _folds_forth(self) -> bool:
        """Not a link by itself, nor a sum of products with biases behind it, of which any order is allowed for."""
        first, *rest = self.kinds[: self.place + 1]
        return bool(rest) and not (first == "dense" and {*rest} == {"bias"})

    @property
    def _folds_back(self) -> bool:
        return len(_factors(self.kinds[self.place :])) > 1

    @property
    def _folds_weight(self) -> bool:
        before, after = self.kinds[: self.place], self.kinds[self.place + 1 :]
        return bool(_factors(after)) or (self.kind != "bias" and bool(before))


def _factors(kinds: Sequence[str]) -> list[str]:
    """Those that multiply."""
    return [kind for kind in kinds if kind != "bias"]


def _allowed(found: Running, size: Running, terms: Terms) -> Running:
    """With at least the errors of the terms in ``size``, each rounded as often as it may be."""
    share = terms.rounded * found.precision.u_accumulate
    gamma = share / (1 - share) if share < 1 else np.inf
    delta = np.where(size.nonzero, size.delta + gamma * size.magnitude, 0.0)
    delta = np.maximum(found.delta, np.where(np.isnan(delta), np.inf, delta))
    range_ = found.range | size.range | terms.stretch.range
    return replace(found, delta=delta, exact=found.exact & (delta == 0), range=range_)


def _sum(parts: Floats) -> Floats:
    return np.asarray(parts.sum(axis=-1, keepdims=True))
