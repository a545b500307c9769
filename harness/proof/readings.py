"""What each reading of the deck computes, minus the derivative, as a formula; and where that vanishes.

Both are the text of ``reference/`` on symbols. That the one is the derivative is proved apart (`derivatives`); here
every entry of the difference is held against a formula, and the formula is a product, so it vanishes exactly where a
factor does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy

from harness.proof.networks import ALPHA, Structure
from harness.proof.written import text
from reference.backward import Backward, backward
from reference.readings import OUTER, READINGS, SCALE, SIGN, Reading


@dataclass(frozen=True)
class Found:
    """What came of one reading on one structure.

    ``entries`` differences were held against the claim; ``zero`` of them vanish identically; ``wrong`` are those that
    are not as claimed. ``name`` and ``formula`` are the difference at one weight of the output's.
    """

    reading: str
    structure: str
    task: str
    N_O: int
    entries: int
    zero: int
    wrong: tuple[str, ...]
    name: str
    formula: str


def found(s: Structure) -> list[Found]:
    """Every reading but the derivative itself, on a structure."""
    return [_found(s, reading) for reading in READINGS if reading in CLAIMS]


def _found(s: Structure, reading: Reading) -> Found:
    true, read = (backward(s.network, s.weights, s.opaque, s.target, *its) for its in ((), (reading,)))
    entries = list(_entries(s, true, read, CLAIMS[reading]))
    zero = sum(sympy.expand(difference) == 0 for _, difference, _ in entries)
    wrong = tuple(f"∂ℰ/∂{w}" for w, difference, claimed in entries if sympy.expand(difference - claimed) != 0)
    weight, _, claimed = entries[0]
    return Found(reading.name, s.label, s.task, s.widths[-1], len(entries), zero, wrong, f"∂ℰ/∂{weight}",
                 text(s.paired(claimed)))  # fmt: skip


Claim = Callable[[Structure, Backward, int, int, int], Any]
"""The difference at weight (i, j) of matrix l, from 0, claimed."""


def _entries(s: Structure, true: Backward, read: Backward, claim: Claim) -> Iterator[tuple[Any, Any, Any]]:
    """Each weight, from the output's to the input's, with the difference at it and what that is claimed to be."""
    for l in reversed(range(s.depth)):
        for i in range(s.widths[l]):
            for j in range(s.widths[l + 1]):
                difference = read.gradients[l].entries[i, j] - true.gradients[l].entries[i, j]
                yield s.weights[l].entries[i, j], difference, claim(s, true, l, i, j)


def _sign(s: Structure, true: Backward, l: int, i: int, j: int) -> Any:
    """−2 ΔW."""
    return -2 * true.gradients[l].entries[i, j]


def _scale(s: Structure, true: Backward, l: int, i: int, j: int) -> Any:
    """(N_O/2 − 1) ΔW."""
    return (sympy.Rational(s.widths[-1], 2) - 1) * true.gradients[l].entries[i, j]


def _outer(s: Structure, true: Backward, l: int, i: int, j: int) -> Any:
    """(I_i − h_i) Δ_j, added over the samples; 0 at the first layer, where I = h = x."""
    I, h, delta = s.opaque.I[l], s.opaque.h[l], true.deltas[l]
    return sum((I.entries[b, i] - h.entries[b, i]) * delta.entries[b, j] for b in range(s.batch))


CLAIMS: dict[Reading, Claim] = {SIGN: _sign, SCALE: _scale, OUTER: _outer}
"""What the difference is claimed to be."""


def descent(s: Structure) -> bool:
    """Whether dℰ(W − αG)/dα at α = 0 is −Σ g ∂ℰ/∂w, whatever the step G (S13).

    So with G = ∂ℰ/∂W, which is what the text computes, ℰ falls by α Σ (∂ℰ/∂w)² in first order, and with the other sign
    it rises by that.
    """
    weights = [w for W in s.weights for w in W.entries.flat]
    slopes = [slope for layer in range(1, s.depth + 1) for slope in s.gradient(layer)]
    steps = [sympy.Symbol(f"g {w}") for w in weights]
    moved = s.total().xreplace({w: w - ALPHA * g for w, g in zip(weights, steps, strict=True)})
    along = sympy.diff(moved, ALPHA).xreplace({ALPHA: sympy.S.Zero})
    left_over = sympy.expand(along + sum(g * slope for g, slope in zip(steps, slopes, strict=True)))
    return bool(left_over == 0)
