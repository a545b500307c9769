"""Functions of pairs: e^x by a table and a polynomial, what follows from it, and erfc by balls.

The radius holds for every number that the argument may be. Where a function loses digits relative to its value (expm1
and tanh of small numbers, log1p of very small ones) the radius says so, and where nothing is known it is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import flint
import numpy as np
from flint import arb

from harness.numbers.pairs import Pairs, U
from harness.numbers.running import Mask

STEPS = 256
"""Entries of the table of 2^(j/STEPS)."""

FARTHEST = 600.0
"""Exponents up to ± this: so e^x and its rest are normal numbers, and e^x is above TINY. e^(−FARTHEST + 1) < 2^-860."""

BITS = 256
"""Of the balls that constants and erfc are computed with."""


def of_balls(balls: Sequence[arb]) -> Pairs:
    """Pairs that hold balls, which have at most BITS bits; shape (n,)."""
    with flint.ctx.workprec(BITS):
        mids = [ball.mid() for ball in balls]
        high = np.array([float(mid) for mid in mids])
        rests = [mid - near for mid, near in zip(mids, high.tolist(), strict=True)]
        low = np.array([float(rest) for rest in rests])
        radius = np.array([float(ball.rad()) for ball in balls])
    exact = np.array([ball.is_exact() and rest == 0 for ball, rest in zip(balls, rests, strict=True)], dtype=bool)
    return Pairs(high, low, np.where(exact, 0.0, radius * (1 + 4 * U) + 2 * U * np.abs(low) + 2.0**-1000))


def constant(number: arb) -> Pairs:
    """A ball as a pair without axes."""
    return of_balls([number]).reshape()


@cache
def _constants() -> tuple[Pairs, Pairs, Pairs]:
    """1/24, 1/6 and 1/2."""
    with flint.ctx.workprec(BITS):
        a, b, c = (constant(arb(1) / n) for n in (24, 6, 2))
    return a, b, c


@cache
def _table() -> Pairs:
    """2^(j/STEPS) for j from 0 to STEPS − 1."""
    with flint.ctx.workprec(BITS):
        return of_balls([(arb(2).log() * j / STEPS).exp() if j else arb(1) for j in range(STEPS)])


@cache
def _step() -> tuple[float, float, float]:
    """(ln 2)/STEPS in three parts, the first two of 32 bits, so that times 2^18 they are exact; then to 2^-124."""
    with flint.ctx.workprec(BITS):
        whole = arb(2).log() / STEPS
        first = float((whole * 2**40).floor()) / 2**40
        second = float(((whole - first) * 2**72).floor()) / 2**72
        return first, second, float((whole - first - second).mid())


def exp(x: Pairs) -> Pairs:
    """e^x = 2^(k/STEPS) e^r with k whole and |r| ≤ 0.0014: 1 + r(1 + r(1/2 + r(1/6 + r(1/24 + rt)))).

    t = 1/5! + r/6! + … + r⁴/9! is computed in float64, to 2^-57: what follows is below 2·10⁻²¹, two roundings of 1/120
    below 2·10⁻¹⁸, and the others far below. So r·t is known to 2^-65: 0.0014·2^-57, its rounding and t times the rest
    of r, both below 2·10⁻²¹.
    """
    near = np.abs(x.high) <= FARTHEST
    k = np.where(near, np.rint(x.high * (STEPS / np.log(2.0))), 0.0)
    first, second, third = _step()
    last = Pairs(-k * third, np.zeros(k.shape), np.abs(k) * (2 * U * abs(third) + 2.0**-124))
    r = x + Pairs.of(-k * first) + Pairs.of(-k * second) + last
    fine = near & (r.magnitude <= 0.0014) & (r.radius <= 2.0**-80)
    a, b, c = _constants()
    y = r.high
    t = 1 / 120 + y * (1 / 720 + y * (1 / 5040 + y * (1 / 40320 + y * (1 / 362880))))
    inner = a + Pairs(y * t, np.zeros(y.shape), 2.0**-65 * (y != 0) + r.radius)
    e = _ONE + r * (_ONE + r * (c + r * (b + r * inner)))
    whole = k.astype(np.int64)
    table, j = _table(), whole % STEPS
    scale = np.where(fine, np.ldexp(1.0, whole // STEPS), np.nan)
    found = e * Pairs(table.high[j], table.low[j], table.radius[j])
    found = Pairs(found.high * scale, found.low * scale, found.radius * scale)
    below = (x.high < -FARTHEST) & (x.radius <= 1)
    return pick(below, Pairs(_ZERO, _ZERO, np.asarray(2.0**-860)), found) if below.any() else found


def expm1(x: Pairs) -> Pairs:
    """e^x − 1."""
    return exp(x) - _ONE


def tanh_and_slope(x: Pairs) -> tuple[Pairs, Pairs]:
    """tanh x = ±(1 − E)/(1 + E) and 1/cosh² x = 4E/(1 + E)², with E = e^(−2|x|) and the sign of x.high."""
    sign = Pairs.of(np.where(x.high < 0, -1.0, 1.0))
    e = exp((x * sign).scaled(1).__neg__())
    inverse = _ONE / (_ONE + e)
    return sign * ((_ONE - e) * inverse), e.scaled(2) * (inverse * inverse)


def log1p(x: Pairs) -> Pairs:
    """ln(1 + x) = y + ln(1 + z), with y near it and z = (1 + x)e^(−y) − 1: z − z²/2, give or take |z|³.

    That is so for |z| ≤ ½, where |z|³/3 + |z|⁴/4 + … is below |z|³. For x ≥ 0.
    """
    y = np.log1p(x.high)
    z = (_ONE + x) * exp(Pairs.of(-y)) - _ONE
    left_out = np.where(z.magnitude <= 0.5, z.magnitude**3 + 2.0**-1000, np.nan)
    near = z - (z * z).scaled(-1)
    return Pairs.of(y) + Pairs(near.high, near.low, near.radius + left_out)


def erfc(x: Pairs) -> Pairs:
    """erfc x, by balls one by one."""
    parts = [np.broadcast_to(part, x.shape).ravel().tolist() for part in (x.high, x.low, x.radius)]
    with flint.ctx.workprec(BITS):
        found = of_balls(
            [(arb(high) + arb(low) + arb(0, radius)).erfc() for high, low, radius in zip(*parts, strict=True)]
        )
    return found.reshape(*x.shape)


def pick(condition: Mask, yes: Pairs, no: Pairs) -> Pairs:
    """Entry by entry."""
    high, low, radius = (
        np.where(condition, a, b) for a, b in ((yes.high, no.high), (yes.low, no.low), (yes.radius, no.radius))
    )
    return Pairs(high, low, radius)


_ONE, _ZERO = Pairs.of(1.0), np.zeros(())
