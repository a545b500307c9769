"""What an implementation with changes computes, and how far rounding may take it from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from harness.bound import INFLATION
from harness.mistakes.recipe import Setting, Sums
from harness.mistakes.runs import Changes, changed, computed_in
from harness.numbers.deferred import Deferred, deferred
from harness.numbers.kinds import Kind, running_kind
from harness.numbers.running import Floats, Running
from harness.precision import PRECISIONS
from harness.returned import Quantity
from harness.stack import Stack


@dataclass(frozen=True)
class Prediction:
    """What changes come to for a stack: numbers that are computed when they are looked at.

    Shapes as of `Evaluation`, cases first; a wrong layout has its own shape. ``narrowed``: computed in a narrower
    format than the stack's.
    """

    numbers: dict[Quantity, Deferred]
    narrowed: bool

    def values(self, quantity: Quantity) -> Floats:
        """The values that are expected."""
        running: Running = self.numbers[quantity].number
        return running.value

    def bounds(self, quantity: Quantity) -> Floats:
        """How far any implementation with the changes may be from those.

        The value is itself computed, and so as far from the exact one as any other: the bound is twice the error.
        """
        running: Running = self.numbers[quantity].number
        with np.errstate(all="ignore"):
            return _apart(running, self.narrowed)


class Predictor:
    """Predictions for one stack. All of them share what is the same in several.

    ``accumulates``: how products are added; ``member``: the derivative taken exactly on a kink.
    """

    def __init__(self, stack: Stack, accumulates: str = "format", member: str = "left") -> None:
        self.stack, self.accumulates, self.member = stack, accumulates, member
        self._kinds: dict[str, Kind] = {}

    @cached_property
    def setting(self) -> Setting:
        """What all cases of the stack have in common."""
        return Setting.of(self.stack.first)

    def predicted(self, changes: Changes) -> Prediction:
        """The changed recipe, written down on running-error numbers."""
        inside = computed_in(changes, self.setting)
        narrowed = inside != self.setting.dtype
        kind = self._kind(inside)
        numbers = [kind.number(part) for part in (*self.stack.weights, self.stack.x, self.stack.target)]
        if narrowed:
            numbers = [_read(number) for number in numbers]
        *weights, x, target = numbers
        alpha = kind.scalar(self.setting.learning_rate)
        sums = changed(kind, self.setting, changes).run(weights, x, target, alpha)
        return Prediction(dict(_by_quantity(sums)), narrowed)

    def _kind(self, dtype: str) -> Kind:
        if dtype not in self._kinds:
            precision = PRECISIONS[dtype].accumulating(self.accumulates)
            self._kinds[dtype] = deferred(running_kind(precision, self.member))
        return self._kinds[dtype]


def _apart(number: Running, narrowed: bool) -> Floats:
    """How far apart two implementations may be; without limit where the narrower format inside may overflow.

    A result of a narrower format may itself be rounded to it.
    """
    bound = 2 * number.delta * INFLATION
    if narrowed:
        bound = bound + 2 * number.precision.u * number.magnitude
    left = number.range.reshape(-1, *(1,) * (bound.ndim - 1)) & narrowed
    return np.where(left, np.inf, bound)


def _read(number: Deferred) -> Deferred:
    """A given number read in a narrower format."""
    return number.made(("read", number), number.shape, lambda: _rounded(number.number))


def _rounded(number: Running) -> Running:
    moved = number.precision.u * np.abs(number.value) + number.precision.eta * (number.value != 0)
    return replace(number, delta=number.delta + moved, exact=np.zeros_like(number.exact))


def _by_quantity(sums: Sums) -> Iterator[tuple[Quantity, Deferred]]:
    yield ("output", 0), sums.output
    yield ("loss", 0), sums.loss
    for name, layers in (("gradient", sums.gradients), ("update", sums.updated)):
        for number, layer in enumerate(layers, start=1):
            yield (name, number), layer
