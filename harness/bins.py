"""The exhibit ``scans``: over bins of x, the worst error of σ and σ' in ulps, and what is allowed there.

The bins are groups of binades, in the order of the format's numbers: a binade each where activations bend, up to
where e^x leaves float64, and from there groups that double, the subnormal numbers, and 0 by itself. So the whole
range −Ω … Ω is there, symmetric about 0.

What is allowed is the accuracy row's bound at each point, in ulps, as what it is held against. A bin has the least
and the largest of these, and says by itself whether a point is outside of its own: neither the least nor the largest
would tell, where the bound changes within the bin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.numbers.running import Floats, Mask
from harness.precision import PRECISIONS
from harness.scan import Finding, Scan, curves, points

CUTS = (-512, -256, -128, -64, -32, -16, -8, *range(-4, 11), 16, 32, 64, 128, 256, 512)
"""Exponents of 2 at which a bin ends, in every format that has them."""

DIGITS = 4
"""How many digits of a figure are kept."""

Bin = float | None
"""A figure; None where nothing is judged."""

Binned = dict[str, Any]
"""One object of the exhibit: σ or σ' of a scan."""


def exponents(dtype: str) -> list[int]:
    """Where bins end: at the smallest number, the smallest normal one, CUTS, and the first power of 2 beyond."""
    precision = PRECISIONS[dtype]
    low, normal, high = (
        math.frexp(number)[1] - 1 for number in (precision.smallest, precision.smallest_normal, precision.largest)
    )
    return [low, normal, *(cut for cut in CUTS if normal < cut <= high), high + 1]


@cache
def places(dtype: str) -> npt.NDArray[np.intp]:
    """The bin of each of the scan's points: from −Ω on, 0 in the middle."""
    x, ends = points(dtype).astype(np.float64), exponents(dtype)
    number = np.searchsorted(ends, np.frexp(x)[1] - 1, side="right")  # counted from 0, from 1
    return np.where(x == 0, 0, np.sign(x) * number).astype(np.intp) + len(ends) - 1


def binned(scan: Scan, findings: Iterable[Finding], backends: Collection[str]) -> list[Binned]:
    """σ and σ' of a scan, with a line for each of these backends that gave values."""
    found = [finding for finding in findings if finding.backend in backends and finding.judged.any()]
    return [_binned(scan, quantity, [f for f in found if f.quantity == quantity]) for quantity in curves(scan)]


def _binned(scan: Scan, quantity: str, findings: Sequence[Finding]) -> Binned:
    curve, precision = curves(scan)[quantity], PRECISIONS[scan.dtype]
    with np.errstate(all="ignore"):  # exact values beyond the format, which are not judged
        allowed = curve.bound / precision.spacing(np.abs(curve.exact.high + curve.exact.low))
    return {
        "activation": scan.activation,
        "dtype": scan.dtype,
        "quantity": quantity,
        "least": _each(scan.dtype, allowed, ~curve.skipped, np.min),
        "most": _each(scan.dtype, allowed, ~curve.skipped, np.max),
        "lines": [
            {
                "backend": finding.backend,
                "ulps": _each(scan.dtype, finding.ulps, finding.judged, np.max),
                "outside": np.unique(places(scan.dtype)[finding.wrong]).tolist(),
            }
            for finding in findings
        ],
    }


def _each(dtype: str, figures: Floats, judged: Mask, of: Callable[[Floats], Any]) -> list[Bin]:
    """The least or largest figure of each bin; NaN where there is one."""
    groups = [figures[judged & (places(dtype) == place)] for place in range(2 * len(exponents(dtype)) - 1)]
    return [_short(float(of(group))) if group.size else None for group in groups]


def _short(figure: float) -> float:
    """In DIGITS digits, but for the largest numbers, which these would make infinite."""
    short = float(f"{figure:.{DIGITS}g}")
    return figure if math.isinf(short) else short


def exhibit(scanned: Iterable[Binned]) -> dict[str, Any]:
    """The bins of each precision, and what was found in them."""
    lines = [one for one in scanned if one["lines"]]
    formats = {
        dtype: {"bits": PRECISIONS[dtype].bits, "exponents": exponents(dtype)}
        for dtype in dict.fromkeys(one["dtype"] for one in lines)
    }
    return {"formats": formats, "scans": lines}
