"""Activation layer, the nonlinear half of a neuron: h = σ(I) (S6, S7). It has no weight.

Shapes: I, h and Δ are all (B, N_l).
"""

from dataclasses import dataclass
from typing import Any

from reference.activations import Sigma


@dataclass(frozen=True)
class Activation:
    """h = σ(I), entry by entry."""

    sigma: Sigma

    def forward(self, w: None, I: Any) -> Any:
        """h = σ(I)."""
        return self.sigma.value(I)

    def pullback_input(self, w: None, I: Any, h: Any, delta: Any) -> Any:
        """Δ = σ'(I) ⊙ (…): the outer factor of S18, S19 and S20."""
        return self.sigma.derivative(I, h) * delta

    def pullback_weight(self, w: None, I: Any, h: Any, delta: Any) -> None:
        """No weight, nothing to adjust."""
