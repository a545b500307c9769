"""The kill matrix: every mistake on every case, and whether the gate gives it away.

A mistake is caught on a case where its result leaves the bound. Where it is not, the matrix says why: the
mistake is the same program there (no batch, another activation), its exact numbers are the truth's (its balls
overlap), or rounding hides it. Only the last counts against the gate. Rewritings, which are correct, run beside
them: what is held against those is a false alarm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.backends import Evaluation
from harness.backends.reference import matrix
from harness.compare import Standard, shares
from harness.judge import Judge
from harness.mistakes import FAMILIES, MISTAKES
from harness.mistakes.mistake import Mistake
from harness.mistakes.recipe import Setting
from harness.mistakes.runs import cannot_show, coincide, implemented
from harness.numbers.running import Floats
from harness.returned import Quantity
from harness.rewritings import REWRITINGS
from harness.stack import Stack

Key = tuple[str, str, str]
"""Mistake, family of cases, precision."""


@dataclass
class Kill:
    """One mistake on the cases of one family in one precision.

    ``caught`` of ``cases``; ``same`` have the truth's own numbers, ``apart`` are cases where it is no change, by
    reason; ``hidden`` are within the bound although they differ. Of the ratios of error to bound, each case's at its
    worst entry, ``smallest`` is the smallest where it is caught, ``nearest`` the largest where it is hidden.
    """

    cases: int = 0
    caught: int = 0
    same: int = 0
    hidden: int = 0
    apart: Counter[str] = field(default_factory=Counter)
    smallest: float = np.inf
    nearest: float = 0.0

    def add(self, other: Kill) -> None:
        """Count another's cases too."""
        self.cases += other.cases
        self.caught += other.caught
        self.same += other.same
        self.hidden += other.hidden
        self.apart += other.apart
        self.smallest = min(self.smallest, other.smallest)
        self.nearest = max(self.nearest, other.nearest)


@dataclass
class Kills:
    """The matrix, and the runs of rewritings: how many there were, and which were held to be wrong."""

    matrix: dict[Key, Kill] = field(default_factory=dict)
    correct: int = 0
    alarms: list[str] = field(default_factory=list)

    def at(self, mistake: str, family: str, dtype: str) -> Kill:
        """A cell, made where there is none."""
        key = (mistake, family, dtype)
        if key not in self.matrix:
            self.matrix[key] = Kill()
        return self.matrix[key]

    def add(self, other: Kills) -> None:
        """Count another's too."""
        for key, kill in other.matrix.items():
            self.at(*key).add(kill)
        self.correct += other.correct
        self.alarms += other.alarms


def kills(stack: Stack, judge: Judge) -> Kills:
    """Every mistake and every rewriting on the cases of a stack that expect to agree."""
    found = Kills()
    judged = [k for k, case in enumerate(stack.cases) if case.expect is None]
    if not judged:
        return found
    standards, right = _stacked(judge), dict(_parts(matrix.evaluate(stack)))
    for mistake in MISTAKES.values():
        _try(found, mistake, stack, judged, standards, right)
    setting = Setting.of(stack.first)
    for rewriting in REWRITINGS:
        if rewriting.unless(setting) is None:
            worst = _worst(implemented([rewriting], stack), standards, {})
            found.correct += len(judged)
            found.alarms += [f"{rewriting.name} on {stack.cases[k].name}" for k in judged if not worst[k] <= 1]
    return found


def _try(
    found: Kills,
    mistake: Mistake,
    stack: Stack,
    judged: Sequence[int],
    standards: dict[Quantity, Standard],
    right: dict[Quantity, Any],
) -> None:
    reason = cannot_show([mistake], Setting.of(stack.first))
    worst = [] if reason else _worst(implemented([mistake], stack), standards, right).tolist()
    within = [k for k in judged if worst and worst[k] <= 1 and not mistake.rounding]
    same = dict(zip(within, coincide([mistake], [stack.cases[k] for k in within]), strict=True)) if within else {}
    for k in judged:
        case = stack.cases[k]
        cell = found.at(mistake.name, case.family, case.dtype)
        cell.cases += 1
        if not worst:
            cell.apart[str(reason)] += 1
        elif not worst[k] <= 1:
            cell.caught += 1
            cell.smallest = min(cell.smallest, worst[k])
        elif same.get(k):
            cell.same += 1
        else:
            cell.hidden += 1
            cell.nearest = max(cell.nearest, worst[k])


def _worst(found: Evaluation, standards: dict[Quantity, Standard], right: dict[Quantity, Any]) -> Floats:
    """The largest share of each case, (K,); infinite for NaN and for a wrong shape."""
    worst = np.zeros(len(next(iter(standards.values())).bound))
    for quantity, values in _parts(found):
        standard = standards[quantity]
        if values.shape != standard.bound.shape:
            return np.full_like(worst, np.inf)
        if quantity in right and np.array_equal(values, right[quantity]):
            continue
        share = shares(values.astype(np.float64), standard).reshape(len(worst), -1)
        worst = np.maximum(worst, np.where(np.isnan(share), np.inf, share).max(axis=1, initial=0.0))
    return worst


def _stacked(judge: Judge) -> dict[Quantity, Standard]:
    """The standards of all cases of a stack as one, cases first; on a kink the deck's own branch (S4)."""
    return judge.legal["left"].standards


def _parts(found: Evaluation) -> Iterable[tuple[Quantity, Any]]:
    yield ("output", 0), found.output
    yield ("loss", 0), found.loss
    for name, layers in (("gradient", found.gradients), ("update", found.updated)):
        for number, layer in enumerate(layers or (), start=1):
            yield (name, number), layer


def exhibit(found: Kills) -> dict[str, Any]:
    """The matrix as JSON: mistakes with their texts, cells, and the runs of rewritings."""
    told = [
        {
            "name": mistake.name,
            "family": family,
            "kind": mistake.kind,
            "what": mistake.what,
            "equations": mistake.equations,
            "fix": mistake.fix,
            "call": mistake.call,
        }
        for family, its in FAMILIES.items()
        for mistake in its
    ]
    order = {name: number for number, name in enumerate(MISTAKES)}
    keys = sorted(found.matrix, key=lambda key: order[key[0]])
    cells = [
        {
            "mistake": mistake,
            "cases_of": family,
            "dtype": dtype,
            **vars(found.matrix[mistake, family, dtype]),
        }
        for mistake, family, dtype in keys
    ]
    rewritings = [{"name": rewriting.name, "what": rewriting.what} for rewriting in REWRITINGS]
    return {
        "mistakes": told,
        "cells": cells,
        "correct": {"runs": found.correct, "alarms": found.alarms, "rewritings": rewritings},
    }
