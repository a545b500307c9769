"""JAX by four roads, each under vmap; σ by jax.nn; 64-bit numbers are switched on where the case is float64.

jit of grad, the same without jit, jit of forward mode, and jit of grad with the forward pass computed again.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import jax
import jax.experimental
import jax.numpy as jnp
import numpy as np

from cases.case import Array, Case
from cases.links import Link
from harness import cache
from harness.backends import Along, Evaluation, Terms, weight_by_weight
from harness.latest import Latest
from harness.layers.jax import ACTIVATIONS, Form, chained, form_of, forward, output, total_error
from harness.precision import PRECISIONS
from harness.stack import Stack

_HOME: Any = jax if hasattr(jax, "enable_x64") else jax.experimental
SIXTY_FOUR = _HOME.enable_x64
"""A context in which numbers may be of 64 bits; older versions have it as an experiment, where 0.10 has it no more."""

KEPT = {
    "jax_persistent_cache_min_compile_time_secs": 0.0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
    "jax_persistent_cache_enable_xla_caches": "none",  # a GPU's tuning would carry choices from one run to the next
}
"""Every program is kept, however small: eager mode has hundreds."""


def keep_programs() -> None:
    """Keep what is compiled for later runs, unless somebody has chosen a place already or there is none."""
    config: Any = jax.config
    place = cache.programs("jaxlib")
    if config.jax_compilation_cache_dir is None and place is not None:
        for option, value in {"jax_compilation_cache_dir": str(place), **KEPT}.items():
            config.update(option, value)


keep_programs()

latest = Latest()
"""What the backend ``jax`` found in its last call."""

DIRECTION = 0.7390851332151607
"""A tangent that is no power of two: a product by 1 is exact, and hides what a fused multiply-add leaves of others."""


@dataclass(frozen=True)
class Grad:
    """``jit(vmap(value_and_grad))`` and W − αΔW in the same program."""

    name: str = "jax"
    device: str = "cpu"
    accumulates: str = "format"
    mode: str = "reverse"
    route: str = "grad"

    @property
    def chains(self) -> bool:
        """Every chain, in reverse mode; the bound of forward mode is that of paths through the plain network."""
        return self.mode == "reverse"

    @contextmanager
    def settings(self, dtype: str) -> Iterator[None]:
        """64-bit numbers where the case is float64; the device; full float32 products unless TF32 is meant."""
        products = "tensorfloat32" if self.accumulates == "tf32" else "highest"
        device = jax.default_device(jax.devices(self.device)[0])
        with SIXTY_FOUR(dtype == "float64"), device, jax.default_matmul_precision(products), warnings.catch_warnings():
            # a damaged or full cache costs time alone: JAX then compiles the program anew
            warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache")
            yield

    def supports(self, case: Case) -> str | None:
        """Every activation in the table; TF32 for float32 alone; not too many weights in forward mode."""
        if self.accumulates == "tf32" and case.dtype != "float32":
            return "TF32 is a way to multiply float32 matrices"
        if case.activation not in ACTIVATIONS:
            return f"jax has no {case.activation}"
        return weight_by_weight(case) if self.mode == "forward" else None

    def evaluate(self, stack: Stack) -> Evaluation:
        """Forward, backward, update."""
        return self.evaluate_together([stack])[0]

    def evaluate_together(self, stacks: Sequence[Stack]) -> list[Evaluation]:
        """All stacks as one program: compiling takes longer than anything else, and less for many at once."""
        steps = tuple(form_of(stack.first) for stack in stacks)
        numbers = [(stack.weights, stack.x, stack.target, stack.first.learning_rate) for stack in stacks]
        with self.settings(stacks[0].first.dtype):
            results = jax.tree.map(np.asarray, program(steps, self.route)(numbers))
        found = [Evaluation(*result) for result in results]
        if self == grad:
            latest.keep(stacks, found)
        return found

    def along(self, stack: Stack) -> Along:
        """What every link makes of the first case; and ∂ℰ/∂ that, as the derivative with respect to a zero added."""
        case = stack.first
        with self.settings(case.dtype):
            weights, x, target = arrays(([w[0] for w in stack.weights], stack.x[0], stack.target[0]))
            values = chained(case.chain, weights, x)

            def loss(added: Sequence[Any]) -> Any:
                return total_error(chained(case.chain, weights, x, added)[-1], target)

            deltas = jax.jit(jax.grad(loss))([jnp.zeros_like(value) for value in values])
            return Along([np.asarray(value) for value in values], [np.asarray(delta) for delta in deltas])

    def pointwise(self, activation: str, x: Array) -> tuple[Array, Array] | None:
        """jax.nn's own σ, and its derivative by this route's mode."""
        with self.settings(x.dtype.name):
            if self.mode != "forward":
                value, slope = jax.jit(partial(self._along, activation))(x, np.ones_like(x))
                return np.asarray(value), np.asarray(slope)
            directions = np.array([1, DIRECTION], x.dtype)
            value, (first, other) = jax.jit(partial(self._tangents, activation))(x, directions)
            return np.asarray(value), _worse(np.asarray(first), np.asarray(other), directions[1])

    def _along(self, activation: str, at: Any, direction: Any) -> tuple[Any, Any]:
        """σ, and σ' times ``direction``, which the compiler does not know, as it knows no Δ."""
        if self.mode == "forward":
            value, slope = jax.jvp(ACTIVATIONS[activation], (at,), (direction,))
            return value, slope
        value, pull = jax.vjp(ACTIVATIONS[activation], at)
        return value, pull(direction)[0]

    def _tangents(self, activation: str, at: Any, directions: Any) -> tuple[Any, Any]:
        """σ, and σ' times each direction, side by side as in ``jacfwd``."""
        slopes = jax.vmap(lambda one: self._along(activation, at, jnp.full_like(at, one))[1])(directions)
        return ACTIVATIONS[activation](at), slopes

    def terms(self, stack: Stack) -> Terms:
        """I and h of the first case; σ' by itself; and Δ as the derivative with respect to a zero added to each I."""
        case = stack.first
        with self.settings(case.dtype):
            weights, x, target = arrays((case.weights, case.x, case.target))
            I, h = forward(case.activation, case.task, x, weights)
            zeros = [jnp.zeros_like(term) for term in I]

            def loss(added: Sequence[Any]) -> Any:
                return total_error(forward(case.activation, case.task, x, weights, added)[1][-1], target)

            names = [case.activation] * (len(I) - 1) + ["sigmoid" if case.task == "classification" else "identity"]
            slopes = [self._along(name, term, jnp.ones_like(term))[1] for name, term in zip(names, I, strict=True)]
            deltas = jax.jit(jax.jacfwd(loss) if self.mode == "forward" else jax.grad(loss))(zeros)
            return Terms(*([np.asarray(t) for t in part] for part in (I, h, deltas, slopes)))


@dataclass(frozen=True)
class Remat(Grad):
    """Reverse mode with ``jax.checkpoint``: the forward pass is computed again on the way back."""

    name: str = "jax-remat"
    route: str = "remat"
    pointwise = None  # type: ignore[assignment]  # one σ alone has nothing to compute again


@dataclass(frozen=True)
class Eager(Grad):
    """The same steps without jit: each operation is dispatched by itself."""

    name: str = "jax-eager"

    pointwise = None  # type: ignore[assignment]  # jax.nn's functions are programs by themselves: those of ``jax``

    def evaluate_together(self, stacks: Sequence[Stack]) -> list[Evaluation]:
        """One stack after another."""
        found = []
        for stack in stacks:
            case, numbers = stack.first, (stack.weights, stack.x, stack.target)
            with self.settings(case.dtype):
                step = over_cases(form_of(case), self.route, jit=False)
                found.append(Evaluation(*jax.tree.map(np.asarray, step(*arrays(numbers), case.learning_rate))))
        return found


def arrays(values: Any) -> Any:
    """Arrays in lists and tuples, as JAX's own."""
    return jax.tree.map(jnp.asarray, values)


def _worse(along_one: Array, along_other: Array, direction: Array) -> Array:
    """σ' along 1; along the other direction where that is not the same but for roundings."""
    with np.errstate(all="ignore"):
        other = along_other / direction
        apart = np.abs(along_one.astype(np.float64) - other.astype(np.float64))
        same = apart <= 8 * 2.0 ** (1 - PRECISIONS[along_one.dtype.name].bits) * (
            1 + np.abs(along_one.astype(np.float64))
        )
    return np.where(same, along_one, other)


@lru_cache(maxsize=64)
def program(steps: tuple[Form, ...], route: str = "grad") -> Callable[..., Any]:
    """One compiled program for stacks of these forms; compiled anew for other structures."""

    def every(numbers: Sequence[tuple[Any, ...]]) -> list[Any]:
        mapped = [over_cases(step, route) for step in steps]
        return [step(*its) for step, its in zip(mapped, numbers, strict=True)]

    compiled: Callable[..., Any] = jax.jit(every)
    return compiled


def over_cases(form: Form, route: str, jit: bool = True) -> Callable[..., Any]:
    """`one_step` on every case of a stack: vmap; where there is a convolution, one case after another.

    vmap makes of convolutions one with as many groups, and what XLA makes of that on a CPU multiplies each case by 0
    for every other in float64: one NaN spoils the whole stack (and the time grows as its square).
    """
    step = one_step(*form, route)
    if not any(link.kind == "convolution" for link in form[2] or ()):
        return jax.vmap(step, in_axes=(0, 0, 0, None))

    def one_by_one(*numbers: Any) -> Any:
        *its, alpha = numbers
        if jit:
            return jax.lax.map(lambda case: step(*case, alpha), tuple(its))
        each = [step(*jax.tree.map(lambda part, k=k: part[k], its), alpha) for k in range(len(its[1]))]
        return jax.tree.map(lambda *parts: jnp.stack(parts), *each)

    return one_by_one


def one_step(activation: str, task: str, chain: Sequence[Link] | None, route: str = "grad") -> Callable[..., Any]:
    """Output, total error, gradients and updated weights of one case, differentiated by one of ROUTES."""

    def loss(weights: Sequence[Any], x: Any, target: Any) -> tuple[Any, Any]:
        its = output((activation, task, chain), weights, x)
        return total_error(its, target), its

    def step(weights: Sequence[Any], x: Any, target: Any, alpha: Any) -> Any:
        (total, output), gradients = ROUTES[route](loss)(weights, x, target)
        updated = [w - alpha * g for w, g in zip(weights, gradients, strict=True)]
        return output, total, gradients, updated

    return step


def _reverse(loss: Callable[..., Any]) -> Callable[..., Any]:
    """``jax.value_and_grad``: reverse mode, everything kept from the forward pass."""
    both: Callable[..., Any] = jax.value_and_grad(loss, has_aux=True)
    return both


def _forward(loss: Callable[..., Any]) -> Callable[..., Any]:
    """``jax.jacfwd``: forward mode, a Jacobian-vector product for each weight."""

    def twice(*numbers: Any) -> tuple[Any, Any]:
        total, output = loss(*numbers)
        return total, (total, output)

    def both(*numbers: Any) -> tuple[Any, Any]:
        gradients, found = jax.jacfwd(twice, has_aux=True)(*numbers)
        return found, gradients

    return both


def _remat(loss: Callable[..., Any]) -> Callable[..., Any]:
    """``jax.checkpoint``: reverse mode, the forward pass computed again on the way back."""
    both: Callable[..., Any] = jax.value_and_grad(jax.checkpoint(loss), has_aux=True)
    return both


ROUTES: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "grad": _reverse,
    "forward": _forward,
    "remat": _remat,
}
"""Ways to differentiate a loss (with an output beside it) with respect to its first argument."""


def missing(device: str) -> str | None:
    """Why JAX cannot compute on a device; None where it can."""
    try:
        jax.devices(device)
    except RuntimeError:
        return f"jax {jax.__version__} sees no {device.upper()} device"
    return None


grad = Grad()
eager = Eager()
forward_mode = Grad("jax-forward", mode="forward", route="forward")
remat = Remat()
cuda = Grad("jax-cuda", "cuda")
cuda_tf32 = Grad("jax-cuda-tf32", "cuda", "tf32")
