"""Which files are loaded, what they may import, and what is said of those that cannot be used."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cases.case import Case
from harness.backends import Evaluation
from harness.candidate import BadCandidate, Runner
from harness.candidate import runner as running
from harness.candidate.opening import open_file

Opened = Callable[..., Runner]
Said = Callable[[Runner, Case], str]
Answered = Callable[[Runner, Case], Evaluation]

NOTHING = "def backprop(x, weights, target, activation, task):\n    return []\n"


@pytest.mark.parametrize("name", ["with space.py", "größe-σ'.py", "numpy.py", "no-ending", "harness.py", "json.py"])
def test_any_name_will_do(opened: Opened, answered: Answered, case: Case, name: str) -> None:
    assert answered(opened("import numpy\nnumpy.float64(1)\n" + NOTHING, name=name), case).gradients == []


def test_a_relative_path_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answered: Answered, case: Case
) -> None:
    (tmp_path / "mine.py").write_text(
        "def backprop(*_):\n    import os\n    os.chdir('/')\n    import neighbour\n    return []"
    )
    (tmp_path / "neighbour.py").touch()
    monkeypatch.chdir(tmp_path)
    with open_file(Path("mine.py")) as runner:
        assert answered(runner, case).gradients == []


def test_files_in_the_working_folder_take_no_modules_place(
    tmp_path: Path, opened: Opened, answered: Answered, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    (tmp_path / "here").mkdir()
    for name in ("numpy", "json", "harness", "math", "helper"):
        (tmp_path / "here" / f"{name}.py").write_text("raise RuntimeError('not this one')\n")
    (tmp_path / "helper.py").touch()
    monkeypatch.chdir(tmp_path / "here")
    assert answered(opened("import numpy, json, math, helper\n" + NOTHING), case).gradients == []


def test_neighbours_are_imported_and_guards_are_not_run(
    tmp_path: Path, opened: Opened, answered: Answered, said: Said, case: Case
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "neighbour.py").write_text("def three():\n    return 3.0\n\ndef fail():\n    raise ValueError('n')\n")
    runner = opened(
        """
        from __future__ import annotations
        import dataclasses, neighbour
        if __name__ == "__main__":
            raise SystemExit
        @dataclasses.dataclass
        class Net:
            loss: float
        def backprop(x, *_):
            return dataclasses.asdict(Net(neighbour.three() if x.shape[1] == 3 else neighbour.fail()))
        """
    )
    assert answered(runner, case).loss == 3
    other = replace(case, x=case.x[:, :1])
    assert said(runner, other) == "crashed: ValueError at neighbour.py:5: n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.py", "neighbour.py", "tests"]  # and no __pycache__


def test_folders_named_like_ours_beside_a_candidate_do_not_take_their_place(
    tmp_path: Path, opened: Opened, answered: Answered, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    for name in ("cases", "reports", "harness", "reference"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not ours')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    runner = opened("import reference.network, reports.verdict, cases.case, harness.engine\n" + NOTHING)
    assert answered(runner, case).gradients == []


BAD = [
    ("def backprop(:\n", "line 1: invalid syntax"),
    ("x = 1\nif x:\ny = 2\n", "line 3: expected an indented block after 'if' statement on line 2"),
    ("1 / 0\n", "importing it raised ZeroDivisionError at mine.py:1: division by zero"),
    (
        "import nowhere_at_all\n",
        "importing it raised ModuleNotFoundError at mine.py:1: No module named 'nowhere_at_all'",
    ),
    ("import sys\nsys.exit('bye')\n", "importing it raised SystemExit at mine.py:2: bye"),
    ("raise KeyboardInterrupt\n", "importing it raised KeyboardInterrupt at mine.py:1"),
    ("import os\nos._exit(0)\n", "importing it ended with exit code 0"),
    (
        "import os, signal\nprint('one'); print('two')\nos.kill(os.getpid(), signal.SIGKILL)\n",
        'importing it was killed by SIGKILL; the last that it printed: "two"',
    ),
    (
        "import os, sys\nos.write(int(sys.orig_argv[-1]), b'3\\n')\n",
        'importing it wrote "3" into the pipe over which it answers',
    ),
    (
        "import os, sys\nos.write(int(sys.orig_argv[-1]), b'{}\\n')\n",
        "importing it wrote into the pipe over which it answers",
    ),
    ("print('hello')\n", "defines no backprop(x, weights, target, activation, task)"),
    (
        "def back_prop(x): pass\n",
        'defines no backprop(x, weights, target, activation, task); did you mean "back_prop"?',
    ),
    ("backprop = 3\n", "backprop is an int, expected a function"),
    (NOTHING + "update = []\n", "update is a list, expected a function"),
    (NOTHING + "accumulates = 'tf32'\n", "accumulates is 'tf32', expected one of format, storage"),
    (NOTHING + "accumulates = 3\n", "accumulates is an int, expected one of format, storage"),
]


@pytest.mark.parametrize(("text", "reason"), BAD, ids=range(len(BAD)))
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, opened: Opened, text: str, reason: str
) -> None:
    with pytest.raises(BadCandidate) as caught:
        opened(text)
    assert str(caught.value) == f"{tmp_path / 'mine.py'}: {reason}"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_bytes(b"\x00\xff\x00")
    with pytest.raises(BadCandidate, match=r"mine\.py: .*null bytes|mine\.py: .*'utf-8'"):
        open_file(tmp_path / "mine.py")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    expected = "expected a Python file that defines backprop(x, weights, target, activation, task)"
    for path, what in ((tmp_path / "no.py", "no such file"), (tmp_path, "not a file")):
        with pytest.raises(BadCandidate) as caught:
            open_file(path)
        assert str(caught.value) == f"{path}: {what}; {expected}"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that nobody can read")
def test_a_file_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadCandidate, match=r"cannot be read: (OSError|PermissionError)"):
        open_file(Path("/proc/self/mem"))


def test_a_file_that_hangs_is_refused_with_its_line(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "START", 1)
    with pytest.raises(BadCandidate, match=r"größe\.py: importing it took more than 1 second at größe\.py:3$"):
        opened("import time\nwhile True:\n    time.sleep(0.01)\n", timeout=1, name="größe.py")


def test_a_file_that_is_broken_later_costs_a_life(tmp_path: Path, opened: Opened, said: Said, case: Case) -> None:
    runner = opened("import os\ndef backprop(*_):\n    os._exit(4)\n")
    assert said(runner, case) == f"crashed: ended with exit code 4 while computing {case.name}"
    (tmp_path / "mine.py").write_text(textwrap.dedent("def backprop(:"))
    assert said(runner, case) == f"crashed: line 1: invalid syntax while computing {case.name}"
