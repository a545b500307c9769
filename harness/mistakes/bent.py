"""A layer with another pullback than its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reference.layers import Layer

Pullback = Callable[[Layer, Any, Any, Any, Any], Any]
"""What a layer makes of its weight w, input x, output y and delta."""


@dataclass(frozen=True)
class Bent:
    """A layer with another pullback: to its input, to its weight, or both; each is given the layer as it was."""

    layer: Layer
    to_input: Pullback | None = None
    to_weight: Pullback | None = None

    def forward(self, w: Any, x: Any) -> Any:
        """f(w, x), as it was."""
        return self.layer.forward(w, x)

    def pullback_input(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        """What is taken for ∂ℰ/∂x."""
        return (self.to_input or _to_input)(self.layer, w, x, y, delta)

    def pullback_weight(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        """What is taken for ∂ℰ/∂w."""
        return (self.to_weight or _to_weight)(self.layer, w, x, y, delta)


def _to_input(layer: Layer, w: Any, x: Any, y: Any, delta: Any) -> Any:
    return layer.pullback_input(w, x, y, delta)


def _to_weight(layer: Layer, w: Any, x: Any, y: Any, delta: Any) -> Any:
    return layer.pullback_weight(w, x, y, delta)
