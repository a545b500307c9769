"""Power: wrong gradients planted on purpose, and whether the bound gives them away.

Each fault changes the reference's own result in one way. On the drawn cases the exhibit says, per fault and
precision, in how many activations it is caught on at least one case; and where it is not, why: because it makes
no difference there, or because it is smaller than what rounding may do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cases.case import Array
from harness.backends import Evaluation
from harness.backends.reference import array, matrix, network, number
from harness.compare import shares
from harness.judge import Judge
from harness.stack import Stack
from reference.backward import backward
from reference.network import Network, forward

Gradients = Sequence[Array]
Fault = Callable[[Stack, Gradients], Gradients]


def sign(stack: Stack, gradients: Gradients) -> Gradients:
    """Every gradient with the wrong sign."""
    return [-g for g in gradients]


def factor(stack: Stack, gradients: Gradients) -> Gradients:
    """Every gradient 1.0005 times too large, as torch's gradcheck lets pass."""
    return [(g.astype(np.float64) * 1.0005).astype(g.dtype) for g in gradients]


def transposition(stack: Stack, gradients: Gradients) -> Gradients:
    """The outer product the wrong way round, in an array of the right shape."""
    return [g.mT.reshape(g.shape) for g in gradients]


def slope_at_output(stack: Stack, gradients: Gradients) -> Gradients:
    """σ' taken at h instead of I in the hidden layers."""
    right = network(stack.first)
    net = Network(_SlopeAtOutput(right.hidden), right.output)
    weights = [number(w) for w in stack.weights]
    with np.errstate(all="ignore"):
        run = forward(net, weights, number(stack.x))
        return [array(g) for g in backward(net, weights, run, number(stack.target)).gradients]


def float32_inside(stack: Stack, gradients: Gradients) -> Gradients:
    """The gradient passed through float32."""
    return [g.astype(np.float32).astype(g.dtype) for g in gradients]


def one_entry(stack: Stack, gradients: Gradients) -> Gradients:
    """The largest entry of the last layer half as large again."""
    last = gradients[-1].astype(np.float64)
    flat = last.reshape(len(last), -1)
    at = np.abs(flat).argmax(axis=1)
    flat[np.arange(len(last)), at] *= 1.5
    return [*gradients[:-1], flat.reshape(last.shape).astype(gradients[-1].dtype)]


FAULTS: dict[str, Fault] = {
    "sign": sign,
    "factor 1.0005": factor,
    "transposition": transposition,
    "σ' at h instead of I": slope_at_output,
    "float32 inside": float32_inside,
    "one entry": one_entry,
}
"""Every planted fault by name."""


@dataclass(frozen=True)
class _SlopeAtOutput:
    sigma: Any

    def value(self, x: Any) -> Any:
        return self.sigma.value(x)

    def derivative(self, x: Any, y: Any) -> Any:
        return self.sigma.derivative(y, self.sigma.value(y))


@dataclass(frozen=True)
class Trial:
    """One fault on one case: the largest share that it reaches, and whether it changes anything."""

    fault: str
    activation: str
    dtype: str
    share: float
    differs: bool


def trials(stack: Stack, judge: Judge) -> list[Trial]:
    """Every fault on every drawn case of a stack."""
    drawn = [k for k, case in enumerate(stack.cases) if case.drawn]
    if not drawn:
        return []
    right = [np.asarray(g) for g in _gradients(matrix.evaluate(stack))]
    found = []
    for name, fault in FAULTS.items():
        with np.errstate(all="ignore"):
            wrong = fault(stack, right)
        found += [
            Trial(name, stack.first.activation, stack.first.dtype, _share(judge, k, wrong), _differs(right, wrong, k))
            for k in drawn
        ]
    return found


def _gradients(found: Evaluation) -> Gradients:
    assert found.gradients is not None
    return found.gradients


def _share(judge: Judge, k: int, gradients: Gradients) -> float:
    """The largest share of a case's gradients; infinite for NaN."""
    standards = judge.standards[k]["left"]
    worst = 0.0
    for layer, gradient in enumerate(gradients, start=1):
        share = shares(gradient[k].astype(np.float64), standards["gradient", layer])
        worst = max(worst, float(np.nan_to_num(share, nan=np.inf).max(initial=0.0)))
    return worst


def _differs(right: Gradients, wrong: Gradients, k: int) -> bool:
    return any(not np.array_equal(a[k], b[k]) for a, b in zip(right, wrong, strict=True))


def exhibit(every: Iterable[Trial]) -> list[dict[str, Any]]:
    """One line per fault and precision."""
    groups: dict[tuple[str, str], dict[str, list[Trial]]] = {}
    for trial in every:
        groups.setdefault((trial.fault, trial.dtype), {}).setdefault(trial.activation, []).append(trial)
    order = sorted(groups, key=lambda key: (list(FAULTS).index(key[0]), key[1]))
    return [_line(fault, dtype, groups[fault, dtype]) for fault, dtype in order]


def _line(fault: str, dtype: str, by_activation: dict[str, list[Trial]]) -> dict[str, Any]:
    caught = {name for name, its in by_activation.items() if any(t.share > 1 for t in its)}
    hidden = {name: its for name, its in by_activation.items() if name not in caught}
    same = sorted(name for name, its in hidden.items() if not any(t.differs for t in its))
    every = [t for its in by_activation.values() for t in its]
    return {
        "fault": fault,
        "dtype": dtype,
        "cases": len(every),
        "caught": sum(t.share > 1 for t in every),
        "activations": len(by_activation),
        "activations_caught": len(caught),
        "no_difference": same,
        "hidden_by_rounding": sorted(set(hidden) - set(same)),
        "largest_share_hidden": max((t.share for its in hidden.values() for t in its), default=None),
    }
