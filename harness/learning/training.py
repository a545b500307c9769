"""Which networks are trained: the deck's own and a larger one, both tasks, two precisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cases.case import TASKS, Array, Case, make_case
from cases.draws import Draw
from cases.loader import catalogue, load

STEPS = 200
"""Steps of S13 in a training."""

ALPHAS = (0.1, 1.0, 10.0)
"""Learning rates at which the deck's network is trained: two that are stable for either task, and one that is
not for prediction."""

DIVERGES = 4.0
"""A learning rate at which the larger network's prediction leaves the range of either format."""

DTYPES = ("float64", "float32")

FAMILY = "learning"
"""Family of all rows of trainings."""

LARGER = Draw(FAMILY, seed=20260104, layers=(4, 8, 3), batch=4, scale=1.0, number=1)


@dataclass(frozen=True)
class Training:
    """Steps of gradient descent from ``start``, whose learning rate and dtype are those of all of them."""

    start: Case
    steps: int = STEPS

    @property
    def name(self) -> str:
        """Its name as a case: ``learning-3-5-2-sigmoid-classification-float64-0.1``."""
        return self.start.name


def trainings() -> list[Training]:
    """Every training: the deck's 3-5-2 network at each α; a 4-8-3 tanh network with four samples at 0.1, and for
    prediction also where it diverges.
    """
    deck, larger = deck_case(), larger_case()
    found = [_start(deck, task, dtype, alpha) for task in TASKS for dtype in DTYPES for alpha in ALPHAS]
    found += [_start(larger, task, dtype, 0.1) for task in TASKS for dtype in DTYPES]
    found += [_start(larger, "prediction", dtype, DIVERGES) for dtype in DTYPES]
    return [Training(start) for start in found]


def deck_case() -> Case:
    """The deck's own network (S5): sigmoid, classification, float64."""
    slides = load([path for path in catalogue() if path.name == "slides.toml"])
    return next(case for case in slides if case.name == "slide-3-5-2-sigmoid-classification-float64")


def larger_case() -> Case:
    """A 4-8-3 tanh network with four samples, drawn from a seed."""
    its = LARGER
    return make_case(its.name, "tanh", "classification", "float64", its.input(), its.target(), its.weights())


def rounded(case: Case, task: str, dtype: str, alpha: float) -> Case:
    """The same network for another task, in another dtype, at another learning rate; all numbers rounded."""
    return make_case(case.family, case.activation, task, dtype, case.x, case.target, case.weights, alpha)


def at_weights(case: Case, states: Iterable[tuple[Array, ...]]) -> list[Case]:
    """A case for each step: the same network with the weights it has then."""
    return [replace(case, name=f"{case.name}, step {t}", weights=w) for t, w in enumerate(states)]


def _start(case: Case, task: str, dtype: str, alpha: float) -> Case:
    name = f"{FAMILY}-{case.structure}-{case.activation.replace('_', '-')}-{task}-{dtype}-{alpha:g}"
    return replace(rounded(case, task, dtype, alpha), name=name, family=FAMILY)
