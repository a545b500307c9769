"""Elementwise scale: y = s ⊙ x, one factor for each node, the same for every sample.

S21's other product, with a weight in it. Shapes: x, y and Δ are (B, N), s is (1, N).
"""

from typing import Any


class Scale:
    """y = s ⊙ x."""

    def forward(self, s: Any, x: Any) -> Any:
        """y = s ⊙ x."""
        return x * s

    def pullback_input(self, s: Any, x: Any, y: Any, delta: Any) -> Any:
        """∂y_j/∂x_j = s_j. Shape (B, N)."""
        return delta * s

    def pullback_weight(self, s: Any, x: Any, y: Any, delta: Any) -> Any:
        """∂y_j/∂s_j = x_j, summed over the samples that share s. Shape (1, N)."""
        return (delta * x).sum(axis=(-2,), keepdims=True)
