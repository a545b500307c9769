"""A kind of number by what the equations need of it besides operators: its σ, its constants, its α.

With these three a text runs on arrays, on balls and on running-error numbers as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cases.case import DTYPES, Array
from harness.numbers.balls import Balls
from harness.numbers.narrow import Narrow, RoundedOnce
from harness.numbers.running import constant, given
from harness.numbers.running_sigma import RunningSigma
from harness.precision import PRECISIONS, Precision
from reference import arrays
from reference.activations import Formula, Sigma


@dataclass(frozen=True)
class Kind:
    """``sigma(name)`` is σ, ``number(array)`` an array and ``scalar(number)`` a scalar of this kind."""

    sigma: Callable[[str], Sigma]
    number: Callable[[npt.ArrayLike], Any]
    scalar: Callable[[float], Any]


def array_kind(dtype: str) -> Kind:
    """Arrays of a dtype; narrow ones are computed in float32 and rounded after each operation."""

    def number(values: npt.ArrayLike) -> Any:
        return as_number(np.asarray(values).astype(DTYPES[dtype]))

    return Kind(lambda name: array_sigma(name, dtype), number, float)


def array_sigma(name: str, dtype: str) -> Sigma:
    """σ on arrays: its formula, rounded once in narrow formats."""
    formula = Formula(name, arrays)
    return RoundedOnce(formula) if PRECISIONS[dtype].narrow else formula


def as_number(values: Array) -> Any:
    """An array as the kind of number that its dtype is computed in."""
    return Narrow.of(values) if np.dtype(values.dtype).itemsize == 2 else values


def as_array(found: Any) -> Array:
    """A result on arrays as an array of its dtype."""
    values: Array = found.array() if isinstance(found, Narrow) else found
    return values


BALLS = Kind(
    lambda name: Formula(name, Balls),
    lambda values: Balls(np.asarray(values, np.float64)),
    float,
)
"""Exact numbers, to the bits of ``flint.ctx.prec``; arrays have no axis of cases."""


def running_kind(precision: Precision, member: str = "left") -> Kind:
    """Running-error numbers in a precision, with ``member`` as σ' exactly on a kink."""
    return Kind(
        lambda name: RunningSigma(name, member),
        lambda values: given(np.asarray(values, np.float64), precision),
        lambda number: constant(number, precision),
    )
