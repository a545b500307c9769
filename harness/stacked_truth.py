"""The truth of a whole stack in array code: the differentiator of `harness.truth`, on pairs in place of balls.

The forward formulas S2–S11, σ' from σ's own formula by jets, and the chain rule in reverse mode; nothing of S18–S23.
What comes out is the truth wherever its radius says that it is one: where it is far below the bound, as it must be of
balls too, and does not leave open whether an entry is 0. Every other case is left to balls, whose precision can be
raised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.numbers.pair_jets import sigma
from harness.numbers.pairs import Pairs, gradual
from harness.numbers.running import Floats, Mask
from harness.returned import Quantity
from harness.stack import Stack
from harness.standards import quantities
from harness.truth import FAR_BELOW, Exact, truth

Pull = Callable[[Pairs], Pairs]
"""From the derivative with respect to a node to a part of that with respect to what it was made from."""


@dataclass
class Node:
    """Matrices (K, rows, columns), how their derivative flows on, and what has flowed in so far."""

    value: Pairs
    parents: Sequence[tuple[Node, Pull]] = ()
    slope: Pairs | None = field(default=None)


def product(a: Node, b: Node, first: bool = False) -> Node:
    """A · B; ``first``: nobody asks for the derivative with respect to A."""
    to_a = (a, lambda g: g @ b.value.mT)
    to_b = (b, lambda g: a.value.mT @ g)
    return Node(a.value @ b.value, (to_b,) if first else (to_a, to_b))


def apply(name: str, a: Node, member: str) -> Node:
    """σ entry by entry."""
    value, slope = sigma(name, a.value, member)
    return Node(value, ((a, lambda g: g * slope),))


def mean_square(y: Node, target: Pairs) -> Node:
    """S11 averaged over the samples: (K, 1, 1)."""
    e = y.value - target
    cases, entries = e.shape[0], e.shape[1] * e.shape[2]
    row = e.reshape(cases, 1, entries)
    return Node((row @ row.mT).over(entries), ((y, lambda g: g * e.scaled(1).over(entries)),))


def differentiate(nodes: Sequence[Node]) -> None:
    """Fill ``slope`` in every node that the last, a total error, was made from; ``nodes`` in the order of making."""
    nodes[-1].slope = Pairs.of(1.0)
    for node in reversed(nodes):
        for parent, pull in node.parents:
            assert node.slope is not None, "a node that nothing was made from"
            part = pull(node.slope)
            parent.slope = part if parent.slope is None else parent.slope + part


def pairs_of(stack: Stack, member: str) -> list[Pairs]:
    """Output, loss, gradients and updated weights of all cases, as `harness.truth.quantities` has them of one."""
    case = stack.first
    weights = [Node(Pairs.of(w)) for w in stack.weights]
    nodes = [Node(Pairs.of(stack.x))]
    for number, w in enumerate(weights, start=1):
        nodes.append(product(nodes[-1], w, first=number == 1))
        last = number == len(weights)
        if not (last and case.task == "prediction"):
            nodes.append(apply("sigmoid" if last else case.activation, nodes[-1], member))
    output = nodes[-1]
    nodes.append(mean_square(output, Pairs.of(stack.target)))
    differentiate(nodes)
    gradients = [w.slope for w in weights if w.slope is not None]
    alpha = Pairs.of(case.learning_rate)
    updated = [w.value - gradient * alpha for w, gradient in zip(weights, gradients, strict=True)]
    return [output.value, nodes[-1].value.reshape(len(stack.cases)), *gradients, *updated]


def exact_values(stack: Stack, wanted: Mapping[Quantity, Floats], member: str = "left") -> dict[Quantity, Exact]:
    """The truth of every case, cases first, precise to far below the bounds ``wanted``, cases first as well."""
    found, fine = _nothing(wanted) if _small(stack) or _beyond(stack) else by_pairs(stack, wanted, member)
    for k in np.flatnonzero(~fine).tolist():
        its = dict(quantities(truth(stack.cases[k], [bound[k] for bound in wanted.values()], member)))
        for q, one in found.items():
            one.high[k], one.low[k], one.radius[k] = its[q].high, its[q].low, its[q].radius
    return found


def _small(stack: Stack) -> bool:
    """Whether balls are faster; a matter of time alone.

    By the clock pairs cost the same for every stack until it is large, by its layers; balls cost something for each
    case and layer, each weight, and ten times that for each σ. On stacks of 1 to 8 cases of seven structures (3-5-2 to
    10-10-10-10, 1 and 8 samples; sigmoid, relu, gelu) the two took equally long where these came to 500 a layer.
    """
    case, depth = stack.first, len(stack.weights)
    a_case = 50 * depth + sum(w.size for w in case.weights) + 10 * case.batch * sum(case.layers[1:])
    return len(stack.cases) * a_case < 500 * depth


def _beyond(stack: Stack) -> bool:
    """Whether pairs cannot know: a chain of other layers, or a processor that flushes what relies on underflow."""
    return getattr(stack.first, "links", None) is not None or not gradual()


def _nothing(wanted: Mapping[Quantity, Floats]) -> tuple[dict[Quantity, Exact], Mask]:
    """Room for exact values, of which none are known."""
    fine = [np.zeros(len(bound), bool) for bound in wanted.values()]
    return {q: Exact(*np.zeros((3, *bound.shape))) for q, bound in wanted.items()}, fine[0]


def by_pairs(stack: Stack, wanted: Mapping[Quantity, Floats], member: str) -> tuple[dict[Quantity, Exact], Mask]:
    """Exact values as pairs have them, and for which cases (K,) they are the truth."""
    with np.errstate(all="ignore"):
        found = dict(zip(wanted, (number.bounded for number in pairs_of(stack, member)), strict=True))
        fine = np.logical_and.reduce([_determined(found[q], bound) for q, bound in wanted.items()])
    return {q: Exact(its.high, its.low, its.radius) for q, its in found.items()}, fine


def _determined(found: Pairs, bound: Floats) -> Mask:
    """Which cases (K,) are known: finite, far below the bound, and each entry either exact or not 0."""
    fine = np.isfinite(found.high) & np.isfinite(found.low) & (found.radius <= FAR_BELOW * bound)
    fine &= (found.radius == 0) | (np.abs(found.high) > 2 * found.radius)
    return np.asarray(fine.reshape(len(fine), -1).all(axis=1))
