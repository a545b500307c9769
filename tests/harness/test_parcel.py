"""A run holds no rows: what is kept of its tasks comes together in order, and is what it would have held."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cases.case import Case
from cases.loader import load
from harness.backends.reference import readings
from harness.commands.run import command
from harness.engine import CASES_A_TASK, STACKS_A_TASK, Team, tasks, work
from harness.found import Found, found
from harness.journal import JOURNAL, Journal
from harness.parcel import Packing, packed, unpacked
from harness.run import certify, run
from harness.stored import stored
from harness.tally import Tally
from reports.record import HEAD, read
from reports.stored import written

HOME = Path(__file__).parents[2]

FAMILY = """[[family]]
name = "drawn"
layers = [[2, 3, 2], [3, 2]]
activation = ["sigmoid", "relu"]
task = ["classification", "prediction"]
batch = [1]
draws = 3
seed = 7
"""


@pytest.fixture
def family(tmp_path: Path) -> Path:
    path = tmp_path / "family.toml"
    path.write_text(FAMILY)
    return path


def wrong(draw: Callable[..., Case]) -> list[Case]:
    """Cases of three structures, in turns, one of which expects what it is not."""
    its = [replace(draw(2, 3, 2, alpha=0.1 * (1 + n % 3)), name=f"case-{n}") for n in range(9)]
    return [replace(case, expect="violation") if n == 4 else case for n, case in enumerate(its)]


def test_what_is_kept_comes_in_the_order_of_the_catalogue(
    family: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.engine.CASES_A_TASK", 4)
    cases = load([family])
    assert len(tasks(cases)) == 8
    expected = run(cases, ["reference", "torch"])
    lines, table = written(expected.rows)
    for workers in (1, 2):
        out = tmp_path / str(workers)
        assert command((), (family,), ("reference", "torch"), (), "cpu", out, quick=False, workers=workers) == 0
        assert (out / "results.jsonl").read_bytes() == lines
        assert (out / "results.csv").read_bytes() == HEAD + table
        assert repr(tuple(read(out).rows)) == repr(expected.rows)


def test_the_answer_alone_is_the_same(draw: Callable[..., Case]) -> None:
    cases = wrong(draw)
    assert certify(cases, ["reference", "torch"]) == run(cases, ["reference", "torch"]).answer
    assert [failure.case for failure in certify(cases, ["reference"]).failures] == ["case-4"]
    told: list[tuple[int, int]] = []
    certify(cases, ["reference"], progress=lambda *its: told.append(its))
    assert [sum(its) for its in zip(*told, strict=True)] == [9, 1]


def test_in_whatever_order_tasks_end_the_same_is_found(draw: Callable[..., Case], monkeypatch: Any) -> None:
    monkeypatch.setattr("harness.engine.STACKS_A_TASK", 1)
    cut = tasks([*wrong(draw), *(replace(draw(3, 2, seed=n), name=f"more-{n}") for n in range(3))])
    team = Team(["reference"], observers=readings)
    assert len(cut) == 4

    def parts() -> list[Found]:
        return [found(work(task, team), task, [10 * n + k for k in range(task.size)], ()) for n, task in enumerate(cut)]

    def put(order: list[int]) -> str:
        tally, its = Tally(), parts()
        for number in order:
            tally.add(number, its[number])
        return json.dumps(stored(tally.found))

    order = list(range(4))
    expected = put(order)
    for seed in range(3):
        random.Random(seed).shuffle(order)
        assert put(order) == expected


def test_a_task_has_so_many_cases_at_most_and_one_stack_at_least(draw: Callable[..., Case]) -> None:
    one = draw(2, 2)
    cases = [replace(one, name=f"{n}", learning_rate=0.1 + n % 40) for n in range(4000)]
    cut = tasks(cases)
    assert [case.name for task in cut for case in task.cases] != [case.name for case in cases]
    assert sorted(case.name for task in cut for case in task.cases) == sorted(case.name for case in cases)
    assert all(task.size <= CASES_A_TASK and len(task.stacks) <= STACKS_A_TASK for task in cut)
    assert len(cut) == 8
    (whole,) = tasks([replace(case, learning_rate=0.1) for case in cases[:512]])
    assert whole.size == 512


def test_texts_in_a_journal_are_read_one_by_one(tmp_path: Path, draw: Callable[..., Case]) -> None:
    (task,) = tasks(wrong(draw)[:3])
    result = work(task, Team(["reference"]))
    parcel = packed(result, task, Packing((0, 1, 2), (), keep=True))
    texts = [written(result.rows[name]) for name in task.names]
    assert list(map(unpacked, parcel.texts)) == texts
    for resume in (False, True):
        with Journal(tmp_path, {"journal": 1, **{key: {} for key in WHAT}}, resume) as journal:
            journal.begin()
            if not resume:
                journal.add("certificate", {"texts": "are none"})
                journal.add_packed("7", parcel.json, parcel.texts)
                journal.add_packed("8", parcel.json, [b"other"])
            assert [unpacked(journal.text("7", n)) for n in (2, 0, 1)] == [texts[2], texts[0], texts[1]]
            assert journal.text("8", 0) == b"other"
            assert journal.get("certificate") == {"texts": "are none"}
            assert json.dumps(journal.get("7")) == json.dumps(json.loads(json.dumps(stored(parcel.found))))
    assert (tmp_path / JOURNAL).read_bytes().count(b"\n") == 4


WHAT = ("cases", "files", "versions", "scans", "backends", "routes", "cut", "proof", "machine")


def test_a_run_with_workers_imports_no_framework(family: Path, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom harness.cli import main\n"
        "try: main()\n"
        "finally: print(sorted({'torch', 'jax', 'autograd', 'pandas'} & {*sys.modules}), file=sys.stderr)\n"
    )
    words = f"run slide-3-5-2 --workers 2 --out {tmp_path / 'out'}".split()
    its = subprocess.run([sys.executable, "-c", program, *words], cwd=HOME, capture_output=True, text=True, timeout=300)
    assert its.returncode == 0, its.stderr
    assert its.stderr.splitlines()[-1] == "[]"
    assert json.loads((tmp_path / "out" / "terms.json").read_text())["cases"][0]["backends"][:3] == [
        "reference", "torch", "jax",
    ]  # fmt: skip
