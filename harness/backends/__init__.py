"""Backends: one file per framework, all its routes in it; the only files that import that framework.

A backend is any object with a ``name``, ``supports(case)`` and ``evaluate(stack)``. A file of your own that
defines ``backend`` is loaded by its path.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from cases.case import Case
from harness.backends.listing import BACKENDS, Listing, names
from harness.stack import Stack

__all__ = [
    "BACKENDS", "MOST_WEIGHTS", "Along", "Backend", "BackendError", "Evaluation", "Linked", "Listing", "Missing",
    "Pointwise", "Terms", "Together", "Traced", "load", "names", "weight_by_weight",
]  # fmt: skip


@dataclass(frozen=True)
class Evaluation:
    """What a backend computed for a stack of K cases.

    Shapes: ``output`` (K, B, N_L), ``loss`` (K,), ``gradients[l]`` and ``updated[l]`` (K, N_l, N_{l+1}), all
    of the stack's dtype. None where the backend does not compute it.
    """

    output: Any
    loss: Any
    gradients: Sequence[Any] | None
    updated: Sequence[Any] | None


@dataclass(frozen=True)
class Terms:
    """Intermediate values of one case: I^l, h^l, σ'(I^l) and Δ^l for l = 1 … L, each (B, N_l).

    ``slopes`` is None where a backend has none to show; at a linear output they are 1.
    """

    I: Sequence[Any]
    h: Sequence[Any]
    deltas: Sequence[Any]
    slopes: Sequence[Any] | None = None


@dataclass(frozen=True)
class Along:
    """Intermediate values of one case along its chain: the output of every link, and ∂ℰ/∂ that output, each (B, N)."""

    values: Sequence[Any]
    deltas: Sequence[Any]


@runtime_checkable
class Backend(Protocol):
    """Something that computes output, loss, gradients and updated weights.

    One that covers other chains than the plain network says ``chains = True``; it is then given them too.
    """

    @property
    def name(self) -> str:
        """Its name in tables and rows."""

    def supports(self, case: Case) -> str | None:
        """None where the case is covered, otherwise the reason why not."""

    def evaluate(self, stack: Stack) -> Evaluation:
        """Compute a whole stack at once."""


@runtime_checkable
class Traced(Protocol):
    """A backend that also gives its intermediate values."""

    def terms(self, stack: Stack) -> Terms:
        """I, h and Δ of the first case of ``stack``."""


@runtime_checkable
class Linked(Protocol):
    """A backend that covers chains, and gives its values along them."""

    def along(self, stack: Stack) -> Along:
        """What every link makes, of the first case of ``stack``."""


@runtime_checkable
class Together(Protocol):
    """A backend that is quicker on many stacks at once than on one after another."""

    def evaluate_together(self, stacks: Sequence[Stack]) -> list[Evaluation]:
        """Compute stacks of one precision, each as by `Backend.evaluate`."""


@runtime_checkable
class Pointwise(Protocol):
    """A backend whose activations can be scanned."""

    def pointwise(self, activation: str, x: Any) -> tuple[Any, Any] | None:
        """σ(x) and σ'(x) of an array (n,), of its dtype; None where it has no such activation."""


MOST_WEIGHTS = 2000
"""Weights of the largest network for a route that runs the forward pass once for every weight."""


def weight_by_weight(case: Case) -> str | None:
    """Why a case is too large for a route that runs the forward pass once for every weight; None where not."""
    count = sum(w.size for w in case.weights)
    if count <= MOST_WEIGHTS:
        return None
    return f"would run the forward pass for each of {count:,} weights; it takes up to {MOST_WEIGHTS:,}"


class BackendError(Exception):
    """A backend cannot be had; the message says which, why, and what to do."""


class Missing(BackendError):
    """A backend's framework is not installed."""


def load(name: str) -> Backend:
    """The backend of this name, or the one that the file ``name`` defines.

    Raises Missing where its framework is not installed, BackendError for anything else.
    """
    if name.endswith(".py"):
        return _from_file(Path(name))
    if name not in BACKENDS:
        known = ", ".join(BACKENDS)
        raise BackendError(f"no backend is called {name!r}; there are {known}, or the path of a .py file")
    listing = BACKENDS[name]
    try:
        module = importlib.import_module(listing.module)
    except ImportError as error:
        raise Missing(f"backend {name} needs {listing.framework}, which cannot be imported: {error}") from error
    if listing.device != "cpu" and (reason := module.missing(listing.device)) is not None:
        raise BackendError(f"{reason}, which backend {name} needs; run with --device cpu")
    backend: Backend = getattr(module, listing.attribute)
    return backend


def _from_file(path: Path) -> Backend:
    if not path.is_file():
        raise BackendError(f"{path}: no such file; --backend takes a name or a Python file that defines `backend`")
    spec = importlib.util.spec_from_file_location(f"gradproof_backend_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise BackendError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    if (folder := str(path.resolve().parent)) not in sys.path:
        sys.path.append(folder)  # so that a file may import its neighbours
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever a user's file raises, it must end in a sentence
        raise BackendError(f"{path}: importing it raised {type(error).__name__}: {error}") from error
    candidate: Any = getattr(module, "backend", None)
    try:
        complete, name = isinstance(candidate, Backend), getattr(candidate, "name", None)
    except Exception as error:  # a name that raises
        raise BackendError(f"{path}: asking `backend` for its name raised {type(error).__name__}: {error}") from error
    if not complete:
        raise BackendError(f"{path}: must define `backend`, an object with name, supports(case) and evaluate(stack)")
    if not isinstance(name, str) or not name.strip():
        raise BackendError(f"{path}: `backend.name` is {name!r}; it must be a word")
    taken = [*dict.fromkeys(its.framework for its in BACKENDS.values()), "reference", "reading"]
    if name in BACKENDS or any(name == word or name.startswith(word + "-") for word in taken):
        raise BackendError(f"{path}: the name {name!r} belongs to a backend of ours; give yours another")
    found: Backend = candidate
    return found
