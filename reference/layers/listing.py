"""Every kind of layer by name, made for a kind of number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference.activations import Sigma
from reference.layers import Layer
from reference.layers.activation import Activation
from reference.layers.bias import Bias
from reference.layers.convolution import Convolution
from reference.layers.dense import Dense
from reference.layers.normalisation import Normalisation
from reference.layers.quadratic import Quadratic
from reference.layers.scale import Scale
from reference.layers.softmax import Softmax

LAYERS: dict[str, Callable[[Any], Layer]] = {
    "dense": lambda xp: Dense(),
    "bias": lambda xp: Bias(),
    "scale": lambda xp: Scale(),
    "convolution": Convolution,
    "normalisation": Normalisation,
    "softmax": Softmax,
    "quadratic": lambda xp: Quadratic(),
}
"""Layers of numbers whose namespace is ``xp``, but for the one that needs a σ."""


def layer(kind: str, xp: Any, sigma: Sigma | None = None) -> Layer:
    """A layer of this kind; an activation has ``sigma``."""
    return LAYERS[kind](xp) if sigma is None else Activation(sigma)
