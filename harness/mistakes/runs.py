"""Changes run: on arrays as an implementation, and on balls exactly.

Several changes together are changes to one recipe, one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import flint
import numpy as np

from cases.case import DTYPES, Array, Case
from harness.backends import Evaluation
from harness.mistakes.mistake import Change, Unless
from harness.mistakes.recipe import Recipe, Setting, recipe
from harness.numbers.balls import Balls
from harness.numbers.kinds import BALLS, Kind, array_kind, as_array
from harness.precision import PRECISIONS
from harness.proof.balls import BITS
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


def computed_in(changes: Changes, setting: Setting) -> str:
    """The narrowest format that is computed in."""
    inside = [m.computed_in for m in changes if m.computed_in and m.unless(setting) is None]
    return min([*inside, setting.dtype], key=lambda dtype: PRECISIONS[dtype].bits)


def implemented(changes: Changes, stack: Stack) -> Evaluation:
    """What an implementation with these changes computes for a stack; arrays of its dtype, cases first."""
    setting = Setting.of(stack.first)
    inside, dtype = computed_in(changes, setting), DTYPES[setting.dtype]
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
    return _exactly(changes, Setting.of(case), (*case.weights, case.x, case.target))


def _exactly(changes: Changes, setting: Setting, numbers: Sequence[Array]) -> list[Balls]:
    """The same of weights, x and target, with or without an axis of cases."""
    with flint.ctx.workprec(BITS):
        *weights, x, target = (BALLS.number(part) for part in numbers)
        sums = changed(BALLS, setting, changes).run(weights, x, target, setting.learning_rate)
        return [sums.output, sums.loss, *sums.gradients, *sums.updated]


def coincides(changes: Changes, case: Case) -> bool:
    """Whether they come to the truth's numbers on a case: balls that overlap."""
    return coincide(changes, [case])[0]


def coincide(changes: Changes, cases: Sequence[Case]) -> list[bool]:
    """The same for cases of one structure, all run at once."""
    stack = Stack(tuple(cases))
    found = _exactly(changes, Setting.of(stack.first), (*stack.weights, stack.x, stack.target))
    return [
        all(whole.entry(k).overlaps(exact) for whole, exact in zip(found, true_balls(case), strict=True))
        for k, case in enumerate(cases)
    ]


@lru_cache(maxsize=1024)
def true_balls(case: Case) -> list[Balls]:
    """The truth in exact numbers: output, loss, gradients, updated weights. Those of a whole stack are kept."""
    with flint.ctx.workprec(BITS):
        output, loss, *rest = quantities(graph(case), case.learning_rate)
        shaped = [Balls(np.array(m.tolist(), dtype=object)) for m in (output, *rest)]
        return [shaped[0], Balls(np.asarray(loss[0, 0], dtype=object)), *shaped[1:]]
