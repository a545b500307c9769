"""The floor of the default run: a plain script that imports torch and jax and computes the same gradients.

``python -m harness.bench.plain CASES strict|routes``. CASES holds stacks of cases, read from the case files before
and pickled, so that the script reads numbers and nothing else.

``strict``: ΔW of every case by ``torch.autograd.grad`` in eager mode and by ``jax.jit`` of ``jax.vmap`` of
``jax.grad``, all cases of a structure at once, 32 structures to a program of JAX. Nothing else: no output, no updated
weights, no NumPy reference, no exact value, no bound, no comparison, no scan, training or proof, no file.

``routes``: the same, and then on the cases tagged core every other route through a framework that the default run
takes, by the backends themselves: torch.func, forward modes, jax without jit, jax.checkpoint, optax, HIPS autograd.

It is one process, as a plain script is, where the default run has a worker for each processor; so the time by the
clock and the processor time are both to be compared. It keeps JAX's compiled programs in the folder that the variable
GRADPROOF_CACHE names, where gradproof keeps them too, with the same settings: an empty folder is a cold start.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.backends import Backend, Missing, Together, load, names
from harness.backends.listing import BACKENDS
from harness.bench import jax, torch
from harness.stack import Stack

CORE = "core"
"""The tag of the cases that every route runs on."""


def routes() -> list[Backend]:
    """Routes through a framework that the default run takes on core cases, as far as they are installed."""
    found = []
    for name in names(runs="core"):
        if BACKENDS[name].framework != "numpy":
            try:
                found.append(load(name))
            except Missing:
                continue
    return found


def evaluate(backend: Backend, stacks: Sequence[Stack]) -> int:
    """Have a backend compute whatever it covers, by precision and together where it can; the number of its cases."""
    kept = [tuple(case for case in stack.cases if backend.supports(case) is None) for stack in stacks]
    its = [Stack(cases) for cases in kept if cases]
    if isinstance(backend, Together):
        for dtype in dict.fromkeys(stack.first.dtype for stack in its):
            of = [stack for stack in its if stack.first.dtype == dtype]
            for start in range(0, len(of), jax.TOGETHER):
                backend.evaluate_together(of[start : start + jax.TOGETHER])
    else:
        for stack in its:
            backend.evaluate(stack)
    return sum(len(stack.cases) for stack in its)


def core(stacks: Sequence[Stack]) -> list[Stack]:
    """The cases tagged core, in stacks."""
    kept = [tuple(case for case in stack.cases if CORE in case.tags) for stack in stacks]
    return [Stack(cases) for cases in kept if cases]


def main() -> None:
    """Compute, and say of how many cases."""
    path, which = sys.argv[1:3]
    if folder := os.environ.get("GRADPROOF_CACHE"):
        jax.use_cache(folder)
    stacks = pickle.loads(Path(path).read_bytes())
    number = 0
    for gradients in (torch.gradients, jax.gradients):
        gradients(stacks)
        number += sum(len(stack.cases) for stack in stacks)
    if which == "routes":
        number += sum(evaluate(backend, core(stacks)) for backend in routes())
    print(number)


if __name__ == "__main__":
    main()
