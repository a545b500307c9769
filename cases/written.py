"""Cases as a case file: what a run found, ready to be run again."""

from __future__ import annotations

import json
from collections.abc import Iterable

from cases.case import Case


def toml(cases: Iterable[Case]) -> str:
    """``[[case]]`` blocks with the numbers as they are; each names one activation, task and dtype."""
    return "\n".join(_block(case) for case in cases)


def _block(case: Case) -> str:
    fields = {
        "name": block_name(case),
        "activation": case.activation,
        "task": case.task,
        "dtype": case.dtype,
        "learning_rate": case.learning_rate,
        "input": case.x.astype(float).tolist(),
        "target": case.target.astype(float).tolist(),
        "weights": [w.astype(float).tolist() for w in case.weights],
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in fields.items()]
    return "\n".join(["[[case]]", *lines]) + "\n"


def block_name(case: Case) -> str:
    """The case's name without the choices that every expanded name ends with."""
    return case.name.removesuffix(f"-{case.activation}-{case.task}-{case.dtype}")
