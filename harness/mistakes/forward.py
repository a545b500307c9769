"""Mistakes in the forward pass (S3 to S9): another σ than asked for, left out, put in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.mistakes.mistake import (
    Change,
    Mistake,
    all_of,
    no_hidden_layer,
    not_activation,
    only_activation,
    only_task,
)
from harness.mistakes.recipe import Recipe, Setting
from reference.activations import Sigma

THRESHOLD = 20.0
"""Where torch's softplus becomes the identity."""


@dataclass(frozen=True)
class Switched:
    """``below`` up to a threshold, ``above`` over it; ``step`` is 1 above 0."""

    below: Sigma
    above: Sigma
    step: Any

    def value(self, x: Any) -> Any:
        """σ(x)."""
        return self._chosen(x, self.below.value(x), self.above.value(x))

    def derivative(self, x: Any, y: Any) -> Any:
        """σ'(x)."""
        return self._chosen(x, self.below.derivative(x, self.below.value(x)), self.above.derivative(x, x))

    def _chosen(self, x: Any, below: Any, above: Any) -> Any:
        one = self.above.derivative(x, x)
        beyond = x - THRESHOLD * one
        on = self.step.derivative(beyond, beyond)
        return on * above + (one - on) * below


@dataclass(frozen=True)
class Dropped:
    """σ with every other node dropped and the rest doubled."""

    sigma: Sigma
    recipe: Recipe

    def value(self, x: Any) -> Any:
        """σ(x) of the nodes that are kept, twice."""
        return self._mask(x) * self.sigma.value(x)

    def derivative(self, x: Any, y: Any) -> Any:
        """Its derivative."""
        return self._mask(x) * self.sigma.derivative(x, self.sigma.value(x))

    def _mask(self, x: Any) -> Any:
        rows, nodes = x.shape[-2:]
        return self.recipe.like(np.broadcast_to(2.0 * (np.arange(nodes) % 2 == 0), (rows, nodes)), x)


def everywhere(name: str) -> Change:
    """Another σ at the hidden layers, with its own derivative."""
    return lambda recipe: recipe.hidden(lambda sigma: recipe.kind.sigma(name))


def at_output(name: str | None) -> Change:
    """Another σ at the output, or none."""
    return lambda recipe: replace(
        recipe, sigmas=(*recipe.sigmas[:-1], None if name is None else recipe.kind.sigma(name))
    )


def switched(recipe: Recipe) -> Recipe:
    """Softplus that is the identity above THRESHOLD."""
    identity, step = recipe.kind.sigma("identity"), recipe.kind.sigma("relu")
    return recipe.hidden(lambda sigma: Switched(sigma, identity, step))


def outputs_own_sigma(setting: Setting) -> str | None:
    """The hidden σ is the output's own."""
    own = "sigmoid" if setting.task == "classification" else "identity"
    return f"the output's own σ is {own}" if setting.activation == own else None


MISTAKES = (
    Mistake(
        "no-output-sigma", "the output of a classification is left linear: its sigmoid is missing", "S7, S8",
        "Y = σ(H · W), and σ' at the output on the way back", at_output(None), only_task("classification"),
    ),
    Mistake(
        "output-sigma-put-in", "the output of a prediction goes through a sigmoid", "S9",
        "Y = H · W: a prediction's output is linear", at_output("sigmoid"), only_task("prediction"),
    ),
    Mistake(
        "hidden-sigma-at-output", "the output has the hidden layers' σ", "S8, S9",
        "the output of a classification is a sigmoid, that of a prediction is linear",
        lambda recipe: at_output(recipe.setting.activation)(recipe), outputs_own_sigma,
    ),
    Mistake(
        "no-hidden-sigma", "the hidden layers have no σ: the network is linear", "S6, S28", "H = σ(X · W)",
        everywhere("identity"), all_of(no_hidden_layer, not_activation("identity")),
    ),
    Mistake(
        "always-sigmoid", "the hidden layers are sigmoid whatever activation is asked for", "S3, S6",
        "use the activation of the case", everywhere("sigmoid"), all_of(no_hidden_layer, not_activation("sigmoid")),
    ),
    Mistake(
        "always-relu", "the hidden layers are ReLU whatever activation is asked for", "S4, S6",
        "use the activation of the case", everywhere("relu"), all_of(no_hidden_layer, not_activation("relu")),
        variant_of="always-sigmoid",
    ),
    Mistake(
        "leaky-relu", "ReLU leaks: 0.01·I instead of 0 for I ≤ 0", "S4", "ReLU is 0 there", everywhere("leaky_relu"),
        all_of(no_hidden_layer, only_activation("relu")), variant_of="leaky-slope",
    ),
    Mistake(
        "gelu-other-form", "GELU in its other form: tanh for erf, or erf for tanh", "S6",
        "`gelu` is ½x·erfc(−x/√2), `gelu_tanh` its approximation; torch's default is the one, JAX's the other",
        lambda recipe: everywhere("gelu_tanh" if recipe.setting.activation == "gelu" else "gelu")(recipe),
        all_of(no_hidden_layer, only_activation("gelu", "gelu_tanh")),
    ),
    Mistake(
        "softplus-threshold", f"softplus becomes the identity above {THRESHOLD:g}", "S6",
        "write it as max(x, 0) + ln(1 + e^{-|x|}), which needs no threshold", switched,
        all_of(no_hidden_layer, only_activation("softplus")),
    ),
    Mistake(
        "dropout-left-on", "dropout is on: every other hidden node is 0, and the rest are doubled", "S6",
        "switch dropout off when gradients are compared", lambda recipe: recipe.hidden(lambda s: Dropped(s, recipe)),
        no_hidden_layer,
    ),
)  # fmt: skip
