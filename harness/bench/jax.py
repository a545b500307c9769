"""JAX's part: gradients as a plain script takes them, one gradient under jit, and ``check_grads``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np
from jax import test_util

from cases.case import Array, Case
from harness.backends.jax import SIXTY_FOUR, arrays
from harness.bench.networks import size
from harness.bench.served import Task
from harness.layers.jax import form_of, output
from harness.layers.jax import total_error as mean_square
from harness.stack import Stack

JAX: Any = jax
"""JAX, of whose functions mypy knows some and not others."""

TOGETHER = 32
"""Structures in one program of the floor: compiling them together takes half as long as one by one."""


def use_cache(folder: str) -> None:
    """Keep every compiled program in a folder, with gradproof's settings; where it has set a place, that stays."""
    if JAX.config.jax_compilation_cache_dir is None:
        JAX.config.update("jax_compilation_cache_dir", folder)
        JAX.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        JAX.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        JAX.config.update("jax_persistent_cache_enable_xla_caches", "none")


def gradients(stacks: Sequence[Stack]) -> list[list[Array]]:
    """ΔW of every layer, each (K, N_l, N_{l+1}), of every stack: ``jit`` of ``vmap`` of ``grad``."""
    found: dict[int, list[Array]] = {}
    for dtype in dict.fromkeys(stack.first.dtype for stack in stacks):
        its = [number for number, stack in enumerate(stacks) if stack.first.dtype == dtype]
        for start in range(0, len(its), TOGETHER):
            part = its[start : start + TOGETHER]
            found |= zip(part, _of([stacks[number] for number in part]), strict=True)
    return [found[number] for number in range(len(stacks))]


def _of(stacks: Sequence[Stack]) -> list[list[Array]]:
    """Stacks of one precision, by one program."""
    functions = [jax.vmap(jax.grad(_loss(stack.first))) for stack in stacks]
    numbers = [(stack.weights, stack.x, stack.target) for stack in stacks]
    with SIXTY_FOUR(stacks[0].first.dtype == "float64"):
        program = jax.jit(lambda every: [f(*its) for f, its in zip(functions, every, strict=True)])
        return [[np.asarray(gradient) for gradient in layers] for layers in program(numbers)]


def _loss(case: Case) -> Callable[..., Any]:
    """S11 as a function of weights, input and target, with the activation and the task of a case."""
    return lambda weights, x, target: mean_square(output(form_of(case), weights, x), target)


def check_grads(case: Case) -> None:
    """``check_grads`` in reverse mode, first order, as it comes; it raises where a gradient does not pass."""
    with SIXTY_FOUR(True):
        x, target, weights = arrays((case.x, case.target, case.weights))
        loss = _loss(case)
        check: Callable[..., None] = test_util.check_grads
        check(lambda *weights: loss(weights, x, target), weights, order=1, modes=["rev"])


def tasks(setting: Mapping[str, Any]) -> dict[str, Task]:
    """``jax`` for a network of the layers and the batch given: gradients by one compiled program."""
    JAX.config.update("jax_enable_x64", True)  # for good: a context would cost as much as a small network
    case = size(setting["layers"], setting["batch"]).draw()
    numbers, program = arrays((case.weights, case.x, case.target)), JAX.jit(JAX.grad(_loss(case)))
    return {"jax": Task(lambda _: JAX.block_until_ready(program(*numbers)))}
