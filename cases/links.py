"""Links of a chain (S15): the kinds of layer, what each makes of a width, and the shape of its weight.

A chain is y = f_1(w_1, f_2(w_2, … f_n(w_n, x))). The plain network is the chain dense, activation, dense, …; a case
may name another. Links are listed from the input, as numbers flow; the deck counts the f_i from the output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cases.faults import counted

Shape = tuple[int, int]


@dataclass(frozen=True)
class Kind:
    """A kind of link: what it is, and the width behind it.

    ``weight(width, size)`` is the shape of its weight where so many nodes come in, None where it has none; ``size`` is
    what a dense link (nodes) and a convolution (width of the window) need to be told. ``after(width, size)`` is the
    width behind it.
    """

    what: str
    weight: Callable[[int, int], Shape] | None
    after: Callable[[int, int], int]
    sized: str = ""


KINDS: dict[str, Kind] = {
    "dense": Kind("I = h · W", lambda width, size: (width, size), lambda width, size: size, "nodes"),
    "bias": Kind("I = h + b", lambda width, size: (1, width), lambda width, size: width),
    "activation": Kind("h = σ(I)", None, lambda width, size: width),
    "scale": Kind("y = s ⊙ x", lambda width, size: (1, width), lambda width, size: width),
    "convolution": Kind(
        "y_m = Σ_i w_i x_{m+i}", lambda width, size: (1, size), lambda width, size: width - size + 1, "weights"
    ),
    "normalisation": Kind("y = (x − m)/√(v + ε)", None, lambda width, size: width),
    "softmax": Kind("y_j = e^{x_j} / Σ e^{x_i}", None, lambda width, size: width),
    "quadratic": Kind("y = x A xᵀ", lambda width, size: (width, width), lambda width, size: 1),
}
"""Every kind by name, in the order in which they are told of."""


ALWAYS = {"normalisation": 0, "softmax": 1}
"""What a kind makes of a single node, whatever that is: all derivatives behind it are 0, and nothing is checked."""


@dataclass(frozen=True)
class Link:
    """One link f_i: its kind, what comes in and what goes out; ``size`` as `Kind` says, 0 where there is none.

    ``sigma`` is the name of an activation's σ, empty elsewhere.
    """

    kind: str
    size: int = 0
    sigma: str = ""

    @property
    def weighted(self) -> bool:
        """Whether it has a weight."""
        return KINDS[self.kind].weight is not None

    @property
    def word(self) -> str:
        """``dense5``, ``bias``, ``σ``: as reports have it."""
        return "σ" if self.kind == "activation" else f"{self.kind}{self.size or ''}"

    def unfit(self, width: int) -> tuple[str, str] | None:
        """What is wrong with it where ``width`` nodes come in, and what is expected; None where nothing is."""
        if self.kind == "convolution" and self.after(width) < 1:
            return f"a convolution with {counted(self.size, 'weight')}", f"at most {width}: {_come_in(width)}"
        if self.kind in ALWAYS and width == 1:
            return f"a {self.kind} of 1 node", f"2 nodes or more: of 1 it is always {ALWAYS[self.kind]}"
        return None

    def weight(self, width: int) -> Shape | None:
        """Shape of its weight where ``width`` nodes come in; None where it has none."""
        shape = KINDS[self.kind].weight
        return None if shape is None else shape(width, self.size)

    def after(self, width: int) -> int:
        """How many nodes go out; none or fewer where the link does not fit."""
        return KINDS[self.kind].after(width, self.size)


SIGMOID = Link("activation", sigma="sigmoid")
"""What ends a chain of the classification task (S8)."""


def plain(widths: Sequence[int]) -> tuple[Link, ...]:
    """The links of the plain network but for the one that its task may add: dense, activation, dense, …"""
    links: list[Link] = []
    for width in widths[1:]:
        links += [Link("dense", width), Link("activation")]
    return tuple(links[:-1])


def widths(inputs: int, links: Sequence[Link]) -> tuple[int, ...]:
    """Nodes before the first link and after each."""
    found = [inputs]
    for link in links:
        found.append(link.after(found[-1]))
    return tuple(found)


def _come_in(width: int) -> str:
    return f"{counted(width, 'node')} come{'s' * (width == 1)} in"


def weighted(links: Sequence[Link]) -> list[Link]:
    """Those that have a weight, in order."""
    return [link for link in links if link.weighted]
