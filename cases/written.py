"""Cases as a case file: what a run found, ready to be run again."""

from __future__ import annotations

import json
from collections.abc import Iterable

from cases.case import Case
from cases.chains import ROWS
from cases.links import weighted


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
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in fields.items()]
    weights = [json.dumps(w.astype(float).tolist()) for w in case.weights]
    if case.links is None:
        lines.append(f"weights = [{', '.join(weights)}]")
    else:
        its = iter(w if link.kind in ROWS else w[1:-1] for link, w in zip(weighted(case.links), weights, strict=True))
        links = [f"{{ {k.kind} = {next(its)} }}" if k.weighted else json.dumps(k.kind) for k in case.links]
        lines.append(f"layers = [{', '.join(links)}]")
    return "\n".join(["[[case]]", *lines]) + "\n"


def block_name(case: Case) -> str:
    """The case's name without the choices that every expanded name ends with."""
    return case.name.removesuffix(f"-{case.activation}-{case.task}-{case.dtype}")
