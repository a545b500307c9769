"""The backends of our own: where each lives, what it runs, what it covers, and when it runs by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Listing:
    """Where a backend of ours lives, and what it is.

    ``runs`` says when it runs by itself: on "all" cases, on those tagged "core", or only when "asked" for.
    """

    module: str
    attribute: str
    framework: str
    required: bool
    what: str
    device: str = "cpu"
    runs: str = "all"
    covers: str = "every case"


BACKENDS = {
    "reference": Listing(
        module="harness.backends.reference",
        attribute="matrix",
        framework="numpy",
        required=True,
        what="the slides' equations in matrix form (S6–S9, S20, S23, S26)",
    ),
    "torch": Listing(
        module="harness.backends.torch",
        attribute="autograd",
        framework="torch",
        required=True,
        what="torch.autograd in eager mode, and torch.optim.SGD for the update",
    ),
    "jax": Listing(
        module="harness.backends.jax",
        attribute="grad",
        framework="jax",
        required=True,
        what="jax.jit of jax.grad, under vmap",
    ),
    "reference-neuron": Listing(
        module="harness.backends.reference",
        attribute="scalar",
        framework="numpy",
        required=False,
        what="the slides' equations node by node, link by link (S2, S17–S19, S22)",
        runs="core",
        covers="float64, float32",
    ),
    "reference-kron": Listing(
        module="harness.backends.reference",
        attribute="kron",
        framework="numpy",
        required=False,
        what="the matrix form, with numpy.kron for h ⊗ Δ (S23, S24)",
        runs="core",
        covers="float64, float32",
    ),
    "difference": Listing(
        module="harness.backends.plain",
        attribute="difference",
        framework="numpy",
        required=False,
        what="central differences of the plain forward pass (S6–S11)",
        runs="core",
        covers="float64, float32; no kink within a step; up to 2,000 weights",
    ),
    "complex-step": Listing(
        module="harness.backends.plain",
        attribute="complex_step",
        framework="numpy",
        required=False,
        what="the plain forward pass on complex numbers, a step along i",
        runs="core",
        covers="float64, float32; analytic activations; up to 2,000 weights",
    ),
    "autograd": Listing(
        module="harness.backends.autograd",
        attribute="grad",
        framework="autograd",
        required=False,
        what="HIPS autograd of the plain NumPy forward pass (S6–S11)",
        runs="core",
        covers="float64, float32",
    ),
    "torch-func": Listing(
        module="harness.backends.torch",
        attribute="func",
        framework="torch",
        required=False,
        what="torch.func.grad under torch.func.vmap",
        runs="core",
    ),
    "torch-forward": Listing(
        module="harness.backends.torch",
        attribute="forward_mode",
        framework="torch",
        required=False,
        what="torch.func.jacfwd: forward mode, weight by weight",
        runs="core",
        covers="up to 2,000 weights",
    ),
    "torch-compile": Listing(
        module="harness.backends.torch",
        attribute="compile_",
        framework="torch",
        required=False,
        what="torch.compile (inductor) of forward and loss, and autograd of that",
        runs="asked",
        covers="every case, with a C++ compiler",
    ),
    "jax-eager": Listing(
        module="harness.backends.jax",
        attribute="eager",
        framework="jax",
        required=False,
        what="jax.grad under vmap, without jit",
        runs="core",
    ),
    "jax-forward": Listing(
        module="harness.backends.jax",
        attribute="forward_mode",
        framework="jax",
        required=False,
        what="jax.jacfwd: forward mode, weight by weight",
        runs="core",
        covers="up to 2,000 weights",
    ),
    "jax-remat": Listing(
        module="harness.backends.jax",
        attribute="remat",
        framework="jax",
        required=False,
        what="jax.grad of jax.checkpoint: the forward pass computed again",
        runs="core",
    ),
    "jax-optax": Listing(
        module="harness.backends.optax",
        attribute="sgd",
        framework="optax",
        required=False,
        what="jax's gradients, and optax.sgd for the update",
        runs="core",
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
        covers="float32",
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
        covers="float32",
    ),
}
"""Every backend by name, in the order of the tables; torch is imported before jax."""


def names(device: str = "cpu", runs: str = "all") -> list[str]:
    """Backends that run by themselves on a device: those of the device, and NumPy's everywhere."""
    return [
        name
        for name, its in BACKENDS.items()
        if its.runs == runs and (its.framework == "numpy" or its.device == device)
    ]
