"""What is right, what is wrong, and what it looks like: all of it for one candidate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cases.case import Case
from harness.backends import Evaluation
from harness.check import Attempt, Refusal
from harness.grading.answers import Answer, covering
from harness.grading.clues import clues
from harness.grading.exam import Exam, Together
from harness.grading.first import Wrong, first_wrong
from harness.grading.likeness import alike
from harness.grading.pattern import Pattern, pattern
from reports.verdict import Verdict

PROBED = 6
"""Cases that are asked twice by a fresh process, to see whether anything is kept between calls."""

EXTREME = {"kink", "large-rate", "overflow", "saturation", "tiny", "zero-rate"}
"""Tags of cases that are not shown as the smallest where an ordinary one fails too."""

Quantities = list[tuple[str, int, int]]
"""What was returned, on how many cases it is right, of how many."""


@dataclass(frozen=True)
class Memory:
    """What came of asking a few cases twice, each in a fresh process.

    ``kept``: something is kept between calls, since a case is right when it is asked first and wrong after other
    calls; ``twice``: it is wrong after just one call about the same case. ``unsteady``: the two answers differ.
    """

    kept: bool
    twice: bool
    unsteady: bool


@dataclass(frozen=True)
class Diagnosis:
    """The grade of a candidate, and what to tell its author.

    ``like``: mistakes that it has the numbers of, each alone or two at once; the first is the commonest.
    """

    answers: tuple[Answer, ...]
    right: Quantities
    first: tuple[Wrong, ...]
    like: tuple[Together, ...]
    clues: tuple[str, ...]
    pattern: Pattern | None
    smallest: Answer | None
    memory: Memory | None = None

    @property
    def failing(self) -> tuple[Answer, ...]:
        """The answers that do not pass."""
        return tuple(answer for answer in covering(self.answers) if answer.failure)

    @property
    def exit_code(self) -> int:
        """0 where all that it covers is right, 1 where something is not, 3 where it covers nothing."""
        if self.failing:
            return 1
        return 0 if covering(self.answers) else 3


def diagnose(
    exam: Exam,
    answers: Sequence[Answer],
    memory: Memory | None = None,
    second: Sequence[Answer] = (),
    progress: Callable[[str], None] = lambda what: None,
) -> Diagnosis:
    """Put together what can be said of a candidate's answers.

    ``second`` are its answers to the second of two calls on the same case, where something is ``kept``.
    """
    covered = covering(answers)
    failing = [answer for answer in covered if answer.failure]
    like: list[Together] = []
    second_call = memory is not None and memory.twice
    if failing and (second_call or memory is None or not memory.kept):
        like = alike(exam, second if second_call else covered, 2 if second_call else 1, progress)
    return Diagnosis(
        answers=tuple(answers),
        right=quantities(covered),
        first=tuple(first_wrong(failing)),
        like=tuple(like),
        clues=() if any(not mistake.rounding for its in like for mistake in its) else tuple(clues(failing)),
        pattern=pattern(covered) if failing and not (memory and memory.kept) else None,
        smallest=min((a for a in second if a.failure) if second_call else failing, key=_size, default=None),
        memory=memory,
    )


def quantities(answers: Sequence[Answer]) -> Quantities:
    """Output, loss, gradients and updates by layer: on how many cases each is right, of those that returned it."""
    all_, right = Counter[str](), Counter[str]()
    for answer in answers:
        wrong = answer.wrong
        for quantity in answer.values:
            name = _name(answer.case, *quantity)
            all_[name] += 1
            right[name] += quantity not in wrong
    return [(name, right[name], count) for name, count in sorted(all_.items(), key=lambda item: _order(item[0]))]


def _name(case: Case, quantity: str, layer: int) -> str:
    if not layer:
        return quantity
    depth = len(case.weights)
    place = "output layer" if layer == depth else "first layer" if layer == 1 else "layers between"
    return f"{quantity}, {place}"


def _order(name: str) -> tuple[int, int]:
    kind, _, place = name.partition(", ")
    kinds = ("output", "loss", "gradient", "update")
    places = ("", "output layer", "layers between", "first layer")
    return kinds.index(kind), places.index(place)


def _size(answer: Answer) -> tuple[bool, bool, bool, int, bool, str]:
    """Wrong numbers before wrong forms, before no values at all; ordinary before extreme cases, small before large."""
    numbers = any(row.verdict == Verdict.VIOLATION for row in answer.wrong.values())
    case = answer.case
    weights = sum(w.size for w in case.weights)
    extreme = bool(EXTREME & set(case.tags))
    return not answer.values, not numbers, extreme, weights * case.batch, case.dtype != "float64", case.name


def probed(answers: Sequence[Answer]) -> list[Case]:
    """A few cases to be asked twice: failing ones first, of different structures."""
    order = sorted(covering(answers), key=lambda answer: (answer.failure is None, _size(answer)))
    by_structure: dict[Any, Case] = {}
    for answer in order:
        case = answer.case
        by_structure.setdefault((case.layers, case.batch, case.task, case.activation), case)
    return list(by_structure.values())[:PROBED]


def memory_of(
    among: Sequence[Answer],
    first: Sequence[Answer],
    second: Sequence[Answer],
    attempts: Sequence[tuple[Attempt, Attempt]],
    fresh: Attempt,
) -> Memory:
    """Compare the answers to cases ``among`` all others with those of a fresh process to the first and second call.

    ``fresh`` is the answer of another fresh process to the first of them: where that differs, it is random.
    """
    if not _same(attempts[0][0], fresh):
        return Memory(kept=False, twice=False, unsteady=True)
    fails = {answer.case.name: answer.failure is not None for answer in among}
    twice = any(a.failure is None and b.failure is not None for a, b in zip(first, second, strict=True))
    kept = twice or any(fails[answer.case.name] and answer.failure is None for answer in first)
    return Memory(kept, twice, any(not _same(a, b) for a, b in attempts))


def _same(a: Attempt, b: Attempt) -> bool:
    """Whether two answers are the same numbers, or refusals of one kind."""
    if isinstance(a, Refusal) or isinstance(b, Refusal):
        return isinstance(a, Refusal) and isinstance(b, Refusal) and a.verdict == b.verdict
    return len(_arrays(a)) == len(_arrays(b)) and all(map(_equal, _arrays(a), _arrays(b)))


def _arrays(found: Evaluation) -> list[Any]:
    return [found.output, found.loss, *(found.gradients or ()), *(found.updated or ())]


def _equal(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    return np.array_equal(np.asarray(a, np.float64), np.asarray(b, np.float64), equal_nan=True)
