"""The truth: the derivative of the total error S11 by its definition, in exact numbers.

A small reverse-mode differentiator over matrices of balls, with σ' taken from σ's own formula by series
arithmetic. It knows the forward formulas S2–S11 and the chain rule, and nothing of S18–S23; so where the
slides' equations come to the same numbers, back-propagation equals autodiff.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import sub

import flint
import numpy as np
from flint import arb, arb_mat

from cases.case import Array, Case
from harness.numbers.jets import Jet
from harness.numbers.running import Floats
from reference.activations import FORMULAS

PRECISIONS_TRIED = (128, 256, 512, 1024, 2048, 4096, 8192)
"""Bits, raised until the radius is far below the bound."""

FAR_BELOW = 2.0**-20
"""The radius of the truth, as a part of the bound, that is small enough."""


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


def apply(name: str, a: Node, member: str, hull: bool) -> tuple[Node, arb_mat]:
    """σ entry by entry, and σ' there, from the formula of σ; ``member`` is its derivative on a kink."""
    pairs = [sigma(name, x, member, hull) for x in a.value.entries()]
    m, n = a.value.nrows(), a.value.ncols()
    slopes = arb_mat(m, n, [slope for _, slope in pairs])
    return Node(arb_mat(m, n, [value for value, _ in pairs]), ((a, lambda g: _entrywise(g, slopes)),)), slopes


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
    total = sum((v * v for v in e.entries()), arb(0)) / entries
    return Node(arb_mat([[total]]), ((y, lambda g: e * (2 * g[0, 0] / entries)),))


def differentiate(root: Node) -> None:
    """Fill ``slope``, the derivative of ``root``, in every node below it (reverse mode)."""
    root.slope = arb_mat([[1]])
    for node in reversed(_below(root)):
        for parent, pull in node.parents:
            part = pull(node.derivative)
            parent.slope = part if parent.slope is None else parent.slope + part


@dataclass(frozen=True)
class Graph:
    """A case as nodes: weights, every I^l and h^l (l = 1 … L), and the total error.

    ``slopes`` are σ'(I^l), one fewer where the output is linear.
    """

    weights: tuple[Node, ...]
    I: tuple[Node, ...]
    h: tuple[Node, ...]
    loss: Node
    slopes: tuple[arb_mat, ...]


def graph(case: Case, member: str = "left", hull: bool = True, weights: Sequence[arb_mat] | None = None) -> Graph:
    """Run the forward formulas of a case on balls, and differentiate its total error (see `sigma`).

    ``weights`` in place of the case's own, where those are no floating-point numbers.
    """
    nodes = tuple(Node(w) for w in weights or [as_balls(w) for w in case.weights])
    I, h, slopes = [], [Node(as_balls(case.x))], []
    for number, w in enumerate(nodes, start=1):
        I.append(product(h[-1], w))
        last = number == len(nodes)
        if last and case.task == "prediction":
            h.append(I[-1])
        else:
            node, slope = apply("sigmoid" if last else case.activation, I[-1], member, hull)
            h.append(node)
            slopes.append(slope)
    loss = mean_square(h[-1], as_balls(case.target))
    differentiate(loss)
    return Graph(nodes, tuple(I), tuple(h[1:]), loss, tuple(slopes))


@dataclass(frozen=True)
class Exact:
    """Exact values as two float64 arrays and a radius: value = high + low, give or take radius."""

    high: Floats
    low: Floats
    radius: Floats


@dataclass(frozen=True)
class Truth:
    """Exact values of what a backend returns for a case; shapes as there, without the axis of cases."""

    output: Exact
    loss: Exact
    gradients: tuple[Exact, ...]
    updated: tuple[Exact, ...]


def truth(case: Case, wanted: Sequence[Floats], member: str = "left") -> Truth:
    """The truth of a case, precise to far below the bounds ``wanted``.

    ``wanted`` are the bounds of output, loss, each gradient and each updated weight matrix, in this order.
    """
    exact = determined(case, wanted, lambda g: quantities(g, case.learning_rate), member)
    depth = len(case.weights)
    loss = Exact(*(part.reshape(()) for part in (exact[1].high, exact[1].low, exact[1].radius)))
    return Truth(exact[0], loss, tuple(exact[2 : 2 + depth]), tuple(exact[2 + depth :]))


def determined(
    case: Case, wanted: Sequence[Floats], of: Callable[[Graph], Sequence[arb_mat]], member: str = "left"
) -> list[Exact]:
    """Matrices of a case's graph, each precise to far below its bound in ``wanted``; two axes each.

    Raises ArithmeticError where the highest precision does not determine them.
    """
    exact: list[Exact] = []
    attempts = [(bits, True) for bits in PRECISIONS_TRIED]
    attempts.append((PRECISIONS_TRIED[-1], False))  # a unit that cancels exactly: the bound covers both sides
    for bits, hull in attempts:
        try:
            with flint.ctx.workprec(bits):
                exact = [split(matrix) for matrix in of(graph(case, member, hull))]
        except ValueError:  # a ball so wide that a formula divides by 0: more bits
            continue
        pairs = zip(exact, wanted, strict=True)
        if all(np.all(e.radius <= FAR_BELOW * b.reshape(e.radius.shape)) for e, b in pairs):
            break
    if not exact:
        raise ArithmeticError(f"{case.name}: the exact value is not determined by {PRECISIONS_TRIED[-1]} bits")
    return exact


def quantities(g: Graph, alpha: float) -> list[arb_mat]:
    """Output, loss, gradients and updated weights, W − αΔW (S13), as matrices of balls."""
    gradients = [w.derivative for w in g.weights]
    updated = [w.value - w.derivative * arb(alpha) for w in g.weights]
    return [g.h[-1].value, g.loss.value, *gradients, *updated]


def split(matrix: arb_mat) -> Exact:
    """Two float64 arrays and a radius that together hold every ball; shape (rows, columns)."""
    shape = (matrix.nrows(), matrix.ncols())
    entries = matrix.entries()
    mids = list(map(arb.mid, entries))
    high = _floats(mids)
    low = _floats(map(sub, mids, high.tolist()))
    radius = _floats(map(arb.rad, entries))
    upward = np.where(radius > 0, np.nextafter(radius, np.inf), radius)
    for i in np.flatnonzero(radius == 0):
        if not entries[i].is_exact():  # a radius below the smallest float64
            upward[i] = 5e-324
    return Exact(high.reshape(shape), low.reshape(shape), upward.reshape(shape))


def _floats(balls: Iterable[arb]) -> Floats:
    return np.array(list(map(float, balls)))


def as_balls(values: Array) -> arb_mat:
    """Floating-point numbers as exact ones, and rational ones as balls; shape (rows, columns)."""
    return arb_mat((values if values.dtype == object else np.asarray(values, dtype=np.float64)).tolist())


def _entrywise(a: arb_mat, b: arb_mat) -> arb_mat:
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
