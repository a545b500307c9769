"""A backend running freely: each step of S13 taken from the weights that it came to itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cases.case import Array, Case
from harness.backends import Backend
from harness.check import Refusal, attempt
from harness.learning.path import flat
from harness.numbers.running import Floats
from harness.precision import PRECISIONS
from harness.returned import Absent, Quantity, returned
from harness.stack import Stack
from reference.update import update
from reports.verdict import Verdict

Weights = tuple[Array, ...]


@dataclass(frozen=True)
class Course:
    """Weights at t = 0 … T as the backend had them, and the total error that it found there, (T+1,).

    ``note`` says why T is less than was asked for, ``verdict`` in a word; the last state may hold infinities or NaN,
    and is then the last. ``loss`` is NaN where a backend gives none.
    """

    backend: str
    states: tuple[Weights, ...]
    loss: Floats
    note: str = ""
    verdict: Verdict | None = None

    @property
    def rows(self) -> Floats:
        """All weights of each state, (T+1, n)."""
        return np.array([flat(state) for state in self.states])

    @property
    def finite(self) -> int:
        """How many states are of numbers alone."""
        every = [all(np.isfinite(np.asarray(w, np.float64)).all() for w in state) for state in self.states]
        return every.index(False) if False in every else len(every)


def course(backend: Backend, start: Case, steps: int) -> Course:
    """Run a backend for ``steps`` steps on its own results; it ends sooner where it fails or overflows.

    A backend without updated weights is taken along its own gradients by S13 (`reference.update`).
    """
    case, states, losses, note, verdict = start, [start.weights], [], "", None
    for t in range(steps + 1):
        with np.errstate(all="ignore"):
            found = attempt(backend, Stack((case,)))
        if isinstance(found, Refusal):
            note, verdict = f"step {t}: {found.reason}", found.verdict
            break
        parts = dict(returned(found, 0, 1, len(start.weights)))
        losses.append(_number(parts.get(("loss", 0))))
        after = _after(case, parts)
        if not all(np.isfinite(np.asarray(w, np.float64)).all() for w in case.weights):
            note, verdict = f"step {t}: weights leave the range of {start.dtype}", Verdict.NONFINITE
            break
        if isinstance(after, str):
            note, verdict = f"step {t}: {after}", Verdict.MALFORMED
            break
        if t < steps:
            case = replace(case, weights=after)
            states.append(after)
    return Course(backend.name, tuple(states[: max(len(losses), 1)]), np.array(losses, np.float64), note, verdict)


def _after(case: Case, parts: dict[Quantity, object]) -> Weights | str:
    """The weights after this step; in words, why there are none."""
    layers = range(1, len(case.weights) + 1)
    name = "update" if ("update", 1) in parts else "gradient"
    arrays = [parts.get((name, layer)) for layer in layers]
    for layer, (array, before) in enumerate(zip(arrays, case.weights, strict=True), start=1):
        if isinstance(array, Absent):
            return f"{name} of layer {layer}: {array.reason}"
        if not isinstance(array, np.ndarray) or array.shape != before.shape or array.dtype != before.dtype:
            return f"{name} of layer {layer} is not of shape {before.shape} and dtype {PRECISIONS[case.dtype].name}"
    found: list[Array] = [array for array in arrays if isinstance(array, np.ndarray)]
    with np.errstate(all="ignore"):
        return tuple(found) if name == "update" else update(case.weights, found, case.learning_rate)


def _number(loss: object) -> float:
    if loss is None or isinstance(loss, Absent):
        return float("nan")
    try:
        return float(np.asarray(loss, np.float64).reshape(()))
    except (TypeError, ValueError):
        return float("nan")
