"""Stacks: cases of one structure, on a leading axis K, so that each backend is called once for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cases.case import Array, Case
from harness.precision import PRECISIONS, Precision


@dataclass(frozen=True)
class Stack:
    """Cases that share layers, batch size, activation, task, dtype and learning rate.

    Shapes: ``x`` (K, B, N_0), ``target`` (K, B, N_L), ``weights[l]`` (K, N_l, N_{l+1}).
    """

    cases: tuple[Case, ...]

    @property
    def first(self) -> Case:
        """Any case of the stack, for what they share."""
        return self.cases[0]

    def part(self, ks: Sequence[int]) -> Stack:
        """Some of the cases."""
        return self if list(ks) == list(range(len(self.cases))) else Stack(tuple(self.cases[k] for k in ks))

    @property
    def precision(self) -> Precision:
        """The format that the stack is computed in."""
        return PRECISIONS[self.first.dtype]

    @cached_property
    def x(self) -> Array:
        """Inputs, (K, B, N_0)."""
        return _stacked([case.x for case in self.cases])

    @cached_property
    def target(self) -> Array:
        """Targets, (K, B, N_L)."""
        return _stacked([case.target for case in self.cases])

    @cached_property
    def weights(self) -> tuple[Array, ...]:
        """Weight matrices, each (K, N_l, N_{l+1})."""
        return tuple(_stacked(layer) for layer in zip(*(case.weights for case in self.cases), strict=True))


def _stacked(arrays: Sequence[Array]) -> Array:
    """A copy of arrays of one shape, on a leading axis; of one by itself a quick one."""
    return np.array(arrays[0])[None] if len(arrays) == 1 else np.stack(arrays)


def stacks(cases: Iterable[Case], most: int = 512) -> list[Stack]:
    """Group cases of one structure, in order of first appearance, at most ``most`` to a stack."""
    groups: dict[tuple[object, ...], list[Case]] = {}
    for case in cases:
        key = (case.layers, case.links, case.batch, case.activation, case.task, case.dtype, case.learning_rate)
        groups.setdefault(key, []).append(case)
    return [Stack(tuple(group[i : i + most])) for group in groups.values() for i in range(0, len(group), most)]
