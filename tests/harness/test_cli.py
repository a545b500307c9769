"""The command line: exit codes, messages that name the place, and output for a pipe."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import cli

WRONG = """
from dataclasses import replace
from harness.backends import load

class Mine:
    name = "mine"
    def supports(self, case):
        return None
    def evaluate(self, stack):
        found = load("reference").evaluate(stack)
        gradients = [g.copy() for g in found.gradients]
        gradients[1][0, 2, 1] *= -1
        return replace(found, gradients=gradients)

backend = Mine()
"""

RIGHT = WRONG.replace("*= -1", "*= 1")
RAISING = WRONG.replace("gradients[1][0, 2, 1] *= -1", "raise ValueError('kernel broke')")

ONE = "slide-3-5-2-relu-prediction-float64"


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


@pytest.fixture
def gradproof(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Result]:
    """Return a function: the command line, run in this process from an empty folder, its output a pipe."""
    monkeypatch.chdir(tmp_path)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))

    def call(*words: str) -> Result:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["gradproof", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        code = left.value.code
        captured = capsys.readouterr()
        assert code is None or isinstance(code, int)
        return Result(code or 0, captured.out, captured.err)

    return call


# exit codes


def test_all_agree_is_0_and_writes_a_run_folder(gradproof: Callable[..., Result], tmp_path: Path) -> None:
    found = gradproof("run", "slide-3-5-2", "--out", "there")
    assert found.code == 0, found.out
    about = json.loads((tmp_path / "there/run.json").read_text())
    assert about["sentence"].startswith("8 cases on 14 backends: all agree")
    assert (about["exit_code"], about["failures"], about["cases"]) == (0, [], 8)
    assert about["backends"] == ["reference", "torch", "jax", *about["routes"]] and len(about["routes"]) == 11
    rows = [json.loads(line) for line in (tmp_path / "there/results.jsonl").read_text().splitlines()]
    assert len(rows) == 8 * 14 * 6 - 4 * (6 - 1), (
        "complex-step says of each ReLU case in one row that it is not analytic"
    )
    assert not {"reading-sign", "reading-outer"} & {row["backend"] for row in rows}


def test_a_planted_wrong_backend_is_1_and_the_message_names_the_place(
    gradproof: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "wrong.py").write_text(WRONG)
    found = gradproof("run", ONE, "--backend", "wrong.py", "--backend", "reference", "--out", "o")
    assert found.code == 1
    assert "discrepancies in 1 case, by mine." in found.out
    (line,) = [line for line in found.out.splitlines() if "FAILED" in line]
    assert all(part in line for part in (ONE, "mine", "gradient, layer 2, index [2, 1]", "violation"))
    failures = json.loads((tmp_path / "o/run.json").read_text())["failures"]
    assert [(f["case"], f["backend"]) for f in failures] == [(ONE, "mine")]
    assert failures[0]["reason"].startswith("violation: gradient of layer 2: 1 of 10 entries; at [2, 1] ")


def test_the_same_file_made_right_is_0(gradproof: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(RIGHT)
    assert gradproof("run", ONE, "--backend", "right.py", "--out", "o").code == 0


def test_a_backend_that_raises_is_3_and_its_words_are_shown(gradproof: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "raising.py").write_text(RAISING)
    found = gradproof("run", ONE, "--backend", "raising.py", "--out", "o")
    assert found.code == 3
    assert "ValueError at raising.py:" in found.out and "kernel broke" in found.out


def test_a_missing_required_backend_is_3_and_named(
    gradproof: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "harness.backends.jax", None)
    found = gradproof("run", ONE, "--out", "o")
    assert found.code == 3
    assert "incomplete, for want of jax" in found.out


BAD_BACKENDS = {
    "does-not-parse": ("x = (", "SyntaxError"),
    "raises": ("raise ValueError('not today')", "ValueError: not today"),
    "leaves": ("import sys; sys.exit(0)", "SystemExit"),
    "defines-nothing": ("x = 1", "must define `backend`"),
    "defines-something-else": ("backend = 3", "must define `backend`"),
}


@pytest.mark.parametrize("fault", BAD_BACKENDS)
def test_a_bad_backend_file_is_2_and_a_sentence(gradproof: Callable[..., Result], tmp_path: Path, fault: str) -> None:
    content, words = BAD_BACKENDS[fault]
    (tmp_path / "bad.py").write_text(content)
    found = gradproof("run", ONE, "--backend", "bad.py", "--out", "o")
    assert found.code == 2
    assert found.err.startswith("gradproof: bad.py: ") and words in found.err
    assert "Traceback" not in found.err and len(found.err.splitlines()) == 1


USAGE = {
    "no-such-case": (["run", "slyde-3-5-2"], 'selects no case; the nearest names: slide-3-5-2, '),
    "no-such-tag": (["run", "tag:slide"], "tag:slides"),
    "no-such-dtype": (["run", "--dtype", "float31"], 'did you mean "float32"?'),
    "no-such-backend": (["run", "--backend", "touch"], "no backend is called 'touch'; there are reference, "),
    "no-such-backend-file": (["run", "--backend", "no.py"], "no.py: no such file"),
    "no-such-file": (["run", "--cases", "no.toml"], "no.toml: found no such file"),
    "no-such-file-to-check": (["check", "no.toml"], "no.toml: found no such file"),
    "no-such-case-to-show": (["show", "nothing-like-it"], "selects no case"),
    "no-such-option": (["run", "--bachend", "torch"], "No such option"),
    "no-such-command": (["ran"], "No such command"),
    "no-such-list": (["list", "everything"], "is not one of"),
}  # fmt: skip


@pytest.mark.parametrize("usage", USAGE)
def test_bad_usage_is_2_and_says_what_there_is(gradproof: Callable[..., Result], tmp_path: Path, usage: str) -> None:
    words, expected = USAGE[usage]
    found = gradproof(*words)
    assert found.code == 2
    assert expected in found.err
    assert "Traceback" not in found.err and found.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_case_file_in_disorder_is_2_with_every_fault_and_no_traceback(
    gradproof: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "one.toml").write_text("x = [")
    (tmp_path / "two.toml").write_text('[[case]]\nname = "a b"\nactivation = "rellu"\n')
    for command in (["run", "--cases", "one.toml", "--cases", "two.toml"], ["check", "one.toml", "two.toml"]):
        found = gradproof(*command)
        assert found.code == 2
        assert "one.toml: line 1" in found.err and "two.toml: case[0]" in found.err and "rellu" in found.err
        assert "Traceback" not in found.err


def test_two_backends_of_one_name_are_2(gradproof: Callable[..., Result], tmp_path: Path) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(RIGHT)
    found = gradproof("run", ONE, "--backend", "one.py", "--backend", "two.py", "--out", "o")
    assert found.code == 2 and "two backends are both called mine" in found.err


@pytest.mark.parametrize("name", ["torch", "jax-mine", "reading-sign", "reference"])
def test_a_name_of_ours_is_2(gradproof: Callable[..., Result], tmp_path: Path, name: str) -> None:
    (tmp_path / "twin.py").write_text(RIGHT.replace('"mine"', f'"{name}"'))
    found = gradproof("run", ONE, "--backend", "twin.py", "--out", "o")
    assert found.code == 2 and f"the name {name!r} belongs to a backend of ours" in found.err


def test_a_backend_that_covers_nothing_is_3(gradproof: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "shy.py").write_text(RIGHT + "\nbackend.__class__.supports = lambda self, case: 'never'\n")
    found = gradproof("run", ONE, "--backend", "shy.py", "--out", "o")
    assert found.code == 3 and "compared nothing" in found.out


# output


def test_output_to_a_pipe_is_neither_wrapped_nor_cut_nor_coloured(
    gradproof: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("FORCE_COLOR", "1")
    for command in (["list", "cases"], ["run", ONE, "--backend", "reference", "--out", "o"], ["list", "backends"]):
        found = gradproof(*command)
        assert found.code == 0
        assert "\x1b" not in found.out and "…" not in found.out.replace("N_0 … N_L", "")
        assert max(map(len, found.out.splitlines())) > 100
    names = [line.split()[0] for line in gradproof("list", "cases").out.splitlines()[1:]]
    assert ONE in names and len(names) == len(set(names))


def test_list_takes_patterns(gradproof: Callable[..., Result]) -> None:
    assert all(line.startswith("slide") for line in gradproof("list", "cases", "slide*").out.splitlines()[1:])
    backends = gradproof("list", "backends", "torch*", "jax").out.splitlines()[1:]
    assert {line.split()[0] for line in backends} >= {"torch", "torch-func", "jax"}
    assert not any(line.startswith("jax-") for line in backends)
    found = gradproof("list", "mistakes", "nothing")
    assert found.code == 2 and "none of the mistakes fits 'nothing'; nearest: nothing-averaged" in found.err
    assert gradproof("list", "cases", "zzz").code == 2


def test_quick_runs_the_quick_cases_only(gradproof: Callable[..., Result], tmp_path: Path) -> None:
    assert gradproof("run", "--quick", "--backend", "reference", "--out", "o").code == 0
    quick = json.loads((tmp_path / "o/run.json").read_text())["cases"]
    assert 0 < quick < len(gradproof("list", "cases").out.splitlines()) - 1


def test_fuzz_is_0_where_nothing_leaves_its_bound(gradproof: Callable[..., Result]) -> None:
    found = gradproof("fuzz", "--cases", "4", "--seed", "3")
    assert found.code == 0 and "0 rows outside the bound" in found.out


def test_help_states_the_exit_codes_and_the_commands(gradproof: Callable[..., Result]) -> None:
    text = " ".join(gradproof("--help").out.split())
    for words in ("0 all agree", "1 a discrepancy", "2 bad usage, bad file, nothing selected", "3 incomplete"):
        assert words in text
    assert all(command in text for command in ("run", "list", "show", "check", "fuzz"))
