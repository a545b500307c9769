"""A small reverse-mode differentiator over matrices of balls: what a truth is made of.

A node is a matrix and how its derivative flows to what it was made from. The operations are few, each with its
derivative by definition: product, sum, elementwise function, mean square. Nothing here knows of a pullback.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flint import arb, arb_mat

from harness.numbers.jets import Jet
from reference.activations import FORMULAS


@dataclass
class Node:
    """A matrix in the computation, and how its derivative flows to what it was made from."""

    value: arb_mat
    parents: Sequence[tuple[Node, Callable[[arb_mat], arb_mat]]] = ()
    slope: arb_mat | None = field(default=None)

    @property
    def derivative(self) -> arb_mat:
        """∂ℰ/∂ this matrix, after `differentiate`."""
        assert self.slope is not None, "differentiate() comes first"
        return self.slope


def product(a: Node, b: Node) -> Node:
    """A · B."""
    to_a = (a, lambda g: g * b.value.transpose())
    to_b = (b, lambda g: a.value.transpose() * g)
    return Node(a.value * b.value, (to_a, to_b))


def total(a: Node, b: Node) -> Node:
    """A + B."""
    return Node(a.value + b.value, ((a, lambda g: g), (b, lambda g: g)))


def times(a: Node, b: Node) -> Node:
    """A ⊙ B, both of one shape."""
    to_a = (a, lambda g: entrywise(g, b.value))
    to_b = (b, lambda g: entrywise(g, a.value))
    return Node(entrywise(a.value, b.value), (to_a, to_b))


def elementwise(a: Node, function: Callable[[arb], tuple[arb, arb]]) -> tuple[Node, arb_mat]:
    """A function entry by entry, which gives value and derivative; the node, and the derivatives."""
    pairs = [function(x) for x in a.value.entries()]
    m, n = a.value.nrows(), a.value.ncols()
    slopes = arb_mat(m, n, [slope for _, slope in pairs])
    return Node(arb_mat(m, n, [value for value, _ in pairs]), ((a, lambda g: entrywise(g, slopes)),)), slopes


def apply(name: str, a: Node, member: str, hull: bool) -> tuple[Node, arb_mat]:
    """σ entry by entry, and σ' there, from the formula of σ; ``member`` is its derivative on a kink."""
    return elementwise(a, lambda x: sigma(name, x, member, hull))


def sigma(name: str, x: arb, member: str = "left", hull: bool = True) -> tuple[arb, arb]:
    """σ(x) and σ'(x).

    Exactly on a kink the derivative is ``member`` (see `harness.numbers.running_sigma.MEMBERS`). Where a ball
    lies on both sides of a kink, the result holds both, or with ``hull`` false is that of the left side.
    """
    left, right = (FORMULAS[name].value(Jet, Jet.variable(x, side)) for side in (False, True))
    if not x.is_exact():
        return (left.value.union(right.value), left.slope.union(right.slope)) if hull else (left.value, left.slope)
    match member:
        case "mean":
            return left.value, (left.slope + right.slope) / 2
        case "inner":
            return left.value, right.slope if x < 0 else left.slope
        case "outer":
            return left.value, left.slope if x < 0 else right.slope
        case _:
            return left.value, left.slope if member == "left" else right.slope


def mean_square(y: Node, target: arb_mat) -> Node:
    """S11 averaged over the samples: the mean of (y* − y)² over all entries, as a 1×1 matrix."""
    e = y.value - target
    entries = e.nrows() * e.ncols()
    sum_ = sum((v * v for v in e.entries()), arb(0)) / entries
    return Node(arb_mat([[sum_]]), ((y, lambda g: e * (2 * g[0, 0] / entries)),))


def differentiate(root: Node) -> None:
    """Fill ``slope``, the derivative of ``root``, in every node below it (reverse mode)."""
    root.slope = arb_mat([[1]])
    for node in reversed(_below(root)):
        for parent, pull in node.parents:
            part = pull(node.derivative)
            parent.slope = part if parent.slope is None else parent.slope + part


def entrywise(a: arb_mat, b: arb_mat) -> arb_mat:
    """Products entry by entry."""
    pairs = zip(a.entries(), b.entries(), strict=True)
    return arb_mat(a.nrows(), a.ncols(), [x * y for x, y in pairs])


def _below(root: Node) -> list[Node]:
    """Every node under ``root``, parents before children; without recursion, for networks may be deep."""
    order: list[Node] = []
    seen: set[int] = set()
    waiting = [(root, False)]
    while waiting:
        node, done = waiting.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            waiting.append((node, True))
            waiting += [(parent, False) for parent, _ in node.parents]
    return order
