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
from harness.stack import Stack


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
    """Intermediate values of one case: I^l, h^l and Δ^l for l = 1 … L, each (B, N_l)."""

    I: Sequence[Any]
    h: Sequence[Any]
    deltas: Sequence[Any]


@runtime_checkable
class Backend(Protocol):
    """Something that computes output, loss, gradients and updated weights."""

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
class Together(Protocol):
    """A backend that is quicker on many stacks at once than on one after another."""

    def evaluate_together(self, stacks: Sequence[Stack]) -> list[Evaluation]:
        """Compute stacks of one precision, each as by `Backend.evaluate`."""


@runtime_checkable
class Pointwise(Protocol):
    """A backend whose activations can be scanned."""

    def pointwise(self, activation: str, x: Any) -> tuple[Any, Any] | None:
        """σ(x) and σ'(x) of an array (n,), of its dtype; None where it has no such activation."""


@dataclass(frozen=True)
class Listing:
    """Where a backend of ours lives, and what it is."""

    module: str
    attribute: str
    framework: str
    required: bool
    what: str
    device: str = "cpu"


BACKENDS = {
    "reference": Listing(
        module="harness.backends.reference",
        attribute="matrix",
        framework="numpy",
        required=True,
        what="the slides' equations in matrix form (S6–S9, S20, S23, S26)",
    ),
    "reference-neuron": Listing(
        module="harness.backends.reference",
        attribute="scalar",
        framework="numpy",
        required=False,
        what="the slides' equations node by node, link by link (S2, S17–S19, S22)",
    ),
    "torch": Listing(
        module="harness.backends.torch",
        attribute="autograd",
        framework="torch",
        required=True,
        what="torch.autograd, and torch.optim.SGD for the update",
    ),
    "jax": Listing(
        module="harness.backends.jax",
        attribute="grad",
        framework="jax",
        required=True,
        what="jax.jit of jax.grad, under vmap",
    ),
    "torch-cuda": Listing(
        module="harness.backends.torch",
        attribute="cuda",
        framework="torch",
        required=True,
        what="torch on a CUDA device, TF32 off",
        device="cuda",
    ),
    "torch-cuda-tf32": Listing(
        module="harness.backends.torch",
        attribute="cuda_tf32",
        framework="torch",
        required=True,
        what="torch on a CUDA device, TF32 on, judged by its accuracy",
        device="cuda",
    ),
    "jax-cuda": Listing(
        module="harness.backends.jax",
        attribute="cuda",
        framework="jax",
        required=True,
        what="jax on a CUDA device, TF32 off",
        device="cuda",
    ),
    "jax-cuda-tf32": Listing(
        module="harness.backends.jax",
        attribute="cuda_tf32",
        framework="jax",
        required=True,
        what="jax on a CUDA device, TF32 on, judged by its accuracy",
        device="cuda",
    ),
}
"""Every backend by name, in the order of the tables; torch is imported before jax."""


def names(device: str = "cpu") -> list[str]:
    """Backends of a run on a device: those of the device, and NumPy's everywhere."""
    return [name for name, its in BACKENDS.items() if its.framework == "numpy" or its.device == device]


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
