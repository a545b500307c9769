"""The networks that are measured: drawn from a seed, all sigmoid, in float64."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.case import Case, make_case
from cases.draws import Draw

SEED = 20261

ACTIVATION, TASK, DTYPE = "sigmoid", "classification", "float64"


@dataclass(frozen=True)
class Size:
    """Widths of the layers, and samples in the batch."""

    layers: tuple[int, ...]
    batch: int

    @property
    def title(self) -> str:
        """``784-128-10, 32 samples``."""
        return f"{'-'.join(map(str, self.layers))}, {self.batch} sample{'s' if self.batch > 1 else ''}"

    def draw(self, number: int = 1) -> Case:
        """A case of this size; other numbers for another ``number``."""
        one = Draw("bench", SEED, self.layers, self.batch, 1.0, number)
        return make_case(one.name, ACTIVATION, TASK, DTYPE, one.input(), one.target(), one.weights())


def size(layers: Sequence[int], batch: int) -> Size:
    """A size out of JSON."""
    return Size(tuple(layers), batch)
