"""What a backend returned, taken apart: anything at all may come back, and must end in a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.backends import Evaluation

Quantity = tuple[str, int]
"""A quantity and its layer: ("gradient", 2)."""


def returned(found: Evaluation, k: int, cases: int, depth: int) -> Iterator[tuple[Quantity, Any]]:
    """What was returned for case k; a layer that is missing comes as `Absent`."""
    for name, value in (("output", found.output), ("loss", found.loss)):
        if value is not None:
            yield (name, 0), _slice(value, k, cases)
    for name, layers in (("gradient", found.gradients), ("update", found.updated)):
        if layers is None:
            continue
        arrays = _listed(layers, depth)
        for number in range(1, depth + 1):
            if isinstance(arrays, Absent):
                yield (name, number), arrays
            elif arrays[number - 1] is None:
                yield (name, number), Absent("None, expected an array")
            else:
                yield (name, number), _slice(arrays[number - 1], k, cases)


@dataclass(frozen=True)
class Absent:
    """In place of an array that was not returned: why."""

    reason: str


def _listed(layers: Any, depth: int) -> list[Any] | Absent:
    try:
        count, arrays = len(layers), list(layers)
    except Exception:  # a number, a generator, whatever a backend may return
        return Absent(f"{type(layers).__name__}, expected a list of arrays, one a weight matrix")
    return arrays if count == depth else Absent(f"{count} arrays, expected {depth}: one a weight matrix")


def _slice(value: Any, k: int, cases: int) -> Any:
    try:
        array = np.asarray(value)
    except Exception as error:  # a ragged list, a tensor that does not let its numbers go
        return Absent(f"{type(value).__name__} that is no array: {type(error).__name__}: {error}")
    if array.ndim == 0 or array.shape[0] != cases:
        return Absent(f"shape {array.shape}, expected the axis of the stack's cases first, of length {cases}")
    return array[k, ...]  # an array even where it holds one number, so that its dtype stays
