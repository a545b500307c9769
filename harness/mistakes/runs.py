"""Changes run: on arrays as an implementation, on balls exactly, on running-error numbers with their bound.

Several changes together are changes to one recipe, one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

import flint
import numpy as np

from cases.case import DTYPES, Array, Case
from harness.backends import Evaluation
from harness.bound import INFLATION
from harness.mistakes.mistake import Change, Unless
from harness.mistakes.recipe import Recipe, Setting, Sums, recipe
from harness.numbers.balls import Balls
from harness.numbers.kinds import BALLS, Kind, array_kind, as_array, running_kind
from harness.numbers.running import Floats, Running
from harness.precision import PRECISIONS
from harness.prove import BITS
from harness.returned import Quantity
from harness.stack import Stack
from harness.truth import graph, quantities


class Changed(Protocol):
    """A change to the recipe: a mistake, or a rewriting."""

    @property
    def change(self) -> Change:
        """The change."""

    @property
    def unless(self) -> Unless:
        """Why it is none in a setting."""

    @property
    def computed_in(self) -> str:
        """The format inside, where it is not the case's."""


Changes = Sequence[Changed]


def cannot_show(changes: Changes, setting: Setting) -> str | None:
    """Why none of the changes changes the program in a setting; None where one does."""
    reasons = [change.unless(setting) for change in changes]
    return None if any(why is None for why in reasons) else "; ".join(dict.fromkeys(map(str, reasons)))


def changed(kind: Kind, setting: Setting, changes: Changes) -> Recipe:
    """The recipe with every change that is one in this setting."""
    found = recipe(kind, setting)
    for its in changes:
        if its.unless(setting) is None:
            found = its.change(found)
    return found


def _inside(changes: Changes, setting: Setting) -> str:
    """The narrowest format that is computed in."""
    inside = [m.computed_in for m in changes if m.computed_in and m.unless(setting) is None]
    return min([*inside, setting.dtype], key=lambda dtype: PRECISIONS[dtype].bits)


def implemented(changes: Changes, stack: Stack) -> Evaluation:
    """What an implementation with these changes computes for a stack; arrays of its dtype, cases first."""
    setting = Setting.of(stack.first)
    inside, dtype = _inside(changes, setting), DTYPES[setting.dtype]
    kind = array_kind(inside)
    with np.errstate(all="ignore"):
        *weights, x, target = (kind.number(part) for part in (*stack.weights, stack.x, stack.target))
        sums = changed(kind, setting, changes).run(weights, x, target, setting.learning_rate)

        def cast(found: Any) -> Array:
            return as_array(found).astype(dtype)

        gradients, updated = [cast(g) for g in sums.gradients], [cast(w) for w in sums.updated]
        return Evaluation(cast(sums.output), cast(sums.loss), gradients, updated)


def exactly(changes: Changes, case: Case) -> list[Balls]:
    """What they come to in exact numbers: output, loss, gradients, updated weights."""
    with flint.ctx.workprec(BITS):
        setting = Setting.of(case)
        *weights, x, target = (BALLS.number(part) for part in (*case.weights, case.x, case.target))
        sums = changed(BALLS, setting, changes).run(weights, x, target, setting.learning_rate)
        return [sums.output, sums.loss, *sums.gradients, *sums.updated]


def coincides(changes: Changes, case: Case) -> bool:
    """Whether they come to the truth's numbers on a case: balls that overlap."""
    return all(a.overlaps(b) for a, b in zip(exactly(changes, case), true_balls(case), strict=True))


@lru_cache(maxsize=256)
def true_balls(case: Case) -> list[Balls]:
    """The truth in exact numbers: output, loss, gradients, updated weights."""
    with flint.ctx.workprec(BITS):
        output, loss, *rest = quantities(graph(case), case.learning_rate)
        shaped = [Balls(np.array(m.tolist(), dtype=object)) for m in (output, *rest)]
        return [shaped[0], Balls(np.asarray(loss[0, 0], dtype=object)), *shaped[1:]]


@dataclass(frozen=True)
class Prediction:
    """What changes come to for a stack: values, and how far any implementation with them may be from those.

    Shapes as of `Evaluation`, cases first; a wrong layout has its own shape.
    """

    values: dict[Quantity, Floats]
    bounds: dict[Quantity, Floats]


def predicted(changes: Changes, stack: Stack, accumulates: str = "format", member: str = "left") -> Prediction:
    """Run the changed recipe on running-error numbers.

    The value is itself computed, and so as far from the exact one as any other: the bound is twice the error.
    """
    setting = Setting.of(stack.first)
    inside = _inside(changes, setting)
    precision = PRECISIONS[inside].accumulating(accumulates)
    kind = running_kind(precision, member)
    narrowed = inside != setting.dtype
    with np.errstate(all="ignore"):
        numbers = [kind.number(part) for part in (*stack.weights, stack.x, stack.target)]
        if narrowed:
            numbers = [_rounded(number) for number in numbers]
        *weights, x, target = numbers
        sums = changed(kind, setting, changes).run(weights, x, target, kind.scalar(setting.learning_rate))
    found = dict(_by_quantity(sums))
    return Prediction(
        {q: number.value for q, number in found.items()}, {q: _apart(number, narrowed) for q, number in found.items()}
    )


def _apart(number: Running, narrowed: bool) -> Floats:
    """How far apart two implementations may be; without limit where the narrower format inside may overflow.

    A result of a narrower format may itself be rounded to it.
    """
    bound = 2 * number.delta * INFLATION
    if narrowed:
        bound = bound + 2 * number.precision.u * number.magnitude
    left = number.range.reshape(-1, *(1,) * (bound.ndim - 1)) & narrowed
    return np.where(left, np.inf, bound)


def _rounded(number: Running) -> Running:
    """A given number read in a narrower format."""
    moved = number.precision.u * np.abs(number.value) + number.precision.eta * (number.value != 0)
    return replace(number, delta=number.delta + moved, exact=np.zeros_like(number.exact))


def _by_quantity(sums: Sums) -> Any:
    yield ("output", 0), sums.output
    yield ("loss", 0), sums.loss
    for name, layers in (("gradient", sums.gradients), ("update", sums.updated)):
        for number, layer in enumerate(layers, start=1):
            yield (name, number), layer
