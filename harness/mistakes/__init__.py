"""Wrong implementations of back-propagation, by family: what people get wrong, and what to tell them.

    error        the error that is sent back, and the total error     S10, S11
    slope        σ'                                                   S17–S20
    propagation  the way back through the links                       S17, S19, S20
    change       the weight change                                    S22, S23, S26
    forward      the forward pass                                     S3–S9
    update       the update                                           S13, S26, S27
    handling     what is done with right gradients

Each is the recipe of the whole run (`recipe`) with one change (`mistake`).
"""

from __future__ import annotations

from harness.mistakes import change, error, forward, handling, propagation, slope, update
from harness.mistakes.mistake import Mistake

FAMILIES = {
    "error": error.MISTAKES,
    "slope": slope.MISTAKES,
    "propagation": propagation.MISTAKES,
    "change": change.MISTAKES,
    "forward": forward.MISTAKES,
    "update": update.MISTAKES,
    "handling": handling.MISTAKES,
}
"""Every family of mistakes by name."""

MISTAKES: dict[str, Mistake] = {mistake.name: mistake for its in FAMILIES.values() for mistake in its}
"""Every mistake by name."""
