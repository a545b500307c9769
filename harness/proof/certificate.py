"""The certificate: what was proved, step by step, and what was not; as the record keeps it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sympy.external.gmpy import GROUND_TYPES

from harness.equations import EQUATIONS
from harness.proof.balls import NARROW, Numbers
from harness.proof.evidence import Evidence
from harness.proof.rest import of_numbers, of_readings, of_sigmas, tally
from harness.proof.steps import DECK, OTHERS, of_structures
from harness.proof.written import latex


def certificate(evidence: Evidence) -> dict[str, Any]:
    """The exhibit: the steps in order, every derivative of the deck's network, activations, cases, and the limits."""
    steps = [*of_structures(evidence), *of_sigmas(evidence), *of_readings(evidence)]
    steps += [of_numbers(evidence)] if evidence.numbers else []
    wrong = [step for step in steps if not step["proved"]]
    proves, leaves_open = [] if wrong else _proves(evidence), _leaves_open(evidence)
    return {
        "proved": not wrong,
        "sentence": _refused(wrong) if wrong else _sentence(evidence),
        "steps": steps,
        "equations": _key(steps, [*proves, *leaves_open]),
        "derivatives": _derivatives(evidence),
        "activations": [
            {"name": one.name, "pieces": one.pieces, "kinks": list(one.kinks), "proved": one.proved}
            for one in evidence.slopes
        ],
        "balls": tally(evidence),
        "proves": proves,
        "leaves_open": leaves_open,
    }


def _key(steps: Iterable[dict[str, Any]], sentences: Sequence[str]) -> list[dict[str, str]]:
    """What each equation states that is named anywhere, ``S6–S9`` naming all four."""
    texts = [step[part] for step in steps for part in ("equation", "title", "words", "note")]
    named = re.findall(r"\bS(\d+)(?:–S(\d+))?", " ".join(["S11", *texts, *sentences]))
    numbers = {n for first, last in named for n in range(int(first), int(last or first) + 1)}
    return [{"id": e.id, "statement": e.statement} for e in EQUATIONS if int(e.id[1:]) in numbers]


def _sentence(evidence: Evidence) -> str:
    deck = sum(len(one.entries) for one in _gradients(evidence) if one.structure == DECK) // 2
    return f"back-propagation is the derivative of the total error: {DECK}, {deck} of {deck} derivatives in each task"


def _refused(wrong: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(fault["name"] for step in wrong for fault in step["wrong"]))
    some = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    steps = ", ".join(f"“{step['title']}” ({step['equation']})" for step in wrong)
    return f"not proved: {steps}" + (f"; not 0: {some}" if some else "")


def _gradients(evidence: Evidence) -> list[Any]:
    return [one for one in evidence.checked if one.claim == "gradient"]


def _derivatives(evidence: Evidence) -> list[dict[str, Any]]:
    """Every ∂ℰ/∂w of every structure; with its formula where it is the deck's network."""
    found = []
    for one in _gradients(evidence):
        for entry in one.entries:
            formula = entry.formula if one.structure == DECK else ""
            found.append({
                "structure": one.structure, "task": one.task, "layer": one.layer, "name": entry.name,
                "name_latex": latex(entry.name), "zero": not entry.left_over, "text": formula, "latex": latex(formula),
            })  # fmt: skip
    return found


def _proves(evidence: Evidence) -> list[str]:
    """What was proved, and of what."""
    counts = {
        label: sum(len(o.entries) for o in _gradients(evidence) if o.structure == label) for label in (DECK, *OTHERS)
    }
    said = [
        "For all inputs, weights, targets and learning rates, and for all functions σ that have a derivative: S18, "
        "S20, S22, S23 and S26, with Y − Y*, the factor 2/N_O and h, compute the derivative of the total error S11. "
        f"By symbols, for {', '.join(f'{label} ({n // 2} weights)' for label, n in counts.items())}, in both tasks.",
        f"The recursion S16 on chains with biases, elementwise scales, a convolution and a quadratic form: "
        f"{', '.join(dict.fromkeys(o.structure for o in evidence.checked if o.claim == 'chain'))}.",
        "The scalar form and the matrix form are the same formulas, for one sample.",
        f"σ' of all {len(evidence.slopes)} activations is the derivative of σ wherever there is one; σ of the sigmoid "
        "is S3's, that of ReLU S4's.",
        "What the other three readings of the deck compute differs from the derivative by a formula, which says "
        "exactly where they agree.",
    ]
    if evidence.numbers:
        equal = sum(found is Numbers.EQUAL for _, found in evidence.numbers)
        largest = max((case for case, _ in evidence.numbers), key=lambda case: sum(w.size for w in case.weights))
        said.append(
            f"Evidence, not proof: on {equal:,} of {len(evidence.numbers):,} cases of the catalogue, the largest "
            f"{largest.structure}, the equations come to the derivative's own numbers within balls of radius at most "
            f"{NARROW:.0e} of the largest entry of its array."
        )
    return said


def _leaves_open(evidence: Evidence) -> list[str]:
    """What this does not prove."""
    said = [
        "Other widths and depths by symbols: there, only the cases of the catalogue in exact numbers. The formulas are "
        "the same sums with more terms, but that is not a proof.",
        "Anything about a kink: there is no derivative there, and the slope from the left is a convention.",
        "Anything about rounding: these are exact numbers. Whether an implementation in float64 or narrower comes to "
        "them is what gradproof run checks, against a bound.",
        "Layer normalisation and softmax by symbols, and any other layer that S14 and S15 allow: those two only on the "
        "cases of the catalogue in exact numbers.",
        "sympy and Arb themselves are trusted"
        + (
            "; in this run sympy's integers are FLINT's too, of which Arb is a part."
            if GROUND_TYPES == "flint"
            else "."
        ),
    ]
    unclear = [case.name for case, found in evidence.numbers if found is Numbers.UNDETERMINED]
    if unclear:
        said.insert(3, f"Cases whose balls stay too wide: {', '.join(unclear)}.")
    return said
