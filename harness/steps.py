"""Central differences: the step of every entry, and how far the quotient may be from the derivative.

(ℰ(w⁺) − ℰ(w⁻)) / (w⁺ − w⁻), with w± the numbers of the format next to w ± h, is off by

    truncation   |ℰ''|·|h⁺ − h⁻|/2 + |ℰ'''|·h²/6, both at their largest in between (majorants)
    rounding     (δ⁺ + δ⁻)/(h⁺ + h⁻), with δ± as far as rounding may take ℰ(w±) (running-error numbers)

and by the roundings of its own subtractions and division. The one falls with h, the other rises: the step is the power
of two at which an estimate of their sum is least, so it suits the precision and the problem, entry by entry. A step
within which some unit meets a kink has an infinite bound, and so is never taken where there is another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cases.case import Array, Case
from harness.accuracy import ACCURACY
from harness.bound import INFLATION
from harness.lanes import Indices, Site, sites
from harness.numbers.kinds import running_kind
from harness.numbers.majorants import Majorant, MajorantSigma, moving, still
from harness.numbers.running import Floats, Running
from harness.precision import PRECISIONS
from harness.stack import Stack
from harness.thirds import BENDS

RATIO = 4.0
"""Between two steps that are tried: the best of them is at most 1.5 times as far off as the best there is."""

LARGEST = 4.0
"""The largest step, as a movement of the input I of the unit behind the weight."""


GROWTH = 16
"""Roundings of the total error, for the estimate of how rounding grows with the step."""


@dataclass(frozen=True)
class Steps:
    """Of one site: ``low`` and ``high`` are w⁻ and w⁺, numbers of the format; ``bound`` holds for the quotient.

    ``kinked``: for some number every step that was tried meets a kink.
    """

    low: Array
    high: Array
    bound: Floats
    kinked: bool


def difference_bound(stack: Stack) -> tuple[Floats, ...]:
    """How far central differences may be from the gradient, for every layer (K, N_l, N_{l+1}).

    Infinite where no step avoids every kink; elsewhere there is one derivative, whatever the member.
    """
    plans = [plan(case) for case in stack.cases]
    return tuple(np.stack([its.bound for its in layer]) for layer in zip(*plans, strict=True))


@lru_cache(maxsize=4096)
def plan(case: Case, added: bool = False) -> tuple[Steps, ...]:
    """Steps for every weight matrix, or with ``added`` for what is added to every I^l."""
    with np.errstate(all="ignore"):
        return tuple(_planned(site) for site in sites(case, added))


def _planned(site: Site) -> Steps:
    precision, size = PRECISIONS[site.case.dtype], site.values.size
    noise = _rounding(site, np.zeros(1, dtype=np.intp), site.values.reshape(-1)[:1])
    tried = int(np.log(precision.u) / -np.log(RATIO) / 2) + 4
    h = LARGEST * RATIO ** -np.arange(float(tried))[:, None] * _unit(site)
    its = _majorant(site, np.tile(np.arange(size), tried), h.reshape(-1))
    estimate = its.third / 6 + noise + GROWTH * precision.u * its.sup
    cost = estimate.reshape(h.shape) / h
    cost = np.where(np.isnan(cost), np.inf, cost)
    step = np.take_along_axis(h, cost.argmin(axis=0, keepdims=True), axis=0)[0]
    values = np.asarray(site.values, np.float64).reshape(-1)
    low, high = (np.asarray(values + side * step, dtype=precision.dtype) for side in (-1, 1))
    bound, kinked = _bound(site, low, high)
    shape = site.values.shape
    return Steps(low.reshape(shape), high.reshape(shape), bound.reshape(shape), kinked)


def _unit(site: Site) -> Floats:
    """For each number of the site the change that moves the input I of its unit by about 1, a power of two."""
    if site.added:
        return np.ones(site.values.size)
    largest = np.abs(site.before()).max(axis=0)
    _, exponent = np.frexp(np.where((largest > 0) & np.isfinite(largest), largest, 1.0))
    moved = np.ldexp(1.0, np.clip(-exponent, -900, 900))
    return np.repeat(moved, site.values.shape[1])


def _bound(site: Site, low: Array, high: Array) -> tuple[Floats, bool]:
    """The bound for each number of the site, whose w⁻ and w⁺ are given, and whether a kink makes one infinite."""
    precision = PRECISIONS[site.case.dtype]
    values, minus, plus = (np.asarray(part, np.float64).reshape(-1) for part in (site.values, low, high))
    index = np.arange(values.size)
    below, above = values - minus, plus - values
    width = below + above
    uneven = np.abs(above - below) + 4 * PRECISIONS["float64"].u * width
    h = np.maximum(below, above) * INFLATION
    its = _majorant(site, index, h)
    truncation = (its.second * (uneven / h) / 2 + its.third / 6) / h
    rounding = (_rounding(site, index, low) + _rounding(site, index, high) + precision.eta) / width
    own = 4 * precision.u * (its.first / h + truncation + rounding) + precision.eta
    bound = (truncation + rounding + own) * INFLATION
    usable = (below > 0) & (above > 0) & (width >= precision.smallest_normal)
    bends = ACCURACY[site.case.activation].kinks or site.case.activation in BENDS
    kinked = bool(bends) and bool((np.isinf(its.third) & ~np.isinf(rounding)).any())
    return np.where(usable & ~np.isnan(bound), bound, np.inf), kinked


def _rounding(site: Site, index: Indices, numbers: Array) -> Floats:
    """How far rounding may take the total error of lanes (n,) that have ``numbers`` (n,) at ``index`` (n,)."""
    kind = running_kind(PRECISIONS[site.case.dtype])
    found = []
    for chunk in site.chunks(index.size):
        changed = kind.number(site.lanes(index[chunk], numbers[chunk]))
        its: Running = site.total_error(kind.sigma, kind.number, changed)
        found.append(np.where(its.range, np.inf, its.delta))
    return np.concatenate(found)


@dataclass(frozen=True)
class _Moved:
    """Of the total error of each lane, (n,): its largest value, and bounds of its derivatives by t, where w moves to
    w + h·t: h·|ℰ'|, h²·|ℰ''|, h³·|ℰ'''|."""

    sup: Floats
    first: Floats
    second: Floats
    third: Floats


def _majorant(site: Site, index: Indices, h: Floats) -> _Moved:
    """How the total error of lanes (n,) moves within a step ``h`` (n,) of their numbers at ``index`` (n,)."""
    found = []
    for chunk in site.chunks(index.size):
        changed = moving(site.values[None], site.marks(index[chunk]) * h[chunk, None, None])
        its: Majorant = site.total_error(MajorantSigma, still, changed)
        found.append((its.sup, its.first, its.second, its.third))
    return _Moved(*(np.concatenate(part) for part in zip(*found, strict=True)))
