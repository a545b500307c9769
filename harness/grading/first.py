"""The first term that went wrong, in the order of the run: Y, ℰ, then Δ and ΔW from the output back, then W'.

From the arrays that were returned: a ΔW of one sample is h ⊗ Δ, so what its error depends on says which of the
two factors is wrong. With several samples they are summed, and single ones speak for them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from harness.factors import wrong_factor
from harness.grading.answers import Answer
from reports.verdict import Verdict


@dataclass(frozen=True)
class Wrong:
    """A term, its equations, and in how many of the failing cases it is the first wrong one."""

    term: str
    equation: str
    cases: int = 0


Term = tuple[str, str]

FORWARD = ("the output Y, or an H before it", "S6–S9")
LOSS = ("the total error ℰ", "S11")
UPDATE = ("the updated weights W'", "S13, S26")
OUTPUT, HIDDEN = "the output layer", "a hidden layer"

TERMS: dict[tuple[str, str], Term] = {
    ("delta", OUTPUT): ("Δ^O, the error at the output nodes", "S18"),
    ("delta", HIDDEN): ("Δ^l, the error at a hidden layer", "S19, S20"),
    ("left", OUTPUT): ("the left factor h of the output layer's ΔW", "S22, S23"),
    ("left", HIDDEN): ("the left factor h of a hidden layer's ΔW", "S22, S23"),
    ("change", OUTPUT): ("ΔW of the output layer", "S22, S23"),
    ("change", HIDDEN): ("ΔW of a hidden layer", "S22, S23"),
    ("shape", OUTPUT): ("the shape of the output layer's ΔW", "S23"),
    ("shape", HIDDEN): ("the shape of a hidden layer's ΔW", "S23"),
    ("dtype", OUTPUT): ("the dtype of the output layer's ΔW", "S23"),
    ("dtype", HIDDEN): ("the dtype of a hidden layer's ΔW", "S23"),
    ("summed", OUTPUT): ("Δ^O or ΔW of the output layer", "S18 to S23"),
    ("summed", HIDDEN): ("Δ^l or ΔW of a hidden layer", "S19 to S23"),
}
"""What is wrong, by what a ΔW showed and by its place."""


def first_wrong(answers: Iterable[Answer]) -> list[Wrong]:
    """The first wrong term of the failing cases, those of most cases first."""
    found = Counter(seen for answer in answers if (seen := _first(answer)) is not None)
    merged: Counter[Term] = Counter()
    single: dict[str, Counter[Term]] = defaultdict(Counter)
    for (what, place), count in found.items():
        if what != "summed":
            merged[_term(what, place)] += count
            single[place][_term(what, place)] += count
    for (what, place), count in found.items():
        if what == "summed":
            alone = single[place].most_common(1)
            merged[alone[0][0] if alone else TERMS[what, place]] += count
    return [Wrong(*term, cases) for term, cases in merged.most_common()]


def _term(what: str, place: str) -> Term:
    return {"forward": FORWARD, "loss": LOSS, "update": UPDATE}.get(what) or TERMS[what, place]


def _first(answer: Answer) -> tuple[str, str] | None:
    wrong = answer.wrong
    if not wrong:
        return None
    if ("output", 0) in wrong:
        return "forward", ""
    depth = len(answer.case.weights)
    for l in range(depth, 0, -1):
        if ("gradient", l) in wrong:
            return _seen(answer, l), OUTPUT if l == depth else HIDDEN
    return ("loss" if ("loss", 0) in wrong else "update"), ""


def _seen(answer: Answer, l: int) -> str:
    """What ΔW^l shows: that Δ^l is wrong, or the h before it, or neither alone."""
    found = answer.values.get(("gradient", l))
    standard = answer.standards["gradient", l]
    if found is None or np.shape(found) != standard.bound.shape:
        return "shape"
    if answer.wrong["gradient", l].verdict == Verdict.MALFORMED:
        return "dtype"
    return wrong_factor(found, standard, answer.case.batch)
