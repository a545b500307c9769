"""Arrays as JSON: name of the dtype, shape, bytes in base64. Nothing that comes from a candidate is unpickled."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from math import prod
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
from numpy import ndarray

Array = npt.NDArray[Any]

_KINDS: tuple[npt.DTypeLike, ...] = (
    np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64,
    np.float16, np.float32, np.float64, np.longdouble, ml_dtypes.bfloat16,
)  # fmt: skip

DTYPES: dict[str, np.dtype[Any]] = {np.dtype(kind).name: np.dtype(kind) for kind in _KINDS}
"""Every dtype that travels, by its name."""

_ROOM = 2**26
_TIMES = 8


class Junk(ValueError):
    """What came over the wire is not what is sent over it."""


def room(given: int) -> int:
    """Most bytes of numbers that may come back where ``given`` bytes were sent: ample, but no endless stream."""
    return _ROOM + _TIMES * given


def packed(array: Array) -> list[Any]:
    """An array of a dtype in `DTYPES`, of any shape and byte order, as what JSON can hold."""
    native = array.astype(DTYPES[array.dtype.name], copy=False)
    return [native.dtype.name, list(native.shape), b2a_base64(native.tobytes(), newline=False).decode()]


def unpacked(item: Any) -> Array:
    """The array that `packed` made, read-only. Raises Junk for anything else."""
    try:
        name, shape, text = item
        dtype, raw = DTYPES[name], a2b_base64(text, strict_mode=True)
        if len(raw) != prod(shape) * dtype.itemsize:
            raise Junk("an array whose bytes do not fill its shape")
        return ndarray(tuple(shape), dtype, raw)
    except (ValueError, TypeError, KeyError) as error:
        raise Junk(f"no array: {error}") from error
