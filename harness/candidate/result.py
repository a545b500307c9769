"""What a candidate's function returned, read as arrays; runs in the candidate's own process.

A list that holds Python's own numbers, or NumPy scalars of the case's dtype beside them, is taken in that dtype,
since Python has one float only. Everything else keeps the dtype that it has, and is judged by it.
"""

from __future__ import annotations

from typing import Any

from numpy import asarray, errstate, generic, ndarray

from harness.candidate.wire import DTYPES, Array

QUANTITIES = ("output", "loss", "gradients", "updated")
LISTS = ("gradients", "updated")
"""The quantities that are a list of arrays, one a weight matrix."""

EXPECTED = f"a list of gradient arrays, one a weight matrix, or a dict with any of {', '.join(QUANTITIES)}"

Result = dict[str, Any]
"""Arrays and lists of arrays by quantity; what was left out is missing."""


class Malformed(Exception):
    """What was returned cannot be judged; the message says what it is, and what was expected."""


def read(returned: object, dtype: str) -> Result:
    """What ``backprop`` returned. Raises Malformed."""
    if isinstance(returned, dict):
        if unknown := [key for key in returned if key not in QUANTITIES]:
            raise Malformed(f"returned a dict with {unknown_keys(unknown, QUANTITIES)}")
        given = {key: value for key, value in returned.items() if value is not None}
        if not given:
            what = "a dict of None" if returned else "an empty dict"
            raise Malformed(f"returned {what}, expected any of {', '.join(QUANTITIES)}")
    elif isinstance(returned, (list, tuple)):
        given = {"gradients": returned}
    else:
        raise Malformed(f"returned {described(returned)}, expected {EXPECTED}")
    return {key: arrays(v, dtype, key) if key in LISTS else array(v, dtype, key) for key, v in given.items()}


def arrays(value: object, dtype: str, name: str) -> list[Array]:
    """A list or tuple of arrays, of any length. Raises Malformed."""
    if not isinstance(value, (list, tuple)):
        raise Malformed(f"{name} is {described(value)}, expected a list of arrays, one a weight matrix")
    return [array(item, dtype, f"{name}[{number}]") for number, item in enumerate(value)]


def array(value: object, dtype: str, name: str) -> Array:
    """Numbers of any shape as an array of a dtype that travels. Raises Malformed."""
    try:
        with errstate(all="ignore"):
            its = asarray(value, float).astype(DTYPES[dtype]) if plain(value, dtype) else asarray(value)
    except Exception as error:  # whatever an object that calls itself an array may do
        if isinstance(value, (list, tuple)) and isinstance(error, ValueError):
            raise Malformed(f"{name} is a ragged list: its rows differ in length") from error
        raise Malformed(f"{name} is {described(value)} that makes no array: {told(error)}") from error
    if its.dtype.name not in DTYPES:
        of = "objects" if its.dtype == object else its.dtype.name
        what = f"{described(value)} of {of}" if isinstance(value, (ndarray, list, tuple)) else described(value)
        raise Malformed(f"{name} is {what}, expected an array of numbers")
    return its


def plain(value: object, dtype: str) -> bool:
    """Whether these are Python's own integers and floats, or NumPy's of the dtype, alone or in nested lists."""
    if type(value) in (list, tuple):
        return all(plain(one, dtype) for one in value)  # type: ignore[attr-defined]
    return type(value) in (int, float) or (isinstance(value, generic) and value.dtype == DTYPES[dtype])


def described(value: object) -> str:
    """What a value is, never printing it: ``a str``, ``an array of shape (2, 3)``."""
    if value is None:
        return "None"
    if isinstance(value, ndarray):
        return f"an array of shape {value.shape}"
    word = type(value).__name__
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def unknown_keys(unknown: list[Any], known: tuple[str, ...]) -> str:
    """Keys that mean nothing, the known ones, and the nearest."""
    from cases.faults import did_you_mean, quoted  # only where it is needed: it imports difflib and re

    words = [quoted(key) if isinstance(key, str) else described(key) for key in unknown[:5]]
    more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
    hints = [hint for key in unknown if isinstance(key, str) and (hint := did_you_mean(key, known))]
    what = "which is" if len(unknown) == 1 else "which are"
    return f"{', '.join(words)}{more}, {what} none of {', '.join(known)}{'; ' + hints[0] if hints else ''}"


def told(error: BaseException) -> str:
    """Type and first line of an error; even saying it may raise."""
    name = type(error).__name__
    said = message(error)
    return f"{name}: {said}" if said else name


def message(error: BaseException) -> str:
    """The first line of what an error says, clipped; "" where it says nothing or cannot."""
    try:
        return str(error).strip().splitlines()[0][:300]
    except BaseException:  # its __str__ may do anything
        return ""
