"""Bias layer: I = h + b, one number for each node, the same for every sample.

The deck has no bias; the books do. Shapes: h, I and Δ are (B, N), b is (1, N), rows being samples.
"""

from typing import Any


class Bias:
    """I = h + b."""

    def forward(self, b: Any, h: Any) -> Any:
        """I = h + b."""
        return h + b

    def pullback_input(self, b: Any, h: Any, I: Any, delta: Any) -> Any:
        """∂I/∂h is the identity: Δ goes back as it came."""
        return delta

    def pullback_weight(self, b: Any, h: Any, I: Any, delta: Any) -> Any:
        """Δb is Δ, summed over the samples that share b. Shape (1, N)."""
        return delta.sum(axis=(-2,), keepdims=True)
