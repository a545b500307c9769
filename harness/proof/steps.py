"""The steps of the certificate: each in mathematics, with its equation, and whether it is proved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.proof.derivatives import Checked
from harness.proof.evidence import Evidence
from harness.proof.networks import STRUCTURES
from harness.proof.written import latex

DECK = STRUCTURES[0].label
"""The deck's own network, 3-5-2."""

OTHERS = tuple(dict.fromkeys(s.label for s in STRUCTURES if s.label != DECK))
"""The other structures."""

Step = dict[str, Any]


def step(
    id: str, equation: str, title: str, formulas: Sequence[tuple[str, str]], words: str, proved: bool, note: str,
    **more: Any,
) -> Step:  # fmt: skip
    """One step: ``formulas`` in text and LaTeX, the first of which is what it claims; ``note`` what came of it."""
    (text, tex), *others = formulas
    return {
        "id": id, "equation": equation, "title": title, "text": text, "latex": tex, "words": words, "proved": proved,
        "note": note, "more": [{"text": a, "latex": b} for a, b in others], "wrong": [], **more,
    }  # fmt: skip


def of_structures(evidence: Evidence) -> Iterator[Step]:
    """Forward, slope, nodes, weights: the deck's network first, then the scalar form and other structures."""
    yield _claim(
        evidence, ("forward", "loss"), "setting", "S2, S6–S11", "The network, and its total error",
        (
            ("h_j = σ_H(I^H_j) with I^H_j = Σ_i x_i w_ij^IH,  y_k = σ_O(I^O_k) with I^O_k = Σ_j h_j w_jk^HO",
             r"h_j = \sigma_H(I^H_j),\; I^H_j = \sum_i x_i w^{IH}_{ij};\quad "
             r"y_k = \sigma_O(I^O_k),\; I^O_k = \sum_j h_j w^{HO}_{jk}"),
            ("ℰ = (1/N_O) Σ_k (y*_k − y_k)²",
             r"\mathcal{E} = \frac{1}{N_O} \sum_k (y^{\ast}_k - y_k)^2"),
        ),
        "Nothing is known of x, w and y*. σ_H and σ_O are any two functions that have a derivative, σ' (they may be "
        "the same, as in the deck); a prediction has no σ_O (S9). Node by node (S2) and in matrices (S6–S9) it is the "
        "same.",
    )  # fmt: skip
    yield _claim(
        evidence, ("slope",), "slope", "S10, S11", "Where the error starts",
        (("∂ℰ/∂y_k = (2/N_O)(y_k − y*_k)",
          r"\frac{\partial \mathcal{E}}{\partial y_k} = \frac{2}{N_O}(y_k - y^{\ast}_k)"),),
        "The derivative of a square is twice what is squared, and S11 divides by N_O; with B samples also by B. In the "
        "deck N_O = 2, so that the factor is 1.",
    )  # fmt: skip
    yield _claim(
        evidence, ("recursion",), "recursion", "S14, S15, S16", "Why the error goes back along the links",
        (
            ("∂ℰ/∂h_j = Σ_k w_jk^HO ∂ℰ/∂I^O_k,  ∂ℰ/∂I^H_j = σ_H'(I^H_j) ∂ℰ/∂h_j",
             r"\frac{\partial \mathcal{E}}{\partial h_j} = \sum_k w^{HO}_{jk} "
             r"\frac{\partial \mathcal{E}}{\partial I^O_k},\quad \frac{\partial \mathcal{E}}{\partial I^H_j} = "
             r"\sigma_H^{\prime}(I^H_j) \frac{\partial \mathcal{E}}{\partial h_j}"),
        ),
        "The chain rule: ℰ depends on h_j only through the I_k of the next layer, and ∂I_k/∂h_j = w_jk, so that "
        "∂ℰ/∂h_j is a sum over k; and on I_j only through h_j = σ(I_j). Given sympy's derivative by one layer, each "
        "step back of reference/chain.py gives sympy's derivative by the layer before: link by link this is the "
        "recursion S16.",
    )  # fmt: skip
    yield _claim(
        evidence, ("delta",), "nodes", "S18, S19, S20", "The error at every node",
        (
            ("ε_k = ∂ℰ/∂I^O_k = σ_O'(I^O_k) ∂ℰ/∂y_k,  δ_j = ∂ℰ/∂I^H_j = σ_H'(I^H_j) Σ_k w_jk^HO ε_k",
             r"\varepsilon_k = \frac{\partial \mathcal{E}}{\partial I^O_k} = \sigma_O^{\prime}(I^O_k)"
             r"\frac{\partial \mathcal{E}}{\partial y_k};\quad \delta_j = \frac{\partial \mathcal{E}}{\partial I^H_j}"
             r" = \sigma_H^{\prime}(I^H_j) \sum_k w^{HO}_{jk} \varepsilon_k"),
            *_examples(evidence, "delta", ("∂ℰ/∂I^O_2", "∂ℰ/∂I^H_3")),
        ),
        "Steps 2 and 3 in one, from the output back. sympy differentiates ℰ as a function of the I of one layer; "
        "reference/backward.py multiplies what comes back along the links by σ'.",
    )  # fmt: skip
    yield _claim(
        evidence, ("gradient",), "weights", "S22, S23", f"Every weight of the {DECK} network",
        (
            ("∂ℰ/∂w_jk^HO = h_j ε_k,  ∂ℰ/∂w_ij^IH = x_i δ_j",
             r"\frac{\partial \mathcal{E}}{\partial w^{HO}_{jk}} = h_j \varepsilon_k,\quad "
             r"\frac{\partial \mathcal{E}}{\partial w^{IH}_{ij}} = x_i \delta_j"),
            *_examples(evidence, "gradient", ("∂ℰ/∂w_32^HO", "∂ℰ/∂w_23^IH")),
        ),
        "A weight acts on ℰ only through the I that it enters: ∂I_j/∂w_ij = x_i. sympy's own derivative of ℰ by each "
        "weight, from the forward pass alone, minus what reference/backward.py computes, is exactly 0: at 15 weights "
        "of the first matrix, IH, and 10 of the second, HO.",
        only=(DECK,),
    )  # fmt: skip
    yield _claim(
        evidence, ("scalar",), "scalar", "S17, S18, S19, S22", "The same, node by node",
        (("Δw_32 = ε_2 h_3,  Δw_23 = δ_3 x_2",
          r"\Delta w_{32} = \varepsilon_2 h_3,\quad \Delta w_{23} = \delta_3 x_2"),),
        "All links reversed, the error sent back along them, σ' for σ, each weight changed by the two nodes that it "
        "joins: what reference/neuron.py walks is sympy's derivative too.",
    )  # fmt: skip
    yield _claim(
        evidence, ("gradient",), "structures", "S20, S23", "Other structures",
        (("Δ^l = σ_l'(I^l) ⊙ (W Δ^{l+1}),  ΔW^{l,l+1} = h^l ⊗ Δ^{l+1}",
          r"\Delta^{l} = \sigma_l^{\prime}(I^{l}) \odot (W^{l,l+1} \cdot \Delta^{l+1}),\quad "
          r"\Delta W^{l,l+1} = h^{l} \otimes \Delta^{l+1}"),),
        f"{', '.join(OTHERS)}: three weight matrices, each layer with a σ of its own; N_O = 3 and N_O = 1, where the "
        "factor 2/N_O is not 1; two samples, over which ΔW is averaged.",
        only=OTHERS,
    )  # fmt: skip
    yield _claim(
        evidence, ("chain",), "chains", "S14, S15, S16", "Chains of other layers",
        (
            ("∂ℰ/∂w_i = ∂ℰ/∂x_i · ∂x_i/∂w_i,  ∂ℰ/∂x_{i−1} = ∂ℰ/∂x_i · ∂x_i/∂x_{i−1}",
             r"\frac{\partial \mathcal{E}}{\partial w_i} = \frac{\partial \mathcal{E}}{\partial x_i} \cdot "
             r"\frac{\partial x_i}{\partial w_i},\quad \frac{\partial \mathcal{E}}{\partial x_{i-1}} = "
             r"\frac{\partial \mathcal{E}}{\partial x_i} \cdot \frac{\partial x_i}{\partial x_{i-1}}"),
        ),
        "The deck's network with a bias in each layer, one of them shared by two samples; a factor for every node, "
        "before and behind σ; weights that a convolution shares, and a quadratic form. Links are counted from the "
        "input. Each file of reference/layers has a forward function and two pullbacks; sympy differentiates the "
        "forward functions, reference/chain.py multiplies the pullbacks.",
    )  # fmt: skip
    yield _update(evidence)


def _update(evidence: Evidence) -> Step:
    found = _claim(
        evidence, ("update",), "update", "S13, S26", "The step, and where it leads",
        (
            ("w' = w − α ∂ℰ/∂w", r"w^{\prime} = w - \alpha \frac{\partial \mathcal{E}}{\partial w}"),
            ("dℰ/dα at α = 0 is −Σ_w (∂ℰ/∂w)²",
             r"\left.\frac{d\mathcal{E}}{d\alpha}\right|_{\alpha = 0} = -\sum_w "
             r"\left(\frac{\partial \mathcal{E}}{\partial w}\right)^2"),
        ),
        "So a small enough step lowers the total error, unless every derivative is 0 already; with the error's sign "
        "turned round it raises it, to first order in α by as much.",
    )  # fmt: skip
    uphill = [label for label, down in evidence.descents if not down]
    labels = dict.fromkeys(label for label, _ in evidence.descents)
    downhill = f"for any step w − α g, dℰ/dα at α = 0 is −Σ_w g ∂ℰ/∂w in each of {', '.join(labels)}"
    if uphill or not evidence.descents:
        found["proved"] = False
        found["wrong"] += [
            {"name": "dℰ/dα", "structure": label, "task": "", "text": "", "latex": ""} for label in uphill
        ]
        downhill = f"dℰ/dα at α = 0 is not −Σ_w g ∂ℰ/∂w in {', '.join(uphill)}" if uphill else "dℰ/dα was not compared"
    found["note"] += f"; {downhill}"
    return found


def _claim(
    evidence: Evidence, claims: Sequence[str], id: str, equation: str, title: str,
    formulas: Sequence[tuple[str, str]], words: str, only: Sequence[str] = (),
) -> Step:  # fmt: skip
    """A step that rests on differences of structures, every one of which has to be 0."""
    every = [one for one in evidence.checked if one.claim in claims and (not only or one.structure in only)]
    compared, wrong = sum(len(one.entries) for one in every), [fault for one in every for fault in _faults(one)]
    proved = bool(every) and all(one.proved for one in every)
    note = _zeros(every) if proved else f"{compared - len(wrong)} differences are 0, {len(wrong)} are not"
    return step(id, equation, title, formulas, words, proved, note, wrong=wrong, compared=compared)


def _faults(one: Checked) -> Iterator[dict[str, str]]:
    where = {"structure": one.structure, "task": one.task}
    if one.fault:
        yield {"name": f"{one.claim} of layer {one.layer}", **where, "text": one.fault, "latex": ""}
    for entry in one.wrong:
        yield {"name": entry.name, **where, "text": entry.left_over, "latex": latex(entry.left_over)}


def _zeros(every: Sequence[Checked]) -> str:
    """``exactly 0 in both tasks: 3-5-2: 15 + 10; 2-2-3: 4 + 6``: by layer from the input, where there are layers."""
    counts: dict[str, dict[str, str]] = {}
    for structure, task in dict.fromkeys((one.structure, one.task) for one in every):
        its = [len(o.entries) for o in reversed(every) if (o.structure, o.task) == (structure, task)]
        whole = all(o.layer == 0 for o in every)
        counts.setdefault(structure, {})[task] = str(sum(its)) if whole else " + ".join(map(str, its))
    parts = [
        f"{structure}: {next(iter(of.values()))}" if len(set(of.values())) == 1
        else f"{structure}: " + " and ".join(f"{number} ({task})" for task, number in of.items())
        for structure, of in counts.items()
    ]  # fmt: skip
    both = " in both tasks" if all(len(of) == 2 for of in counts.values()) else ""
    return f"each difference is exactly 0{both}: {'; '.join(parts)}"


def _examples(evidence: Evidence, claim: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """Some derivatives of the deck's network in full, classification."""
    its = [one for one in evidence.checked if one.claim == claim and one.structure == DECK]
    entries = {entry.name: entry for one in reversed(its) for entry in one.entries}
    found = [f"{name} = {entries[name].formula}" for name in names if name in entries]
    return [(text, latex(text)) for text in found]
