"""What a case is: one network, one batch, one step of gradient descent, in one precision."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from cases.links import SIGMOID, Link, plain, widths
from cases.published import Published

TASKS = ("classification", "prediction")
"""The deck's two tasks: sigmoid output (S8) and linear output (S9)."""

ACTIVATIONS = (
    "sigmoid", "relu", "tanh", "identity", "softplus", "silu", "gelu", "gelu_tanh",
    "leaky_relu", "elu", "selu", "hardtanh", "hardsigmoid", "hardswish", "softsign",
)  # fmt: skip
"""Names of σ in the hidden layers, as in ``reference.activations``."""

DTYPES: dict[str, npt.DTypeLike] = {
    "float64": np.float64,
    "float32": np.float32,
    "bfloat16": ml_dtypes.bfloat16,
    "float16": np.float16,
}
"""Precisions by name."""

finfo: Callable[[npt.DTypeLike], Any] = ml_dtypes.finfo
"""What NumPy's ``finfo`` says, for bfloat16 too."""

EXPECTATIONS = (
    "exact", "rounding", "convention", "known", "blind", "violation", "range", "nonfinite",
    "malformed", "crashed", "timed-out", "unsupported",
)  # fmt: skip
"""What a case may expect: any verdict. Without one it expects to agree."""

SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
"""Names are report keys, pytest ids and anchors, so they are slugs."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Case:
    """An immutable case, its numbers already rounded to its dtype.

    Shapes, with B samples as rows and layer widths N_0 … N_L: ``x`` (B, N_0), ``target`` (B, N_L),
    ``weights[l]`` (N_l, N_{l+1}). Where it is another chain than the plain network, ``links`` are its links, without
    what its task adds, and ``weights`` those of its links that have one, from the input. The learning rate α is
    rounded to the dtype too, so that every implementation starts from the same numbers. ``family`` is the name of
    the block that the case comes from, ``source`` says where its numbers are from, ``shows`` what they are good for.
    ``published`` is what the source prints for it.
    """

    name: str
    family: str
    activation: str
    task: str
    dtype: str
    learning_rate: float
    x: Array
    target: Array
    weights: tuple[Array, ...]
    source: str = ""
    tags: tuple[str, ...] = field(default=())
    expect: str | None = None
    shows: str = ""
    links: tuple[Link, ...] | None = None
    published: Published | None = None

    @cached_property
    def layers(self) -> tuple[int, ...]:
        """Widths N_0 … N_L, the input first; of a chain, the width before its first link and behind each."""
        if self.links is not None:
            return widths(self.x.shape[1], self.links)
        return (self.x.shape[1], *(w.shape[1] for w in self.weights))

    @cached_property
    def chain(self) -> tuple[Link, ...]:
        """Every link f_i from the input (S15): those of the plain network too, and the σ that the task adds (S8)."""
        named = plain(self.layers) if self.links is None else self.links
        links = tuple(replace(link, sigma=self.activation) if link.kind == "activation" else link for link in named)
        return (*links, SIGMOID) if self.task == "classification" else links

    @property
    def drawn(self) -> bool:
        """Whether it was drawn from a seeded family."""
        return self.name != expanded_name(self.family, self.activation, self.task, self.dtype)

    @property
    def batch(self) -> int:
        """Number of samples B."""
        return int(self.x.shape[0])

    @cached_property
    def structure(self) -> str:
        """Widths as printed in reports: ``3-5-2``; of a chain, the width of x and the links: ``3-dense5-bias-σ``."""
        behind = self.layers[1:] if self.links is None else [link.word for link in self.links]
        return "-".join(map(str, (self.layers[0], *behind)))


def expanded_name(block: str, activation: str, task: str, dtype: str) -> str:
    """Full name of one expansion of a block: always all three choices, in this order."""
    return f"{block}-{activation}-{task}-{dtype}"


def make_case(
    block: str,
    activation: str,
    task: str,
    dtype: str,
    x: npt.ArrayLike,
    target: npt.ArrayLike,
    weights: Sequence[npt.ArrayLike],
    learning_rate: float = 0.1,
    source: str = "",
    tags: Sequence[str] = (),
    expect: str | None = None,
    shows: str = "",
    links: Sequence[Link] | None = None,
    published: Published | None = None,
) -> Case:
    """Build a case from float64 numbers, rounding each to ``dtype`` and freezing the arrays.

    Shapes are those of `Case`. Raises ValueError where they do not chain; the TOML loader reports
    such faults by itself, so this is for cases made in code.
    """
    rounded = [_frozen(w, dtype) for w in weights]
    case = Case(
        name=expanded_name(block, activation, task, dtype),
        family=block,
        activation=activation,
        task=task,
        dtype=dtype,
        learning_rate=float(np.asarray(learning_rate, dtype=DTYPES[dtype])),
        x=_frozen(x, dtype),
        target=_frozen(target, dtype),
        weights=tuple(rounded),
        source=source,
        tags=tuple(tags),
        expect=expect,
        shows=shows,
        links=None if links is None else tuple(links),
        published=published,
    )
    _require_chain(case)
    return case


def _frozen(values: npt.ArrayLike, dtype: str) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        array = np.array(values, dtype=np.float64).astype(DTYPES[dtype])
    array.flags.writeable = False
    return array


def _require_chain(case: Case) -> None:
    if not case.weights:
        raise ValueError(f"{case.name}: no weights; a network needs at least one weight matrix")
    if case.links is not None:
        _require_links(case, case.links)
        return
    width = case.x.shape[-1]
    for number, w in enumerate(case.weights, start=1):
        if w.ndim != 2 or w.shape[0] != width:
            raise ValueError(
                f"{case.name}: weight matrix {number} has shape {w.shape}, but layer {number - 1} has {width} nodes"
            )
        width = w.shape[1]
    if case.target.shape != (case.x.shape[0], width):
        raise ValueError(f"{case.name}: target has shape {case.target.shape}, output ({case.x.shape[0]}, {width})")


def _require_links(case: Case, links: Sequence[Link]) -> None:
    shapes = [shape for link, width in zip(links, case.layers, strict=False) if (shape := link.weight(width))]
    if min(case.layers) < 1 or [w.shape for w in case.weights] != shapes:
        found = ", ".join(str(w.shape) for w in case.weights)
        raise ValueError(f"{case.name}: weights of shapes {found}, but {case.structure} takes {shapes}")
    if case.target.shape != (case.x.shape[0], case.layers[-1]):
        expected = (case.x.shape[0], case.layers[-1])
        raise ValueError(f"{case.name}: target has shape {case.target.shape}, output {expected}")
