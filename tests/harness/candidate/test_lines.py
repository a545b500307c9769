"""JSON lines: a case as a request, and every kind of reply."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cases.case import DTYPES, Case, make_case
from harness.backends import Evaluation
from harness.candidate.lines import Unreadable, attempt, parsed, request
from harness.check import Refusal
from reports.verdict import Verdict


def read(text: str, dtype: str = "float64") -> Any:
    return attempt(parsed(text.encode()), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_request_holds_the_case_exactly(draw: Callable[..., Case], dtype: str) -> None:
    case = draw(3, 4, 5, dtype=dtype, activation="relu")
    line = request(case, "an id")
    assert line.endswith(b"}\n") and line.count(b"\n") == 1
    message = json.loads(line)
    assert list(message) == ["id", "x", "weights", "target", "activation", "task", "learning_rate", "dtype"]
    assert (message["id"], message["activation"], message["task"]) == ("an id", "relu", "classification")
    assert (message["dtype"], message["learning_rate"]) == (dtype, case.learning_rate)
    for sent, array in zip(
        [message["x"], message["target"], *message["weights"]], [case.x, case.target, *case.weights], strict=True
    ):
        np.testing.assert_array_equal(np.array(sent), array.astype(np.float64), strict=True)


def test_special_values_are_sent_exactly() -> None:
    numbers = [[5e-324, -0.0, 1.7976931348623157e308, 0.1]]
    case = make_case("special", "relu", "prediction", "float64", numbers, [[1.0]], [[[1.0]] * 4])
    assert b'"x": [[5e-324, -0.0, 1.7976931348623157e+308, 0.1]]' in request(case, "a")
    case = make_case("special", "relu", "prediction", "float64", [[np.inf, -np.inf, np.nan]], [[1.0]], [[[1.0]] * 3])
    assert b'"x": [["inf", "-inf", "nan"]]' in request(case, "a")


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_are_taken_in_the_dtype_of_the_case(dtype: str) -> None:
    found = read('{"output": [[0.1, 1]], "loss": 2, "gradients": [[[1e400]], []], "updated": [3]}', dtype)
    arrays = [found.output, found.loss, *found.gradients, *found.updated]
    assert {a.dtype for a in arrays} == {np.dtype(DTYPES[dtype])}
    assert [a.shape for a in arrays] == [(1, 2), (), (1, 1), (0,), ()]
    np.testing.assert_array_equal(found.output, np.array([[0.1, 1]]).astype(DTYPES[dtype]))
    assert np.isinf(found.gradients[0])


@pytest.mark.parametrize(("dtype", "digits"), [("float32", 9), ("float64", 17)])
def test_as_many_digits_as_a_format_needs_bring_every_bit_back(dtype: str, digits: int) -> None:
    bits = np.random.default_rng(7).integers(0, 2**63, 4000, dtype=np.uint64)
    numbers = bits.view(dtype)
    numbers = numbers[np.isfinite(numbers)]
    for form in (f".{digits - 1}e", None):
        words = [format(float(v), form) if form else f'"{float(v).hex()}"' for v in numbers]
        found = read(f'{{"output": [{", ".join(words)}]}}', dtype)
        assert found.output.tobytes() == numbers.tobytes()


def test_a_number_between_two_of_a_format_is_rounded_once() -> None:
    found = read('{"output": [1.00000005960464477539, 1.0000000596046448, "0x1.000001p+0", 16777217]}', "float32")
    assert found.output.tolist() == [1.0, 1.0, 1.0, 16777216.0]


@pytest.mark.parametrize(
    ("spelled", "value"),
    [
        ('"0x1.8p+1"', 3.0), ('"-0X1.8P+1"', -3.0), ('"0x0.0000000000001p-1022"', 5e-324), ('"+0x3"', 3.0),
        ('"inf"', np.inf), ('"-inf"', -np.inf), ('"Infinity"', np.inf), ('"nan"', np.nan), ('"NaN"', np.nan),
        ("NaN", np.nan), ("-Infinity", -np.inf), ("1e400", np.inf), ("1" + "0" * 5000, np.inf), ("-0.0", -0.0),
        ("-0", -0.0),
    ],
)  # fmt: skip
def test_every_spelling_of_a_number_is_read(spelled: str, value: float) -> None:
    assert read(f'{{"loss": {spelled}}}').loss.tobytes() == np.float64(value).tobytes()


def test_what_is_left_out_is_none() -> None:
    found = read('{"id": "a", "gradients": [], "output": null}')
    assert isinstance(found, Evaluation)
    assert (found.output, found.loss, found.gradients, found.updated) == (None, None, [], None)


def test_an_unsupported_case_has_its_reason() -> None:
    assert read('{"unsupported": "only relu\\n", "loss": 3}') == Refusal(Verdict.UNSUPPORTED, "only relu")


NUMBER = 'expected a number, or a string such as "0x1.8p+1", "nan", "inf"'
LINE = "to standard output, where each line must be a JSON object"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hello", f'wrote "hello" {LINE}'),
        ("[]", f'wrote "[]" {LINE}'),
        ("{", f'wrote "{{" {LINE}'),
        ("a" * 1000, f'wrote "{"a" * 100}…" {LINE}'),
        ('{"loss": ' + "[" * 100_000, f'wrote "{{"loss": {"[" * 91}…" {LINE}'),
        ("\x1b\udcff", f'wrote "\\x1b\\xff" {LINE}'),
        ('{"id": "a"}', "replied without any of output, loss, gradients, updated"),
        (
            '{"gradient": []}',
            'replied with "gradient", which is none of id, output, loss, gradients, updated, unsupported; '
            'did you mean "gradients"?',
        ),
        ('{"unsupported": ""}', 'unsupported is the string "", expected the reason why not, in words'),
        ('{"unsupported": true}', "unsupported is a boolean, expected the reason why not, in words"),
        ('{"gradients": 3}', "gradients is the number 3, expected a list of matrices, one a weight matrix"),
        ('{"updated": {}}', "updated is an object, expected a list of matrices, one a weight matrix"),
        ('{"gradients": [null]}', f"gradients[0] is null, {NUMBER}"),
        ('{"gradients": [[1], [[1, true]]]}', f"gradients[1][0][1] is a boolean, {NUMBER}"),
        ('{"gradients": [[1, [2]]]}', "gradients[0] is ragged: its rows differ in length"),
        ('{"output": [[1, 2], [3]]}', "output is ragged: its rows differ in length"),
        ('{"loss": "0.1"}', f'loss is the string "0.1", {NUMBER}'),
        ('{"loss": "1.8p+1"}', f'loss is the string "1.8p+1", {NUMBER}'),
        ('{"loss": "0xg"}', 'loss is "0xg", which is no hexadecimal float64'),
        ('{"loss": "0x1p+5000"}', 'loss is "0x1p+5000", which is no hexadecimal float64'),
        ('{"loss": ' + "[" * 500 + "]" * 500 + "}", None),
    ],
    ids=range(21),
)
def test_what_cannot_be_judged_is_said_in_a_sentence(line: str, reason: str | None) -> None:
    with pytest.raises(Unreadable) as caught:
        attempt(parsed(line.encode(errors="surrogateescape")), "float64")
    assert reason is None or str(caught.value) == reason
