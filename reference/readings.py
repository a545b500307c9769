"""The three places where the deck says two things, as readings that can be run.

Each names one choice. DERIVATIVE is the derivative of the total error S11; the others take one statement
of the deck literally and everything else as in DERIVATIVE.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """What a reading takes for the sign of the error, its scale, and the left factor of ΔW."""

    name: str
    equations: str
    statement: str
    descends: bool = True
    """True: the error sent back is Y − Y* (S26). False: Y* − Y (S10, S18)."""
    scaled: bool = True
    """True: with the factor 2/N_O of S11's derivative. False: without (S18–S26)."""
    output_of_layer: bool = True
    """True: ΔW = h ⊗ Δ, the layer's output (S22, S23). False: ΔW = I ⊗ Δ, its input (S26)."""


DERIVATIVE = Reading(
    name="derivative",
    equations="S11, S13",
    statement="ΔW = ∂ℰ/∂W: the error is Y − Y*, with the factor 2/N_O, and ΔW = h ⊗ Δ",
)
SIGN = Reading(
    name="sign",
    equations="S10, S18",
    statement="the error sent back is e = Y* − Y, as S10 and S18 print it, and S13 subtracts αΔW",
    descends=False,
)
SCALE = Reading(
    name="scale",
    equations="S18–S26",
    statement="no factor 2/N_O anywhere, as S18 to S26 print it",
    scaled=False,
)
OUTER = Reading(
    name="outer",
    equations="S26",
    statement="ΔW = I ⊗ Δ with the layer's input I, as S26 prints it",
    output_of_layer=False,
)

READINGS = (DERIVATIVE, SIGN, SCALE, OUTER)
"""Every reading; the first is the default."""
