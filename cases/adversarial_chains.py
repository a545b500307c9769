"""Random and adversarial chains of every kind of link (S15), as `cases.adversarial` has them of plain networks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cases.adversarial import KINDS, Format, Numbers, Shape, ordinary
from cases.case import ACTIVATIONS, DTYPES, TASKS, Case, finfo, make_case
from cases.links import KINDS as LINKS
from cases.links import Link, widths
from cases.stream import Floats, Stream

PER_STACK = 64
"""Chains of one structure: fewer than networks, for there are more kinds of structure."""

WIDE = ("float64", "float32")
"""Formats in which chains of other layers are checked."""


def plan(total: int, seed: int) -> list[tuple[int, int]]:
    """(number, count) of the structures that make up ``total`` chains."""
    made = 0
    numbers: list[tuple[int, int]] = []
    while made < total:
        number = len(numbers)
        count = min(shape(number, seed).count, total - made)
        numbers.append((number, count))
        made += count
    return numbers


def chains(number: int, count: int, seed: int) -> list[list[Case]]:
    """``count`` chains of structure ``number``, once in each of WIDE; a case's tag is the kind of its numbers."""
    return [draw(shape(number, seed), ("chain", number), count, seed, dtype) for dtype in WIDE]


def draw(its: Shape, label: tuple[object, ...], count: int, seed: int, dtype: str) -> list[Case]:
    """``count`` cases of one structure, each of a kind of its own; they share activation, task and learning rate."""
    stream = Stream(seed, *label)
    activation, task = stream.choice(ACTIVATIONS), stream.choice(TASKS)
    alpha = stream.choice((0.1, 0.5, 0.001, 1.0, 100.0))
    name = "-".join(map(str, ("fuzz", *label)))
    return [
        _case(Stream(seed, *label, k, dtype), its, f"{name}-{k}", activation, task, dtype, alpha) for k in range(count)
    ]


def _case(stream: Stream, its: Shape, name: str, activation: str, task: str, dtype: str, alpha: float) -> Case:
    kind = stream.choice(tuple(CHAIN_KINDS))
    with np.errstate(all="ignore"):
        x, weights, target = CHAIN_KINDS[kind](stream, its, Format(dtype))
        largest = float(finfo(DTYPES[dtype]).max)
        x, target, *weights = (np.clip(part, -largest, largest) for part in (x, target, *weights))
    return make_case(name, activation, task, dtype, x, target, weights, alpha, tags=(kind,), links=its.links)


def shape(number: int, seed: int) -> Shape:
    """Links, widths and number of samples of structure ``number``: one in eight is wide, one in eight has width 1."""
    stream, pick = Stream(seed, "chain structure", number), number % 8
    wide = pick == 5
    inputs = 1 if pick == 3 else stream.integer(64, 200) if wide else stream.integer(1, 8)
    links = _links(stream, inputs, stream.integer(1, 3 if wide else 6), wide)
    count = 4 if wide else PER_STACK
    return Shape(widths(inputs, links), stream.integer(1, 2 if wide else 5), count, links)


def _links(stream: Stream, width: int, depth: int, wide: bool) -> tuple[Link, ...]:
    """``depth`` links of any kinds, at least one with a weight; one convolution in three has a window as wide as x."""
    links: list[Link] = []
    for left in reversed(range(depth)):
        kinds = [kind for kind, its in LINKS.items() if left or its.weight or any(link.weighted for link in links)]
        kind, size = stream.choice(kinds), 0
        if kind == "dense":
            size = stream.integer(64, 128) if wide and stream.integer(0, 1) else stream.integer(1, 8)
        if kind == "convolution":
            size = width if stream.integer(0, 2) == 0 else stream.integer(1, min(width, 80))
        links.append(Link(kind, size))
        width = links[-1].after(width)
    return tuple(links)


def _level(stream: Stream, its: Shape, form: Format) -> Numbers:
    """Every node of a layer the same, or but for a last bit: no variance, and all of a softmax tied."""
    x, weights, target = ordinary(stream, its, form)
    bits = form.bits if stream.integer(0, 1) else 2 * form.bits

    def levelled(array: Floats) -> Floats:
        noise = np.ldexp(stream.uniform(*array.shape, low=-2.0, high=2.0), -bits)
        return np.asarray(array[:, :1] * (1 + noise))

    size = 2.0 ** stream.integer(-4, 8)
    return levelled(x) * size, [levelled(w) for w in weights], target


def _offset(stream: Stream, its: Shape, form: Format) -> Numbers:
    """A mean that is large against the spread around it, down to spreads below a last bit."""
    x, weights, target = ordinary(stream, its, form)

    def moved(array: Floats) -> Floats:
        spread = 2.0 ** -stream.integer(0, form.bits + 2)
        return float(stream.exponents(-3, 12, 1)[0]) * (1 + spread * array)

    rows = [moved(w) if w.shape[0] == 1 or stream.integer(0, 1) else w for w in weights]
    return moved(x), rows, target


def _tied(stream: Stream, its: Shape, form: Format) -> Numbers:
    """Nodes equal in pairs, behind dense links too."""
    x, weights, target = ordinary(stream, its, form)

    def paired(array: Floats) -> Floats:
        return np.asarray(array[:, np.arange(array.shape[1]) // 2 * 2])

    size = 2.0 ** stream.integer(-1, 10)
    return paired(x) * size, [paired(w) for w in weights], target


def _gapped(stream: Stream, its: Shape, form: Format) -> Numbers:
    """Nodes far apart: e^x at both ends of the format and beyond."""
    x, weights, target = ordinary(stream, its, form)

    def spread(array: Floats) -> Floats:
        return array * 2.0 ** stream.integers(0, 12, *array.shape)

    return spread(x), [spread(w) if w.shape[0] == 1 or stream.integer(0, 2) == 0 else w for w in weights], target


def _opposed(stream: Stream, its: Shape, form: Format) -> Numbers:
    """Rows of weights that nearly cancel against x in pairs: windows, products and sums of what is left."""
    x, weights, target = ordinary(stream, its, form)
    parts = [x, *weights]
    for part in parts[1:] if stream.integer(0, 1) else parts:
        half = part.shape[1] // 2
        part[:, half : 2 * half] = -part[:, :half] * (1 + 2.0 ** -stream.integer(20, 60))
        if part.shape[0] == part.shape[1] and stream.integer(0, 1):
            part[:] = part - part.T * (1 + 2.0 ** -stream.integer(20, 60))
    if stream.integer(0, 1):
        half = x.shape[1] // 2
        x[:, half : 2 * half] = x[:, :half]
    return x, weights, target


def _alternating(stream: Stream, its: Shape, form: Format) -> Numbers:
    """One large term before many that it rounds away: sums that err the same way at every step."""
    x, weights, target = ordinary(stream, its, form)
    tie = 2.0 ** (-form.bits - stream.integer(-1, 1)) * stream.choice((1.0, 1 + 2.0**-20, 1 - 2.0**-20))

    corner = stream.integer(0, 1) == 1

    def tailed(array: Floats) -> Floats:
        found = np.full(array.shape, tie)
        found[0 if corner else slice(None), 0] = 1.0
        return found

    if stream.integer(0, 1):
        return tailed(x), [np.ones(w.shape) for w in weights], target
    return np.ones(x.shape), [tailed(w.T).T if w.shape[0] > 1 else tailed(w) for w in weights], target


CHAIN_KINDS: dict[str, Callable[[Stream, Shape, Format], Numbers]] = {
    **KINDS,
    "level": _level,
    "offset": _offset,
    "tied": _tied,
    "gapped": _gapped,
    "opposed": _opposed,
    "alternating": _alternating,
}
"""Kinds of numbers by name: those of the plain network, and what layers of other kinds may stumble over."""
