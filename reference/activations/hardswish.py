"""Hard swish: x times the hard sigmoid.

The slope jumps at −3 (from 0 to −½) and at 3 (from 3/2 to 1); there the left one is taken. Source: Howard et
al., "Searching for MobileNetV3", ICCV 2019, section 5.2.
"""

from typing import Any


def value(xp: Any, x: Any) -> Any:
    """σ(x) = x·(x/6 + ½) between −3 and 3, 0 below, x above."""
    return x * (xp.minimum(xp.maximum(x + 3, 0), 6) / 6)


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = 0 for x ≤ −3, x/3 + ½ up to 3, 1 above."""
    inside = xp.where(x <= 3, x / 3 + 0.5, xp.ones_like(x))
    return xp.where(x <= -3, xp.zeros_like(x), inside)
