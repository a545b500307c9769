"""Affine links that follow each other, folded: each an affine map x C + c, and two of them are one more.

(x A + a) B + b = x (A B) + (a B + b), in any pairs. Only what is left meets x; what comes back is its derivative,
handed on to the maps that it was made of, as autodiff does where batch normalisation is folded into a layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tests.harness.ways.sums import Order, Toeplitz, matmul


@dataclass
class Affine:
    """x C + c; C is (N, M), or (1, N) where it is ``diagonal``, or 1 where it is None; c is (1, M) or nothing."""

    C: Any = None
    c: Any = None
    diagonal: bool = False


def times(x: Any, A: Affine, order: Order) -> Any:
    """x C."""
    if A.C is None or x is None:
        return x
    return x * A.C if A.diagonal else matmul(x, A.C, order)


def back(d: Any, A: Affine, order: Order) -> Any:
    """d Cᵀ."""
    return times(d, A if A.diagonal or A.C is None else replace(A, C=A.C.mT), order)


def plus(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


def over_samples(parts: Any, order: Order) -> Any:
    return order(parts.mT)[..., None, :]


class Leaf:
    """One link as a map."""

    def __init__(self, kind: str, w: Any, width: int, order: Order) -> None:
        self.kind, self.w, self.order, self.gradient = kind, w, order, None
        match kind:
            case "bias":
                self.map = Affine(None, w)
            case "scale":
                self.map = Affine(w, diagonal=True)
            case "dense":
                self.map = Affine(w)
            case _:
                self.map = Affine(Toeplitz()._matrix(w, width))

    def onto(self, dC: Any, dc: Any) -> None:
        """What comes back for C and c."""
        self.gradient = dc if self.kind == "bias" else dC
        if self.kind == "convolution":
            k, M = self.w.shape[-1], dC.shape[-1]
            self.gradient = np.stack([sum(dC[:, m + i, m] for m in range(M)) for i in range(k)], axis=-1)[:, None]


class Pair:
    """Two maps, one after the other, as one."""

    def __init__(self, first: Any, second: Any, order: Order) -> None:
        self.first, self.second, self.order = first, second, order
        A, B = first.map, second.map
        c = plus(times(A.c, B, order), B.c)
        if A.C is None or B.C is None:
            its = B if A.C is None else A
            self.map = Affine(its.C, c, its.diagonal)
        elif A.diagonal:
            self.map = Affine(A.C * B.C if B.diagonal else A.C.mT * B.C, c, B.diagonal)
        else:
            self.map = Affine(times(A.C, B, order), c)

    def onto(self, dC: Any, dc: Any) -> None:
        A, B, order = self.first.map, self.second.map, self.order
        dA, dB = dC, dC
        if A.C is not None and B.C is not None:
            if A.diagonal and B.diagonal:
                dA, dB = dC * B.C, dC * A.C
            elif A.diagonal:
                dA, dB = order(dC * B.C)[..., None, :], A.C.mT * dC
            elif B.diagonal:
                dA, dB = dC * B.C, over_samples(dC * A.C, order)
            else:
                dA, dB = matmul(dC, B.C.mT, order), matmul(A.C.mT, dC, order)
        if A.c is not None and B.C is not None:
            dB = plus(dB, A.c * dc if B.diagonal else A.c.mT * dc)
        if A.C is None:
            dB = None if B.C is None else dB
        self.second.onto(dB, dc)
        self.first.onto(dA, back(dc, B, order))


Tree = Callable[[Sequence[Any], Order], Any]
"""Maps of a run, from the input, as fewer: a list of those that are left to follow each other."""


def from_the_input(maps: Sequence[Any], order: Order) -> Any:
    found = maps[0]
    for one in maps[1:]:
        found = Pair(found, one, order)
    return [found]


def from_the_output(maps: Sequence[Any], order: Order) -> Any:
    found = maps[-1]
    for one in maps[-2::-1]:
        found = Pair(one, found, order)
    return [found]


def in_pairs(maps: Sequence[Any], order: Order) -> Any:
    return [from_the_input(maps[i : i + 2], order)[0] for i in range(0, len(maps), 2)]


def but_the_first(maps: Sequence[Any], order: Order) -> Any:
    return [maps[0], *from_the_output(maps[1:], order)]


def in_pairs_behind_the_first(maps: Sequence[Any], order: Order) -> Any:
    return [maps[0], *in_pairs(maps[1:], order)]


TREES: tuple[Tree, ...] = (from_the_input, from_the_output, in_pairs, but_the_first, in_pairs_behind_the_first)


@dataclass
class Run:
    """Links that follow each other, folded by ``tree``; forward and back at their last link, or their first."""

    kinds: Sequence[str]
    tree: Tree
    order: Order
    weights: list[Any] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    maps: list[Any] = field(default_factory=list)
    delta: Any = None

    def forward(self, x: Any) -> Any:
        self.leaves, width = [], x.shape[-1]
        for kind, w in zip(self.kinds, self.weights, strict=True):
            self.leaves.append(Leaf(kind, w, width, self.order))
            C = self.leaves[-1].map
            width = width if C.C is None or C.diagonal else C.C.shape[-1]
        self.maps, self.values = self.tree(self.leaves, self.order), [x]
        for one in self.maps:
            y = times(self.values[-1], one.map, self.order)
            self.values.append(y if one.map.c is None else y + one.map.c)
        return self.values[-1]

    def back(self, delta: Any) -> Any:
        for one, x in zip(reversed(self.maps), reversed(self.values[:-1]), strict=True):
            C = one.map
            weight = None if C.C is None else (
                over_samples(x * delta, self.order) if C.diagonal else matmul(x.mT, delta, self.order)
            )  # fmt: skip
            one.onto(weight, over_samples(delta, self.order))
            delta = back(delta, C, self.order)
        return delta


@dataclass
class Folded:
    """A link of a run: all is done at the ends."""

    run: Run
    place: int

    def forward(self, w: Any, x: Any) -> Any:
        if not self.place:
            self.run.weights.clear()
        self.run.weights.append(w)
        if len(self.run.weights) < len(self.run.kinds):
            self.run.values = [x] if not self.place else self.run.values
            return x
        return self.run.forward(self.run.values[0])

    def pullback_input(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        if self.place == len(self.run.kinds) - 1:
            self.run.delta = self.run.back(delta)
        return delta if self.place else self.run.delta

    def pullback_weight(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        return self.run.leaves[self.place].gradient
