"""The exhibit ``curves``: what reports show of all trainings, and S27 over a range of α."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from harness.learning.rates import Rate, rates
from harness.learning.train import BLIND, Learned, Run
from harness.learning.training import deck_case, larger_case
from harness.numbers.running import Floats

FIGURES = 5
"""Digits of a point of a curve: what a plot can show, and more."""


def exhibit(learned: Sequence[Learned]) -> dict[str, Any]:
    """Curves of every training at some of its steps, and what was made of all of them; S27 for each network.

    Nothing but dicts, lists, text and numbers, NaN and infinities among them; {} where nothing was trained.
    """
    if not learned:
        return {}
    networks = [replace(case, task=task) for case in (deck_case(), larger_case()) for task in _tasks(learned)]
    return {
        "blind_above": BLIND,
        "trainings": [_training(one) for one in learned],
        "rates": [_rate(case.structure, case.activation, rate) for case in networks for rate in rates(case)],
    }


def shown(steps: int) -> list[int]:
    """The steps at which curves are kept: each of the first ten, then every fifth, and the last."""
    return sorted({t for t in range(steps + 1) if t <= 10 or t % 5 == 0} | {steps})


def _tasks(learned: Iterable[Learned]) -> list[str]:
    return list(dict.fromkeys(one.training.start.task for one in learned))


def _training(one: Learned) -> dict[str, Any]:
    start, steps = one.training.start, one.training.steps
    at = shown(steps)
    return {
        "name": one.name,
        "structure": start.structure,
        "activation": start.activation,
        "task": start.task,
        "dtype": start.dtype,
        "alpha": float(f"{start.learning_rate:.6g}"),
        "batch": start.batch,
        "steps": steps,
        "t": at,
        "stable": one.stable,
        "sharpness": one.steepest,
        "rises": one.rises,
        "exact": _points(one.loss, at),
        "wrong_sign": {
            "loss": _points(one.ascent.loss, at),
            **_ends(one.ascent.loss, one.ascent.note),
        },
        "runs": [_run(run, at) | {"share": _share(one, run.backend)} for run in one.runs],
    }


def _share(one: Learned, backend: str) -> float | None:
    """The largest error over bound of the restarted steps; NaN if there is one."""
    shares = [row.share for row in one.rows if row.backend == backend and row.share is not None]
    return float(np.max(shares)) if shares else None


def _run(run: Run, at: Sequence[int]) -> dict[str, Any]:
    return {
        "backend": run.backend,
        **_ends(run.loss, run.note),
        "loss": _points(run.loss, at),
        "drift": _points(run.drift, at),
        "predicted": _points(run.predicted, at),
        "worst_drift": float(run.drift.max()),
        "ratio": run.ratio,
        "last_ratio": run.last,
        "within": run.within,
        "blind_from": run.blind_from,
    }


def _rate(structure: str, activation: str, rate: Rate) -> dict[str, Any]:
    return {
        "structure": structure,
        "activation": activation,
        "task": rate.task,
        "alpha": rate.alpha,
        "steps": len(rate.loss) - 1,
        "moved": rate.moved,
        "sharpness": rate.sharpness,
        "first": rate.loss[0],
        "last": rate.last,
        "rises": rate.rises,
        "outcome": rate.outcome,
    }


def _ends(losses: Floats, note: str) -> dict[str, Any]:
    """The first and the last total error; where a run ends early, at which step and why."""
    ends: dict[str, Any] = {"first": float(losses[0]), "last": float(losses[-1])} if len(losses) else {}
    return ends | {"ended": max(len(losses) - 1, 0) if note else None, "note": note}


def _points(values: Floats, at: Sequence[int]) -> list[float]:
    """Values at the steps ``at``, as far as they go."""
    return [float(f"{values[t]:.{FIGURES}g}") for t in at if t < len(values)]
