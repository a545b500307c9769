"""A case as the chain of layers that it is (S15), on any kind of number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from cases.case import Case
from cases.links import Link, widths
from harness.numbers.running_folds import AFFINE, RunningAffine
from harness.numbers.running_layers import (
    RunningBias,
    RunningBiasOfSum,
    RunningConvolution,
    RunningDense,
    RunningNormalisation,
    RunningQuadratic,
    RunningScale,
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
    chain, nodes = case.chain, widths(case.x.shape[1], case.chain)
    for i, link in enumerate(chain):
        match link.kind:
            case "dense":
                found.append(RunningDense())
            case "bias":
                found.append(_bias(found[-1], chain[:i], nodes[i - 1]) if i else RunningBias())
            case "normalisation":
                found.append(RunningNormalisation())
            case "softmax":
                found.append(RunningSoftmax())
            case "convolution":
                biased = i + 1 < len(chain) and chain[i + 1].kind == "bias"
                found.append(RunningConvolution(RunningWindows, biased))
            case "quadratic":
                found.append(RunningQuadratic())
            case "scale":
                found.append(RunningScale())
            case kind:
                found.append(layer(kind, None, sigma(link.sigma) if link.sigma else None))
    for start, end in _runs(chain):
        found[start:end] = _run(found[start:end], chain[:start], chain[start:end], nodes[start - 1])
    return found


def _bias(before: Layer, links: Sequence[Link], width: int) -> Layer:
    """A bias behind a layer, the last of ``links``, into which so many nodes come."""
    if isinstance(before, RunningDense | RunningBias):
        return RunningBias(before)
    link, *further = reversed(links)
    if "normalisation" in (link.kind, *(its.kind for its in further[:1] if link.kind == "scale")):
        return RunningBiasOfSum(2)  # x·r + (b − m·r), as where gain and offset are folded in: b is rounded twice
    terms = _terms(link, width)
    return RunningBias() if terms is None else RunningBiasOfSum(terms)


def _terms(link: Link, width: int) -> int | None:
    """How many terms a link that is no dense one sums of so many nodes, where it is a sum."""
    return {"convolution": link.size, "quadratic": width**2}.get(link.kind)


def _runs(chain: Sequence[Link]) -> Iterator[tuple[int, int]]:
    """Where affine links follow each other, two or more: the first, and the one behind the last."""
    for affine, its in groupby(enumerate(chain), lambda one: one[1].kind in AFFINE):
        places = [i for i, _ in its]
        if affine and len(places) > 1:
            yield places[0], places[-1] + 1


def _run(its: Sequence[Layer], before: Sequence[Link], links: Sequence[Link], width: int) -> list[Layer]:
    """The layers of a run of affine links, which may be folded; into the last link ``before`` come so many nodes."""
    kinds, run = [link.kind for link in links], list[RunningAffine]()
    if kinds[0] == "dense" and {*kinds[1:]} == {"bias"}:
        return list(its)  # one sum of products: nothing is left to fold
    rounded = 0
    if before:
        rounded = 2 if before[-1].kind == "normalisation" else _terms(before[-1], width) or 0
    for place, (one, kind) in enumerate(zip(its, kinds, strict=True)):
        run.append(RunningAffine(one, layer(kind, RunningWindows), kinds, place, rounded, run))
    return list(run)


def between(links: Sequence[Link], weights: Sequence[Any]) -> list[Any]:
    """Weights as a chain takes them: None at each link that has none."""
    its = iter(weights)
    return [next(its) if link.weighted else None for link in links]


def weighted(links: Sequence[Link], found: Sequence[Any]) -> list[Any]:
    """Of what there is for every link, that of those that have a weight."""
    return [one for link, one in zip(links, found, strict=True) if link.weighted]
