"""The truth: the derivative of the total error S11 by its definition, in exact numbers.

A small reverse-mode differentiator over matrices of balls (`harness.nodes`), with σ' taken from σ's own formula by
series arithmetic. It knows what each link makes of its input and the chain rule, and nothing of S18–S23 nor of any
pullback; so where the slides' equations come to the same numbers, back-propagation equals autodiff.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import sub

import flint
import numpy as np
from flint import arb, arb_mat

from cases.case import Array, Case
from harness.exact_links import LINKS
from harness.nodes import Node, apply, differentiate, mean_square
from harness.numbers.running import Floats

PRECISIONS_TRIED = (128, 256, 512, 1024, 2048, 4096, 8192)
"""Bits, raised until the radius is far below the bound."""

FAR_BELOW = 2.0**-20
"""The radius of the truth, as a part of the bound, that is small enough."""


@dataclass(frozen=True)
class Graph:
    """A case as nodes: weights, every x_i (the input first, then what each link makes), and the total error.

    ``slopes`` are σ' of each activation link.
    """

    weights: tuple[Node, ...]
    values: tuple[Node, ...]
    loss: Node
    slopes: tuple[arb_mat, ...]

    @property
    def output(self) -> Node:
        """Y."""
        return self.values[-1]

    @property
    def I(self) -> tuple[Node, ...]:
        """Of the plain network, I^l for l = 1 … L: what its dense links make."""
        return self.values[1::2]

    @property
    def h(self) -> tuple[Node, ...]:
        """Of the plain network, h^l for l = 1 … L: what its activations make, or I^L at a linear output."""
        return (*self.values[2::2], *(self.values[-1:] if len(self.values) % 2 == 0 else ()))


def graph(case: Case, member: str = "left", hull: bool = True, weights: Sequence[arb_mat] | None = None) -> Graph:
    """Run the links of a case forward on balls, and differentiate its total error (see `harness.nodes.sigma`).

    ``weights`` in place of the case's own, where those are no floating-point numbers.
    """
    nodes = tuple(Node(w) for w in weights or [as_balls(w) for w in case.weights])
    values, slopes, its = [Node(as_balls(case.x))], [], iter(nodes)
    for link in case.chain:
        if link.sigma:
            node, slope = apply(link.sigma, values[-1], member, hull)
            slopes.append(slope)
        else:
            node = LINKS[link.kind](next(its) if link.weighted else None, values[-1])
        values.append(node)
    loss = mean_square(values[-1], as_balls(case.target))
    differentiate(loss)
    return Graph(nodes, tuple(values), loss, tuple(slopes))


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
    return [g.output.value, g.loss.value, *gradients, *updated]


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
