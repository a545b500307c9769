"""Which mistake it looks like: the one whose numbers a candidate has, within the bound, on every case.

A mistake predicts what an implementation with it computes, and how far rounding may take it from there. A
candidate is like it where every array that it returned lies within that, on all cases. Where no single mistake
does, pairs are tried. Several that fit all coincide on what the candidate returned: the commonest is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from harness.grading.answers import Answer
from harness.grading.exam import Exam, Together
from harness.mistakes import FAMILIES, MISTAKES
from harness.mistakes.mistake import Mistake
from harness.mistakes.recipe import Setting
from harness.mistakes.runs import Prediction, cannot_show
from harness.numbers.running import Floats
from harness.returned import Quantity

ORDER = ("forward", "error", "slope", "propagation", "change", "update", "handling")
"""Families in the order of the run: of two changes, the earlier step is changed first."""

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


class Matcher:
    """Holds predictions against answers; a mistake is dropped at the first structure that it does not fit.

    Structures with a wrong answer come first, small ones before large.
    """

    def __init__(self, exam: Exam, answers: Sequence[Answer]) -> None:
        self._exam = exam
        found = [
            (number, its, any(answer.numeric for _, answer in its))
            for number, its in exam.structures([answer for answer in answers if answer.values])
        ]
        self._structures = sorted(found, key=lambda each: (not each[2], _weights(exam, each[0])))

    @property
    def failing(self) -> bool:
        """Whether the numbers or shapes of any answer are wrong."""
        return any(wrong for _, _, wrong in self._structures)

    @property
    def output_is_right(self) -> bool | None:
        """Whether every output that was returned is right; None where none was."""
        given = [a for _, its, _ in self._structures for _, a in its if ("output", 0) in a.values]
        return not any(("output", 0) in answer.wrong for answer in given) if given else None

    def fits(self, together: Together) -> bool:
        """Whether every answer lies within what the mistakes predict, the wrong ones among them."""
        for number, its, wrong in self._structures:
            if cannot_show(together, Setting.of(self._exam.stack(number).first)) is not None:
                if wrong:
                    return False
                continue  # the same program as the reference there, and the answers are right
            prediction = self._exam.predicted(together, number)
            if not all(_agrees(answer.judged_apart, prediction, k) for k, answer in its):
                return False
        return not any(mistake.rounding for mistake in together) or self._mostly(together)

    def _mostly(self, together: Together) -> bool:
        """Whether most answers are wrong where too few digits would show: a bound so wide fits much else."""
        shows = [
            answer.numeric
            for number, its, _ in self._structures
            if cannot_show(together, Setting.of(self._exam.stack(number).first)) is None
            for _, answer in its
        ]
        return 2 * sum(shows) > len(shows)


def _weights(exam: Exam, number: int) -> int:
    return sum(w[0].size for w in exam.stack(number).weights)


def _agrees(values: Mapping[Quantity, Any], prediction: Prediction, k: int) -> bool:
    """Whether everything that was returned for case k lies within the prediction."""
    for quantity, found in values.items():
        expected, bound = prediction.values[quantity][k], prediction.bounds[quantity][k]
        if np.shape(found) != expected.shape or not _inside(np.asarray(found, np.float64), expected, bound):
            return False
    return True


def _inside(found: Floats, expected: Floats, bound: Floats) -> bool:
    with np.errstate(all="ignore"):
        apart = np.abs(found - expected)
    return bool(np.all((apart <= bound) | (found == expected) | ~np.isfinite(bound)))
