"""Error (S10), total error (S11), and the slope of S11 from which every Δ starts.

Shapes: Y, Y* and E are (B, N_O); with B samples the total error is averaged over them too.
"""

from typing import Any

from reference.readings import DERIVATIVE, Reading


def error(Y: Any, target: Any) -> Any:
    """E = Y* − Y (S10)."""
    return target - Y


def total_error(E: Any) -> Any:
    """ℰ = (1/N_O) Σ_j e_j² (S11), averaged over the samples."""
    B, N_O = E.shape[-2:]
    return (E * E).sum(axis=(-2, -1)) / (B * N_O)


def slope(Y: Any, target: Any, reading: Reading = DERIVATIVE) -> Any:
    """∂ℰ/∂Y = (2/N_O)(Y − Y*), averaged over the samples; another reading of the deck where asked for."""
    B, N_O = Y.shape[-2:]
    e = Y - target if reading.descends else error(Y, target)
    return 2 * e / (B * N_O) if reading.scaled else e / B
