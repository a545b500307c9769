"""Inside one case: I, h, σ' and Δ of every layer as a backend gave them, beside their exact values and bounds.

What a backend returns as output, loss, gradients and updated weights is judged by `harness.judge`; this is for
the terms between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb_mat

from cases.case import DTYPES, Array, Case
from cases.known import Deviation
from cases.links import widths
from harness.backends import Along, Backend, Linked, Terms, Traced
from harness.bound import Limit, LinkLimits, TermLimits, link_limits, term_limits
from harness.compare import Comparison, Standard, ladder
from harness.modes import delta_bounds
from harness.numbers.running_sigma import members
from harness.precision import Precision
from harness.returned import Quantity
from harness.stack import Stack
from harness.truth import Graph, determined
from reports.verdict import Verdict

ALONG = {"value": "values", "delta": "deltas"}
"""Kinds of term along a chain, and the fields of `Along` that hold them."""

KINDS = {"I": "I", "h": "h", "slope": "slopes", "delta": "deltas"}
"""Kinds of term inside, and the fields of `Terms` that hold them."""

WRONG = (Verdict.VIOLATION, Verdict.NONFINITE, Verdict.MALFORMED)
"""Verdicts of what is wrong in itself."""


@dataclass(frozen=True)
class Inside:
    """A backend's terms of a case by kind and layer, each (B, N_l); ``why`` there are none, where there are none."""

    values: Mapping[Quantity, Any] = field(default_factory=dict)
    why: str = ""


def inside(case: Case, backend: Backend) -> Inside:
    """Ask a backend for its terms. A file of somebody's may raise, or return anything: then it has none."""
    plain = case.links is None
    if not isinstance(backend, Traced if plain else Linked):
        return Inside()
    asked = "terms()" if plain else "along()"
    try:
        stack = Stack((case,))
        return _taken_apart(case, backend.terms(stack) if plain else backend.along(stack), asked)
    except (Exception, SystemExit) as error:
        return Inside(why=f"its {asked} raised {type(error).__name__}")


def _taken_apart(case: Case, found: object, asked: str) -> Inside:
    form, kinds = (Terms, KINDS) if case.links is None else (Along, ALONG)
    nodes = case.layers[1:] if case.links is None else widths(case.layers[0], case.chain)[1:]
    if not isinstance(found, form):
        return Inside(why=f"its {asked} returned {type(found).__name__}, expected {form.__name__}")
    values: dict[Quantity, Any] = {}
    for kind, name in kinds.items():
        layers = getattr(found, name)
        if layers is None:
            continue
        if len(layers) != len(nodes):
            return Inside(why=f"its {asked} gave {len(layers)} {name}, expected {len(nodes)}")
        for l, value in enumerate(layers, start=1):
            array, shape = np.asarray(value), (case.batch, nodes[l - 1])
            if array.shape != shape or not _numbers(array, case):
                its, noun = f"shape {array.shape} and dtype {array.dtype}", "layer" if case.links is None else "link"
                return Inside(why=f"its {asked} gave {name} of {its} for {noun} {l}, expected {shape} and {case.dtype}")
            with np.errstate(all="ignore"):
                values[kind, l] = array.astype(DTYPES[case.dtype])
    return Inside(values)


def _numbers(array: Array, case: Case) -> bool:
    """Whether they are numbers that can be compared in the case's dtype, though theirs may be another."""
    return array.dtype.kind != "c" and np.can_cast(array.dtype, DTYPES[case.dtype], "same_kind")


@dataclass(frozen=True)
class TermJudge:
    """Truth and bound of the terms inside a case, computed where they are asked for.

    ``precision`` with the accumulators of whoever is judged, ``known`` its deviations, and ``mode`` how it
    differentiates, on which the bound of Δ depends.
    """

    case: Case
    precision: Precision
    known: Sequence[Deviation] = ()
    mode: str = "reverse"

    @cached_property
    def standards(self) -> list[dict[Quantity, Standard]]:
        """What each term is held against, by kind and layer; one for each legal derivative on the kinks."""
        first, *others = members(self.case.activation)
        limits = {first: self._limits(first)}
        if limits[first].on_kink.any():
            limits |= {member: self._limits(member) for member in others}
        return [self._standards(member, its) for member, its in limits.items()]

    def compare(self, key: Quantity, values: Any) -> tuple[Comparison, Standard]:
        """Hold a term against each legal derivative: with the first that it agrees with, or else the first."""
        found = [(ladder(values, its[key], self.precision), its[key]) for its in self.standards]
        return next((pair for pair in found if pair[0].verdict not in WRONG), found[0])

    def _limits(self, member: str) -> TermLimits | LinkLimits:
        of = term_limits if self.case.links is None else link_limits
        return of(Stack((self.case,)), member, self.precision, self.known)

    def _standards(self, member: str, limits: TermLimits | LinkLimits) -> dict[Quantity, Standard]:
        listed = _listed(limits)
        bounds = {key: limit.bound[0] for key, limit in listed.items()}
        wide = delta_bounds(self.mode, self.case, member, self.precision, self.known)
        for l, wider in enumerate(wide, start=1):
            bounds["delta", l] = np.maximum(bounds["delta", l], wider)
        target = arb_mat(self.case.target.astype(np.float64).tolist())
        matrices = _matrices if self.case.links is None else _link_matrices
        exact = determined(self.case, list(bounds.values()), lambda g: matrices(g, target), member)
        pairs = zip(listed.items(), exact, strict=True)
        return {
            key: Standard(its, bounds[key], its_limit.typical[0], bool(its_limit.range[0]))
            for (key, its_limit), its in pairs
        }


def _listed(limits: TermLimits | LinkLimits) -> dict[Quantity, Limit]:
    """Limits by kind and layer, in the order of `_matrices`."""
    kinds = KINDS if isinstance(limits, TermLimits) else ALONG
    parts = {kind: getattr(limits, name) for kind, name in kinds.items()}
    inner = {(kind, l): limit for kind, layers in parts.items() for l, limit in enumerate(layers, start=1)}
    return inner | {("error", 0): limits.error}


def _matrices(g: Graph, target: arb_mat) -> list[arb_mat]:
    """I, h, σ', Δ of every layer, and E."""
    I, h, deltas = [node.value for node in g.I], [node.value for node in g.h], [node.derivative for node in g.I]
    return [*I, *h, *g.slopes, *deltas, target - g.output.value]


def _link_matrices(g: Graph, target: arb_mat) -> list[arb_mat]:
    """What every link of a chain makes, ∂ℰ/∂ that, and E."""
    behind = g.values[1:]
    return [*(node.value for node in behind), *(node.derivative for node in behind), target - g.output.value]
