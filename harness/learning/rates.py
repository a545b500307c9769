"""S27: the larger α, the larger the adjustment; and what becomes of the total error at each α.

All learning rates are one stack: the same network, each copy with its own α, in float64 by ``reference/``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cases.case import Case
from harness.backends.reference import network
from harness.bound import bounds
from harness.learning.growth import hessians, sharpness
from harness.learning.path import flat, layered
from harness.learning.training import STEPS, at_weights
from harness.numbers.running import Floats
from harness.stack import Stack
from reference import error
from reference.backward import backward
from reference.network import forward
from reference.update import update

ALPHAS = (0.0, 1e-20, 0.001, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""From no step at all, and one that rounding swallows, to far beyond what is stable."""


@dataclass(frozen=True)
class Rate:
    """A network at one learning rate.

    ``moved`` is the largest change of a weight in the first step, ``sharpness`` α times the largest eigenvalue
    of the Hessian where it starts. ``loss`` is the total error at t = 0 … T, NaN from where it overflows, and
    ``rises`` counts the steps at which it grows by more than its own rounding explains.
    """

    task: str
    alpha: float
    moved: float
    sharpness: float
    loss: tuple[float, ...]
    rises: int

    @property
    def last(self) -> float:
        """The total error after the last step."""
        return self.loss[-1]

    @property
    def outcome(self) -> str:
        """What became of the total error, in a word or two."""
        if not np.isfinite(self.last):
            return "overflows"
        if self.last > self.loss[0]:
            return "rises"
        if self.last == self.loss[0]:
            return "stays"
        ups = f", up at {self.rises} {'step' if self.rises == 1 else 'steps'}" if self.rises else ""
        return f"falls{ups}"


def rates(case: Case, alphas: tuple[float, ...] = ALPHAS, steps: int = STEPS) -> list[Rate]:
    """Train one network at each α, from the same weights."""
    net, alpha = network(case), np.array(alphas)[:, None, None]
    weights = [np.repeat(w[None].astype(np.float64), len(alphas), axis=0) for w in case.weights]
    x, target = case.x.astype(np.float64), case.target.astype(np.float64)
    losses, states = [], [flat(weights)]
    with np.errstate(all="ignore"):
        for t in range(steps + 1):
            run = forward(net, weights, x)
            losses.append(error.total_error(error.error(run.Y, target)))
            weights = list(update(weights, backward(net, weights, run, target).gradients, alpha))
            if t < steps:
                states.append(flat(weights))
        total = np.array(losses).T  # (α, T + 1)
        own = _rounding(case, np.array(states)).T
        rises = (np.diff(total) > own[:, 1:] + own[:, :-1]).sum(axis=1)
        moved = np.abs(states[1] - states[0]).max(axis=1)
    steepest = sharpness(hessians(case, states[0][:1]), 1.0)[0]
    return [
        Rate(case.task, a, float(moved[k]), float(a * steepest), tuple(total[k].tolist()), int(rises[k]))
        for k, a in enumerate(alphas)
    ]


def _rounding(case: Case, states: Floats) -> Floats:
    """The bound of the total error at each state, (T+1, α, n) → (T+1, α)."""
    rows = states.reshape(-1, states.shape[-1])
    found = bounds(Stack(tuple(at_weights(case, zip(*layered(rows, case), strict=True)))))
    return found.loss.bound.reshape(states.shape[:-1])
