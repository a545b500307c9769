"""Hard sigmoid: x/6 + ½ between −3 and 3, 0 below, 1 above.

The slope jumps at −3 and at 3; there the left one is taken: 0 at −3, 1/6 at 3. Source: Howard et al.,
"Searching for MobileNetV3", ICCV 2019, section 5.2.
"""

from typing import Any


def value(xp: Any, x: Any) -> Any:
    """σ(x) = x/6 + ½, cut off at 0 and 1."""
    return xp.minimum(xp.maximum(x + 3, 0), 6) / 6


def derivative(xp: Any, x: Any, y: Any) -> Any:
    """σ'(x) = 1/6 for −3 < x ≤ 3, 0 elsewhere."""
    inside = xp.where(x <= 3, xp.ones_like(x) / 6, xp.zeros_like(x))
    return xp.where(x <= -3, xp.zeros_like(x), inside)
