"""Softmax: y_j = e^{x_j} / Σ_i e^{x_i}, over the nodes of each sample. It has no weight.

Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs", in
*Neurocomputing* (1990), section 4. Shapes: x, y and Δ are (B, N).
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Softmax:
    """y_j = e^{x_j − c} / Σ_i e^{x_i − c}, whatever c; ``xp`` has ``exp`` and ``largest``."""

    xp: Any

    def forward(self, w: None, x: Any) -> Any:
        """With c the largest x of the sample, so that nothing overflows."""
        e = self.xp.exp(x - self.xp.largest(x))
        return e / e.sum(axis=(-1,), keepdims=True)

    def pullback_input(self, w: None, x: Any, y: Any, delta: Any) -> Any:
        """∂y_i/∂x_j = y_i(δ_ij − y_j), so y ⊙ (Δ − Σ_i Δ_i y_i)."""
        return y * (delta - (delta * y).sum(axis=(-1,), keepdims=True))

    def pullback_weight(self, w: None, x: Any, y: Any, delta: Any) -> None:
        """No weight, nothing to adjust."""
