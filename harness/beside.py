"""Quantities side by side: what all arrays of a stack's cases are held against, as one array (cases, entries)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.numbers.running import Floats, Mask
from harness.truth import Exact


@dataclass(frozen=True)
class Beside:
    """Exact values, bounds and typical errors, (K, entries); ``shapes`` of each quantity in a case's own array.

    ``range``, (K, quantities): an intermediate may overflow. ``nonfinite``: entries at which NaN and infinities pass.
    What follows from these alone is found once, for all that is held against them.
    """

    shapes: tuple[tuple[int, ...], ...]
    exact: Exact
    bound: Floats
    range: Mask
    typical: Floats | None = None
    nonfinite: Mask | None = None

    @cached_property
    def starts(self) -> list[int]:
        """The first entry of each quantity."""
        return [0, *np.cumsum([prod(shape) for shape in self.shapes]).tolist()][:-1]

    @cached_property
    def parts(self) -> list[slice]:
        """The entries of each quantity."""
        return [slice(a, a + prod(shape)) for a, shape in zip(self.starts, self.shapes, strict=True)]

    def repeated(self, times: int) -> Beside:
        """The same for the cases of several backends, one backend after the other."""
        exact = self.exact
        return Beside(
            self.shapes,
            Exact(*(repeated(part, times) for part in (exact.high, exact.low, exact.radius))),
            repeated(self.bound, times),
            repeated(self.range, times),
            None if self.typical is None else repeated(self.typical, times),
        )

    @cached_property
    def magnitude(self) -> Floats:
        """Magnitudes of the exact values."""
        with np.errstate(all="ignore"):  # an exact value beyond float64 is inf − inf
            return np.asarray(np.abs(self.exact.high + self.exact.low))

    @cached_property
    def blind(self) -> Mask:
        """Nonzero entries whose bound is at least their magnitude."""
        return np.asarray((self.magnitude > 0) & ~(self.bound < self.magnitude))

    @cached_property
    def zero(self) -> Mask:
        """Entries that are exactly zero."""
        return np.asarray((self.exact.high == 0) & (self.exact.low == 0) & (self.exact.radius == 0))

    @cached_property
    def counts(self) -> tuple[list[list[int]], list[list[int]]]:
        """How many entries are blind, and how many are zero; by quantity, then case."""
        blind, zero = (self.each(np.add, part.astype(np.intp)).T.tolist() for part in (self.blind, self.zero))
        return blind, zero

    @cached_property
    def unseen(self) -> list[list[bool]]:
        """By quantity, then case, whether nothing is checked: all blind, or zeros of which some are as good as blind.

        Those are exact zeros whose bound is neither 0 nor below the largest magnitude of their layer.
        """
        largest = self.each(np.maximum, np.abs(self.exact.high))
        sizes = [prod(shape) for shape in self.shapes]
        of_layer = np.repeat(largest, sizes, axis=1)
        unchecked = self.blind | self.zero & (self.bound > 0) & ~(self.bound < of_layer)
        nothing = self.each(np.logical_or, unchecked) & self.each(np.logical_and, unchecked | self.zero)
        found: list[list[bool]] = nothing.T.tolist()
        return found

    def each(self, of: np.ufunc, entries: Any) -> Any:
        """All entries of a quantity taken together, (K, quantities)."""
        return of.reduceat(entries, self.starts, axis=1)

    def largest(self, numbers: Floats) -> list[list[float]]:
        """The largest number by quantity, then case; NaN if there is one."""
        found: list[list[float]] = self.each(np.maximum, numbers).T.tolist()
        return found

    def worst(self, numbers: Floats) -> npt.NDArray[np.intp]:
        """Where in a case the first of the largest numbers of each quantity is, (quantities, K)."""
        return np.stack([numbers[:, part].argmax(axis=1) + part.start for part in self.parts])

    def indices(self, worst: npt.NDArray[np.intp]) -> list[list[tuple[int, ...]]]:
        """The same, as where in a case's own array."""
        return [
            _indices(places - start, shape)
            for places, start, shape in zip(worst, self.starts, self.shapes, strict=True)
        ]


def side_by_side(arrays: Sequence[Any]) -> Any:
    """Arrays (K, …) as one, (K, entries)."""
    flat = [array.reshape(len(array), -1) for array in arrays]
    return flat[0] if len(flat) == 1 else np.concatenate(flat, axis=1)


def repeated(array: Any, times: int) -> Any:
    """An array (K, …) so many times, one after the other: (times · K, …)."""
    return array if times == 1 else np.concatenate([array] * times)


def _indices(worst: npt.NDArray[np.intp], shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    axes = [axis.tolist() for axis in np.unravel_index(worst, shape)] if shape else []
    return list(zip(*axes, strict=True)) if axes else [()] * len(worst)
