"""Quadratic form: y = x A xᵀ, one number for each sample. A need not be symmetric.

Shapes: x is (B, N), A (N, N), y and Δ are (B, 1).
"""

from typing import Any


class Quadratic:
    """y = x A xᵀ."""

    def forward(self, A: Any, x: Any) -> Any:
        """Σ_j (x A)_j x_j of each sample."""
        return ((x @ A) * x).sum(axis=(-1,), keepdims=True)

    def pullback_input(self, A: Any, x: Any, y: Any, delta: Any) -> Any:
        """∂y/∂x = x (A + Aᵀ). Shape (B, N)."""
        return delta * (x @ A + x @ A.mT)

    def pullback_weight(self, A: Any, x: Any, y: Any, delta: Any) -> Any:
        """∂y/∂A_ij = x_i x_j, each sample with its own Δ. Shape (N, N)."""
        return (delta * x).mT @ x
