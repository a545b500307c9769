"""A case as the chain of layers that it is (S15), on any kind of number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cases.case import Case
from cases.links import Link, widths
from harness.numbers.running_layers import (
    RunningBias,
    RunningConvolution,
    RunningNormalisation,
    RunningQuadratic,
    RunningSoftmax,
    RunningWindows,
)
from reference.activations import Sigma
from reference.layers import Layer
from reference.layers.listing import layer


def layers(case: Case, sigma: Callable[[str], Sigma], xp: Any) -> list[Layer]:
    """Its layers by the texts of ``reference/layers``; ``sigma`` makes σ by name, ``xp`` is the namespace."""
    return [layer(link.kind, xp, sigma(link.sigma) if link.sigma else None) for link in case.chain]


def running_layers(case: Case, sigma: Callable[[str], Sigma]) -> list[Layer]:
    """Its layers on running-error numbers: by their texts where the bound follows from these."""
    found: list[Layer] = []
    terms = 0
    for link, width in zip(case.chain, widths(case.x.shape[1], case.chain), strict=False):
        match link.kind:
            case "bias":
                found.append(RunningBias(terms))
            case "normalisation":
                found.append(RunningNormalisation())
            case "softmax":
                found.append(RunningSoftmax())
            case "convolution":
                found.append(RunningConvolution(RunningWindows))
            case "quadratic":
                found.append(RunningQuadratic())
            case kind:
                found.append(layer(kind, None, sigma(link.sigma) if link.sigma else None))
        terms = {"dense": width, "convolution": link.size, "quadratic": width**2}.get(link.kind, 0)
    return found


def between(links: Sequence[Link], weights: Sequence[Any]) -> list[Any]:
    """Weights as a chain takes them: None at each link that has none."""
    its = iter(weights)
    return [next(its) if link.weighted else None for link in links]


def weighted(links: Sequence[Link], found: Sequence[Any]) -> list[Any]:
    """Of what there is for every link, that of those that have a weight."""
    return [one for link, one in zip(links, found, strict=True) if link.weighted]
