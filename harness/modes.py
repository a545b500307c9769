"""The bound of a backend by its mode: how it comes to a gradient says how far rounding can take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cases.case import Case
from cases.known import Deviation
from harness.bound import INFLATION, Bounds, Limit, bounds
from harness.imaginary import complex_step_bound, steps
from harness.numbers.running import Floats
from harness.paths import Paths, paths
from harness.precision import Precision
from harness.stack import Stack
from harness.steps import difference_bound, plan

MODES = ("reverse", "forward", "difference", "complex-step")
"""What a backend may say of how it differentiates; reverse where it says nothing."""

OWN_MODES = ("difference", "complex-step")
"""Modes of our own routes alone: their bounds are those of the steps that these take."""


def bounds_in(mode: str, stack: Stack, member: str, precision: Precision, known: Sequence[Deviation] = ()) -> Bounds:
    """Bounds of everything that a backend in this mode returns (see `harness.bound.bounds`)."""
    reverse = bounds(stack, member, precision, known)
    if mode == "reverse":
        return reverse
    if mode == "difference":
        return widened(reverse, stack, precision, difference_bound(stack))
    its = paths(stack, member, precision, known)
    wide = its.gradients if mode == "forward" else complex_step_bound(stack)
    return _along_paths(widened(reverse, stack, precision, wide), its)


def delta_bounds(
    mode: str, case: Case, member: str, precision: Precision, known: Sequence[Deviation] = ()
) -> tuple[Floats, ...]:
    """Bounds of every Δ^l, (B, N_l), by such a backend's own way, for those that are wider; none in reverse mode."""
    if mode == "reverse":
        return ()
    if mode == "difference":
        return tuple(its.bound for its in plan(case, added=True))
    along = tuple(delta[0] * INFLATION for delta in paths(Stack((case,)), member, precision, known).deltas)
    if mode == "forward":
        return along
    return tuple(np.maximum(a, own) for a, own in zip(along, steps(case, added=True), strict=True))


def widened(reverse: Bounds, stack: Stack, precision: Precision, wide: Sequence[Floats]) -> Bounds:
    """Bounds in which those of the gradients are at least ``wide``, and those of W' follow (S13)."""
    alpha = abs(stack.first.learning_rate) * (1 + 8 * precision.u)
    gradients, updated = [], []
    for gradient, update, bound in zip(reverse.gradients, reverse.updated, wide, strict=True):
        larger = np.maximum(gradient.bound, bound * INFLATION)
        moved = np.where(np.isfinite(larger), alpha * (larger - gradient.bound), np.inf) if alpha else 0.0
        gradients.append(replace(gradient, bound=larger))
        updated.append(replace(update, bound=update.bound + np.where(np.isnan(moved), np.inf, moved)))
    return replace(reverse, gradients=tuple(gradients), updated=tuple(updated))


def _along_paths(found: Bounds, its: Paths) -> Bounds:
    """The typical error of sums over paths, and the range of their tangents."""
    limits: list[Limit] = []
    for limit, variance in zip(found.gradients, its.variances, strict=True):
        typical = np.maximum(limit.typical, np.sqrt(variance))
        limits.append(replace(limit, typical=typical, range=limit.range | its.range))
    updated = tuple(replace(limit, range=limit.range | its.range) for limit in found.updated)
    return replace(found, gradients=tuple(limits), updated=updated)
