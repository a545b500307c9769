"""A network with biases as a plain one: each weight matrix has the bias of its layer as one more row.

So every mistake of `harness.mistakes`, which are of the plain network, can be made in a network with biases too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from cases.case import Case
from harness.mistakes.recipe import Recipe, Setting
from harness.numbers.balls import Balls
from reference.layers import Layer
from reference.layers.dense import Dense


class Affine:
    """I = h · W + b, with W over b as one weight of shape (N_l + 1, N_{l+1})."""

    def forward(self, W: Any, h: Any) -> Any:
        """h · W + b."""
        return h @ W[:-1] + W[-1:]

    def pullback_input(self, W: Any, h: Any, I: Any, delta: Any) -> Any:
        """Δ · Wᵀ: nothing comes back through b."""
        return delta @ W[:-1].mT

    def pullback_weight(self, W: Any, h: Any, I: Any, delta: Any) -> Any:
        """hᵀ · Δ, and under it the sum of Δ over the samples."""
        ones = np.ones((1, delta.shape[-2]))
        return Balls.holding(np.concatenate([(h.mT @ delta).entries, (Balls(ones) @ delta).entries]))


@dataclass(frozen=True)
class Stacked:
    """How the weight arrays of a case are those of a plain network: which dense layers have a bias."""

    biased: tuple[bool, ...]
    setting: Setting

    @property
    def dense(self) -> tuple[Layer, ...]:
        """The layer of each matrix."""
        return tuple(Affine() if bias else Dense() for bias in self.biased)

    def over(self, recipe: Recipe) -> Recipe:
        """The recipe with these layers, before any change is made to it."""
        return replace(recipe, dense=self.dense)

    def joined(self, arrays: Sequence[Balls]) -> list[Balls]:
        """Arrays of the case as matrices, biases under their weights."""
        its, found = iter(arrays), []
        for bias in self.biased:
            parts = [next(its).entries for _ in range(1 + bias)]
            found.append(Balls.holding(np.concatenate(parts)))
        return found

    def split(self, matrices: Sequence[Balls]) -> list[Balls]:
        """And back."""
        found: list[Balls] = []
        for bias, matrix in zip(self.biased, matrices, strict=True):
            found += [matrix[:-1], matrix[-1:]] if bias else [matrix]
        return found


def stacked(case: Case) -> Stacked | None:
    """Take a case for a plain network with biases; None where it is another chain."""
    setting = Setting.of(case)
    if case.links is None:
        return Stacked((False,) * setting.depth, setting)
    kinds = [link.kind for link in case.links]
    words = " ".join(kinds).split(" activation ")
    if not all(word in ("dense", "dense bias") for word in words):
        return None
    widths = (
        case.layers[0],
        *(b for (_, b), kind in zip(pairwise(case.layers), kinds, strict=True) if kind == "dense"),
    )
    return Stacked(tuple(word.endswith("bias") for word in words), replace(setting, widths=widths))
