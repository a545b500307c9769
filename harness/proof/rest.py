"""The steps of the certificate that are not about weights: σ', the readings of the deck, and numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from harness.proof.balls import BITS_TRIED, NARROW, Numbers
from harness.proof.evidence import Evidence
from harness.proof.readings import Found
from harness.proof.steps import Step, step
from harness.proof.written import latex
from reference.readings import OUTER, SCALE, SIGN, Reading


def of_sigmas(evidence: Evidence) -> Iterator[Step]:
    """σ' of the sigmoid, which the deck leaves out, and of all other activations."""
    sigmoid = [slope for slope in evidence.slopes if slope.name == "sigmoid"]
    others = [slope for slope in evidence.slopes if slope.name != "sigmoid"]
    yield step(
        "sigmoid", "S3", "The sigmoid, and its σ'",
        (
            ("σ(x) = 1/(1 + e^{−x}),  σ'(x) = σ(x)(1 − σ(x))",
             r"\sigma(x) = \frac{1}{1 + e^{-x}},\quad \sigma^{\prime}(x) = \sigma(x)\,(1 - \sigma(x))"),
        ),
        "The deck gives σ and leaves σ' out. The text of reference/activations/sigmoid.py is held against both "
        "formulas, and its σ' against sympy's derivative of its σ.",
        *_came(
            bool(sigmoid) and all(slope.proved for slope in sigmoid),
            "σ − 1/(1 + e^{−x}), σ' − σ(1 − σ) and dσ/dx − σ' simplify to 0",
        ),
        wrong=[_wrong(slope.name, text) for slope in sigmoid for text in slope.wrong],
    )  # fmt: skip
    kinked = [slope for slope in others if slope.kinks]
    smooth = [slope.name for slope in others if not slope.kinks]
    yield step(
        "slopes", "S4, S17", "σ' of every other activation",
        (("dσ/dx − σ' = 0", r"\frac{d\sigma}{dx} - \sigma^{\prime} = 0"),),
        "Piece by piece where σ has several formulas; and where two pieces meet, σ is continuous and σ' is the slope "
        "from the left. Where both sides have one slope, that is the derivative; on a kink there is none, and the "
        "deck's ReLU'(0) = 0 is a convention (S4 puts 0 on the ≤ side). σ is as its file has it; that of ReLU is S4's.",
        *_came(
            bool(others) and all(slope.proved for slope in others),
            f"everywhere: {', '.join(smooth)}; but for kinks: "
            + ", ".join(f"{slope.name} ({', '.join(slope.kinks)})" for slope in kinked),
        ),
        wrong=[_wrong(slope.name, text) for slope in others for text in slope.wrong],
    )  # fmt: skip


def of_readings(evidence: Evidence) -> Iterator[Step]:
    """The three places where the deck says two things: what the other one computes instead."""
    yield _reading(
        evidence, SIGN, "The reading “sign”: e = Y* − Y",
        ("reading − ∂ℰ/∂w = −2 ∂ℰ/∂w",
         r"\text{reading} - \frac{\partial \mathcal{E}}{\partial w} = -2 \frac{\partial \mathcal{E}}{\partial w}"),
        "0 exactly where ∂ℰ/∂w is. Everywhere else it is the opposite, and S13 climbs.", "3-5-2",
    )  # fmt: skip
    scales = ", ".join(f"{factor} · ∂ℰ/∂w for N_O = {n}" for n, factor in ((1, "−1/2"), (2, "0"), (3, "1/2")))
    yield _reading(
        evidence, SCALE, "The reading “scale”: no factor 2/N_O",
        ("reading − ∂ℰ/∂w = (N_O/2 − 1) ∂ℰ/∂w",
         r"\text{reading} - \frac{\partial \mathcal{E}}{\partial w} = "
         r"\left(\frac{N_O}{2} - 1\right) \frac{\partial \mathcal{E}}{\partial w}"),
        f"That is {scales}: 0 exactly for N_O = 2, the deck's own network, or where ∂ℰ/∂w is 0.", "2-2-3",
    )  # fmt: skip
    yield _reading(
        evidence, OUTER, "The reading “outer”: ΔW = I ⊗ Δ",
        ("reading − ∂ℰ/∂w_ij = (I_i − h_i) Δ_j",
         r"\text{reading} - \frac{\partial \mathcal{E}}{\partial w_{ij}} = (I_i - h_i)\,\Delta_j"),
        "At the first layer I = h = x, and it is 0 for every weight. At a later one it is 0 exactly where σ(I_i) = "
        "I_i, as for ReLU wherever I_i ≥ 0 (all of the deck's own hidden nodes), or where Δ_j = 0; with more samples "
        "it is the sum of this over them.", "3-5-2",
    )  # fmt: skip


def _reading(
    evidence: Evidence, reading: Reading, title: str, formula: tuple[str, str], words: str, example: str
) -> Step:
    its = [one for one in evidence.found if one.reading == reading.name]
    wrong = [_wrong(name, "", one.structure, one.task) for one in its for name in one.wrong]
    shown = [one for one in its if one.structure == example][:1]
    zero = ", ".join(f"{one.zero} of {one.entries} in {one.structure}" for one in its if one.task == "classification")
    compared = sum(one.entries for one in its)
    where = f"at {zero}" if any(one.zero for one in its) else "nowhere"
    return step(
        reading.name, reading.equations, title,
        (formula, *((f"{one.name} of {example} is off by {one.formula}", _off(one, example)) for one in shown)), words,
        *_came(bool(its) and not wrong, f"the difference is this at all {compared} weights; identically 0 {where}"),
        wrong=wrong, compared=compared,
    )  # fmt: skip


def _off(one: Found, example: str) -> str:
    return rf"{latex(one.name)} \text{{ of {example} is off by }} {latex(one.formula)}"


def of_numbers(evidence: Evidence) -> Step:
    """BP equals autodiff on every case of the catalogue, on balls."""
    outcomes = Counter(found for _, found in evidence.numbers)
    apart = [case.name for case, found in evidence.numbers if found is Numbers.APART]
    open_, equal = outcomes[Numbers.UNDETERMINED], outcomes[Numbers.EQUAL]
    rest = f"; undetermined in {open_}, with balls too wide to say even at {BITS_TRIED[-1]} bits" if open_ else ""
    return step(
        "numbers", "S13, S26", "Evidence: every case of the catalogue, as far as balls decide",
        (("[∂ℰ/∂w] ∩ [ΔW] ≠ ∅", r"[\partial \mathcal{E}/\partial w] \cap [\Delta W] \neq \emptyset"),),
        "The same text on balls, intervals that hold the exact number, beside a differentiator that knows S11 and the "
        "chain rule but not S18–S23. Outputs, total error, gradients and updated weights of both sides overlap; that "
        f"alone proves nothing, as wide balls always do: so each is exact, or its radius at most {NARROW:.0e} of the "
        "largest entry of its array.",
        not apart and equal > 0,
        f"both hold, so no difference was found, in {equal:,} of {len(evidence.numbers):,} cases{rest}",
        wrong=[_wrong(name, "the balls do not overlap") for name in apart], compared=len(evidence.numbers),
    )  # fmt: skip


def tally(evidence: Evidence) -> list[dict[str, Any]]:
    """Cases on balls by activation and task."""
    counts: dict[tuple[str, str], Counter[Numbers]] = {}
    for case, found in evidence.numbers:
        counts.setdefault((case.activation, case.task), Counter())[found] += 1
    return [
        {"activation": activation, "task": task, "cases": its.total(), **{str(one): its[one] for one in Numbers}}
        for (activation, task), its in counts.items()
    ]


def _came(proved: bool, note: str) -> tuple[bool, str]:
    """Whether a step is proved, and the note that goes with that."""
    return proved, note if proved else "not proved"


def _wrong(name: str, text: str, structure: str = "", task: str = "") -> dict[str, str]:
    return {"name": name, "structure": structure, "task": task, "text": text, "latex": ""}
