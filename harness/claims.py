"""What the deck claims about notation and gradient descent, checked (S12, S21, S24, S25, S27).

Each function returns an Outcome: whether the claim holds, and exactly what is true.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cases.case import Case
from harness.backends.reference import network
from harness.learning.growth import hessians, sharpness
from harness.learning.path import exact_path
from harness.learning.rates import rates
from harness.learning.training import STEPS
from reference import error, products
from reference.backward import backward
from reference.network import forward
from reference.update import learn

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

    before, after = total(case.weights), total(learn(case.weights, gradient, case.learning_rate, STEPS))
    path = exact_path(case, STEPS)
    steepest = sharpness(hessians(case, path.high[:-1]), case.learning_rate).max()
    note = (
        f"{STEPS} steps of S13 on {case.name}, α = {case.learning_rate:g}: total error {before:.4f} → {after:.4f}, in "
        f"exact numbers falling at every one; α times the largest eigenvalue of the Hessian is at most {steepest:.2g}, "
        f"and below 2 descent is stable; a way towards argmin ℰ, not a proof of arriving"
    )
    return outcome(after < before and bool(path.falls.all()) and len(path.falls) == STEPS, note, condition=True)


def learning_rate(case: Case) -> Outcome:
    """S27: the larger α, the larger the adjustment."""
    by_alpha = {rate.alpha: rate for rate in rates(replace(case, task="prediction"))}
    tiny, small, large = (by_alpha[alpha] for alpha in (1e-20, 0.1, 10.0))
    sizes = [rate.moved for alpha, rate in by_alpha.items() if alpha >= 0.001]
    shown = ", ".join(f"{a:g}: {rate.moved:.2g}" for a, rate in by_alpha.items() if a in (0.01, 0.1, 1, 10))
    holds = sizes == sorted(sizes) and sizes[0] > 0 and by_alpha[0.0].moved == tiny.moved == 0
    note = (
        f"largest |W' − W| by α in the prediction task: {shown}; proportional to α until it is rounded away "
        f"(α = {tiny.alpha:g}: {tiny.moved:g}); the larger, not the better: total error after {STEPS} steps "
        f"{small.last:.2g} for α = {small.alpha:g}, {large.last:.2g} for α = {large.alpha:g}"
    )
    return outcome(holds and small.last < large.last, note, condition=True)
