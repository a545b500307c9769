"""What may be returned, and what is said of everything else."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from cases.case import DTYPES
from harness.candidate.result import Malformed, message, read, told

ONE = np.ones((2, 3))
EXPECTED = (
    "expected a list of gradient arrays, one a weight matrix, "
    "or a dict with any of output, loss, gradients, updated"
)  # fmt: skip


class Odd:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("still needs a gradient")


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_or_tuple_is_the_gradients(kind: type) -> None:
    found = read(kind([ONE, ONE[0]]), "float64")
    assert list(found) == ["gradients"]
    assert [a.shape for a in found["gradients"]] == [(2, 3), (3,)]


def test_any_part_of_a_dict_may_be_left_out() -> None:
    found = read(OrderedDict(loss=np.float64(2), updated=(ONE,), output=None), "float64")
    assert set(found) == {"loss", "updated"}
    assert (found["loss"].shape, found["updated"][0].shape) == ((), (2, 3))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_pythons_own_numbers_are_taken_in_the_dtype_of_the_case(dtype: str) -> None:
    found = read({"loss": 0.1, "output": [(1, 0.1)], "gradients": [[[0.1, 1e300]], []]}, dtype)
    for array in (found["loss"], found["output"], *found["gradients"]):
        assert array.dtype == DTYPES[dtype]
    assert found["loss"] == np.float64(0.1).astype(DTYPES[dtype])


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (np.float64(0.1), "float64"), ([[np.float64(0.1)]], "float64"), ([[0.1, np.float32(0.1)]], "float32"),
        ([np.ones(2, np.float16)], "float16"), (np.ones(2, np.int64), "int64"), (np.ones(1, np.longdouble), None),
        (np.ones(2, ml_dtypes.bfloat16), "bfloat16"), (np.ones(2, ">f4"), "float32"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_has_a_numpy_dtype_keeps_it(value: Any, dtype: str | None) -> None:
    assert read({"output": value}, "float32")["output"].dtype.name == (dtype or np.dtype(np.longdouble).name)


def test_subclasses_of_arrays_travel_as_arrays() -> None:
    found = read([np.ma.masked_array(ONE, mask=True), ONE.view(np.recarray)], "float64")
    assert [type(a) for a in found["gradients"]] == [np.ndarray, np.ndarray]


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        (None, f"returned None, {EXPECTED}"),
        ("gradients", f"returned a str, {EXPECTED}"),
        (3.0, f"returned a float, {EXPECTED}"),
        (ONE, f"returned an array of shape (2, 3), {EXPECTED}"),
        ((a for a in [ONE]), f"returned a generator, {EXPECTED}"),
        ({}, "returned an empty dict, expected any of output, loss, gradients, updated"),
        ({"loss": None}, "returned a dict of None, expected any of output, loss, gradients, updated"),
        (
            {"gradient": [ONE]},
            'returned a dict with "gradient", which is none of output, loss, gradients, updated; '
            'did you mean "gradients"?',
        ),
        (
            {"gradients": [ONE], 3: ONE, "zz": 1},
            'returned a dict with an int, "zz", which are none of output, loss, gradients, updated',
        ),
        ({"gradients": ONE}, "gradients is an array of shape (2, 3), expected a list of arrays, one a weight matrix"),
        ({"updated": 3}, "updated is an int, expected a list of arrays, one a weight matrix"),
        ([ONE, None], "gradients[1] is None, expected an array of numbers"),
        ([ONE, "no"], "gradients[1] is a str, expected an array of numbers"),
        ([ONE > 0], "gradients[0] is an array of shape (2, 3) of bool, expected an array of numbers"),
        ([ONE * 1j], "gradients[0] is an array of shape (2, 3) of complex128, expected an array of numbers"),
        ([[None, 1]], "gradients[0] is a list of objects, expected an array of numbers"),
        ([[True]], "gradients[0] is a list of bool, expected an array of numbers"),
        ([np.array([None, 1])], "gradients[0] is an array of shape (2,) of objects, expected an array of numbers"),
        ([np.zeros(1, "f8,f8")], "gradients[0] is an array of shape (1,) of void128, expected an array of numbers"),
        ([object()], "gradients[0] is an object, expected an array of numbers"),
        ([[[1.0], [1.0, 2.0]]], "gradients[0] is a ragged list: its rows differ in length"),
        ([ONE, [ONE, ONE[0]]], "gradients[1] is a ragged list: its rows differ in length"),
        ([Odd()], "gradients[0] is an Odd that makes no array: RuntimeError: still needs a gradient"),
        ({"loss": 10**400}, "loss is an int that makes no array: OverflowError: int too large to convert to float"),
        ({"output": "high"}, "output is a str, expected an array of numbers"),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)
def test_what_cannot_be_judged_is_said_in_a_sentence(returned: Any, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(returned, "float64")
    assert str(caught.value) == reason


def test_a_list_that_holds_itself_is_no_array() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(Malformed, match=r"gradients\[0\] is a list that makes no array: RecursionError"):
        read([endless], "float64")


def test_many_unknown_keys_are_counted() -> None:
    with pytest.raises(Malformed, match=r'"k4" and 7 more, which are none of'):
        read({f"k{number}": 1 for number in range(12)}, "float64")


class Mute(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)


def test_what_an_error_says_is_one_line_of_bounded_length() -> None:
    assert [message(e) for e in (Mute(), ValueError(), ValueError("a\nb"))] == ["", "", "a"]
    assert [told(e) for e in (Mute(), ValueError("\n a\nb"))] == ["Mute", "ValueError: a"]
    assert len(message(ValueError("a" * 10**6))) == 300
