"""Layer normalisation: y = (x − m) / √(v + ε), m and v being mean and variance of a sample's own nodes.

It has no weight: gain and offset are a scale and a bias after it. Source: Ba, Kiros & Hinton, "Layer
normalization", arXiv:1607.06450 (2016), section 3. Shapes: x, y and Δ are (B, N).
"""

from dataclasses import dataclass
from typing import Any

EPSILON = 2.0**-17
"""ε = 7.6e-6. The usual 1e-5 is no number of any binary format, and which one is meant would differ."""


@dataclass(frozen=True)
class Normalisation:
    """y = (x − m)·r with r = 1/√(v + ε); ``xp`` has ``sqrt``."""

    xp: Any

    def forward(self, w: None, x: Any) -> Any:
        """y = (x − m)·r."""
        d = x - _mean(x)
        return d * self._r(d)

    def pullback_input(self, w: None, x: Any, y: Any, delta: Any) -> Any:
        """r·(Δ − mean Δ − y·mean(Δ ⊙ y)): every node moves the mean and the variance of all."""
        return self._r(x - _mean(x)) * (delta - _mean(delta) - y * _mean(delta * y))

    def pullback_weight(self, w: None, x: Any, y: Any, delta: Any) -> None:
        """No weight, nothing to adjust."""

    def _r(self, d: Any) -> Any:
        return 1 / self.xp.sqrt(_mean(d * d) + EPSILON)


def _mean(x: Any) -> Any:
    """The mean over the nodes of each sample, (B, 1)."""
    return x.sum(axis=(-1,), keepdims=True) / x.shape[-1]
