"""`gradproof diff` on the command line: exit codes, what is written; a planted deviation is named, and it alone."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import cli
from harness.commands.run import command as run

Call = Callable[..., tuple[int, str, str]]

MINE = """
from dataclasses import replace
from harness.backends import load

class Mine:
    name = "mine"
    def supports(self, case):
        return None
    def evaluate(self, stack):
        found = load("reference").evaluate(stack)
        gradients = [g.copy() for g in found.gradients]
        if stack.first.activation == "relu" and stack.first.dtype == "float32":
            gradients[1][..., 2, 1] *= FACTOR
        return replace(found, gradients=gradients)

backend = Mine()
"""


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function: the command line, run in this process."""

    def words(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["gradproof", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capsys.readouterr()
        assert left.value.code is None or isinstance(left.value.code, int)
        return left.value.code or 0, out, err

    return words


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two runs of somebody's own backend; in the second one entry of ΔW is wrong for ReLU in float32."""
    folder = tmp_path_factory.mktemp("runs")
    for name, factor in (("a", "1"), ("b", "1.001")):
        (folder / "mine.py").write_text(MINE.replace("FACTOR", factor))
        code = run(("slide-3-5-2",), (), (str(folder / "mine.py"),), (), "cpu", folder / name, False, None)
        assert code == (name == "b")
    return folder / "a", folder / "b"


def test_a_planted_deviation_is_named_exactly(call: Call, runs: tuple[Path, Path], tmp_path: Path) -> None:
    code, out, _ = call("diff", *runs, "--out", tmp_path / "d")
    assert code == 1
    assert "2 changes for the worse, by mine; 0 merely different; 0 better." in out
    with (tmp_path / "d/diff.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {(r["case"], r["quantity"], r["layer"]) for r in rows} == {
        (f"slide-3-5-2-relu-{task}-float32", "gradient", "2") for task in ("classification", "prediction")
    }
    assert {(r["direction"], r["backend"], r["verdict_b"]) for r in rows} == {("worse", "mine", "violation")}
    assert (tmp_path / "d/diff.md").read_text().startswith("# ❌ 2 changes for the worse, by mine")


def test_the_other_way_round_it_is_better_and_itself_is_nothing(call: Call, runs: tuple[Path, Path]) -> None:
    code, out, _ = call("diff", *reversed(runs))
    assert code == 0 and "0 changes for the worse; 0 merely different; 2 better." in out
    code, out, _ = call("diff", runs[1], runs[1])
    assert code == 0 and out.endswith("Nothing changed.\n") and "written" not in out


def test_a_run_of_an_older_version_is_read(call: Call, runs: tuple[Path, Path], tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copytree(runs[0], older)
    path = older / "results.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        del row["from_gradient"], row["from_arithmetic"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, out, _ = call("diff", older, runs[1])
    assert code == 1 and "2 changes for the worse, by mine; 0 merely different; 0 better." in out


def test_what_is_no_run_folder_is_2_and_a_sentence(call: Call, runs: tuple[Path, Path], tmp_path: Path) -> None:
    for folders in ((runs[0], tmp_path), (tmp_path / "nowhere", runs[0])):
        code, out, err = call("diff", *folders)
        assert code == 2 and out == "" and "is it a run folder?" in err and err.count("\n") == 1
    assert call("diff", runs[0])[0] == 2


def test_in_github_actions_what_is_worse_is_annotated(
    call: Call, runs: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    out = call("diff", *runs)[1]
    lines = [line for line in out.splitlines() if line.startswith("::")]
    assert lines and all(line.startswith("::error title=") and "mine" in line for line in lines)
    assert (tmp_path / "summary").read_text().startswith("# ❌ 2 changes for the worse")


def test_a_run_in_github_actions_annotates_too(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text(MINE.replace("FACTOR", "-1"))
    words = ("run", "slide-3-5-2-relu-*", "--backend", tmp_path / "mine.py", "--out", tmp_path / "o")
    assert "::" not in "".join(line[:2] for line in call(*words)[1].splitlines())
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    lines = [line for line in call(*words)[1].splitlines() if line.startswith("::")]
    assert len(lines) == 2 and all("slide-3-5-2-relu-" in line and "gradient, layer 2" in line for line in lines)
    assert (tmp_path / "summary").read_text() == (tmp_path / "o/summary.md").read_text()
    assert (tmp_path / "o/junit.xml").read_text().count("<failure") == 2
