"""Structures other than the plain network (S14, S15, S16): where BP and the derivative by definition meet.

Every chain of the catalogue, on balls: what each link makes, the gradients by the pullbacks of ``reference/layers``,
and the same by whole Jacobians, as S16 prints it; all against the truth, which knows of neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import flint
import numpy as np
from flint import arb_mat

from cases.case import Case
from cases.links import widths
from cases.loader import catalogue, load
from harness.chains import between, layers, weighted
from harness.claims import Outcome, outcome
from harness.numbers.balls import Balls
from harness.proof.balls import BITS
from harness.truth import Graph, graph
from reference import chain, error, jacobians
from reference.activations import Formula
from reference.layers import Layer

DECK = "3-5-2"


@dataclass(frozen=True)
class Run:
    """A chain run on balls, forward and back, beside its truth."""

    case: Case
    layers: list[Layer]
    weights: list[Any]
    values: list[Balls]
    slope: Balls
    gradients: list[Balls]
    truth: Graph

    def meets(self) -> bool:
        """Whether BP's gradients may be the truth's numbers."""
        exact = [node.derivative for node in self.truth.weights]
        return all(_overlap(ours, its) for ours, its in zip(self.gradients, exact, strict=True))


def run(case: Case) -> Run:
    """S15 forward and S16 back on balls, in the precision that is set."""
    its = layers(case, lambda name: Formula(name, Balls), Balls)
    weights = between(case.chain, [Balls(np.asarray(w, np.float64)) for w in case.weights])
    values = chain.forward(its, weights, Balls(np.asarray(case.x, np.float64)))
    slope = error.slope(values[-1], Balls(np.asarray(case.target, np.float64)))
    gradients = weighted(case.chain, chain.backward(its, weights, values, slope)[1])
    return Run(case, its, weights, values, slope, gradients, graph(case))


@cache
def chains() -> tuple[Case, ...]:
    """One case of each chain of the catalogue, in float64."""
    path = next(path for path in catalogue() if path.stem == "chains")
    found = {(case.chain, case.layers): case for case in load([path]) if case.dtype == "float64"}
    return tuple(found.values())


def every(case: Case) -> Iterator[Run]:
    """The deck's own network, then every chain of the catalogue."""
    with flint.ctx.workprec(BITS):
        yield from (run(one) for one in (case, *chains()))


def differentiable(case: Case) -> Outcome:
    """S14: BP by the pullbacks meets the derivative by definition on every structure."""
    met = {its.case.structure: its.meets() for its in every(case)}
    names = ", ".join(name for name, good in met.items() if good)
    note = f"on balls BP's gradients overlap the derivative by definition on {len(met)} structures: {names}"
    return outcome(all(met.values()), note)


def general(case: Case) -> Outcome:
    """S15: what every link makes of its input, against the truth."""
    runs = list(every(case))
    holds = all(
        _overlap(ours, node.value) for its in runs for ours, node in zip(its.values, its.truth.values, strict=True)
    )
    links = sum(len(its.layers) for its in runs)
    kinds = dict.fromkeys(link.kind for its in runs for link in its.case.chain)
    return outcome(holds, f"each x_i of {links} links of {len(kinds)} kinds ({', '.join(kinds)}) overlaps the truth")


def both_forms(case: Case) -> Outcome:
    """S16: the full product, the recursion and the pullbacks come to the same gradients; and at what cost each."""
    holds = all(_three_ways(its) for its in every(case))
    deck, large = counts(widths(case.layers[0], case.chain)), counts((784, 128, 128, 10, 10))
    way = "by pullbacks, which know that the Jacobian of σ is diagonal"
    note = (
        f"full product = recursion = pullbacks on balls, on {DECK} and {len(chains())} chains. Multiplications for "
        f"every ∂y/∂x_i of {DECK}: {deck.anew} with each product anew, {deck.reused} by the recursion, {deck.one_row} "
        f"if it begins with the one row ∂ℰ/∂y, {deck.pulled} {way}; "
        f"of 784-128-10: {large.anew:,}, {large.reused:,}, {large.one_row:,} and {large.pulled:,}"
    )
    return outcome(holds, note)


@dataclass(frozen=True)
class Counts:
    """Multiplications on one sample that lead from the Jacobians of the layers to the derivative by every x_i."""

    anew: int
    reused: int
    one_row: int
    pulled: int


def counts(nodes: Sequence[int], sigma: Sequence[bool] = ()) -> Counts:
    """Of a chain with so many ``nodes`` before its first link and behind each.

    ``sigma`` marks links that work entry by entry; by default every second one, as in the plain network.
    """
    marks = list(sigma) or [i % 2 == 1 for i in range(len(nodes) - 1)]
    steps = list(pairwise(nodes))[1:]  # from x_1 on: S16 needs no ∂y/∂x of the input
    out = nodes[-1]
    products = [out * n * m for m, n in steps[:-1]]  # the last Jacobian is ∂y/∂x_{n−1} itself
    anew = sum(sum(products[i:]) for i in range(len(products)))
    pulled = sum(n if mark else m * n for (m, n), mark in zip(steps, marks[1:], strict=True))
    return Counts(anew, sum(products), sum(m * n for m, n in steps), pulled)


def _three_ways(its: Run) -> bool:
    """Whether the gradients by full products and by the recursion of Jacobians are the truth's too."""
    total: list[list[Any]] = [[], []]
    for b in range(its.case.batch):
        values = [value[b : b + 1] for value in its.values]
        units = [Balls(np.eye(value.shape[1])) for value in values]
        steps = jacobians.jacobians(its.layers, its.weights, values, units)
        for forms, make in zip(total, (jacobians.full_products, jacobians.recursion), strict=True):
            products, slope = make(steps, units[-1]), its.slope[b : b + 1]
            forms.append(weighted(its.case.chain, jacobians.gradients(
                its.layers, its.weights, values, products, slope)))  # fmt: skip
    sums = [[sum(parts[1:], parts[0]) for parts in zip(*forms, strict=True)] for forms in total]
    exact = [node.derivative for node in its.truth.weights]
    return its.meets() and all(_overlap(a, b) for form in sums for a, b in zip(form, exact, strict=True))


def _overlap(ours: Balls, exact: arb_mat) -> bool:
    pairs = zip(ours.entries.flat, exact.entries(), strict=True)
    return ours.shape == (exact.nrows(), exact.ncols()) and all(a.overlaps(b) for a, b in pairs)
