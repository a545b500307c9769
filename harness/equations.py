"""The deck's equations S1–S28: what each states, the code that runs it, and the check that it holds."""

from __future__ import annotations

from dataclasses import dataclass

from cases.case import Case
from harness import claims, cost, structures
from harness import equation_checks as checks
from harness.equation_checks import Check

NONE: tuple[str, ...] = ()
MATRIX = ("reference", "torch", "jax")
SCALAR = ("reference-neuron",)
ALL = MATRIX + SCALAR


@dataclass(frozen=True)
class Equation:
    """One row of the deck; ``check`` takes the deck's own case (sigmoid, classification, float64)."""

    id: str
    statement: str
    code: str
    routes: tuple[str, ...]
    check: Check


EQUATIONS = tuple(
    Equation(*row)
    for row in (
        ("S1", "a feed-forward network: input, hidden and output nodes",
         "reference/neuron.py: links", SCALAR, checks.feed_forward),
        ("S2", "a neuron: y_j = σ(Σ_i x_i w_ij)",
         "reference/neuron.py: neuron", SCALAR, checks.one_neuron),
        ("S3", "sigmoid: σ(x) = 1/(1 + e^{-x})",
         "reference/activations/sigmoid.py: value", ALL, checks.sigmoid),
        ("S4", "ReLU(x) = x for x > 0, 0 for x ≤ 0",
         "reference/activations/relu.py: value", ALL, checks.relu),
        ("S5", "the 3-5-2 network and its numbers",
         "cases/catalogue/slides.toml", ALL, checks.printed_numbers),
        ("S6", "H = σ(X · W^IH)",
         "reference/network.py: forward", MATRIX, checks.hidden_values),
        ("S7", "Y = σ(H · W^HO)",
         "reference/network.py: forward", MATRIX, checks.output_values),
        ("S8", "classification: Y = σ(σ(X · W^IH) · W^HO)",
         "reference/network.py: Network", MATRIX, checks.output_values),
        ("S9", "prediction: Y = σ(X · W^IH) · W^HO",
         "reference/network.py: Network", MATRIX, checks.linear_output),
        ("S10", "error: E = Y* − Y",
         "reference/error.py: error", MATRIX, checks.errors),
        ("S11", "total error: ℰ = (1/N_O) Σ_j e_j²",
         "reference/error.py: total_error", ALL, checks.total_error),
        ("S12", "learning: W* = argmin ℰ(W)",
         "reference/update.py: learn", ("reference",), claims.learning),
        ("S13", "gradient descent: W' = W − α ΔW with ΔW = ∂ℰ/∂W",
         "reference/update.py: update", ALL, checks.whole_run),
        ("S14", "BP is the chain rule, for any differentiable structure",
         "reference/chain.py: backward", MATRIX, structures.differentiable),
        ("S15", "y = f_1(w_1, f_2(w_2, … f_n(w_n, x))), the f_i counted from the output",
         "reference/chain.py: forward", MATRIX, structures.general),
        ("S16", "∂y/∂w_i = ∂y/∂x_i · ∂x_i/∂w_i, and the recursion for ∂y/∂x_i",
         "reference/jacobians.py: full_products, recursion", ("reference",), structures.both_forms),
        ("S17", "reverse all links, send the error back, σ' for σ, adjust each weight",
         "reference/neuron.py: backward", SCALAR, checks.scalar_walk),
        ("S18", "output node: ε_i = σ'(I_i) e_i",
         "reference/neuron.py: output_node", ALL, checks.output_node),
        ("S19", "hidden node: δ_3 = σ'(I_3)(w_31 ε_1 + w_32 ε_2)",
         "reference/neuron.py: hidden_node", SCALAR, checks.scalar_walk),
        ("S20", "Δ^l = σ'(I^l) ⊙ (W^{l,l+1} · Δ^{l+1})",
         "reference/backward.py: backward", MATRIX, checks.gradients),
        ("S21", "A · B against A ⊙ B; in Python A*B multiplies entry by entry",
         "reference/products.py: elementwise_product", NONE, claims.two_products),
        ("S22", "Δw_32 = ε_2 h_3 and Δw_23 = δ_3 x_2",
         "reference/neuron.py: weight_change", SCALAR, checks.scalar_walk),
        ("S23", "ΔW^{l,l+1} = h^l ⊗ Δ^{l+1}",
         "reference/layers/dense.py: Dense", MATRIX, checks.gradients),
        ("S24", "Kronecker product; for a column C and a row D, C ⊙ D = C ⊗ D",
         "reference/products.py: kronecker_product", NONE, claims.kronecker),
        ("S25", "in Python, C of 1×N times D of N×1 is the Kronecker product",
         "reference/products.py: kronecker_product", NONE, claims.python_kronecker),
        ("S26", "the whole run: forward, Y − Y*, S20, ΔW = I ⊗ Δ, W' = W − α ΔW",
         "reference/backward.py: backward", MATRIX, checks.as_printed),
        ("S27", "the larger α, the larger the adjustment",
         "reference/update.py: update", ("reference",), claims.learning_rate),
        ("S28", "linear algebra is only notation; BP is the chain rule made recursive",
         "reference/chain.py: backward", ALL, cost.scalar_is_matrix),
    )
)  # fmt: skip
"""Every row of the deck, in its own order."""


def exhibit(case: Case) -> list[dict[str, object]]:
    """Every equation with the outcome of its check on ``case``, as the record keeps it."""
    rows: list[dict[str, object]] = []
    for e in EQUATIONS:
        found = e.check(case)
        row: dict[str, object] = {"id": e.id, "statement": e.statement, "code": e.code, "routes": list(e.routes)}
        rows.append(row | {"outcome": found.word, "note": found.note})
    return rows
