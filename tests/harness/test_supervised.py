"""A backend that ends its process, or never ends: it alone has rows that say so, and those of others are the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from cases.case import Case
from harness.backends import BackendError
from harness.engine import Result, Task, Team, tasks, work
from harness.found import found
from harness.hands import Here, Job, Lost
from harness.learning.training import Training, trainings
from harness.parts import Introduced, Part, missing, team_of, together
from harness.run import Outcome, run
from harness.scan import Scan
from harness.stored import stored
from harness.supervised import IN_A_ROW, Supervised, answers
from reports.verdict import Verdict

FILE = """
import ctypes, os, signal, time
from harness.backends import load

reference = load("reference")

class Mine:
    name = "mine"
    pointwise = reference.pointwise
    def supports(self, case):
        return None
    def evaluate(self, stack):
        if stack.first.name.startswith("bad"):
            DO
        return reference.evaluate(stack)

backend = Mine()
"""

EATS = "\n            while True: kept.append(bytearray(10**8))"

ENDS = {
    "exits": ("os._exit(3)", "exited with code 3"),
    "segfaults": ("ctypes.string_at(0)", "was killed by SIGSEGV"),
    "kills itself": ("os.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL"),
    "hangs": ("time.sleep(10**6)", "ran past --timeout 8 s"),
    "is interrupted": ("raise KeyboardInterrupt", "raised KeyboardInterrupt: no message"),
}


@pytest.fixture(scope="module", autouse=True)
def short_tasks() -> Iterator[None]:
    """Three stacks a task."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.engine.STACKS_A_TASK", 3)
        yield


@pytest.fixture(scope="module")
def cases(draw: Callable[..., Case]) -> list[Case]:
    """Two tasks: in the first two stacks and a bad one, in the second two that are good."""
    good = [replace(draw(2, 3, 2, alpha=0.1 + 0.01 * n), name=f"good-{n}") for n in range(4)]
    return [good[0], replace(draw(2, 2, 1, activation="relu"), name="bad", tags=("core",)), *good[1:]]


def values(outcome: Outcome, *without: str) -> list[dict[str, str]]:
    rows = [row for row in (*outcome.rows, *outcome.observed) if row.backend not in without]
    return [{key: repr(value) for key, value in asdict(row).items()} for row in rows]


@pytest.fixture(scope="module")
def undisturbed(cases: list[Case]) -> Outcome:
    return run(cases, ["reference", "reference-neuron"], routes=["reference-kron"])


def mine(tmp_path: Path, do: str) -> str:
    path = tmp_path / "mine.py"
    path.write_text(FILE.replace("DO", do))
    return str(path)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", ENDS)
def test_it_costs_its_own_rows_of_its_own_task(
    cases: list[Case], undisturbed: Outcome, tmp_path: Path, how: str, workers: int
) -> None:
    do, said = ENDS[how]
    if workers == 2 and how != "exits":
        pytest.skip("the same as with one")
    backends = ["reference", mine(tmp_path, do), "reference-neuron"]
    outcome = run(cases, backends, routes=["reference-kron"], workers=workers, seconds=8.0)
    assert values(outcome, "mine") == values(undisturbed)
    assert (outcome.sights, outcome.kills) == (undisturbed.sights, undisturbed.kills)
    assert outcome.answer.exit_code == 3
    first, second = tasks(cases)
    rows = {row.case: row for row in outcome.rows if row.backend == "mine" and row.quantity is None}
    verdict = Verdict.TIMED_OUT if how == "hangs" else Verdict.CRASHED
    assert {name: row.verdict for name, row in rows.items()} == {case.name: verdict for case in first.cases}
    assert rows["bad"].detail == f"{said} in a task of 3 cases, this one among them"
    well = {row.verdict for row in outcome.rows if row.backend == "mine" and row.case in {c.name for c in second.cases}}
    assert well <= {Verdict.EXACT, Verdict.ROUNDING} and well
    order = [row.backend for row in outcome.rows if row.case == "bad"]
    assert list(dict.fromkeys(order)) == ["reference", "mine", "reference-neuron", "reference-kron"]


HARMS = {
    "flushes subnormals": "import torch; torch.set_flush_denormal(True)",
    "lets numpy raise": "import numpy; numpy.seterr(all='raise')",
    "switches gradients off": "import torch; torch.set_grad_enabled(False)",
    "judges for itself": "import harness.engine as e; e.check = None",
}


@pytest.mark.parametrize(
    "how", ["lets numpy raise", *(pytest.param(how, marks=pytest.mark.long) for how in HARMS if "numpy" not in how)]
)
def test_what_a_file_changes_in_its_process_is_felt_by_nobody_else(
    cases: list[Case], undisturbed: Outcome, tmp_path: Path, how: str
) -> None:
    path = Path(mine(tmp_path, "pass"))
    path.write_text(f"{HARMS[how]}\n{path.read_text()}")
    outcome = run(cases, [str(path), "reference", "reference-neuron"], routes=["reference-kron"], seconds=60.0)
    assert values(outcome, "mine") == values(undisturbed)


def test_an_answer_without_its_rows_is_none(cases: list[Case]) -> None:
    first, second = tasks(cases)
    part = Part(("reference",), ("reference-kron",), whole=False)
    right = work(first, team_of(part, Team([], []), {name: name for name in part.names}))
    assert answers(right, first, part) and not answers(right, second, part)
    for wrong in (7, Result(first.size), replace(right, rows={**right.rows, "bad": right.rows["bad"][:1]})):
        assert not answers(wrong, first, part)
    assert not answers(right, first, part.without(["reference-kron"]))


def test_one_that_eats_memory_is_told_how_much_there_is(
    cases: list[Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.worker.memory", lambda: 10**9)
    bad = [case for case in cases if case.name in ("bad", "good-0")]
    outcome = run(bad, ["reference", mine(tmp_path, f"kept = []{EATS}")], observers=(), mistakes=False)
    (row,) = [row for row in outcome.rows if row.verdict == Verdict.CRASHED]
    assert row.case == "bad" and row.detail.startswith("MemoryError at mine.py:")
    assert row.detail.endswith("on layers 2 → 2 → 1: no message (a process may allocate 1.0 GB)")
    kept = mine(tmp_path, f"kept = reference.__dict__.setdefault('kept', []){EATS}")  # nothing is left for ourselves
    outcome = run(bad, ["reference", kept], observers=(), mistakes=False)
    assert {row.backend for row in outcome.rows if row.verdict == Verdict.CRASHED} == {"mine"}
    assert outcome.answer.exit_code == 3


def test_one_that_always_hangs_is_not_asked_for_ever(cases: list[Case], tmp_path: Path) -> None:
    each = [replace(case, name=f"bad-{n}", learning_rate=0.5 + n / 64) for n, case in enumerate(cases[:1] * 18)]
    assert len(tasks(each)) == 6
    outcome = run(each, [mine(tmp_path, "time.sleep(10**6)")], workers=2, seconds=2.0, observers=(), mistakes=False)
    assert {row.verdict for row in outcome.rows} == {Verdict.TIMED_OUT}
    asked = [row.case for row in outcome.rows if row.detail.startswith("ran past --timeout 2 s in a task of 3 cases")]
    assert asked == [case.name for task in tasks(each)[:IN_A_ROW] for case in task.cases]
    (rest,) = {row.detail for row in outcome.rows if row.case not in asked}
    assert rest == "not asked: it ran past --timeout 2 s in 3 tasks in a row"


IMPORTS = {
    "raise ValueError('not today')": "importing it raised ValueError: not today",
    "import os; os._exit(7)": "importing it exited with code 7",
    "import time; time.sleep(10**6)": "importing it took more than 3 s",
    "import ctypes; ctypes.string_at(0)": "importing it was killed by SIGSEGV",
}


@pytest.mark.parametrize("text", IMPORTS)
def test_importing_a_file_can_end_nothing_but_itself(
    cases: list[Case], tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.introduced.PATIENCE", 3.0)
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(BackendError) as raised:
        run(cases[:1], ["reference", str(path)])
    assert str(raised.value) == f"{path}: {IMPORTS[text]}"


# parts of a task


def small() -> list[Task]:
    """A scan, and trainings of few steps: one that is stable, one that leaves the range."""
    some = [t for t in trainings() if t.name.endswith(("prediction-float32-4", "3-5-2-sigmoid-prediction-float64-0.1"))]
    assert len(some) == 2
    return [
        Task(scans=(Scan("softplus", "float16"),)),
        *(Task(trainings=(Training(one.start, steps=30),)) for one in some),
    ]


def alone(task: Task, team: Team, names: Sequence[str]) -> list[Result]:
    whole = Part(tuple(names), ("reference-kron", "jax-eager"), whole=True)
    parts = [whole.without(whole.names), *map(whole.only, whole.names)]
    return [work(task, team_of(part, team, {name: name for name in whole.names})) for part in parts]


@pytest.mark.parametrize("number", range(4))
def test_parts_together_are_the_whole(cases: list[Case], number: int) -> None:
    names = ("reference", "torch", "jax")
    team = Team(names, ("reference-kron", "jax-eager"), mistakes=True)
    task = [*small(), tasks(cases)[0]][number]
    whole, parts = work(task, team), alone(task, team, names)
    put = together(task, parts[::-1] if number else parts, (*names, *map(str, team.routes)))
    a, b = (stored(found(its, task, range(len(task.names)), ())) for its in (put, whole))
    assert all(len(rows) > 0 for rows in whole.rows.values())
    if number:  # the parts came in another order
        a["kills"]["matrix"].sort()
        b["kills"]["matrix"].sort()
    assert json.dumps(a) == json.dumps(b)  # in which NaN is NaN
    assert repr(put.rows) == repr(whole.rows) and repr(put.observed) == repr(whole.observed)


def test_smaller_parts_are_files_apart_and_then_everybody() -> None:
    whole = Part(("a", "mine", "b"), ("r",), whole=True)
    rest, mine = whole.smaller(["mine"])
    assert (rest, mine) == (Part(("a", "b"), ("r",), True), Part(("mine",), (), False))
    assert [part.names for part in rest.smaller(["mine"])] == [(), ("a",), ("b",), ("r",)]
    assert mine.smaller(["mine"]) == whole.without(whole.names).smaller(["mine"]) == []
    assert [p.names for p in Part(("mine", "yours"), (), False).smaller(["mine", "yours"])] == [("mine",), ("yours",)]


def test_a_lost_scan_or_training_has_a_row_too() -> None:
    lost, (scan, training, _) = Lost(Verdict.CRASHED, "exited with code 3"), small()
    part = Part(("mine", "blunt"), (), whole=False)
    (rows,) = missing(scan, part, lost, ["mine"]).rows.values()
    assert [(r.backend, r.case, r.verdict, r.detail) for r in rows] == [
        ("mine", "scan-softplus-float16", Verdict.CRASHED, "exited with code 3")
    ]
    (rows,) = missing(training, part, lost, ["mine"]).rows.values()
    assert [r.backend for r in rows] == ["mine", "blunt"]


class Killing(Here):
    """Hands whose first doer of each job that fits is killed by somebody."""

    def __init__(self, fits: Callable[[Part], bool], lost: Lost, times: int) -> None:
        super().__init__()
        self.fits, self.lost, self.times, self.asked = fits, lost, times, [Part((), (), False)][:0]

    def finished(self) -> Any:
        jobs = self._jobs
        while jobs:
            job: Job = jobs.popleft()
            part: Part = job.key[1]  # type: ignore[index]
            self.asked.append(part)
            if self.fits(part) and self.times:
                self.times -= 1
                yield job.key, self.lost
            else:
                function, *arguments = job.call
                yield job.key, function(*arguments)


def supervised(cases: list[Case], its: Killing, people: dict[str, Introduced]) -> dict[int, Result]:
    found: dict[int, Result] = {}
    team = Team(["reference", "reference-neuron"], mistakes=False)
    Supervised(tasks(cases), team, people, its, 1.0).do(range(2), found.__setitem__)
    return found


def test_a_process_that_somebody_else_killed_is_tried_once_more(cases: list[Case]) -> None:
    its = Killing(lambda part: True, Lost(Verdict.CRASHED, "was killed by SIGKILL", outside=True), times=1)
    found = supervised(cases, its, {})
    rows = [row for result in found.values() for rows in result.rows.values() for row in rows]
    assert len(its.asked) == 3 and not any(row.verdict == Verdict.CRASHED for row in rows)


def test_what_we_do_ourselves_may_be_lost_too_and_is_no_pass(cases: list[Case]) -> None:
    its = Killing(lambda part: part.whole, Lost(Verdict.CRASHED, "was killed by SIGSEGV"), times=2)
    found = supervised(cases, its, {})
    assert found[0].lost == ["the mistakes, the readings and what can be seen, of 3 cases: was killed by SIGSEGV"]
    assert found[1].lost == [] and {len(rows) for rows in found[0].rows.values()} == {12}
