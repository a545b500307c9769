"""Other correct ways to compute each kind of link lie inside its bound, on ordinary numbers and on nasty ones.

Each way is written out in NumPy (`tests/harness/ways`), in the case's own format: sums in other orders, a variance in
one pass or by Welford's recurrence, softmax by the logarithm of its sum, a quadratic form term by term, affine links
folded into each other, derivatives as autodiff finds them.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any

import pytest

from cases.adversarial import Shape
from cases.adversarial_chains import CHAIN_KINDS, WIDE, draw
from cases.case import Case
from cases.chains import word_link
from cases.links import Link, widths
from harness.backends.reference import MatrixForm
from harness.check import check
from harness.numbers.running_folds import AFFINE
from harness.soundness import UNSOUND
from harness.stack import Stack
from reference import arrays
from reference.layers import Layer
from reports.verdict import Verdict
from tests.harness.ways.folds import TREES, Folded, Run
from tests.harness.ways.normalised import (
    Normalised,
    Softened,
    bracketed,
    centred,
    closed,
    differences,
    jacobian,
    kernel,
    logarithmic,
    moments,
    one_pass,
    plain,
    quotient,
    shifted,
    spread,
    two_pass,
    welford,
)
from tests.harness.ways.sums import ORDERS, BiasFirst, ByRow, ByTerm, Dense, LoopedConvolution, Scale, Toeplitz

COUNT, SEED = 24, 20261130
"""Cases of each structure and format; thousands were run by hand (`python -m tests.harness.test_chain_ways`)."""

WAYS: dict[str, dict[str, Any]] = {
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
    "fold": {f"{t.__name__}-{name}": (t, order) for t, (name, order) in product(TREES, ORDERS.items())},
}
"""Ways by kind of link; the bias's are those of `BiasFirst`."""


@dataclass(frozen=True)
class Way(MatrixForm):
    """The reference with every link of a kind computed in another way."""

    kind: str = ""
    its: Any = None

    def layers(self, case: Case) -> list[Layer]:
        found, links = super().layers(case), case.chain
        if self.kind == "fold":
            return folded(found, links, self.its)
        for i, link in enumerate(links):
            if link.kind == self.kind:
                found[i] = self.its
            if self.kind == "bias" and link.kind == "bias" and i and links[i - 1].kind == "dense":
                dense = Dense(self.its)
                found[i - 1 : i + 1] = [dense, BiasFirst(dense, self.its)]
        return found


def folded(found: list[Layer], links: Sequence[Link], its: Any) -> list[Layer]:
    """Every run of affine links folded by a tree, with sums in an order; a link by itself stays as it is."""
    tree, order = its
    for affine, group in groupby(range(len(links)), lambda i: links[i].kind in AFFINE):
        places = list(group)
        if affine and len(places) > 1:
            run = Run([links[i].kind for i in places], tree, order)
            for place, i in enumerate(places):
                found[i] = Folded(run, place)
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
    "fold": [(3, "dense 5, bias, bias, activation, dense 2, bias, bias, bias"),
             (4, "dense 5, bias, scale, bias, activation, dense 2"), (5, "scale, bias, dense 3, scale, scale, bias"),
             (4, "bias, bias, activation, scale, scale, dense 2"), (70, "dense 2, scale, bias"),
             (6, "convolution 3, bias, bias, scale, dense 2"), (4, "dense 5, dense 3, dense 2"),
             (4, "normalisation, scale, scale, bias, bias"), (3, "quadratic, bias, scale, dense 3, bias"),
             (1, "scale, bias, dense 1, bias, scale")],
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


@pytest.mark.parametrize("dtype", WIDE)
def test_what_is_folded_is_outside_the_bound_of_the_sequence(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as two biases that are added first, or a factor multiplied into a matrix whose sum was exact."""
    monkeypatch.setattr("harness.chains._runs", lambda chain: [])
    outside: set[str] = set()
    for group in cases("fold", dtype, COUNT):
        rows = [row for its in check(Stack(tuple(group)), ways("fold")) for row in its]
        outside |= {row.backend.split("-")[1] for row in rows if row.verdict in UNSOUND}
    assert outside >= {"from_the_input", "in_pairs"}


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
