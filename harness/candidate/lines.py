"""JSON lines, the language of candidate programs: a case as a request, and a reply as arrays.

A request holds ``id, x, weights, target, activation, task, learning_rate, dtype``: matrices as lists of rows,
numbers exactly as they are in the case's dtype, as decimals that read back to the same float64. A reply holds
``id`` and any of ``output, loss, gradients, updated``, or ``id`` and ``unsupported`` with the reason.

A number of a reply is a JSON number, a string like "0x1.8p+1" (C's ``%a``), "nan", "inf" or "-inf". It is read as
float64 and, where the case's dtype is another, rounded to that: nine digits bring a float32 back, seventeen a float64.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from cases.case import DTYPES, Array, Case
from cases.faults import printable
from harness.backends import Evaluation
from harness.candidate.result import LISTS, QUANTITIES, unknown_keys
from harness.candidate.runner import clipped
from harness.check import Attempt, Refusal
from reports.verdict import Verdict

KEYS = ("id", *QUANTITIES, "unsupported")

Reply = dict[str, Any]


class Unreadable(ValueError):
    """A reply cannot be judged; the message says why."""


def request(case: Case, name: str) -> bytes:
    """The line that asks about a case."""
    message = {
        "id": name,
        "x": _numbers(case.x),
        "weights": [_numbers(w) for w in case.weights],
        "target": _numbers(case.target),
        "activation": case.activation,
        "task": case.task,
        "learning_rate": case.learning_rate,
        "dtype": case.dtype,
    }
    return json.dumps(message, allow_nan=False).encode() + b"\n"


def parsed(line: bytes) -> Reply:
    """A line as a JSON object. Raises Unreadable."""
    try:
        found = json.loads(line, parse_int=float)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unreadable(f"wrote {_shown(line)} to standard output, where each line must be a JSON object")
    return found


def attempt(reply: Reply, dtype: str) -> Attempt:
    """What a reply says, its numbers in the case's dtype. Raises Unreadable."""
    if unknown := [key for key in reply if key not in KEYS]:
        raise Unreadable(f"replied with {unknown_keys(unknown, KEYS)}")
    if (reason := reply.get("unsupported")) is not None:
        if not isinstance(reason, str) or not reason.strip():
            raise Unreadable(f"unsupported is {_described(reason)}, expected the reason why not, in words")
        return Refusal(Verdict.UNSUPPORTED, printable(reason.strip()[:300]))
    given = {key: reply[key] for key in QUANTITIES if reply.get(key) is not None}
    if not given:
        raise Unreadable(f"replied without any of {', '.join(QUANTITIES)}")
    read: dict[str, Any] = dict.fromkeys(QUANTITIES)
    for key, value in given.items():
        read[key] = _arrays(value, key, dtype) if key in LISTS else _array(value, key, dtype)
    return Evaluation(**read)


def _numbers(array: Array) -> list[Any]:
    wide = array.astype(np.float64)
    return [[float(v) if np.isfinite(v) else str(float(v)) for v in row] for row in wide]


def _arrays(value: Any, name: str, dtype: str) -> list[Array]:
    if not isinstance(value, list):
        raise Unreadable(f"{name} is {_described(value)}, expected a list of matrices, one a weight matrix")
    return [_array(item, f"{name}[{number}]", dtype) for number, item in enumerate(value)]


def _array(value: Any, name: str, dtype: str) -> Array:
    try:
        with np.errstate(all="ignore"):
            return np.array(_read(value, name), np.float64).astype(DTYPES[dtype])
    except Unreadable:
        raise
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{name} is ragged: its rows differ in length") from error


def _read(value: Any, name: str) -> Any:
    """The same nested lists with every number as a float."""
    if isinstance(value, list):
        return [_read(item, f"{name}[{number}]") for number, item in enumerate(value)]
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        word = value.strip().lower()
        if word.lstrip("+-") in ("nan", "inf", "infinity"):
            return float(word)
        if word.lstrip("+-").startswith("0x"):
            return _from_hexadecimal(word, name)
    raise Unreadable(f'{name} is {_described(value)}, expected a number, or a string such as "0x1.8p+1", "nan", "inf"')


def _from_hexadecimal(word: str, name: str) -> float:
    try:
        return float.fromhex(word)
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{name} is {clipped(word, 40)}, which is no hexadecimal float64") from error


def _described(value: Any) -> str:
    if isinstance(value, str):
        return f"the string {clipped(value, 40)}"
    if isinstance(value, float):
        return f"the number {value:g}"
    return {dict: "an object", list: "a list", bool: "a boolean"}.get(type(value), "null")


def _shown(line: bytes) -> str:
    return clipped(line[:400].decode(errors="backslashreplace"), 100)
