"""Results as JSON: what comes back is what went in, to the last bit, whatever is in it."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases.case import Case
from harness.backends.reference import readings
from harness.engine import Result, Task, Team, tasks, work
from harness.found import Found, found
from harness.learning.training import Training, trainings
from harness.scan import Scan
from harness.stored import restored, stored


@pytest.fixture(scope="module")
def results(draw: Callable[..., Case], whole_catalogue: list[Case]) -> list[tuple[Task, Result]]:
    """Of cases (a kink, blind entries, overflow), a scan with a known deviation, a training that leaves the range."""
    some = [case for case in whole_catalogue if case.family in ("kink-at-zero", "overflow-in-the-middle")][:12]
    some += [case for case in whole_catalogue if case.family.startswith("slide") and case.dtype == "bfloat16"][:3]
    some += [replace(draw(2, 3, 2), name="plain", tags=("core",)), replace(some[0], name="amiss", expect="blind")]
    diverging = next(t for t in trainings() if t.name.endswith("prediction-float32-4"))
    cut = tasks(some, [Scan("softplus", "float64")], [Training(diverging.start, 60)])
    team = Team(["reference", "torch"], ["reference-kron"], readings)
    return [(task, work(task, team)) for task in cut]


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same in every part; NaN is NaN, and 1 is not 1.0."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Training):
        return a is b
    if hasattr(a, "__dataclass_fields__"):
        names = [name for name in a.__dataclass_fields__ if not name.startswith("_")]
        return type(a) is type(b) and all(same(getattr(a, name), getattr(b, name)) for name in names)
    if isinstance(a, float):
        return isinstance(b, float) and float(a).hex() == float(b).hex()
    if isinstance(a, array):
        return isinstance(b, array) and a.tobytes() == b.tobytes()
    return bool(a == b)


def of(result: Result, task: Task) -> Found:
    return found(result, task, range(7, 7 + len(task.names)), {"torch-forward"})


def test_what_comes_back_is_what_went_in(results: list[tuple[Task, Result]]) -> None:
    for task, result in results:
        assert same(restored(json.loads(json.dumps(stored(of(result, task)))), task), of(result, task))
    sums = [of(result, task).sums for task, result in results]
    assert any(its.blamed for its in sums) and any(its.scans for its in sums) and all(its.worst for its in sums)
    whole = [result for _, result in results]
    assert any(result.learned for result in whole) and any(result.seen for result in whole)
    assert any(result.kills.matrix for result in whole) and any(result.sights for result in whole)
    (learned,) = (one for result in whole for one in result.learned)
    assert not all(np.isfinite(w).all() for state in learned.ascent.states for w in state)


def test_the_comparison_sees_a_changed_bit(results: list[tuple[Task, Result]]) -> None:
    task, result = results[0]
    row = of(result, task).sums.worst[0][2]
    assert row.max_abs is not None
    off = replace(row, max_abs=float(np.nextafter(row.max_abs, 1)))
    rows = [off if one is row else one for one in result.rows[row.case]]
    other = replace(result, rows={**result.rows, row.case: rows})
    assert not same(restored(json.loads(json.dumps(stored(of(other, task)))), task), of(result, task))


def test_what_was_lost_is_kept_too() -> None:
    its = Found(lost=["the mistakes: exited with code 3"])
    assert restored(json.loads(json.dumps(stored(its))), Task()).lost == its.lost


def test_a_result_of_another_task_is_refused(results: list[tuple[Task, Result]]) -> None:
    with pytest.raises(ValueError, match="a result of 14 cases, where the task has 1"):
        restored(stored(of(results[0][1], results[0][0])), results[1][0])
