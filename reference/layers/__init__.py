"""Kinds of layer, one file each: a function f(w, x) and its two pullbacks.

A pullback takes the derivative of the total error with respect to the layer's output, and gives that with
respect to its input x or to its weight w. ``y`` is the layer's output f(w, x), already known.
"""

from __future__ import annotations

from typing import Any, Protocol


class Layer(Protocol):
    """One link f_i of the chain S15."""

    def forward(self, w: Any, x: Any) -> Any:
        """f(w, x)."""

    def pullback_input(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        """∂ℰ/∂x, given delta = ∂ℰ/∂y; shape of x."""

    def pullback_weight(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        """∂ℰ/∂w, given delta = ∂ℰ/∂y; shape of w, or None where the layer has no weight."""
