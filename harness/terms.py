"""The terms of one case, by the deck's own names: forward, error, backward, update.

Each term is an array that the exact graph has, and every backend that gives its intermediate values. Its
entries are called as in the deck: h_3, y_1, σ'(I_3), ε_1, δ_3, Δw_23^IH; nodes are counted from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cases.case import Case
from harness.returned import Quantity


@dataclass(frozen=True)
class Term:
    """One term: its stage, what it is, its name as a whole, its equation, and how its entries are called.

    ``kind`` is one of I, h, output, error, loss, slope (σ'), delta, gradient, update; ``layer`` counts from 1,
    and is 0 where there is none. ``between`` names what a weight joins: IH.
    """

    stage: str
    kind: str
    name: str
    equation: str
    symbol: str
    layer: int = 0
    between: str = ""

    @property
    def key(self) -> Quantity:
        """Kind and layer: what tells the terms of a case apart, and a row's quantity where it has one."""
        return self.kind, self.layer

    def entry(self, index: tuple[int, ...]) -> str:
        """Name of an entry of the term's array: (2, 3)th weight or (sample, node)."""
        if self.kind == "loss":
            return self.symbol
        first, second = index[-2:]
        if self.between:
            comma = "," if max(index) > 8 else ""
            return f"{self.symbol}_{first + 1}{comma}{second + 1}^{self.between}"
        node = f"{self.symbol}_{second + 1}"
        return (f"σ'({node})" if self.kind == "slope" else node) + (f" (sample {first + 1})" if first else "")


def terms(case: Case) -> list[Term]:
    """Every term of a case, in the order of the whole run (S26)."""
    return [*_forward(case), *_backward(case)]


def _forward(case: Case) -> Iterator[Term]:
    depth = len(case.weights)
    for l in range(1, depth):
        layer = _layer(l, depth)
        h = ("H", "h") if depth == 2 else (f"H^{layer}", f"h^{layer}")
        yield Term("forward", "I", f"I^{layer}", "S19", f"I^{layer}", l)
        yield Term("forward", "h", h[0], "S6", h[1], l)
    yield Term("forward", "I", "I^O", "S18", "I^O", depth)
    yield Term("forward", "output", "Y", "S7, S8" if case.task == "classification" else "S9", "y")
    yield Term("error", "error", "E = Y* − Y", "S10", "e")
    yield Term("error", "loss", "ℰ", "S11", "ℰ")


def _backward(case: Case) -> Iterator[Term]:
    depth = len(case.weights)
    for l in range(depth, 0, -1):
        layer, last = _layer(l, depth), l == depth
        if not last or case.task == "classification":
            yield Term("backward", "slope", f"σ'(I^{layer})", "S18" if last else "S19, S20", f"I^{layer}", l)
        if last:
            yield Term("backward", "delta", "Δ^O", "S18", "ε", l)
        else:
            yield Term("backward", "delta", f"Δ^{layer}", "S19, S20", "δ" if depth == 2 else f"δ^{layer}", l)
    for l in range(depth, 0, -1):
        link = _link(l, depth)
        yield Term("backward", "gradient", f"ΔW^{link}", "S22, S23", "Δw", l, link)
    for l in range(depth, 0, -1):
        link = _link(l, depth)
        yield Term("update", "update", f"W'^{link}", "S13, S26", "w'", l, link)


def _layer(l: int, depth: int) -> str:
    return "O" if l == depth else ("H" if depth == 2 else str(l))


def _link(l: int, depth: int) -> str:
    if depth == 2:
        return "IH" if l == 1 else "HO"
    return f"{l - 1}{l}"
