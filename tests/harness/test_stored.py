"""Results as JSON: what comes back is what went in, to the last bit, whatever is in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases.case import Case
from harness.backends.reference import readings
from harness.engine import Result, Task, Team, tasks, work
from harness.learning.training import Training, trainings
from harness.scan import Scan
from harness.stored import restored, stored


@pytest.fixture(scope="module")
def results(draw: Callable[..., Case], whole_catalogue: list[Case]) -> list[tuple[Task, Result]]:
    """Of cases (a kink, blind entries, overflow), a scan with a known deviation, a training that leaves the range."""
    some = [case for case in whole_catalogue if case.family in ("kink-at-zero", "overflow-in-the-middle")][:12]
    some += [case for case in whole_catalogue if case.family.startswith("slide") and case.dtype == "bfloat16"][:3]
    some += [replace(draw(2, 3, 2), name="plain", tags=("core",))]
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
        return type(a) is type(b) and same(vars(a), vars(b))
    if isinstance(a, float):
        return isinstance(b, float) and float(a).hex() == float(b).hex()
    return bool(a == b)


def test_what_comes_back_is_what_went_in(results: list[tuple[Task, Result]]) -> None:
    for task, result in results:
        assert same(restored(json.loads(json.dumps(stored(result))), task), result)
    whole = [result for _, result in results]
    assert any(result.learned for result in whole) and any(result.seen for result in whole)
    assert any(result.kills.matrix for result in whole) and any(result.sights for result in whole)
    (learned,) = (one for result in whole for one in result.learned)
    assert not all(np.isfinite(w).all() for state in learned.ascent.states for w in state)


def test_the_comparison_sees_a_changed_bit(results: list[tuple[Task, Result]]) -> None:
    task, result = results[0]
    name = next(iter(result.rows))
    row = result.rows[name][0]
    assert row.max_abs is not None
    off = replace(row, max_abs=float(np.nextafter(row.max_abs, 1)))
    other = replace(result, rows={**result.rows, name: [off, *result.rows[name][1:]]})
    assert not same(restored(json.loads(json.dumps(stored(other))), task), result)


def test_what_was_lost_is_kept_too() -> None:
    result = Result(lost=["the mistakes: exited with code 3"])
    assert restored(json.loads(json.dumps(stored(result))), Task()).lost == result.lost


def test_a_result_of_another_task_is_refused(results: list[tuple[Task, Result]]) -> None:
    with pytest.raises(ValueError, match="a result of 13 cases, where the task has 1"):
        restored(stored(results[0][1]), results[1][0])
