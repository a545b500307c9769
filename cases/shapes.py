"""Checks that need more than one value of a block: shapes that chain, numbers that fit the dtypes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from cases.arrays import as_float, numbers, shape
from cases.case import DTYPES, finfo
from cases.chains import matrix as as_matrix
from cases.faults import Complaint, TooLarge, counted, described

_Shape = tuple[int, int]


def shape_complaints(table: Mapping[str, object]) -> list[Complaint]:
    """Say where the shapes of a block do not chain, with layer widths N_0 … N_L and B samples.

    ``input`` is (B, N_0), ``target`` (B, N_L) and ``weights[l]`` (N_l, N_{l+1}). What is missing, ragged
    or no matrix is complained of elsewhere and passed over here, with the comparisons it takes part in.
    """
    x, target = shape(table.get("input")), shape(table.get("target"))
    weights = table.get("weights")
    matrices = [shape(matrix) for matrix in weights] if isinstance(weights, list) else []
    complaints = []
    before, name = x, "input"
    for layer, matrix in enumerate(matrices):
        if before and matrix and before[1] != matrix[0]:
            complaints.append(_mismatch(f"weights[{layer}]", matrix, layer, before, name))
        before, name = matrix, f"weights[{layer}]"
    if x and target and x[0] != target[0]:
        expected = f"{x[0]} (one for each sample: input is {_times(x)})"
        complaints.append(Complaint("target", counted(target[0], "row"), expected))
    if matrices and before and target and before[1] != target[1]:
        expected = f"{before[1]} ({_layer(len(matrices), before, name)})"
        complaints.append(Complaint("target", counted(target[1], "column"), expected))
    return complaints


def overflow_complaints(table: Mapping[str, object], dtypes: Iterable[str]) -> list[Complaint]:
    """Say which numbers round to an infinity in which of the ``dtypes``: the first of each array."""
    weights = table.get("weights")
    arrays = {name: table.get(name) for name in ("learning_rate", "input", "target")}
    if isinstance(weights, list):
        arrays |= {f"weights[{layer}]": its for layer, its in enumerate(weights)}
    layers = table.get("layers")
    for number, layer in enumerate(layers if isinstance(layers, list) else []):
        its = layer if isinstance(layer, dict) else {}
        arrays |= {f"layers[{number}].{kind}": as_matrix(kind, weight) for kind, weight in its.items()}
    found = (_overflow(value, name, dtype) for name, value in arrays.items() for dtype in dtypes)
    return [complaint for complaint in found if complaint]


def _overflow(value: object, where: str, dtype: str) -> Complaint | None:
    written = [(index, number) for index, number in numbers(value) if not _says_infinity_or_nan(number)]
    with np.errstate(over="ignore", under="ignore"):
        wide = np.array([as_float(number) for _, number in written], dtype=np.float64)
        lost = np.flatnonzero(np.isinf(wide.astype(DTYPES[dtype])))
    if not lost.size:
        return None
    index, number = written[lost[0]]
    place = where + "".join(f"[{i}]" for i in index)
    more = f" (and {lost.size - 1} more of this kind)" if lost.size > 1 else ""
    return Complaint(place, f"{described(number)} in {dtype}{more}", largest_number(dtype))


def largest_number(dtype: str) -> str:
    """Return what is expected of a number that is too large for ``dtype``."""
    return f"at most {float(finfo(DTYPES[dtype]).max):.8g}, the largest {dtype}"


def _says_infinity_or_nan(number: float) -> bool:
    return isinstance(number, float) and not isinstance(number, TooLarge) and not math.isfinite(number)


def _mismatch(where: str, matrix: _Shape, layer: int, before: _Shape, name: str) -> Complaint:
    suggestion = ""
    if matrix[1] == before[1]:
        suggestion = "is it transposed? a row holds the weights that leave one node"
    expected = f"{before[1]} ({_layer(layer, before, name)})"
    return Complaint(where, counted(matrix[0], "row"), expected, suggestion)


def _layer(layer: int, before: _Shape, name: str) -> str:
    return f"layer {layer} has {counted(before[1], 'node')}: {name} is {_times(before)}"


def _times(shape: _Shape) -> str:
    return f"{shape[0]}×{shape[1]}"
