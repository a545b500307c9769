"""Arrays as JSON: nothing is lost on the way, and nothing but arrays comes out."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cases.case import DTYPES
from harness.candidate.wire import DTYPES as NAMES
from harness.candidate.wire import Junk, packed, unpacked

BITS = np.random.default_rng(1).integers(0, 256, (6, 32), dtype=np.uint8)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 3)], ids=str)
def test_every_bit_of_every_dtype_travels(name: str, shape: tuple[int, ...]) -> None:
    array = BITS.view(NAMES[name]).ravel()[: int(np.prod(shape))].reshape(shape)
    found = unpacked(json.loads(json.dumps(packed(array))))
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_every_precision_of_a_case_travels() -> None:
    assert set(DTYPES) <= set(NAMES)


def test_byte_order_and_layout_do_not_matter() -> None:
    array = np.arange(6.0).reshape(2, 3)
    for other in (np.asfortranarray(array), array.astype(">f8"), np.repeat(array, 2, axis=1)[:, ::2]):
        found = unpacked(packed(other))
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize(
    "item",
    [
        None, 3, "float64", [], {}, ["float64", [2], "AAAA"], ["object", [1], "AAAAAAAAAAA="], ["float64", [-1], ""],
        ["float64", [True], "AAAAAAAAAAA="], ["float64", [1.0], "AAAAAAAAAAA="], ["float64", 1, "AAAAAAAAAAA="],
        ["float64", [1], "AAAA AAAAAAA="], ["float64", [1], None], ["float64", [0] * 100, ""], ["float64", ["a"], ""],
        [["float64"], [1], "AAAAAAAAAAA="], ["float64", [1], "ä"], ["float64", [2**63, 0], ""],
        ["float64", [], "AAAA" * 8], ["float64", [-1, -1], "AAAAAAAAAAA="],
    ],
    ids=repr,
)  # fmt: skip
def test_anything_else_is_junk(item: object) -> None:
    with pytest.raises(Junk):
        unpacked(item)
