"""Chains of other layers on symbols (S14–S16): sympy's derivative of ℰ against the pullbacks of ``reference/layers``.

Nothing is known of weights, inputs, targets and σ. Of each chain sympy differentiates the total error, which it has
from the forward functions alone, by every weight; what the recursion S16 makes of the pullbacks is subtracted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy

from cases.links import SIGMOID, Link, widths
from harness.numbers.symbols import AnySigma, Symbols
from harness.proof.derivatives import Checked, Entry
from harness.proof.written import shortest
from reference import chain, error
from reference.layers import Layer
from reference.layers.listing import layer

LETTERS = {"dense": "W", "bias": "b", "scale": "s", "convolution": "w", "quadratic": "A"}
"""What the weights of each kind of link are called."""


@dataclass(frozen=True)
class Chain:
    """A chain by its links, with ``inputs`` nodes and so many samples; nothing is known of its numbers."""

    inputs: int
    links: tuple[Link, ...]
    batch: int = 1

    @property
    def label(self) -> str:
        """``3-dense5-bias-σ-dense2-bias``, with its samples where there are several."""
        words = "-".join([str(self.inputs), *(link.word for link in self.links)])
        return words + (f" with {self.batch} samples" if self.batch > 1 else "")

    def along(self, task: str) -> tuple[Link, ...]:
        """Its links with what the task adds (S8, S9)."""
        return (*self.links, SIGMOID) if task == "classification" else self.links


DENSE, BIAS, SCALE, SIGMA = "dense", Link("bias"), Link("scale"), Link("activation", sigma="any")

CHAINS = (
    Chain(3, (Link(DENSE, 5), BIAS, SIGMA, Link(DENSE, 2), BIAS)),
    Chain(2, (Link(DENSE, 3), BIAS, SIGMA, Link(DENSE, 1), BIAS), 2),
    Chain(3, (SCALE, Link(DENSE, 3), SIGMA, SCALE, Link(DENSE, 2))),
    Chain(3, (SCALE, Link("convolution", 2), BIAS, SIGMA, Link("quadratic"))),
)
"""The deck's network with a bias in each layer; two samples, over which a bias is shared; an elementwise scale before
and behind σ; shared weights and a quadratic form, each of which sends an error further back."""


def checked() -> list[Checked]:
    """Every derivative of every chain, in both tasks."""
    return [one for its in CHAINS for task in ("classification", "prediction") for one in _of(its, task)]


def _of(its: Chain, task: str) -> Iterator[Checked]:
    links = its.along(task)
    nodes = widths(its.inputs, links)
    weights = [_weight(n, link, width) for n, (link, width) in enumerate(zip(links, nodes, strict=False), start=1)]
    layers = [_layer(n, link) for n, link in enumerate(links, start=1)]
    x, target = (Symbols.named(_called(name, its.batch), (its.batch, n)) for name, n in (("x", nodes[0]),
                                                                                       ("y*", nodes[-1])))  # fmt: skip
    try:
        values = chain.forward(layers, weights, x)
        total = error.total_error(error.error(values[-1], target)).entries[()]
        _, gradients = chain.backward(layers, weights, values, error.slope(values[-1], target))
    except Exception as raised:  # whatever a wrong text does, it proves nothing
        yield Checked("chain", its.label, task, 0, (), f"the text does not run: {type(raised).__name__}: {raised}")
        return
    for number, (w, found) in enumerate(zip(weights, gradients, strict=True), start=1):
        if w is not None:
            yield Checked("chain", its.label, task, number, tuple(_entries(total, w, found)))


def _entries(total: Any, w: Symbols, found: Any) -> Iterator[Entry]:
    if w.shape != found.shape:
        raise ValueError(f"shape {found.shape} where it should be {w.shape}")
    for symbol, right in zip(w.entries.flat, found.entries.flat, strict=True):
        rest = sympy.expand(sympy.diff(total, symbol) - right)
        yield Entry(f"∂ℰ/∂{symbol}", "", "" if rest == 0 else shortest(rest))


def _weight(number: int, link: Link, width: int) -> Symbols | None:
    shape = link.weight(width)
    if shape is None:
        return None
    return Symbols.named(lambda i, j: f"{LETTERS[link.kind]}_{i + 1}{j + 1}^{number}", shape)


def _layer(number: int, link: Link) -> Layer:
    return layer(link.kind, Symbols, AnySigma(f"σ_{number}") if link.sigma else None)


def _called(name: str, batch: int) -> Any:
    return lambda b, j: f"{name}_{j + 1}" + (f"^({b + 1})" if batch > 1 else "")
