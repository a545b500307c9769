"""What the deck claims about notation and gradient descent, checked (S12, S21, S24, S25, S27).

Each function returns an Outcome: whether the claim holds, and exactly what is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cases.case import Case
from harness.backends.reference import network
from reference import error, products
from reference.backward import backward
from reference.network import forward
from reference.update import learn, update

HOLDS, CONDITION, FAILS, LATER = "holds", "holds with a condition", "does not hold", "not yet"


@dataclass(frozen=True)
class Outcome:
    """What a check came to: one of the four words above, and a sentence."""

    word: str
    note: str


def outcome(holds: bool, note: str, condition: bool = False) -> Outcome:
    """The word that fits, with its note."""
    return Outcome((CONDITION if condition else HOLDS) if holds else FAILS, note)


def two_products(case: Case) -> Outcome:
    """S21: A·B against A⊙B, and what Python's * does."""
    A, B = np.array([[2.0, 3.0], [5.0, 7.0]]), np.array([[11.0, 13.0], [17.0, 19.0]])
    holds = np.array_equal(A * B, products.elementwise_product(A, B))
    holds &= np.array_equal(A @ B, products.matrix_product(A, B))
    holds &= not np.array_equal(A * B, A @ B)
    try:
        plain: Any = A.tolist()
        plain * B.tolist()
    except TypeError:
        note = "for numpy arrays A*B is A ⊙ B and A@B is A · B; plain Python lists cannot be multiplied at all"
        return outcome(holds, note, condition=True)
    return outcome(False, "plain Python lists can be multiplied")


def kronecker(case: Case) -> Outcome:
    """S24: the Kronecker product, and C ⊙ D = C ⊗ D for a column C and a row D."""
    A, B = np.array([[2.0, 3.0], [5.0, 7.0]]), np.array([[11.0, 13.0], [17.0, 19.0]])
    C, D = np.array([[2.0], [3.0], [5.0]]), np.array([[7.0, 11.0]])
    holds = np.array_equal(np.kron(A, B), products.kronecker_product(A, B))
    holds &= np.array_equal(C * D, products.kronecker_product(C, D))
    holds &= np.array_equal(C * D, products.outer_product(C[:, 0], D[0]))
    equal_for_matrices = np.array_equal(A * B, np.kron(A, B)[:2, :2])
    note = "numpy.kron is ⊗; for a column C and a row D, C*D = C ⊗ D, entry (i, j) being c_i d_j; not for matrices"
    return outcome(holds and not equal_for_matrices, note, condition=True)


def python_kronecker(case: Case) -> Outcome:
    """S25: C of 1×N times D of N×1 by Python's *, and the other way round."""
    row, column = np.array([[2.0, 3.0, 5.0]]), np.array([[7.0], [11.0], [13.0]])
    holds = np.array_equal(row * column, products.kronecker_product(row, column))
    holds &= np.array_equal(column * row, products.kronecker_product(column, row))
    holds &= np.array_equal(row * column, products.outer_product(column[:, 0], row[0]))
    transposed = np.array_equal(row * column, products.outer_product(row[0], column[:, 0]).T)
    flat = (row[0] * column[:, 0]).shape == (3,)
    note = (
        "both C*D and D*C are N×N, the Kronecker product, entry (i, j) = column_i · row_j; so with C = h a row and "
        "D = Δ a column, C*D is the transpose of ΔW = h ⊗ Δ; two 1-D arrays are multiplied entry by entry"
    )
    return outcome(holds and transposed and flat, note, condition=True)


def learning(case: Case) -> Outcome:
    """S12: does repeated descent go towards the weights of least total error?"""
    net = network(case)

    def gradient(weights: Any) -> Any:
        return backward(net, weights, forward(net, weights, case.x), case.target).gradients

    def total(weights: Any) -> float:
        return float(error.total_error(error.error(forward(net, weights, case.x).Y, case.target)))

    steps = 200
    before, after = total(case.weights), total(learn(case.weights, gradient, case.learning_rate, steps))
    note = f"{steps} steps of S13 on {case.name}, α = {case.learning_rate:g}: total error {before:.4f} → {after:.4f}"
    return outcome(after < before, note + "; a way towards argmin ℰ, not a proof of arriving", condition=True)


def learning_rate(case: Case) -> Outcome:
    """S27: the larger α, the larger the adjustment."""
    net = network(case)
    gradients = backward(net, case.weights, forward(net, case.weights, case.x), case.target).gradients

    def moved(alpha: float) -> float:
        after = update(case.weights, gradients, alpha)
        return max(float(np.abs(w - v).max()) for w, v in zip(after, case.weights, strict=True))

    alphas = [0.01, 0.1, 1.0, 10.0]
    sizes = [moved(alpha) for alpha in alphas]
    tiny = moved(1e-20)
    shown = ", ".join(f"{alpha:g}: {size:.2g}" for alpha, size in zip(alphas, sizes, strict=True))
    note = f"largest |W' − W| by α: {shown}; proportional to α until it is rounded away (α = 1e-20: {tiny:g})"
    return outcome(sizes == sorted(sizes) and sizes[0] > 0 and tiny == 0, note, condition=True)
