"""The numbers of one draw of a family: the same in every version of NumPy, and in every precision but for rounding."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cases.chains import ROWS
from cases.links import Link
from cases.sizes import Structure, ends_of, links_in, weight_shapes
from cases.stream import Floats, Stream


@dataclass(frozen=True)
class Draw:
    """One network of a family, its batch and its targets.

    Every number depends on the fields of the draw and on nothing else: not on how many other draws,
    structures or activations the family has, and not on the order in which they are made. ``number``
    counts from 1.
    """

    family: str
    seed: int
    layers: Structure
    batch: int
    scale: float
    number: int
    input_scale: float = 1.0

    @property
    def name(self) -> str:
        """Family, structure, batch, weight scale and number: ``random-3-5-2-b8-s0.5-07``."""
        structure = "-".join(
            f"{its.kind}{its.size or ''}" if isinstance(its, Link) else str(its) for its in self.layers
        )
        return f"{self.family}-{structure}-b{self.batch}-s{_slug(self.scale)}-{self.number:02d}"

    def input(self) -> Floats:
        """(B, N_0), even in ±``input_scale``."""
        return self._stream("input").uniform(self.batch, ends_of(self.layers)[0], low=-1.0, high=1.0) * self.input_scale

    def target(self) -> Floats:
        """(B, N_L), even in [0, 1), which suits both tasks."""
        return self._stream("target").uniform(self.batch, ends_of(self.layers)[1])

    def weights(self) -> list[Floats]:
        """(N_{l-1}, N_l) each, even in ±`reach`; of a chain those of its links, the factors of a scale around 1."""
        shapes = weight_shapes(self.layers)
        kinds = [link.kind for link in self.links if link.weighted] if self.links else ["dense"] * len(shapes)
        numbered = enumerate(zip(kinds, shapes, strict=True), start=1)
        return [self._weight(layer, kind, shape) for layer, (kind, shape) in numbered]

    def _weight(self, layer: int, kind: str, shape: tuple[int, int]) -> Floats:
        m, n = shape
        drawn = self._stream("weights", layer).uniform(m, n, low=-1.0, high=1.0)
        return drawn * reach(self.scale, m if kind in ROWS else n) + (kind == "scale")

    @property
    def links(self) -> tuple[Link, ...] | None:
        """The links of a chain; None for the plain network."""
        return links_in(self.layers)

    def _stream(self, *part: object) -> Stream:
        layers = tuple(its if isinstance(its, int) else its.word for its in self.layers)
        return Stream(self.seed, "family", self.family, layers, self.batch, self.scale, self.number, *part)


def reach(scale: float, m: int) -> float:
    """The largest weight of a node with ``m`` inputs: scale·√(3/m), so that weights have variance scale²/m.

    With scale 1, inputs of variance 1 make weighted sums of variance 1, whatever m is. A square root is
    rounded correctly everywhere, so that it is as reproducible as a product.
    """
    return scale * math.sqrt(3 / m)


def _slug(number: float) -> str:
    """The shortest decimal that reads back as ``number``, without signs that no slug may have."""
    return repr(float(number)).removesuffix(".0").replace("+", "")
