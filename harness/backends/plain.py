"""The plain forward pass (S6–S11), differentiated without any equation of back-propagation.

Both routes run it once or twice for every weight, on the text of ``reference/``: `difference` with the weight a little
smaller and a little larger, `complex_step` with a tiny imaginary part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cases.case import Array, Case
from harness.backends import Evaluation, Terms
from harness.imaginary import ANALYTIC, outside, steps
from harness.lanes import Indices, Site, network, sites, too_many
from harness.numbers.tangents import step
from harness.precision import PRECISIONS
from harness.stack import Stack
from harness.steps import plan
from reference import arrays, error
from reference.activations import Formula
from reference.network import Forward, forward
from reference.update import update

COMPLEX = {"float64": np.complex128, "float32": np.complex64}
"""Complex numbers whose parts are of a dtype."""


def sigma(name: str) -> Formula:
    """σ on arrays."""
    return Formula(name, arrays)


def as_it_is(values: Array) -> Array:
    """An array is its own kind of number."""
    return values


def totals(site: Site, numbers: Array) -> Array:
    """ℰ with each number of the site replaced by that of ``numbers``, which has the site's shape; so has the result."""
    flat, index = numbers.reshape(-1), np.arange(numbers.size)
    found = [_chunk(site, index[c], flat[c]) for c in site.chunks(index.size)]
    return np.concatenate(found).reshape(numbers.shape)


def _chunk(site: Site, index: Indices, numbers: Array) -> Array:
    total: Array = site.total_error(sigma, as_it_is, site.lanes(index, numbers))
    return total


def run_plainly(weights: Sequence[Array], x: Array, case: Case) -> Forward:
    """The forward pass on real numbers."""
    return forward(network(case, sigma), weights, x)


@dataclass(frozen=True)
class Difference:
    """(ℰ(w⁺) − ℰ(w⁻)) / (w⁺ − w⁻) for every weight, in the case's own dtype; `harness.steps` chooses w±."""

    name: str = "difference"
    mode: str = "difference"

    def supports(self, case: Case) -> str | None:
        """Wide formats, networks that are not too large, no unit on a kink."""
        if PRECISIONS[case.dtype].narrow:
            return f"{case.dtype} has too few digits for a difference of two total errors"
        if (reason := too_many(case)) is not None:
            return reason
        if not _total_error(case) > 0:
            return "the total error is 0, its least, and a difference of two near it is nothing but rounding"
        steps_ = plan(case)
        if any(its.kinked for its in steps_):
            return f"a unit lies on a kink or bend of {case.activation}, or so near that every step crosses it"
        if not all(np.isfinite(its.bound).all() for its in steps_):
            return "the total error leaves the format's range within every step"
        return None

    def evaluate(self, stack: Stack) -> Evaluation:
        """Two forward passes for every weight."""
        return evaluated(stack, [self.gradient(case) for case in stack.cases])

    def gradient(self, case: Case, added: bool = False) -> list[Array]:
        """The quotients for every weight matrix, or with ``added`` for what is added to every I^l."""
        with np.errstate(all="ignore"):
            return [
                (totals(site, its.high) - totals(site, its.low)) / (its.high - its.low)
                for site, its in zip(sites(case, added), plan(case, added), strict=True)
            ]

    def terms(self, stack: Stack) -> Terms:
        """I and h of the first case; Δ as the quotients for a number added to each I."""
        return termed(stack.first, self.gradient(stack.first, added=True))


@dataclass(frozen=True)
class ComplexStep:
    """Im ℰ(w + ih)/h for every weight, on complex numbers whose parts are of the case's dtype."""

    name: str = "complex-step"
    mode: str = "complex-step"

    def supports(self, case: Case) -> str | None:
        """Analytic activations in wide formats, networks that are not too large, nothing that overflows."""
        if PRECISIONS[case.dtype].narrow:
            return f"there are no complex numbers of {case.dtype}"
        if case.activation not in ANALYTIC and len(case.weights) > 1:
            return f"{case.activation} is not analytic as it is written: a comparison, a maximum or |x|"
        if (reason := too_many(case) or outside(case)) is not None:
            return reason
        if all(np.isfinite(its).all() for its in steps(case)):
            return None
        return "some intermediate leaves the format's range"

    def evaluate(self, stack: Stack) -> Evaluation:
        """One forward pass for every weight."""
        return evaluated(stack, [self.gradient(case) for case in stack.cases])

    def gradient(self, case: Case, added: bool = False) -> list[Array]:
        """The imaginary parts for every weight matrix, or with ``added`` for what is added to every I^l."""
        precision = PRECISIONS[case.dtype]
        h, dtype = step(precision), COMPLEX[case.dtype]
        with np.errstate(all="ignore"):
            found = [totals(site, site.values.astype(dtype) + dtype(1j * h)).imag for site in sites(case, added)]
        return [imaginary / np.asarray(h, imaginary.dtype) for imaginary in found]

    def terms(self, stack: Stack) -> Terms:
        """I and h of the first case; Δ as the imaginary parts for a number added to each I."""
        return termed(stack.first, self.gradient(stack.first, added=True))


def _total_error(case: Case) -> float:
    with np.errstate(all="ignore"):
        run = run_plainly(case.weights, case.x, case)
        return float(error.total_error(error.error(run.Y, case.target)))


def evaluated(stack: Stack, gradients: Sequence[Sequence[Array]]) -> Evaluation:
    """Output and total error by the plain forward pass, and W − αΔW with the gradients found, case by case."""
    with np.errstate(all="ignore"):
        run = run_plainly(stack.weights, stack.x, stack.first)
        loss = error.total_error(error.error(run.Y, stack.target))
        found = [np.stack(layer) for layer in zip(*gradients, strict=True)]
        return Evaluation(run.Y, loss, found, list(update(stack.weights, found, stack.first.learning_rate)))


def termed(case: Case, deltas: list[Array]) -> Terms:
    """I and h by the plain forward pass, beside Δ."""
    with np.errstate(all="ignore"):
        run = run_plainly(case.weights, case.x, case)
    return Terms(list(run.I[1:]), list(run.h[1:]), deltas)


difference = Difference()
complex_step = ComplexStep()
