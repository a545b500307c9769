"""Other correct ways to compute each kind of link lie inside its bound, on ordinary numbers and on nasty ones.

Each way is written out in NumPy, in the case's own format: sums in other orders, a variance in one pass or by Welford's
recurrence, softmax by the logarithm of its sum, a quadratic form term by term, derivatives as autodiff finds them.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import pytest

from cases.adversarial import Shape
from cases.adversarial_chains import CHAIN_KINDS, WIDE, draw
from cases.case import Case
from cases.chains import word_link
from cases.links import widths
from harness.backends.reference import MatrixForm
from harness.check import check
from harness.soundness import UNSOUND
from harness.stack import Stack
from reference import arrays
from reference.layers import Layer
from reference.layers.convolution import Convolution
from reference.layers.normalisation import EPSILON, Normalisation
from reference.layers.softmax import Softmax
from reports.verdict import Verdict

COUNT, SEED = 24, 20261130
"""Cases of each structure and format; thousands were run by hand (`python -m tests.harness.test_chain_ways`)."""

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


WAYS: dict[str, dict[str, Layer]] = {
    "dense": {name: Dense(order) for name, order in (ORDERS | {"fused": None}).items()},
    "scale": {name: Scale(order) for name, order in ORDERS.items()},
    "convolution": {name: LoopedConvolution(order) for name, order in ORDERS.items()} | {"dense": Toeplitz()},
    "normalisation": {
        f"{s.__name__}-{b.__name__}{'-apart' * apart}": Normalised(arrays, s, b, apart)
        for s, b, apart in product((two_pass, one_pass, welford), (closed, kernel, centred, moments), (False, True))
    },
    "softmax": {
        f"{w.__name__}-{b.__name__}": Softened(arrays, w, b)
        for w, b in product((shifted, plain, logarithmic, differences), (bracketed, spread, quotient, jacobian))
    },
    "quadratic": {f"{w.__name__}-{name}": w(order) for w in (ByTerm, ByRow) for name, order in ORDERS.items()},
}
"""Ways by kind of link; the bias's are those of `BiasFirst`."""


@dataclass(frozen=True)
class Way(MatrixForm):
    """The reference with every link of a kind computed in another way."""

    kind: str = ""
    its: Any = None

    def layers(self, case: Case) -> list[Layer]:
        found, links = super().layers(case), case.chain
        for i, link in enumerate(links):
            if link.kind == self.kind:
                found[i] = self.its
            if self.kind == "bias" and link.kind == "bias" and i and links[i - 1].kind == "dense":
                dense = Dense(self.its)
                found[i - 1 : i + 1] = [dense, BiasFirst(dense, self.its)]
        return found


def ways(kind: str) -> list[Way]:
    its: dict[str, Any] = dict(ORDERS) if kind == "bias" else dict(WAYS[kind])
    return [Way(f"{kind}-{name}", kind=kind, its=one) for name, one in its.items()]


AS_IT_IS = ("scale-forwards", "normalisation-two_pass-closed")
"""Ways that are the reference's own to the last bit: NumPy adds over samples in this order."""

CHAINS: dict[str, list[tuple[int, str]]] = {
    "dense": [(5, "dense 4, activation, dense 3"), (90, "dense 2")],
    "bias": [(3, "dense 5, bias, activation, dense 2, bias"), (70, "dense 2, bias")],
    "scale": [(4, "scale, activation, scale, dense 2")],
    "convolution": [(7, "convolution 3, bias, activation, convolution 2"), (90, "convolution 80"),
                    (3, "convolution 3")],
    "normalisation": [(5, "scale, normalisation, dense 3"), (4, "dense 6, normalisation, scale"),
                      (1, "scale, normalisation, bias"), (80, "bias, normalisation, scale")],
    "softmax": [(4, "bias, softmax, dense 2"), (5, "dense 4, softmax"), (1, "scale, softmax"), (80, "scale, softmax")],
    "quadratic": [(4, "quadratic"), (3, "dense 5, activation, quadratic, bias"), (1, "bias, quadratic"),
                  (24, "quadratic")],
}  # fmt: skip
"""Width of x and links of chains in which a kind shows."""


def cases(kind: str, dtype: str, count: int, seed: int = SEED) -> list[list[Case]]:
    found = []
    for inputs, words in CHAINS[kind]:
        links = tuple(word_link(word, words) for word in words.split(", "))
        its = Shape(widths(inputs, links), 5, count, links)
        found.append(draw(its, ("way", words.replace(", ", "-").replace(" ", "")), count, seed, dtype))
    return found


@pytest.mark.parametrize("dtype", WIDE)
@pytest.mark.parametrize("kind", CHAINS)
def test_every_correct_way_is_inside(kind: str, dtype: str) -> None:
    """A way may leave the range or be blind, but never the bound."""
    for group in cases(kind, dtype, COUNT):
        rows = [row for its in check(Stack(tuple(group)), ways(kind)) for row in its]
        assert [(r.case, r.backend, r.quantity, r.layer, r.detail) for r in rows if r.verdict in UNSOUND] == []
        assert {r.backend for r in rows} == {way.name for way in ways(kind)}
        assert sum(r.verdict is Verdict.ROUNDING for r in rows) > len(rows) / 25


def test_the_ways_are_not_one_and_the_same() -> None:
    """Each differs in some bit from the reference, or the test would only look at that again."""
    for kind in CHAINS:
        groups = cases(kind, "float32", COUNT)
        for way in ways(kind):
            pairs = [(found(way, group), found(MatrixForm("reference"), group)) for group in groups]
            parts = [pair for one, other in pairs for pair in zip(one, other, strict=True)]
            differs = any((one != other).any() for one, other in parts)
            assert differs == (way.name not in AS_IT_IS), way.name


def found(way: MatrixForm, group: list[Case]) -> list[Any]:
    its = way.evaluate(Stack(tuple(group)))
    return [its.output, *(its.gradients or ())]


def test_every_kind_of_numbers_is_drawn() -> None:
    tags = {case.tags[0] for kind in CHAINS for dtype in WIDE for group in cases(kind, dtype, COUNT) for case in group}
    assert tags == set(CHAIN_KINDS)


def measured(kind: str, dtype: str, count: int, seed: int) -> str:
    """Many more cases, in words."""
    largest: dict[str, float] = {}
    number, outside = 0, []
    for group in cases(kind, dtype, count, seed):
        for start in range(0, len(group), 128):
            part = group[start : start + 128]
            number += len(part)
            for row in (row for rows in check(Stack(tuple(part)), ways(kind)) for row in rows):
                if row.quantity in ("output", "gradient") and row.verdict is not Verdict.RANGE:
                    largest[row.backend] = max(largest.get(row.backend, 0), row.share or 0)
                if row.verdict in UNSOUND:
                    outside.append(f"{row.case} {row.backend} {row.quantity} {row.layer}: {row.detail}")
    worst = max(largest, key=lambda name: largest[name])
    figures = f"{kind} {dtype}: {number:,} cases, {len(ways(kind))} ways, {len(outside)} rows outside"
    return "\n".join([f"{figures}; largest share {largest[worst]:.3f}, of {worst}", *outside[:8]])


if __name__ == "__main__":  # python -m tests.harness.test_chain_ways COUNT SEED [KIND…]
    warnings.simplefilter("ignore")
    for its in sys.argv[3:] or CHAINS:
        for wide in WIDE:
            print(measured(its, wide, int(sys.argv[1]), int(sys.argv[2])), flush=True)
