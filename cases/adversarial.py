"""Random and adversarial networks: what a rounding bound must hold for, and would most easily break on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cases.case import ACTIVATIONS, DTYPES, TASKS, Case, finfo, make_case
from cases.links import Link
from cases.stream import Floats, Stream

PER_STACK = 128
"""Networks of one structure, so that each framework compiles once for all of them."""

Numbers = tuple[Floats, list[Floats], Floats]
"""Input, weights, target."""


@dataclass(frozen=True)
class Shape:
    """A structure: layer widths, number of samples, and how many networks of it make a stack.

    ``links`` where it is another chain than the plain network.
    """

    widths: tuple[int, ...]
    batch: int
    count: int = PER_STACK
    links: tuple[Link, ...] | None = None

    @property
    def weights(self) -> list[tuple[int, int]]:
        """Shapes of the weights."""
        if self.links is None:
            return list(zip(self.widths, self.widths[1:], strict=False))
        pairs = zip(self.links, self.widths, strict=False)
        return [shape for link, width in pairs if (shape := link.weight(width)) is not None]


def plan(total: int, seed: int) -> list[tuple[int, int]]:
    """(number, count) of the structures that make up ``total`` networks."""
    made = 0
    numbers: list[tuple[int, int]] = []
    while made < total:
        number = len(numbers)
        count = min(_shape(Stream(seed, "structure", number), number).count, total - made)
        numbers.append((number, count))
        made += count
    return numbers


def networks(number: int, count: int, seed: int) -> list[list[Case]]:
    """``count`` networks of structure ``number``, once in every precision; a case's tag is its kind."""
    stream = Stream(seed, "structure", number)
    shape = _shape(stream, number)
    activation, task = ACTIVATIONS[number % len(ACTIVATIONS)], stream.choice(TASKS)
    alpha = stream.choice((0.1, 0.5, 0.001, 1.0, 100.0))
    return [
        [
            _case(Stream(seed, "network", number, k, dtype), shape, f"{number}-{k}", activation, task, dtype, alpha)
            for k in range(count)
        ]
        for dtype in DTYPES
    ]


def _case(stream: Stream, shape: Shape, name: str, activation: str, task: str, dtype: str, alpha: float) -> Case:
    kind = stream.choice(tuple(KINDS))
    with np.errstate(all="ignore"):
        x, weights, target = KINDS[kind](stream, shape, Format(dtype))
        largest = float(finfo(DTYPES[dtype]).max)
        x, target, *weights = (np.clip(part, -largest, largest) for part in (x, target, *weights))
    return make_case(f"fuzz-{name}", activation, task, dtype, x, target, weights, alpha, tags=(kind,))


def _shape(stream: Stream, number: int) -> Shape:
    pick = number % 40
    if pick == 0:
        return Shape((784, stream.integer(1, 32), 10), 1, 4)
    if pick == 1:
        return Shape((784, 128, 10), stream.integer(1, 2), 2)
    if pick < 8:
        return Shape(tuple(stream.integers(1, 6, 7).tolist()), stream.integer(1, 4))
    if pick < 12:
        return Shape((1,) * stream.integer(2, 7), stream.integer(1, 3))
    if pick < 16:
        return Shape((stream.integer(1, 6), stream.integer(30, 140), stream.integer(1, 10)), stream.integer(1, 8), 8)
    depth = stream.integer(1, 4)
    return Shape(tuple(stream.integers(1, 9, depth + 1).tolist()), stream.integer(1, 8))


@dataclass(frozen=True)
class Format:
    """Exponents of a format: the largest, of the smallest normal and of the smallest subnormal number."""

    dtype: str

    @property
    def bits(self) -> int:
        """Of the significand."""
        return int(finfo(DTYPES[self.dtype]).nmant) + 1

    @property
    def top(self) -> int:
        """Exponent of the largest number."""
        return int(finfo(DTYPES[self.dtype]).maxexp) - 1

    @property
    def normal(self) -> int:
        """Exponent of the smallest normal number."""
        return int(finfo(DTYPES[self.dtype]).minexp)

    @property
    def tiny(self) -> int:
        """Exponent of the smallest subnormal number."""
        return self.normal - int(finfo(DTYPES[self.dtype]).nmant)


def ordinary(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """Inputs in ±1, weights scaled by the width, targets in 0 … 1."""
    weights = [stream.uniform(m, n, low=-1.0, high=1.0) * (2.0 / m**0.5) for m, n in shape.weights]
    x = stream.uniform(shape.batch, shape.widths[0], low=-1.0, high=1.0)
    return x, weights, stream.uniform(shape.batch, shape.widths[-1])


def _scaled(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """Each array at a scale of its own, from one end of the format to the other."""
    x, weights, target = ordinary(stream, shape, form)

    def scale() -> float:
        return float(stream.exponents(form.normal, form.top // 2, 1)[0])

    return x * scale(), [w * scale() for w in weights], target * scale()


def _balanced(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """Scales that undo each other: a tiny layer after a huge one."""
    x, weights, target = ordinary(stream, shape, form)
    power = stream.integer(0, form.top // 2)
    scaled = [np.ldexp(w, power if number % 2 == 0 else -power) for number, w in enumerate(weights)]
    return x, scaled, target


def _saturated(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """Pre-activations of tens to thousands."""
    x, weights, target = ordinary(stream, shape, form)
    strength = stream.uniform(len(weights), low=3.0, high=11.0)
    return x, [w * 2.0 ** np.floor(s) for w, s in zip(weights, strength, strict=True)], target


def _subnormal(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """Numbers around the smallest normal one, some of them below it."""
    x, weights, target = ordinary(stream, shape, form)

    def shrink(array: Floats) -> Floats:
        small = stream.exponents(form.tiny, form.normal + 6, *array.shape)
        return np.where(stream.uniform(*array.shape) < 0.4, small, array)

    parts = [shrink(part) if stream.uniform(1)[0] < 0.6 else part for part in (x, target, *weights)]
    return parts[0], parts[2:], parts[1]


def _underflowing(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """Ordinary numbers whose products fall below the smallest normal one."""
    x, weights, target = ordinary(stream, shape, form)
    half = form.normal // 2
    shrunk = [np.ldexp(w, stream.integer(half - 4, 0)) for w in weights]
    return np.ldexp(x, stream.integer(half - 4, 0)), shrunk, target * 2.0 ** stream.integer(half, 0)


def _cancelling(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """Columns that nearly cancel, with remainders down to the last bit."""
    x, weights, target = ordinary(stream, shape, form)
    for w in weights:
        for j in range(w.shape[1]):
            half = w.shape[0] // 2
            w[half : 2 * half, j] = -w[:half, j] * (1 + 2.0 ** -stream.integer(20, 60))
    half = x.shape[1] // 2
    x[:, half : 2 * half] = x[:, :half]
    return x, weights, target


def _whole(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """Small whole numbers: exact sums, units exactly on a kink, errors that are exactly zero."""
    weights = [stream.integers(-2, 2, m, n).astype(np.float64) for m, n in shape.weights]
    x = stream.integers(-2, 2, shape.batch, shape.widths[0]).astype(np.float64)
    return x, weights, stream.integers(0, 1, shape.batch, shape.widths[-1]).astype(np.float64)


def _sparse(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """Mostly zeros, of both signs."""
    x, weights, target = ordinary(stream, shape, form)

    def thin(array: Floats) -> Floats:
        return np.where(stream.uniform(*array.shape) < 0.6, stream.signs(*array.shape) * 0.0, array)

    return thin(x), [thin(w) for w in weights], thin(target)


def _spread(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """Every number at an exponent of its own, over the whole format."""

    def anywhere(m: int, n: int) -> Floats:
        return stream.exponents(form.tiny, form.top // 2, m, n)

    weights = [anywhere(m, n) for m, n in shape.weights]
    return anywhere(shape.batch, shape.widths[0]), weights, anywhere(shape.batch, shape.widths[-1])


def _huge(stream: Stream, shape: Shape, form: Format) -> Numbers:
    """So near the largest number that sums and squares may leave the range."""
    x, weights, target = ordinary(stream, shape, form)
    place = stream.integer(0, len(weights))
    parts = [x, *weights]
    parts[place] = np.ldexp(parts[place], stream.integer(form.top // 2 - 4, form.top - 1))
    return parts[0], parts[1:], np.ldexp(target, stream.integer(0, form.top // 2))


KINDS: dict[str, Callable[[Stream, Shape, Format], Numbers]] = {
    "ordinary": ordinary,
    "scaled": _scaled,
    "balanced": _balanced,
    "saturated": _saturated,
    "subnormal": _subnormal,
    "underflowing": _underflowing,
    "cancelling": _cancelling,
    "whole": _whole,
    "sparse": _sparse,
    "spread": _spread,
    "huge": _huge,
}
"""Kinds of numbers by name; each makes input, weights and target for a shape."""
