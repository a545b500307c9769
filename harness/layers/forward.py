"""The forward pass of a case on any framework's arrays, layer by layer, keeping everything between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cases.links import Link

Function = Callable[[Any], Any]


def plain(
    hidden: Function, output: Function | None, x: Any, weights: Sequence[Any], added: Sequence[Any] | None = None
) -> tuple[list[Any], list[Any]]:
    """Every I^l and h^l of the plain network, l = 1 … L; ``added[l]`` is added to each I^l where given.

    ``hidden`` and ``output`` are σ; None at a linear output.
    """
    I: list[Any] = []
    h: list[Any] = []
    for number, w in enumerate(weights):
        I.append((h[-1] if h else x) @ w)
        if added is not None:
            I[-1] = I[-1] + added[number]
        sigma = hidden if number < len(weights) - 1 else output
        h.append(I[-1] if sigma is None else sigma(I[-1]))
    return I, h


def along(
    links: Sequence[Link],
    sigmas: dict[str, Function],
    layers: dict[str, Callable[[Any, Any], Any]],
    x: Any,
    weights: Sequence[Any],
    added: Sequence[Any] | None = None,
) -> list[Any]:
    """What each link of a chain makes, from the input; ``added[i]`` is added to it where given.

    ``sigmas`` are activations by name, ``layers`` all other kinds of link, which take their input and their weight.
    """
    its, values = iter(weights), [x]
    for number, link in enumerate(links):
        w = next(its) if link.weighted else None
        y = sigmas[link.sigma](values[-1]) if link.sigma else layers[link.kind](values[-1], w)
        values.append(y if added is None else y + added[number])
    return values[1:]
