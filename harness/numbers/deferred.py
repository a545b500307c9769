"""Numbers that are computed when they are asked for, and once.

The same operation on the same numbers is one number, so runs that differ in a step share all that is the same in
both; and what nobody looks at is never computed. What is computed is what the kind of number underneath computes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.numbers.kinds import Kind
from reference.activations import Sigma

Shape = tuple[int, ...]


class Deferred:
    """A number of the kind underneath, of a known shape, which `number` computes.

    ``shared`` holds every number that was made, by operation and operands.
    """

    __slots__ = ("_compute", "_number", "_shared", "shape")
    __array_ufunc__ = None  # a NumPy scalar on the left leaves the operation to us

    def __init__(self, shared: dict[Any, Deferred], shape: Shape, compute: Callable[[], Any]) -> None:
        self._shared, self.shape, self._number = shared, shape, None
        self._compute: Callable[[], Any] | None = compute

    @property
    def number(self) -> Any:
        """The number, of the kind underneath."""
        if self._compute is not None:
            with np.errstate(all="ignore"):
                self._number = self._compute()
            self._compute = None
        return self._number

    def made(self, key: Any, shape: Shape, compute: Callable[[], Any]) -> Deferred:
        """The number that was made with this key, or a new one."""
        found = self._shared.get(key)
        if found is None:
            found = self._shared[key] = Deferred(self._shared, shape, compute)
        return found

    @property
    def mT(self) -> Deferred:
        """The transpose of the last two axes."""
        shape = (*self.shape[:-2], self.shape[-1], self.shape[-2])
        return self.made(("mT", self), shape, lambda: self.number.mT)

    def __matmul__(self, other: Deferred) -> Deferred:
        shape = (*_common(self.shape[:-2], other.shape[:-2]), self.shape[-2], other.shape[-1])
        return self.made(("@", self, other), shape, lambda: self.number @ other.number)

    def __mul__(self, other: Deferred | float) -> Deferred:
        if isinstance(other, Deferred):
            its = other
            return self.made(("*", self, its), _common(self.shape, its.shape), lambda: self.number * its.number)
        return self.made(("*", self, repr(other)), self.shape, lambda: self.number * other)

    __rmul__ = __mul__

    def __truediv__(self, count: int) -> Deferred:
        return self.made(("/", self, count), self.shape, lambda: self.number / count)

    def __add__(self, other: Deferred) -> Deferred:
        return self.made(("+", self, other), _common(self.shape, other.shape), lambda: self.number + other.number)

    def __sub__(self, other: Deferred) -> Deferred:
        return self.made(("-", self, other), _common(self.shape, other.shape), lambda: self.number - other.number)

    def __neg__(self) -> Deferred:
        return self.made(("-", self), self.shape, lambda: -self.number)

    def sum(self, axis: tuple[int, ...]) -> Deferred:
        """Sum over ``axis``."""
        gone = {n % len(self.shape) for n in axis}
        shape = tuple(size for n, size in enumerate(self.shape) if n not in gone)
        return self.made(("sum", self, axis), shape, lambda: self.number.sum(axis=axis))


@dataclass(frozen=True)
class DeferredSigma:
    """σ on deferred numbers; ``name`` tells it from every other of its kind."""

    name: str
    sigma: Sigma

    def value(self, x: Deferred) -> Deferred:
        """σ(x)."""
        return x.made(("value", self.name, x), x.shape, lambda: self.sigma.value(x.number))

    def derivative(self, x: Deferred, y: Deferred) -> Deferred:
        """σ'(x)."""
        return x.made(("slope", self.name, x, y), x.shape, lambda: self.sigma.derivative(x.number, y.number))


def deferred(kind: Kind) -> Kind:
    """A kind whose numbers and scalars, arrays both, are those of ``kind``, deferred; all that it makes are shared."""
    shared: dict[Any, Deferred] = {}

    def number(values: npt.ArrayLike) -> Deferred:
        array = np.asarray(values)
        key = ("number", array.dtype, array.shape, array.tobytes())
        return shared.get(key) or given(key, kind.number(array))

    def scalar(value: float) -> Deferred:
        return shared.get(("scalar", value)) or given(("scalar", value), kind.scalar(value))

    def given(key: Any, its: Any) -> Deferred:
        return shared.setdefault(key, Deferred(shared, its.shape, lambda: its))

    return Kind(lambda name: DeferredSigma(name, kind.sigma(name)), number, scalar)


def _common(a: Shape, b: Shape) -> Shape:
    return a if a == b else np.broadcast_shapes(a, b)
