"""The terms of one case, by the deck's own names: forward, error, backward, update.

Each term is an array that the exact graph has, and every backend that gives its intermediate values. Its
entries are called as in the deck: h_3, y_1, ε_1, δ_3, Δw_23^IH; nodes are counted from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np

from cases.case import Case
from harness.backends import Evaluation, Terms
from harness.truth import Exact, Graph, graph, split

BITS = 512
"""Precision of the exact terms."""


@dataclass(frozen=True)
class Term:
    """One term: its stage, what it is, its name as a whole, its equation, and how its entries are called.

    ``kind`` is one of I, h, output, error, loss, delta, gradient, update; ``layer`` counts from 1, and is 0
    where there is none. ``between`` names what a weight joins: IH.
    """

    stage: str
    kind: str
    name: str
    equation: str
    symbol: str
    layer: int = 0
    between: str = ""

    def entry(self, index: tuple[int, ...]) -> str:
        """Name of an entry of the term's array: (2, 3)th weight or (sample, node)."""
        first, second = index[-2:]
        if self.kind == "loss":
            return self.symbol
        if self.between:
            comma = "," if max(index) > 8 else ""
            return f"{self.symbol}_{first + 1}{comma}{second + 1}^{self.between}"
        return f"{self.symbol}_{second + 1}" + (f" (sample {first + 1})" if first else "")


def terms(case: Case) -> list[Term]:
    """Every term of a case, in the order of the whole run (S26)."""
    return [*_forward(case), *_backward(len(case.weights))]


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


def _backward(depth: int) -> Iterator[Term]:
    yield Term("backward", "delta", "Δ^O", "S18", "ε", depth)
    for l in range(depth - 1, 0, -1):
        layer = _layer(l, depth)
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


def exact_terms(case: Case) -> dict[str, Exact]:
    """Exact values of every term, by its name; each of shape (B, N_l), (N_l, N_{l+1}) or (1, 1)."""
    with flint.ctx.workprec(BITS):
        g = graph(case)
        return {term.name: split(_exact(term, g, case)) for term in terms(case)}


def _exact(term: Term, g: Graph, case: Case) -> flint.arb_mat:
    l = term.layer - 1
    match term.kind:
        case "I":
            return g.I[l].value
        case "h":
            return g.h[l].value
        case "output":
            return g.h[-1].value
        case "error":
            return flint.arb_mat(case.target.astype(np.float64).tolist()) - g.h[-1].value
        case "loss":
            return g.loss.value
        case "delta":
            return g.I[l].derivative
        case "gradient":
            return g.weights[l].derivative
        case _:
            return g.weights[l].value - g.weights[l].derivative * flint.arb(case.learning_rate)


def backend_terms(case: Case, found: Evaluation, inner: Terms | None) -> dict[str, Any]:
    """A backend's values of every term that it gives, by the term's name; shapes as of `exact_terms`."""
    values = {term.name: _found(term, case, found, inner) for term in terms(case)}
    return {name: np.atleast_2d(np.asarray(value)) for name, value in values.items() if value is not None}


def _found(term: Term, case: Case, found: Evaluation, inner: Terms | None) -> Any:
    l = term.layer - 1
    if term.kind in ("I", "h", "delta"):
        return None if inner is None else {"I": inner.I, "h": inner.h, "delta": inner.deltas}[term.kind][l]
    if term.kind in ("gradient", "update"):
        layers = found.gradients if term.kind == "gradient" else found.updated
        return None if layers is None else layers[l][0]
    value = found.loss if term.kind == "loss" else found.output
    if value is None:
        return None
    return case.target - value[0] if term.kind == "error" else value[0]
