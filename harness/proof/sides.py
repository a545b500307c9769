"""The two sides of each claim about a structure: by definition, and by the text of ``reference/``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sympy

from harness.numbers.symbols import Symbols
from harness.proof.networks import ALPHA, Structure
from reference import error, neuron
from reference.activations import Sigma
from reference.backward import Backward, backward
from reference.update import update

Pair = tuple[str, Any, Any]
"""A name, the left side, and the right side in symbols for I^l and h^l."""


def forward(s: Structure, layer: int) -> Iterator[Pair]:
    """S2 node by node, against the matrix form S6–S9."""
    for b in range(s.batch):
        links, w, x = _scalars(s, b)
        nodes = neuron.forward(links, w, x, lambda l: _sigma(s, l))
        for its, opaque in zip(nodes, (s.opaque.I, s.opaque.h), strict=True):
            for (l, j), value in its.items():
                if l > 0:
                    symbol = opaque[l].entries[b, j - 1]
                    yield str(symbol), value.entries[()], symbol


def loss(s: Structure, layer: int) -> Iterator[Pair]:
    """ℰ = (1/N_O) Σ_j (y*_j − y_j)² (S10, S11), averaged over the samples."""
    Y, target = s.opaque.h[-1], s.target
    squares = sum((t - y) ** 2 for y, t in zip(Y.entries.flat, target.entries.flat, strict=True))
    written = (squares / Y.entries.size).xreplace(s.meaning())
    yield "ℰ", written, error.total_error(error.error(Y, target)).entries[()]


def slope(s: Structure, layer: int) -> Iterator[Pair]:
    """∂ℰ/∂y: from which every Δ starts."""
    Y = s.opaque.h[-1]
    total = error.total_error(error.error(Y, s.target)).entries[()]
    for y, right in _both(Y, error.slope(Y, s.target)):
        yield f"∂ℰ/∂{y}", sympy.diff(total, y).xreplace(s.meaning()), right


def recursion(s: Structure, layer: int) -> Iterator[Pair]:
    """One link of S16: from sympy's ∂ℰ/∂I^{l+1} the text's ∂ℰ/∂h^l, and from sympy's ∂ℰ/∂h^l the text's ∂ℰ/∂I^l."""
    I, h, following = s.opaque.I[layer], s.opaque.h[layer], s.opaque.I[layer + 1]
    totals = s.total(layer), s.total_after(layer), s.total(layer + 1)
    by_I, by_h, by_following = (_derivatives(total, its) for total, its in zip(totals, (I, h, following), strict=True))
    activation, dense = s.network.layers(s.depth)[2 * layer - 1 : 2 * layer + 1]
    meaning = s.meaning()
    for its, left, right in (
        (h, by_h, dense.pullback_input(s.weights[layer], h, following, by_following)),
        (I, by_I, activation.pullback_input(None, I, h, by_h)),
    ):
        for (node, found), true in zip(_both(its, right), left.entries.flat, strict=True):
            yield f"∂ℰ/∂{node}", true.xreplace(meaning), found


def _derivatives(total: Any, its: Symbols) -> Symbols:
    return Symbols([[sympy.diff(total, v) for v in row] for row in its.entries])


def delta(s: Structure, layer: int) -> Iterator[Pair]:
    """∂ℰ/∂I^l, ℰ being a function of the I^l of a layer and all after it: S18, S20."""
    total, its = s.total(layer), s.opaque.I[layer]
    for I, right in _both(its, _back(s).deltas[layer - 1]):
        yield f"∂ℰ/∂{I}", sympy.diff(total, I), right


def gradient(s: Structure, layer: int) -> Iterator[Pair]:
    """∂ℰ/∂w for every weight that enters a layer: S23."""
    its = _both(s.weights[layer - 1], _back(s).gradients[layer - 1])
    for (w, right), left in zip(its, s.gradient(layer), strict=True):
        yield f"∂ℰ/∂{w}", left, right


def updated(s: Structure, layer: int) -> Iterator[Pair]:
    """w' = w − α ∂ℰ/∂w: S13."""
    found = update(s.weights, _back(s).gradients, ALPHA)[layer - 1]
    its = _both(s.weights[layer - 1], found)
    for (w, right), left in zip(its, s.gradient(layer), strict=True):
        yield str(w).replace("w", "w'", 1), w - ALPHA * left, right


def scalar(s: Structure, layer: int) -> Iterator[Pair]:
    """∂ℰ/∂w once more, by a walk from node to node: S17, S18, S19, S22."""
    links, w, _ = _scalars(s, 0)
    I, h = ({(l, j + 1): nodes.entry(0, j) for l, nodes in enumerate(its) for j in range(nodes.shape[1])}
            for its in (s.opaque.I, s.opaque.h))  # fmt: skip
    slopes = error.slope(s.opaque.h[-1], s.target)
    ends = {(s.depth, j + 1): slopes.entry(0, j) for j in range(s.widths[-1])}
    _, changes = neuron.backward(links, w, I, h, ends, lambda l: _sigma(s, l))
    lefts = dict(zip(s.weights[layer - 1].entries.flat, s.gradient(layer), strict=True))
    for link in links:
        if link[1][0] == layer:
            weight = w[link].entries[()]
            yield f"∂ℰ/∂{weight}", lefts[weight], changes[link].entries[()]


CLAIMS: dict[str, Callable[[Structure, int], Iterator[Pair]]] = {
    "forward": forward,
    "loss": loss,
    "slope": slope,
    "recursion": recursion,
    "delta": delta,
    "gradient": gradient,
    "update": updated,
    "scalar": scalar,
}
"""Every claim, in the order of the whole run."""

WHOLE = ("forward", "loss", "slope")
"""Claims about the network as a whole; the others are made layer by layer."""


def layers(claim: str, depth: int) -> Sequence[int]:
    """The layers that a claim is made of, from the output; 0 where it is of the whole."""
    if claim in WHOLE:
        return (0,)
    return range(depth - 1 if claim == "recursion" else depth, 0, -1)


class Linear:
    """No σ: what a linear output is to the scalar form."""

    def value(self, x: Symbols) -> Symbols:
        """x."""
        return x

    def derivative(self, x: Symbols, y: Symbols) -> Symbols:
        """1."""
        return Symbols.ones_like(x)


def _back(s: Structure) -> Backward:
    return backward(s.network, s.weights, s.opaque, s.target)


def _sigma(s: Structure, l: int) -> Sigma:
    return s.sigmas[l - 1] if l <= len(s.sigmas) else Linear()


def _scalars(s: Structure, b: int) -> tuple[list[neuron.Link], dict[neuron.Link, Symbols], dict[neuron.Node, Symbols]]:
    """Links, their weights, and the inputs of sample b."""
    links = neuron.links(s.widths)
    w = {((l, i), end): s.weights[l].entry(i - 1, end[1] - 1) for (l, i), end in links}
    return links, w, {(0, i + 1): s.x.entry(b, i) for i in range(s.widths[0])}


def _both(left: Symbols, right: Symbols) -> Iterator[tuple[Any, Any]]:
    if left.shape != right.shape:
        raise ValueError(f"shape {right.shape} where it should be {left.shape}")
    return zip(left.entries.flat, right.entries.flat, strict=True)
