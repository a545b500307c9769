"""Dense layer, the linear half of a neuron: I = h · W (S6, S7). The deck has no bias.

Shapes: h (B, N_l), W (N_l, N_{l+1}), I and Δ (B, N_{l+1}), rows being samples.
"""

from typing import Any


class Dense:
    """I = h · W."""

    def forward(self, W: Any, h: Any) -> Any:
        """I = h · W (S6, S7)."""
        return h @ W

    def pullback_input(self, W: Any, h: Any, I: Any, delta: Any) -> Any:
        """The bracket of S20, W · Δ; in row vectors Δ · Wᵀ. Shape (B, N_l)."""
        return delta @ W.mT

    def pullback_weight(self, W: Any, h: Any, I: Any, delta: Any) -> Any:
        """ΔW = h ⊗ Δ (S23): for row vectors hᵀ · Δ, which also sums over the samples. Shape (N_l, N_{l+1})."""
        return h.mT @ delta
