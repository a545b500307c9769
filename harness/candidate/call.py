"""One call of a candidate's functions, whatever they do; runs in the candidate's own process."""

from __future__ import annotations

from typing import Any

from harness.candidate.module import Candidate, located
from harness.candidate.result import Malformed, Result, arrays, message, read
from harness.candidate.wire import Array, packed, room, unpacked

Request = dict[str, Any]
"""x, weights, target (packed arrays), activation, task, learning_rate, dtype."""


def answer(candidate: Candidate, request: Request) -> dict[str, Any]:
    """What the candidate computes, packed, or a refusal and its reason."""
    try:
        result = _computed(candidate, request)
        return {key: list(map(packed, v)) if isinstance(v, list) else packed(v) for key, v in result.items()}
    except Malformed as error:
        return {"refusal": "malformed", "reason": str(error)}
    except NotImplementedError as error:
        return {"refusal": "unsupported", "reason": message(error) or "raises NotImplementedError"}
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: it must cost this case only
        return {"refusal": "crashed", "reason": located(error, candidate.path)}


def _computed(candidate: Candidate, request: Request) -> Result:
    x, target = unpacked(request["x"]), unpacked(request["target"])
    weights = [unpacked(w) for w in request["weights"]]
    given = {"x": x, "target": target} | {f"weights[{number}]": w for number, w in enumerate(weights)}
    copies = {name: before.copy() for name, before in given.items()}
    listed = list(copies.values())[2:]
    assert candidate.backprop is not None
    given_too = {"learning_rate": request["learning_rate"]} if candidate.takes_rate else {}
    its = copies["x"], listed, copies["target"], request["activation"], request["task"]
    returned = candidate.backprop(*its, **given_too)
    for name, before in given.items():
        _require_same(name, before, copies[name])
    if [id(w) for w in listed] != [id(w) for w in list(copies.values())[2:]]:
        raise Malformed("changed the list weights: a gradient function must leave its arguments as they are")
    result = read(returned, request["dtype"])
    if "updated" not in result and _fit(result.get("gradients"), weights):
        result |= _descended(candidate, weights, result["gradients"], request)
    _require_room(result, sum(before.nbytes for before in given.values()))
    return result


def _require_same(name: str, before: Array, after: Array) -> None:
    if (after.shape, after.dtype) != (before.shape, before.dtype) or after.tobytes() != before.tobytes():
        raise Malformed(f"wrote into {name}: a gradient function must leave its arguments as they are")


def _fit(gradients: list[Array] | None, weights: list[Array]) -> bool:
    """Whether there is something to update with; what is wrong with gradients is said of them, not of an update."""
    return gradients is not None and [dw.shape for dw in gradients] == [w.shape for w in weights]


def _descended(candidate: Candidate, weights: list[Array], gradients: list[Array], request: Request) -> Result:
    """Updated weights, if the candidate has an update; it may write into its copies, but must return them."""
    if candidate.update is None:
        return {}
    copies = [w.copy() for w in weights], [dw.copy() for dw in gradients]
    try:
        returned = candidate.update(*copies, request["learning_rate"])
    except NotImplementedError:
        return {}  # as if it had none
    if returned is None:
        raise Malformed("update returned None, expected the list of updated weights")
    return {"updated": arrays(returned, request["dtype"], "updated")}


def _require_room(result: Result, given: int) -> None:
    size = sum(a.nbytes for value in result.values() for a in (value if isinstance(value, list) else [value]))
    if size > room(given):
        raise Malformed(f"returned arrays of {size:,} bytes together, where x, target and weights have {given:,}")
