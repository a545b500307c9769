"""Whether a layer normalisation is off because its ε is another: libraries have 1e-5 or so where nothing is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cases.case import Case
from harness.chains import between, layers
from harness.numbers.kinds import array_sigma as sigma
from reference import arrays, chain
from reference.layers import Layer
from reference.layers.normalisation import EPSILON, Normalisation

USUAL = ("1e-5", "1e-6", "1e-3", "1e-8", "1e-12", "0")
"""What libraries and people take for ε."""

NEARER = 16
"""Times that what was computed is nearer to the values with another ε than these are to those with ours."""


@dataclass(frozen=True)
class Other(Normalisation):
    """Layer normalisation with any ε."""

    epsilon: float

    def _r(self, d: Any) -> Any:
        return 1 / self.xp.sqrt((d * d).mean(axis=-1, keepdims=True) + self.epsilon)


def other_epsilon(case: Case, values: Any, link: int) -> str:
    """Say which other ε the output of a link (from 1) comes out with, in words; "" where there is none."""
    if all(one.kind != "normalisation" for one in case.chain[:link]):
        return ""
    found = np.asarray(values, np.float64)
    with np.errstate(all="ignore"):
        ours = _output(case, link, EPSILON)
        for epsilon in USUAL:
            theirs = _output(case, link, float(epsilon))
            if found.shape == ours.shape and NEARER * _apart(found, theirs) < _apart(ours, theirs):
                return f"it comes out with ε = {epsilon} in the normalisation, which has ε = 2⁻¹⁷ = {EPSILON!r} here"
    return ""


def _apart(one: Any, other: Any) -> float:
    return float(np.abs(one - other).max())


def _output(case: Case, link: int, epsilon: float) -> Any:
    its: list[Layer] = layers(case, lambda name: sigma(name, "float64"), arrays)
    its = [Other(arrays, epsilon) if isinstance(one, Normalisation) else one for one in its]
    weights = between(case.chain, [np.asarray(w, np.float64) for w in case.weights])
    return chain.forward(its[:link], weights[:link], np.asarray(case.x, np.float64))[-1]
