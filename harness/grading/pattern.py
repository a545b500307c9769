"""What the failing cases have in common, and the others lack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cases.case import ACTIVATIONS, DTYPES, TASKS, Case
from harness.grading.answers import Answer

SEVERAL = 7
"""How many activations are told by name."""


@dataclass(frozen=True)
class Pattern:
    """What failing cases share: ``failing`` of them; ``others`` share it and are right, ``rest`` do not share it."""

    what: str
    failing: int
    others: int
    rest: int

    @property
    def text(self) -> str:
        """``wrong only …: n of m such cases; all k others are right``."""
        such = f"{self.failing} of {self.failing + self.others} such cases"
        return f"wrong only {self.what}: {such}; all {self.rest} others are right"


Property = tuple[str, Callable[[Case], bool]]


def pattern(answers: Sequence[Answer]) -> Pattern | None:
    """The narrowest property, or two, that all failing cases have and not all others; None if there is none."""
    failing = [answer.case for answer in answers if answer.failure]
    right = [answer.case for answer in answers if not answer.failure]
    if not failing or not right:
        return None
    shared = [(name, test) for name, test in properties(failing, answers) if all(test(case) for case in failing)]
    having = {name: np.array([test(case) for case in right]) for name, test in shared}
    telling = [name for name, has in having.items() if not has.all()]
    found = [
        (int(np.logical_and.reduce([having[name] for name in names]).sum()), size, names)
        for size in (1, 2)
        for names in combinations(telling, size)
    ]
    if not found:
        return None
    others, _, names = min(found, key=lambda each: each[:2])
    return Pattern(" and ".join(names), len(failing), others, len(right) - others)


def properties(failing: Iterable[Case], answers: Iterable[Answer]) -> list[Property]:
    """What a case may be, in the order in which it is told."""
    found: list[Property] = [
        ("with several samples", lambda case: case.batch > 1),
        ("with one sample", lambda case: case.batch == 1),
        ("where N_O ≠ 2", lambda case: case.layers[-1] != 2),
        ("where N_O = 2", lambda case: case.layers[-1] == 2),
        ("with several output nodes", lambda case: case.layers[-1] > 1),
        ("with one weight matrix", lambda case: len(case.weights) == 1),
        ("with a hidden layer", lambda case: len(case.weights) > 1),
        ("with two or more hidden layers", lambda case: len(case.weights) > 2),
        ("with at most one hidden layer", lambda case: len(case.weights) <= 2),
        ("where B > N_O", lambda case: case.batch > case.layers[-1]),
        ("where two layers are of one width", lambda case: len(set(case.layers)) < len(case.layers)),
        ("where α ≠ 0.1", lambda case: f"{case.learning_rate:.3g}" != "0.1"),
    ]
    found += [(f"with {name}", _is("activation", name)) for name in ACTIVATIONS]
    found += [(f"in {name}", _is("task", name)) for name in TASKS]
    found += [(f"in {name}", _is("dtype", name)) for name in DTYPES]
    found += [(f"not with {name}", _is_not("activation", name)) for name in ACTIVATIONS]
    if 1 < len(names := dict.fromkeys(case.activation for case in failing)) <= SEVERAL:
        found.insert(0, (f"with {', '.join(names)}", _among(frozenset(names))))
    tags = dict.fromkeys(tag for answer in answers for tag in answer.case.tags)
    found += [(f"in cases tagged `{tag}`", _tagged(tag)) for tag in tags if tag not in ("grade", "random", "quick")]
    return found


def _is(name: str, value: str) -> Callable[[Case], bool]:
    return lambda case: getattr(case, name) == value


def _is_not(name: str, value: str) -> Callable[[Case], bool]:
    return lambda case: getattr(case, name) != value


def _among(names: frozenset[str]) -> Callable[[Case], bool]:
    return lambda case: case.activation in names


def _tagged(tag: str) -> Callable[[Case], bool]:
    return lambda case: tag in case.tags
