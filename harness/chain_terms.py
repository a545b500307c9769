"""The terms of a case that is another chain than the plain network: what each link makes, and its two pullbacks.

x_0 is the input and x_i what link i makes, counted from the input; the deck counts from the output (S15). In the order
of the whole run: x_1 to Y, E and ℰ, then from the output back for every link its Δw and the ∂ℰ/∂x it passes on (S16).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cases.case import Case
from cases.links import Link
from harness.terms import Term


def chain_terms(case: Case) -> Iterator[Term]:
    """Every term of the case, in order."""
    links, numbers = case.chain, numbered(case.chain)
    last = len(links)
    for i, link in enumerate(links[:-1], start=1):
        yield Term("forward", "value", f"x_{i}, of {called(i, link)}", "S15", f"x^{i}", i)
    yield Term("forward", "output", f"Y, of {called(last, links[-1])}", "S15", "y")
    yield Term("error", "error", "E = Y* − Y", "S10", "e")
    yield Term("error", "loss", "ℰ", "S11", "ℰ")
    yield Term("backward", "delta", "∂ℰ/∂Y", "S16", "∂ℰ/∂y", last)
    for i, link in reversed(list(enumerate(links, start=1))):
        if link.weighted:
            name = f"Δw of {called(i, link)}, its pullback to w"
            yield Term("backward", "gradient", name, "S16", f"Δw^{i}", numbers[i], _index(link))
        if i > 1:
            name = f"∂ℰ/∂x_{i - 1}, the pullback to x of {called(i, link)}"
            yield Term("backward", "delta", name, "S16", f"∂ℰ/∂x^{i - 1}", i - 1)
    for i, link in reversed(list(enumerate(links, start=1))):
        if link.weighted:
            yield Term("update", "update", f"w' of {called(i, link)}", "S13", f"w'^{i}", numbers[i], _index(link))


def called(i: int, link: Link) -> str:
    """``link 3 (normalisation)``; an activation by its σ."""
    return f"link {i} ({link.sigma or link.kind})"


def numbered(links: Sequence[Link]) -> dict[int, int]:
    """For each link that has a weight, which weight that is, both from 1."""
    places = [i for i, link in enumerate(links, start=1) if link.weighted]
    return {i: number for number, i in enumerate(places, start=1)}


LOSSY = ("normalisation", "softmax")
"""Kinds whose pullback to x takes away a part of Δ: what is the same for every node."""


def suspects(case: Case, weight: int, further: bool) -> str:
    """Which pullbacks may be wrong where Δw of a weight (from 1) is the first wrong result from the output back.

    ``further``: those nearer to the input are wrong too, or there are none; otherwise Δ came through it unharmed, or
    with a fault that a link before it takes away.
    """
    links = case.chain
    places = {number: i for i, number in numbered(links).items()}
    i, behind = places[weight], places.get(weight + 1, len(links) + 1)
    own = f"the pullback to w of {called(i, links[i - 1])}"
    between = [f"to x of {called(n, links[n - 1])}" for n in range(i + 1, min(behind, len(links)) + 1)]
    before = links[places.get(weight - 1, 0) : i - 1]
    if not between or not (further or any(link.kind in LOSSY for link in before)):
        return own
    return f"the pullback {' or '.join(between)}, or {own.removeprefix('the pullback ')}"


def _index(link: Link) -> str:
    """A mark that makes an entry's name have two indices, as a weight's has: the kind of link."""
    return link.kind
