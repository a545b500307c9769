"""The exhibit ``terms``: the deck's 3-5-2 network term by term, for the lesson of the page.

For each activation, task and input: every term exactly and by every backend, as `gradproof show` has them; the
readings of the deck; and further steps of S13 at some learning rates, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import flint
import numpy as np

from cases.case import Case
from harness.backends import Backend, load
from harness.backends.reference import readings
from harness.commands.shown import Column, column, exact_terms
from harness.learning.course import course
from harness.learning.path import exact_path, layered
from harness.numbers.running import Floats
from harness.precision import PRECISIONS
from harness.stack import Stack
from harness.terms import Term, terms
from harness.truth import Exact, graph, split
from reference.readings import Reading

FAMILIES = ("slide-3-5-2", "slide-3-5-2-mixed")
"""The deck's input, and the one that switches a unit off."""

ACTIVATIONS = ("sigmoid", "relu")

DTYPE = "float64"

ALPHAS = (0.1, 0.5, 1.0, 3.0, 10.0)
"""Learning rates of the further steps."""

STEPS = 10
"""Steps of S13 that are shown."""

BITS = 128
"""Precision of the terms at a step, of which DECIMALS are kept."""

DECIMALS = 5

LARGEST = 1e6
"""A trajectory ends where a term is larger: it has left what a drawing can show."""


def exhibit(cases: Iterable[Case], backends: Sequence[Backend]) -> dict[str, Any]:
    """The lesson's numbers for those of its cases that were run; {} where there are none."""
    found = [case for case in cases if shown(case)]
    if not found:
        return {}
    return {"steps": STEPS, "decimals": DECIMALS, "cases": [_case(case, backends) for case in found]}


def exhibit_by_name(cases: Iterable[Case], names: Sequence[str]) -> dict[str, Any]:
    """The same by backends that are loaded here."""
    return exhibit(cases, [load(name) for name in names])


def shown(case: Case) -> bool:
    """Whether a case is one of the lesson's."""
    return case.family in FAMILIES and case.activation in ACTIVATIONS and case.dtype == DTYPE


def _case(case: Case, backends: Sequence[Backend]) -> dict[str, Any]:
    columns = [col for col in (column(case, backend) for backend in backends) if col.seen]
    exact = exact_terms(case)
    return {
        "case": case.name,
        "family": case.family,
        "activation": case.activation,
        "task": case.task,
        "layers": list(case.layers),
        "alpha": case.learning_rate,
        "x": case.x.ravel().tolist(),
        "target": case.target.ravel().tolist(),
        "weights": [w.ravel().tolist() for w in case.weights],
        "backends": [col.name for col in columns],
        "terms": [_term(term, exact[term.key], columns) for term in terms(case)],
        "readings": [_reading(case, backend.reading) for backend in readings],
        "paths": [_path(case, alpha) for alpha in ALPHAS],
    }


def key(kind: str, layer: int) -> str:
    """A term in a path: ``delta2``."""
    return f"{kind}{layer or ''}"


def _term(term: Term, exact: Exact, columns: Sequence[Column]) -> dict[str, Any]:
    shape = exact.high.shape
    values = {col.name: _values(col, term, shape) for col in columns}
    held = {backend: its for backend, its in values.items() if its is not None}
    return {
        "term": key(*term.key),
        "stage": term.stage,
        "name": term.name,
        "equation": term.equation,
        "entries": [term.entry(index) for index in np.ndindex(shape)],
        "exact": exact.high.ravel().tolist(),
        "values": {backend: its.ravel().tolist() for backend, its in held.items()},
        "ulps": {backend: _ulps(its, exact).ravel().tolist() for backend, its in held.items()},
    }


def _values(col: Column, term: Term, shape: tuple[int, ...]) -> Floats | None:
    seen = col.seen.get(term.key)
    if seen is None or seen.marks is None:
        return None
    return np.asarray(seen.values, np.float64).reshape(shape)


def _ulps(values: Floats, exact: Exact) -> Floats:
    """Distance from the exact value in units of its last place, in two digits."""
    with np.errstate(all="ignore"):
        found = np.abs((values - exact.high) - exact.low) / PRECISIONS[DTYPE].spacing(exact.high)
    return np.array([float(f"{ulps:.2g}") for ulps in found.ravel().tolist()])


def _reading(case: Case, reading: Reading) -> dict[str, Any]:
    """ΔW under a reading of the deck; at each α W', and the total error of further steps by it."""
    its = next(backend for backend in readings if backend.reading is reading)
    found = its.evaluate(Stack((case,)))
    assert found.gradients is not None
    runs = [course(its, _at(case, alpha), STEPS) for alpha in ALPHAS]
    return {
        "reading": reading.name,
        "equations": reading.equations,
        "statement": reading.statement,
        "gradients": [_decimals(g) for g in found.gradients],
        "updated": [[_decimals(w) for w in run.states[1]] if len(run.states) > 1 else [] for run in runs],
        "losses": [_decimals(run.loss) for run in runs],
    }


def _path(case: Case, alpha: float) -> dict[str, Any]:
    """Weights and every term at each step t = 0 … of the exact trajectory; of the weights one state more.

    Every number is a multiple of 10^−DECIMALS.
    """
    start = _at(case, alpha)
    states = [layered(row, start) for row in exact_path(start, STEPS + 1).high]
    steps = [_step(start, weights) for weights in states]
    large = [t for t, step in enumerate(steps) if any(abs(v) > LARGEST for its in step.values() for v in its)]
    end = min([STEPS, len(states) - 2, *(t - 2 for t in large)]) + 1
    weights = {f"weight{l}": [_decimals(w[l - 1]) for w in states[: end + 1]] for l in range(1, len(case.weights) + 1)}
    return {"alpha": alpha, "steps": end, **weights, **{key: [step[key] for step in steps[:end]] for key in steps[0]}}


def _step(case: Case, weights: Sequence[Floats]) -> dict[str, list[float]]:
    """Every term at some weights."""
    with flint.ctx.workprec(BITS):
        g = graph(replace(case, weights=tuple(weights)))
        kinds = {
            "I": [node.value for node in g.I],
            "h": [node.value for node in g.h[:-1]],
            "slope": g.slopes,
            "delta": [node.derivative for node in g.I],
            "gradient": [node.derivative for node in g.weights],
        }
        parts = {f"{kind}{l}": part for kind, layers in kinds.items() for l, part in enumerate(layers, start=1)}
        found = {key: split(part).high for key, part in parts.items()}
        found |= {"output": split(g.h[-1].value).high, "loss": split(g.loss.value).high}
    found["error"] = case.target - found["output"]
    return {key: _decimals(part) for key, part in found.items()}


def _at(case: Case, alpha: float) -> Case:
    return replace(case, learning_rate=alpha)


def _decimals(values: Any) -> list[float]:
    return [round(value, DECIMALS) + 0.0 for value in np.ravel(values).tolist()]
