"""The pullbacks of ``reference/layers`` on exact numbers are the derivative by definition, for every kind of link.

The truth knows forward definitions and the chain rule alone (`harness.exact_links`); here S16 runs on balls by the
pullbacks as they are written. Where both hold the same number to a hundred bits, no rounding is left to hide in.
"""

from __future__ import annotations

import flint
import numpy as np
import pytest
from flint import arb_mat

from cases.adversarial_chains import chains, shape
from cases.case import Case
from cases.links import KINDS
from cases.loader import catalogue, load
from harness.chains import between, layers, weighted
from harness.numbers.balls import Balls
from harness.truth import graph
from reference import chain, error
from reference.activations import Formula
from reference.layers import Layer

CATALOGUE = [case for case in load(catalogue()) if case.links is not None]

BITS = 256
CLOSE = 2.0**-100
"""Radius of the difference, as a part of the largest derivative, where both are known well enough to tell."""

DRAWN = [
    case
    for number in range(40)
    if number % 8 != 5  # wide
    for case in chains(number, 20, 20261131)[0]
    if case.tags[0]
    in ("ordinary", "level", "offset", "tied", "sparse", "whole", "cancelling", "opposed", "alternating")
]
"""Random chains, of numbers that 256 bits hold."""


def by_pullbacks(case: Case, its: list[Layer] | None = None) -> list[Balls]:
    """∂ℰ/∂ every x_i from the output of link 1, and Δw of every weight, by S16 on balls."""
    links = its or layers(case, lambda name: Formula(name, Balls), Balls)
    numbers = [Balls(np.asarray(part, np.float64)) for part in (case.x, case.target, *case.weights)]
    weights = between(case.chain, numbers[2:])
    values = chain.forward(links, weights, numbers[0])
    deltas, gradients = chain.backward(links, weights, values, error.slope(values[-1], numbers[1]))
    return [*deltas, *weighted(case.chain, gradients)]


def by_definition(case: Case) -> list[Balls]:
    g = graph(case)
    return [as_balls(node.derivative) for node in (*g.values[1:], *g.weights)]


def as_balls(matrix: arb_mat) -> Balls:
    entries = np.array(matrix.entries(), dtype=object)
    return Balls.holding(entries.reshape(matrix.nrows(), matrix.ncols()))


def equal(case: Case, its: list[Layer] | None = None) -> bool:
    """Whether they overlap everywhere."""
    with flint.ctx.workprec(BITS):
        pairs = zip(by_pullbacks(case, its), by_definition(case), strict=True)
        return all(a.overlaps(b) for a, b in pairs)


def looseness(case: Case) -> float:
    """The largest radius of a difference, as a part of the largest number of its matrix."""
    worst = 0.0
    with flint.ctx.workprec(BITS):
        for a, b in zip(by_pullbacks(case), by_definition(case), strict=True):
            size = max(float(abs(v).upper()) for v in b.entries.flat)
            radius = max(float((v - w).rad()) for v, w in zip(a.entries.flat, b.entries.flat, strict=True))
            worst = max(worst, radius / size if size else radius)
    return worst


@pytest.mark.parametrize("case", CATALOGUE, ids=lambda case: case.name)
def test_pullbacks_are_the_derivative_on_every_chain_of_the_catalogue(case: Case) -> None:
    assert equal(case)
    assert looseness(case) < CLOSE


def test_pullbacks_are_the_derivative_on_random_chains() -> None:
    assert [case.name for case in DRAWN if not equal(case)] == []
    assert np.median([looseness(case) for case in DRAWN]) < CLOSE
    assert {link.kind for case in DRAWN for link in case.chain} == set(KINDS)
    assert shape(2, 20261131) == shape(2, 20261131)


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_pullback_is_another_number(kind: str) -> None:
    """Twice the pullback to x, or to w, of any kind of link shows wherever there is one that is asked for."""
    for what in ("input", "weight") if KINDS[kind].weight else ("input",):
        found = []
        for case in [case for case in CATALOGUE if case.dtype == "float64"]:
            its = layers(case, lambda name: Formula(name, Balls), Balls)
            places = [i for i, link in enumerate(case.chain) if link.kind == kind and (i or what == "weight")]
            if places:
                its[places[-1]] = Doubled(its[places[-1]], what)
                found.append(equal(case, its))
        assert found and not any(found)


class Doubled:
    """A layer with one pullback twice as large."""

    def __init__(self, right: Layer, what: str) -> None:
        self.right, self.what, self.forward = right, what, right.forward

    def pullback_input(self, *given: Balls) -> Balls:
        found: Balls = self.right.pullback_input(*given)
        return found * 2 if self.what == "input" else found

    def pullback_weight(self, *given: Balls) -> Balls:
        found: Balls = self.right.pullback_weight(*given)
        return found * 2 if self.what == "weight" else found
