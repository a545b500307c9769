"""The exact trajectory W_{t+1} = W_t − α∇ℰ(W_t) (S13), in balls, by the differentiator of the truth.

It knows S11 and the chain rule, and nothing of the slides' equations. Balls widen from step to step, so it is
run with more bits until their radius is negligible at every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import flint
import numpy as np

from cases.case import Array, Case
from harness.numbers.running import Floats, Mask
from harness.precision import PRECISIONS
from harness.truth import FAR_BELOW, as_balls, graph, split

BITS = (256, 512, 1024, 2048, 4096)
"""Bits, raised until every radius is negligible."""


@dataclass(frozen=True)
class Path:
    """The trajectory at t = 0 … T: ``high`` + ``low`` (T+1, n) are all n weights, layer after layer.

    ``loss`` (T+1,) is the total error, and ``falls`` (T,) says at which steps it falls. T is less than was asked
    for where the weights leave float64's range, or are not known by the highest number of bits (``bits`` is the
    one that was enough).
    """

    high: Floats
    low: Floats
    loss: Floats
    falls: Mask
    bits: int

    @property
    def steps(self) -> int:
        """T."""
        return len(self.high) - 1

    def drift(self, weights: Floats) -> Floats:
        """|weights − exact|, entry by entry; ``weights`` (t, n) are those of the first t ≤ T + 1 states."""
        high, low = self.high[: len(weights)], self.low[: len(weights)]
        with np.errstate(all="ignore"):
            return np.asarray(np.abs((weights - high) - low))


def exact_path(start: Case, steps: int) -> Path:
    """The exact trajectory from the case's own numbers and learning rate, which its dtype has rounded."""
    found: Path | None = None
    for bits in BITS:
        with flint.ctx.workprec(bits):
            tried = _run(start, steps, bits)
        if found is None or tried.steps > found.steps:
            found = tried
        if found.steps == steps:
            break
    assert found is not None
    return found


def flat(weights: Sequence[Array]) -> Floats:
    """Weight matrices (…, N_l, N_{l+1}) as rows of all weights, (…, n), in float64."""
    rows = [np.asarray(w, np.float64).reshape(*np.shape(w)[:-2], -1) for w in weights]
    return np.concatenate(rows, axis=-1)


def layered(rows: Floats, case: Case) -> list[Floats]:
    """Rows of all weights, (…, n), as the weight matrices of a case, (…, N_l, N_{l+1})."""
    ends = np.cumsum([0, *(w.size for w in case.weights)])
    pieces = [rows[..., a:b] for a, b in pairwise(ends.tolist())]
    return [piece.reshape(*piece.shape[:-1], *w.shape) for piece, w in zip(pieces, case.weights, strict=True)]


def _run(start: Case, steps: int, bits: int) -> Path:
    """As many steps as are known to a negligible radius."""
    finest = FAR_BELOW * PRECISIONS[start.dtype].u
    weights = [as_balls(w) for w in start.weights]
    high, low, losses = [], [], list[flint.arb]()
    for t in range(steps + 1):
        parts = [split(w) for w in weights]
        rows, radius = flat([part.high for part in parts]), flat([part.radius for part in parts])
        try:
            g = graph(start, weights=weights)
        except ValueError:  # a ball so wide that a formula divides by 0: more bits
            break
        if t and not (np.isfinite(rows).all() and radius.max() <= finest * np.abs(rows).max()):
            break
        high.append(rows)
        low.append(flat([part.low for part in parts]))
        losses.append(g.loss.value[0, 0])
        weights = [node.value - node.derivative * flint.arb(start.learning_rate) for node in g.weights]
    falls = [after < before for before, after in pairwise(losses)]  # on balls this is a proof
    total = np.array([float(loss.mid()) for loss in losses])
    return Path(np.array(high), np.array(low), total, np.array(falls, bool), bits)
