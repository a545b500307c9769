"""Which mistake it looks like: the one whose numbers a candidate has, within the bound, on every case.

A mistake predicts what an implementation with it computes, and how far rounding may take it from there. A
candidate is like it where every array that it returned lies within that, on all cases. Where no single mistake
does, pairs are tried. Several that fit all coincide on what the candidate returned: the commonest is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from harness.grading.answers import Answer
from harness.grading.exam import Exam, Together
from harness.mistakes import FAMILIES, MISTAKES
from harness.mistakes.mistake import Mistake
from harness.mistakes.prediction import Prediction
from harness.mistakes.runs import cannot_show
from harness.numbers.deferred import Deferred
from harness.numbers.running import Floats
from harness.returned import Quantity

ORDER = ("forward", "error", "slope", "propagation", "change", "update", "handling")
"""Families in the order of the run: of two changes, the earlier step is changed first."""

QUANTITIES = ("output", "gradient", "loss", "update")
"""What is compared first: what takes least to compute, and tells most."""

FORWARD = ORDER.index("forward")
"""The rank of mistakes that change the output; no other does."""

_RANK = {mistake.name: number for number, name in enumerate(ORDER) for mistake in FAMILIES[name]}


def alike(
    exam: Exam, answers: Sequence[Answer], call: int = 1, progress: Callable[[str], None] = lambda what: None
) -> list[Together]:
    """Every mistake that the answers fit, commonest first; where there is none, every pair that they fit.

    ``call``: which call the answers are from, where those to the call before it were right.
    """
    match = Matcher(exam, answers)
    if not match.failing:
        return []
    listed = sorted((m for m in MISTAKES.values() if m.call == call), key=lambda mistake: mistake.rounding)
    progress("a mistake")
    single: list[Together] = [(mistake,) for mistake in listed if match.fits((mistake,))]
    if single:
        plain = [one for one in single if not one[0].rounding]
        return plain or single
    progress("two mistakes at once")
    return [pair for pair in _pairs(listed, match.output_is_right) if match.fits(pair)]


def _pairs(listed: Sequence[Mistake], output_is_right: bool | None) -> Iterable[Together]:
    """Two different mistakes in the order of the run; only one that changes the output explains a wrong one."""
    ordered = sorted((m for m in listed if not m.rounding), key=lambda mistake: _RANK[mistake.name])
    for pair in combinations(ordered, 2):
        forward = _RANK[pair[0].name] == FORWARD
        if pair[0].kind != pair[1].kind and output_is_right in (None, not forward):
            yield pair


@dataclass(frozen=True)
class Held:
    """The answers of one structure: of each, whether it is numerically wrong; and all arrays of a quantity as one.

    ``parts``: a quantity, the places in the stack at which it was returned, and what was, cases first; None where
    not all have one shape.
    """

    number: int
    numeric: tuple[bool, ...]
    parts: tuple[tuple[Quantity, list[int], Floats | None], ...]

    @classmethod
    def of(cls, number: int, answers: Sequence[tuple[int, Answer]]) -> Held:
        """From answers and their places in the stack."""
        found: dict[Quantity, list[tuple[int, Any]]] = {}
        for k, answer in answers:
            for quantity, value in answer.judged_apart.items():
                found.setdefault(quantity, []).append((k, np.asarray(value, np.float64)))
        parts = [(q, [k for k, _ in its], _stacked([v for _, v in its])) for q, its in found.items()]
        parts.sort(key=lambda part: (QUANTITIES.index(part[0][0]), -part[0][1]))
        return cls(number, tuple(answer.numeric for _, answer in answers), tuple(parts))


class Matcher:
    """Holds predictions against answers; a mistake is dropped at the first structure that it does not fit.

    Structures with a wrong answer come first, small ones before large.
    """

    def __init__(self, exam: Exam, answers: Sequence[Answer]) -> None:
        self._exam = exam
        self._outputs = [("output", 0) in a.wrong for a in answers if ("output", 0) in a.values]
        found = [Held.of(*each) for each in exam.structures([answer for answer in answers if answer.values])]
        self._structures = sorted(found, key=lambda held: (not any(held.numeric), _weights(exam, held.number)))
        self._known: dict[tuple[int, Quantity, Deferred], bool] = {}

    @property
    def failing(self) -> bool:
        """Whether the numbers or shapes of any answer are wrong."""
        return any(any(held.numeric) for held in self._structures)

    @property
    def output_is_right(self) -> bool | None:
        """Whether every output that was returned is right; None where none was."""
        return not any(self._outputs) if self._outputs else None

    def fits(self, together: Together) -> bool:
        """Whether every answer lies within what the mistakes predict, the wrong ones among them."""
        for held in self._structures:
            if cannot_show(together, self._exam.setting(held.number)) is not None:
                if any(held.numeric):
                    return False
                continue  # the same program as the reference there, and the answers are right
            prediction = self._exam.predicted(together, held.number)
            if not all(self._agree(held.number, *part, prediction) for part in held.parts):
                return False
        return not any(mistake.rounding for mistake in together) or self._mostly(together)

    def _agree(
        self, number: int, quantity: Quantity, places: list[int], found: Floats | None, prediction: Prediction
    ) -> bool:
        """Whether all that was returned of a quantity lies within the prediction; looked at once for one number."""
        key = number, quantity, prediction.numbers[quantity]
        if key not in self._known:
            expected = prediction.values(quantity)[places]
            fitting = found is not None and found.shape == expected.shape
            self._known[key] = fitting and _inside(found, expected, prediction.bounds(quantity)[places])
        return self._known[key]

    def _mostly(self, together: Together) -> bool:
        """Whether most answers are wrong where too few digits would show: a bound so wide fits much else."""
        shows = [
            numeric
            for held in self._structures
            if cannot_show(together, self._exam.setting(held.number)) is None
            for numeric in held.numeric
        ]
        return 2 * sum(shows) > len(shows)


def _weights(exam: Exam, number: int) -> int:
    return sum(w[0].size for w in exam.stack(number).weights)


def _stacked(arrays: Sequence[Floats]) -> Floats | None:
    return np.stack(arrays) if len({array.shape for array in arrays}) == 1 else None


def _inside(found: Any, expected: Floats, bound: Floats) -> bool:
    with np.errstate(all="ignore"):
        apart = np.abs(found - expected)
    return bool(np.all((apart <= bound) | (found == expected) | ~np.isfinite(bound)))
