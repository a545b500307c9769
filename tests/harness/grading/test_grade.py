"""`gradproof grade` as its users call it: exit codes, sentences, conventions, what is printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cases.loader import load
from harness.commands import UserError
from harness.commands.grade import command
from harness.commands.list import command as list_command

ROOT = Path(__file__).parents[2] / "candidates"


def grade(file: Path | None = None, **options: Any) -> int:
    plain: dict[str, Any] = {
        "program": None, "files": (), "dtypes": (), "every": False, "conventions": (), "timeout": 10.0
    }  # fmt: skip
    return command(file, **{**plain, **options})


@pytest.fixture
def kinked(tmp_path: Path) -> Path:
    """A case file with one unit exactly on the kink of ReLU."""
    path = tmp_path / "kinked.toml"
    path.write_text(
        '[[case]]\nname = "kinked"\nactivation = "relu"\ntask = "prediction"\ninput = [[1.0]]\ntarget = [[1.0]]\n'
        "weights = [[[0.0]], [[0.5]]]\n"
    )
    return path


@pytest.fixture
def right_slope(tmp_path: Path) -> Path:
    """A candidate for ReLU with one hidden layer, whose slope at 0 is 1."""
    path = tmp_path / "right_slope.py"
    path.write_text(
        "import numpy as np\n"
        "def backprop(x, weights, target, activation, task):\n"
        "    if (activation, task, len(weights)) != ('relu', 'prediction', 2):\n"
        "        raise NotImplementedError('relu, prediction, one hidden layer')\n"
        "    I = x @ weights[0]\n"
        "    h = np.maximum(I, 0)\n"
        "    delta = 2 * (h @ weights[1] - target) / target.size\n"
        "    return [x.T @ ((delta @ weights[1].T) * (I >= 0)), h.T @ delta]\n"
    )
    return path


def test_a_legal_slope_that_is_not_the_decks_is_refused_in_these_words(
    kinked: Path, right_slope: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grade(right_slope, files=(kinked,)) == 1
    out = capsys.readouterr().out
    assert "a legal subgradient, but not the listed one" in out and "slope-1-at-kink" in out
    assert grade(right_slope, files=(kinked,), conventions=("relu=right",)) == 0


@pytest.mark.parametrize("text", ["relu", "relu=", "relu=up", "rely=left", "=left", ""])
def test_a_convention_that_is_none_says_what_may_be_written(text: str, right_slope: Path) -> None:
    with pytest.raises(UserError, match="ACTIVATION=MEMBER"):
        grade(right_slope, conventions=(text,))


@pytest.mark.parametrize("what", [{}, {"file": Path("a.py"), "program": "a"}])
def test_a_candidate_is_a_file_or_a_program(what: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="--command"):
        grade(**what)


def test_what_cannot_be_run_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        grade(tmp_path / "nowhere.py")
    with pytest.raises(UserError, match="nowhere-at-all"):
        grade(program="nowhere-at-all")


def test_what_is_to_be_pasted_is_a_case_file_that_shows_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grade(ROOT / "wrong" / "error_turned_round.py", dtypes=("float64",)) == 1
    out = capsys.readouterr().out
    block = out.split("Ready to paste into a case file")[1].split("\n", 1)[1].split("Ready to paste into Python")[0]
    path = tmp_path / "again.toml"
    path.write_text("\n".join(line.strip() for line in block.splitlines()))
    (case,) = load([path])
    assert f"The smallest case that shows it: {case.name}" in out
    assert grade(ROOT / "wrong" / "error_turned_round.py", files=(path,)) == 1
    assert "wrong-sign" in capsys.readouterr().out
    assert grade(ROOT / "right" / "einsum.py", files=(path,)) == 0


def test_what_is_to_be_pasted_into_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(ROOT / "wrong" / "climbs.py", dtypes=("float32",)) == 1
    snippet = capsys.readouterr().out.split("Ready to paste into Python\n")[1]
    called: list[Any] = []
    exec("\n".join(line[2:] for line in snippet.splitlines()), {"backprop": lambda *given: called.append(given)})
    x, weights, target, _, task = called[0]
    assert x.dtype == "float32" and target.shape[0] == x.shape[0] and task in ("classification", "prediction")
    assert weights[0].shape[0] == x.shape[1]


def test_nothing_covered_is_incomplete(capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(ROOT / "misbehaving" / "covers_nothing.py") == 3
    assert "covers none" in capsys.readouterr().out


def test_the_list_of_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert list_command("mistakes", ()) == 0
    out = capsys.readouterr().out
    assert "updated-weights" in out and "finish all Δ and ΔW before any weight is changed" in out


def test_a_function_that_wants_the_learning_rate_is_given_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, cases = tmp_path / "linear.py", tmp_path / "rate.toml"
    cases.write_text(
        '[[case]]\nname = "rate"\nactivation = "identity"\ntask = "prediction"\nlearning_rate = 0.7\n'
        "input = [[1.0, 2.0]]\ntarget = [[1.0]]\nweights = [[[0.25], [0.5]]]\n"
    )
    text = (
        "def backprop(x, weights, target, activation, task, *, learning_rate):\n"
        "    dW = 2 * x.T @ (x @ weights[0] - target) / target.size\n"
        "    return {'gradients': [dW], 'updated': [weights[0] - learning_rate * dW]}\n"
    )
    path.write_text(text)
    assert grade(path, files=(cases,)) == 0
    path.write_text(text.replace("- learning_rate", "- 0.1"))
    assert grade(path, files=(cases,)) == 1
    capsys.readouterr()


def test_what_was_not_returned_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "forward.py"
    path.write_text(
        "def backprop(x, weights, target, activation, task):\n"
        "    if activation != 'identity' or task != 'prediction': raise NotImplementedError('identity')\n"
        "    for w in weights: x = x @ w\n"
        "    return {'output': x}\n"
    )
    assert grade(path, dtypes=("float64",)) == 0
    out = capsys.readouterr().out
    assert "gradients were returned on 0 of" in out and "that it covers, of" in out
