"""The engine: how a run is cut, and the same rows in process, by one worker and by two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from cases.case import Case
from harness.backends import Backend
from harness.engine import STACKS_A_TASK, Task, tasks
from harness.run import Outcome, run
from harness.scan import Scan
from harness.stack import stacks
from harness.supervised import Supervised

NAMES = ["reference", "torch", "jax"]
SCANS = [Scan("softplus", "float16"), Scan("hardtanh", "bfloat16")]


@pytest.fixture(scope="session")
def several(draw: Callable[..., Case]) -> list[Case]:
    """More stacks than fit one task, in one structure, mixed so that no stack lies in one piece."""
    rates = [0.1 + 0.01 * n for n in range(STACKS_A_TASK + 3)]
    return [draw(2, 3, 2, activation="relu", alpha=rate, seed=seed) for seed in (1, 2) for rate in rates]


def named(cases: Sequence[Case]) -> list[Case]:
    """Each with a name of its own."""
    from dataclasses import replace

    return [replace(case, name=f"{case.name}-{number}") for number, case in enumerate(cases)]


# how a run is cut


def test_every_case_and_scan_is_in_one_task_and_stacks_stay_whole(several: list[Case]) -> None:
    cut = tasks(named(several), SCANS)
    found = [case.name for task in cut for stack in task.stacks for case in stack.cases]
    assert sorted(found) == sorted(case.name for case in named(several))
    assert [scan for task in cut for scan in task.scans] == SCANS
    assert sum(task.size for task in cut) == len(several) + len(SCANS)
    assert [len(task.stacks) for task in cut] == [STACKS_A_TASK, 3, 0, 0]
    keys = [{(c.learning_rate, c.activation, c.dtype) for c in stack.cases} for task in cut for stack in task.stacks]
    assert all(len(key) == 1 for key in keys) and len({min(key) for key in keys}) == STACKS_A_TASK + 3


def test_how_it_is_cut_depends_on_the_cases_alone(
    several: list[Case], backends: dict[str, Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[Task]] = []

    class Watched(Supervised):
        def __init__(self, cut: Sequence[Task], *rest: Any) -> None:
            seen.append(list(cut))
            super().__init__(cut, *rest)

    monkeypatch.setattr("harness.run.Supervised", Watched)
    cases = named(several[:6])
    run(cases, [backends["reference"]])
    run(cases, [backends["torch"], backends["reference"]], observers=())
    shapes = [[[[case.name for case in stack.cases] for stack in task.stacks] for task in cut] for cut in seen]
    assert shapes[0] == shapes[1] == [[[case.name for case in stack.cases] for stack in stacks(cases)]]


# the same rows


def values(outcome: Outcome) -> list[dict[str, str]]:
    return [{key: repr(value) for key, value in asdict(row).items()} for row in (*outcome.rows, *outcome.observed)]


@pytest.fixture(scope="session")
def workload(several: list[Case], whole_catalogue: list[Case]) -> list[Case]:
    """Two tasks of cases, some of them seeded; few structures, for every process compiles them anew."""
    drawn = [c for c in whole_catalogue if c.family == "random-one-unit" and c.activation in ("relu", "elu")]
    return [*named(several), *(c for c in drawn if c.dtype in ("float64", "float16") and c.task == "prediction")]


@pytest.fixture(scope="session")
def in_process(workload: list[Case]) -> Outcome:
    return run(workload, NAMES, scans=SCANS)


@pytest.mark.parametrize("workers", [1, 2])
def test_rows_are_the_same_with_any_number_of_workers(
    workload: list[Case], in_process: Outcome, backends: dict[str, Backend], workers: int
) -> None:
    told: list[tuple[int, int]] = []
    given: list[Any] = [backends[name] for name in NAMES] if workers == 1 else NAMES
    outcome = run(workload, given, scans=SCANS, workers=workers, progress=lambda *its: told.append(its))
    assert values(outcome) == values(in_process)
    assert outcome.answer == in_process.answer and outcome.answer.exit_code == 0
    assert outcome.sights == in_process.sights and outcome.kills == in_process.kills
    assert len(outcome.sights) == len(workload) and outcome.kills.correct > 0
    assert [sum(column) for column in zip(*told, strict=True)] == [len(workload) + len(SCANS), 0] and len(told) == len(
        tasks(workload, SCANS)
    )
    assert {row.case for row in outcome.rows if row.family == "scan"} == {scan.name for scan in SCANS}
    assert outcome.binned == in_process.binned and len(outcome.binned) == 2 * len(SCANS)


WRONG = """
from dataclasses import replace
from harness.backends import load

class Mine:
    name = "mine"
    def supports(self, case):
        return None
    def evaluate(self, stack):
        found = load("reference").evaluate(stack)
        return replace(found, gradients=[-g for g in found.gradients])

backend = Mine()
"""


def test_a_file_s_backend_reaches_the_workers_and_is_judged_there(several: list[Case], tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text(WRONG)
    cases = named(several)
    answer = run(cases, ["reference", str(path)], workers=2, observers=()).answer
    assert {(f.case, f.backend) for f in answer.failures} == {(case.name, "mine") for case in cases}


def test_backends_that_are_objects_cannot_be_sent_and_are_not_dropped(
    several: list[Case], backends: dict[str, Backend]
) -> None:
    with pytest.raises(ValueError, match="more than one worker needs backends by name: torch"):
        run(named(several)[:2], ["reference", backends["torch"]], workers=2)
