"""Activation functions σ and their derivatives, one file each.

A file states two functions over any namespace ``xp``: ``value(xp, x)``, which is σ(x), and
``derivative(xp, x, y)``, which is σ'(x) where y = σ(x) is already known. Both act entry by entry and keep
shape and dtype.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

from reference.activations import (
    elu,
    gelu,
    gelu_tanh,
    hardsigmoid,
    hardswish,
    hardtanh,
    identity,
    leaky_relu,
    relu,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    tanh,
)

FORMULAS: dict[str, ModuleType] = {
    "sigmoid": sigmoid,
    "relu": relu,
    "tanh": tanh,
    "identity": identity,
    "softplus": softplus,
    "silu": silu,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "hardtanh": hardtanh,
    "hardsigmoid": hardsigmoid,
    "hardswish": hardswish,
    "softsign": softsign,
}
"""Every σ by name."""


class Sigma(Protocol):
    """What the network needs of σ, whatever the kind of number."""

    def value(self, x: Any) -> Any:
        """σ(x), entry by entry."""

    def derivative(self, x: Any, y: Any) -> Any:
        """σ'(x), entry by entry, given y = σ(x)."""


@dataclass(frozen=True)
class Formula:
    """A σ from this folder, bound to a namespace: ``Formula("sigmoid", arrays)``."""

    name: str
    xp: Any

    def value(self, x: Any) -> Any:
        """σ(x), entry by entry."""
        return FORMULAS[self.name].value(self.xp, x)

    def derivative(self, x: Any, y: Any) -> Any:
        """σ'(x), entry by entry, given y = σ(x)."""
        return FORMULAS[self.name].derivative(self.xp, x, y)
