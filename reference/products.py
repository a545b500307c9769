"""The three products of the deck, written out entry by entry (S21, S24).

They are definitions to hold NumPy's operators against, not the way to compute: A and B are matrices,
given as 2-D arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[Any]


def matrix_product(A: Matrix, B: Matrix) -> Matrix:
    """A · B (S21): entry (i, j) is Σ_k a_ik b_kj. Shapes (m, n), (n, p) → (m, p)."""
    (m, n), p = A.shape, B.shape[1]
    return np.array([[sum(A[i, k] * B[k, j] for k in range(n)) for j in range(p)] for i in range(m)])


def elementwise_product(A: Matrix, B: Matrix) -> Matrix:
    """A ⊙ B (S21): entry (i, j) is a_ij b_ij. Both of shape (m, n)."""
    m, n = A.shape
    return np.array([[A[i, j] * B[i, j] for j in range(n)] for i in range(m)])


def kronecker_product(A: Matrix, B: Matrix) -> Matrix:
    """A ⊗ B (S24): each entry of A times the whole of B. Shapes (m, n), (p, q) → (mp, nq)."""
    (m, n), (p, q) = A.shape, B.shape
    return np.array([[A[i // p, j // q] * B[i % p, j % q] for j in range(n * q)] for i in range(m * p)])


def outer_product(c: Matrix, d: Matrix) -> Matrix:
    """h ⊗ Δ of S23, for two lists of numbers: entry (i, j) is c_i d_j. Shapes (m,), (n,) → (m, n)."""
    return np.array([[c_i * d_j for d_j in d] for c_i in c])
