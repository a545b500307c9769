"""The scan: σ and σ' of every activation, backend and precision, over the whole range of the format.

This is where a library's own inaccuracy shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from cases.case import ACTIVATIONS, DTYPES, Array
from harness import pointwise_truth
from harness.accuracy import ACCURACY, NARROW
from harness.backends import Backend, Pointwise
from harness.bound import INFLATION
from harness.compare import Comparison, Standard, difference, ladder, shares
from harness.numbers.running import Floats, Mask
from harness.numbers.running_sigma import RunningSigma, roundings
from harness.precision import PRECISIONS
from harness.truth import Exact
from reports.record import Row
from reports.verdict import Verdict

SWITCHES = (-37.0, -20.0, -16.7, -6.0, -3.0, -1.0, 0.0, 1.0, 3.0, 6.0, 16.7, 20.0, 36.8, 88.7, 103.0, 709.8, 745.2)
"""Where formulas change branch, saturate, overflow or underflow in some library, float32 or float64."""


@dataclass(frozen=True)
class Scan:
    """One activation in one precision."""

    activation: str
    dtype: str

    @property
    def name(self) -> str:
        """Its name as a case."""
        return f"scan-{self.activation.replace('_', '-')}-{self.dtype}"


@dataclass(frozen=True)
class Curve:
    """What σ or σ' should be at each point: exact values, and bounds by the accuracy row.

    ``skipped`` points are not judged: kinks, where several derivatives are legal, and values beyond the format; but
    for numbers outside of ``legal``, (lowest, highest), which on a kink is no derivative at all. ``unit`` is u·scale,
    what a row's k counts.
    """

    exact: Exact
    bound: Floats
    unit: Floats
    skipped: Mask
    legal: tuple[Floats, Floats] | None = None

    def judged(self, values: Floats) -> Mask:
        """Which points are judged."""
        if self.legal is None:
            return ~self.skipped
        lowest, highest = self.legal
        return ~self.skipped | ~((values >= lowest) & (values <= highest))


def scans() -> Iterator[Scan]:
    """Every activation in every precision."""
    for activation in ACTIVATIONS:
        for dtype in DTYPES:
            yield Scan(activation, dtype)


@cache
def points(dtype: str) -> Array:
    """Inputs, ascending: all finite ones of a 16-bit format; else every exponent, and densely where it matters."""
    precision = PRECISIONS[dtype]
    if precision.narrow:
        # not by np.sort, which may make −0 a second 0
        patterns = np.concatenate([np.arange(2**16 - 1, 2**15 - 1, -1), np.arange(2**15)])
        every = patterns.astype(np.uint16).view(DTYPES[dtype])
        return np.asarray(every[np.isfinite(every.astype(np.float32))])
    top = int(np.log2(precision.largest))
    bottom = int(np.log2(precision.smallest_normal)) - precision.bits + 1
    powers = [m * 2.0**e for e in range(bottom, top + 1, 1 if top < 200 else 4) for m in (1.0, 1.37, 1.83)]
    line = np.concatenate([np.linspace(-12, 12, 1201), np.linspace(-120, 120, 801), np.linspace(-800, 800, 401)])
    near = [
        np.nextafter(np.asarray(c, DTYPES[dtype]), np.asarray(side, DTYPES[dtype]))
        for c in SWITCHES
        for side in (-np.inf, np.inf)
    ]
    steps = [c + side * d for c in SWITCHES for side in (-1, 1) for d in (1e-12, 1e-7, 1e-4, 1e-2)]
    x = np.concatenate(
        [
            powers,
            np.negative(powers),
            line,
            SWITCHES,
            np.array(near, np.float64),
            steps,
            [precision.largest, -precision.largest],
        ]
    )
    with np.errstate(over="ignore"):
        typed = x.astype(DTYPES[dtype])
    return np.unique(typed[np.isfinite(typed)])


@lru_cache(maxsize=8)
def curves(scan: Scan) -> dict[str, Curve]:
    """σ (value) and σ' (derivative) at `points`."""
    with np.errstate(all="ignore"):  # far out, scales overflow and formulas saturate
        return _curves(scan)


def _curves(scan: Scan) -> dict[str, Curve]:
    precision, row = PRECISIONS[scan.dtype], ACCURACY[scan.activation]
    x = points(scan.dtype).astype(np.float64)
    value, slope = pointwise_truth.exact(scan.activation, x, precision)
    flushed = np.where((np.abs(x) < precision.smallest_normal) & precision.flushes, np.abs(x), 0.0)
    units = precision.u * row.scale(x, precision), precision.u * row.scale_slope(x, precision)
    bounds = [
        roundings(row.k, precision, NARROW[0]) * units[0] + INFLATION * row.steepness * flushed,
        roundings(row.k_slope, precision, NARROW[1]) * units[1] + INFLATION * row.curvature(x, x) * flushed,
    ]
    if not row.piecewise:
        bounds[0] = bounds[0] + precision.eta_activation * row.underflow(x)
        bounds[1] = bounds[1] + 2 * precision.eta_activation * row.underflow(x)
    beyond = ~(np.abs(value.high) <= precision.largest / 2)
    kinks = np.zeros_like(beyond)
    legal = np.full_like(x, -np.inf), np.full_like(x, np.inf)
    for kink in row.kinks:
        at = np.abs(x - kink) <= 2 * precision.u * (np.abs(x) + abs(kink)) + flushed
        sides = [RunningSigma(scan.activation, side).at_kink(kink) for side in ("left", "right")]
        own = bounds[1][at] + roundings(row.k_slope, precision, NARROW[1]) * precision.u * max(map(abs, sides))
        legal[0][at], legal[1][at] = min(sides) - own, max(sides) + own
        kinks |= at
    return {
        "activation": Curve(value, bounds[0], units[0], beyond),
        "derivative": Curve(slope, bounds[1], units[1], kinks, legal),
    }


@dataclass(frozen=True)
class Finding:
    """What a scan found of one quantity on one backend: which points are judged, and which of these are wrong.

    ``worst``: errors in units of u·scale, 0 where nothing is judged, NaN for NaN. ``ulps``: errors in ulps, infinite
    where the value is and not for a finite one.
    """

    backend: str
    quantity: str
    row: Row
    judged: Mask
    wrong: Mask
    worst: Floats
    ulps: Floats


def run_scan(scan: Scan, backends: Sequence[Backend]) -> list[Finding]:
    """Scan one activation in one precision on every backend that can be scanned."""
    findings = []
    for backend in backends:
        if not isinstance(backend, Pointwise):
            continue
        try:
            found = backend.pointwise(scan.activation, points(scan.dtype).copy())
        except (Exception, SystemExit) as error:  # it costs this scan and nothing else
            message = str(error).strip().splitlines()[0] if str(error).strip() else "no message"
            comparison = Comparison(Verdict.CRASHED, f"{type(error).__name__}: {message}", 0)
            findings.append(_valueless(scan, backend.name, "activation", comparison))
            continue
        if found is None:
            continue
        if not isinstance(found, tuple) or len(found) != 2:
            comparison = Comparison(Verdict.MALFORMED, f"{type(found).__name__}, expected σ and σ' as two arrays", 0)
            findings.append(_valueless(scan, backend.name, "activation", comparison))
            continue
        for (quantity, curve), values in zip(curves(scan).items(), found, strict=True):
            findings.append(_finding(scan, backend.name, quantity, curve, values))
    return findings


def _valueless(scan: Scan, backend: str, quantity: str, comparison: Comparison) -> Finding:
    nothing = np.zeros(points(scan.dtype).shape)
    nowhere = nothing.astype(bool)
    return Finding(backend, quantity, _row(scan, backend, quantity, comparison), nowhere, nowhere, nothing, nothing)


def _finding(scan: Scan, backend: str, quantity: str, curve: Curve, returned: object) -> Finding:
    precision, x = PRECISIONS[scan.dtype], points(scan.dtype).astype(np.float64)
    whole = ladder(returned, Standard(curve.exact, curve.bound), precision)
    if whole.verdict == Verdict.MALFORMED:
        return _valueless(scan, backend, quantity, whole)
    values = np.asarray(returned)
    kept = curve.judged(values.astype(np.float64))
    exact = Exact(*(part[kept] for part in (curve.exact.high, curve.exact.low, curve.exact.radius)))
    comparison = ladder(values[kept], Standard(exact, curve.bound[kept]), precision)
    if comparison.worst_index is not None:
        at = np.flatnonzero(kept)[comparison.worst_index[0]]
        where = f"at x = {float(x[at])!r}"
        detail = f"{where}: {comparison.detail}" if comparison.detail else where
        comparison = comparison._replace(worst_index=(int(at),), detail=detail)
    wrong, worst = np.zeros_like(kept), np.zeros_like(x)
    with np.errstate(all="ignore"):
        share = shares(values.astype(np.float64), Standard(curve.exact, curve.bound))
        wrong[kept] = ~(share <= 1)[kept]
        error = np.abs(difference(values.astype(np.float64), curve.exact))
        worst[kept] = np.where(error == 0, 0.0, error / curve.unit)[kept]
        ulps = error / precision.spacing(np.abs(curve.exact.high + curve.exact.low))
        ulps = np.where(np.isfinite(values.astype(np.float64)), np.minimum(ulps, np.finfo(np.float64).max), error)
    return Finding(backend, quantity, _row(scan, backend, quantity, comparison), kept, wrong, worst, ulps)


def valueless_row(scan: Scan, backend: str, comparison: Comparison) -> Row:
    """The single row of a scan that gave no values."""
    return _row(scan, backend, "activation", comparison)


def _row(scan: Scan, backend: str, quantity: str, comparison: Comparison) -> Row:
    return Row(
        case=scan.name,
        family="scan",
        activation=scan.activation,
        task=None,
        dtype=scan.dtype,
        layers="",
        batch=0,
        backend=backend,
        quantity=quantity,
        layer=0,
        reference_abs=None,
        reference_ulp=None,
        **comparison._asdict(),
    )
