"""What the scalar and the matrix form cost, and that they are the same (S28)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flint
import numpy as np

from cases.case import Case
from harness.claims import Outcome, outcome
from harness.numbers.balls import Balls
from harness.proof.balls import BITS, slides
from reference import neuron
from reference.activations import Formula


@dataclass
class Counted:
    """A number that only counts how often it is multiplied."""

    products: int = 0

    def __mul__(self, other: Counted) -> Counted:
        self.products += 1
        return self

    def __add__(self, other: Counted) -> Counted:
        return self


class Free:
    """A σ that costs nothing."""

    def value(self, x: Any) -> Any:
        """x."""
        return x

    def derivative(self, x: Any, y: Any) -> Any:
        """x."""
        return x


def scalar_is_matrix(case: Case) -> Outcome:
    """S28: linear algebra is only notation: the same numbers for the same multiplications."""
    forward = sum(m * n for m, n in zip(case.layers[:-1], case.layers[1:], strict=True))
    inner = sum(m * n for m, n in zip(case.layers[1:-1], case.layers[2:], strict=True))
    # h · W; then σ' ⊙ at every node, Δ · Wᵀ but for the first layer, and h ⊗ Δ
    matrices = forward + sum(case.layers[1:]) + inner + forward
    counted = multiplications(case)
    note = (
        f"scalar form = matrix form on balls; on {case.structure} forward and backward take {counted} "
        f"multiplications node by node and {matrices} in matrices, {forward} of them forward"
    )
    return outcome(_same_numbers(case) and counted == matrices, note)


def multiplications(case: Case) -> int:
    """How often the scalar form multiplies on one sample, forward and backward; σ and σ' cost nothing."""
    number, last, links = Counted(), len(case.weights), neuron.links(case.layers)
    w = dict.fromkeys(links, number)
    I, h = neuron.forward(links, w, {(0, i + 1): number for i in range(case.layers[0])}, lambda l: Free())
    ends = {(last, j + 1): number for j in range(case.layers[-1])}
    neuron.backward(links, w, I, h, ends, lambda l: Free())
    return number.products


def _same_numbers(case: Case) -> bool:
    """The two forms on balls: every Δw of the one overlaps that of the other."""
    with flint.ctx.workprec(BITS):
        changes = scalar_changes(case)
        gradients = slides(case)[2 : 2 + len(case.weights)]
        return all(change.overlaps(gradients[l].entry(i - 1, j - 1)) for ((l, i), (_, j)), change in changes.items())


def scalar_changes(case: Case) -> dict[neuron.Link, Balls]:
    """Δw of every link by the scalar form on balls, for the first sample alone."""
    depth, N_O, links = len(case.weights), case.layers[-1], neuron.links(case.layers)
    hidden = Formula(case.activation, Balls)
    output = Formula("sigmoid" if case.task == "classification" else "identity", Balls)

    def sigma(l: int) -> Formula:
        return output if l == depth else hidden

    w = {link: _ball(case.weights[link[0][0]][link[0][1] - 1, link[1][1] - 1]) for link in links}
    I, h = neuron.forward(links, w, {(0, i + 1): _ball(v) for i, v in enumerate(case.x[0])}, sigma)
    e = {(depth, j): 2 * (h[depth, j] - _ball(case.target[0, j - 1])) / N_O for j in range(1, N_O + 1)}
    return neuron.backward(links, w, I, h, e, sigma)[1]


def _ball(number: float) -> Balls:
    return Balls(np.asarray(float(number)))
