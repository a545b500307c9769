"""Small candidates, written and opened for one test, and what their processes are up to."""

from __future__ import annotations

import os
import shlex
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cases.case import Case
from harness.backends import Evaluation
from harness.candidate import Runner
from harness.candidate.opening import open_command, open_file
from harness.check import Attempt, Refusal

IMPORTS = "import os\nimport signal\nimport sys\nimport time\nimport numpy as np\n\n"
ARGUMENTS = "(x, weights, target, activation, task):\n"


@dataclass(frozen=True)
class Choice:
    """A candidate of many bodies, and the line on which each begins; the last returns the weights."""

    runner: Runner
    lines: list[int]

    def ask(self, case: Case, number: int) -> Attempt:
        return self.runner.ask(replace(case, activation=str(number)))


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a candidate's process finds is what we give it, not what the tests happen to run with."""
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        monkeypatch.delenv(name)


@pytest.fixture
def case(draw: Callable[..., Case]) -> Case:
    """A network 3-4-5 on two samples: no shape equals another, transposed or not."""
    return draw(3, 4, 5, activation="relu", task="prediction")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Runner]]:
    """Return a function: open a candidate file that holds this text; it is closed after the test."""
    runners: list[Runner] = []

    def make(text: str, timeout: float = 10, name: str = "mine.py") -> Runner:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        runners.append(open_file(path, timeout))
        return runners[-1]

    yield make
    for runner in runners:
        runner.close()


@pytest.fixture
def calling(opened: Callable[..., Runner]) -> Callable[..., Runner]:
    """Return a function: open a candidate whose backprop has this body; its first line is line 8."""

    def make(body: str, timeout: float = 10) -> Runner:
        return opened(f"{IMPORTS}def backprop{ARGUMENTS}" + textwrap.indent(textwrap.dedent(body), "    "), timeout)

    return make


@pytest.fixture(scope="module")
def choosing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Choice]]:
    """Return a function: open one candidate with several bodies; a case's activation is the number of its body.

    It is the same candidate when the same bodies are asked for again, so that each call comes after another.
    """
    made: dict[tuple[str, ...], Choice] = {}

    def make(bodies: Sequence[str]) -> Choice:
        if tuple(bodies) not in made:
            text, lines = IMPORTS, []
            for number, body in enumerate([*bodies, "return [w + 0 for w in weights]"]):
                text += f"def call_{number}{ARGUMENTS}"
                lines.append(text.count("\n") + 1)
                text += textwrap.indent(body, "    ") + "\n\n"
            text += f"def backprop{ARGUMENTS}"
            text += "    return globals()['call_' + activation](x, weights, target, activation, task)\n"
            path = tmp_path_factory.mktemp("choice") / "mine.py"
            path.write_text(text, encoding="utf-8")
            made[tuple(bodies)] = Choice(open_file(path), lines)
        return made[tuple(bodies)]

    yield make
    for choice in made.values():
        choice.runner.close()


@pytest.fixture
def speaking(tmp_path: Path) -> Iterator[Callable[..., Runner]]:
    """Return a function: open a program that does this to each request ``r``, a dict, and prints what it makes."""
    runners: list[Runner] = []

    def make(body: str, timeout: float = 10) -> Runner:
        path = tmp_path / "a program.py"
        loop = "import json, os, sys, time\nfor line in iter(sys.stdin.readline, ''):\n    r = json.loads(line)\n"
        path.write_text(loop + textwrap.indent(textwrap.dedent(body), "    "), encoding="utf-8")
        runners.append(open_command(shlex.join([sys.executable, str(path)]), timeout))
        return runners[-1]

    yield make
    for runner in runners:
        runner.close()


@pytest.fixture
def said() -> Callable[[Runner, Case], str]:
    """Return a function: ask, and give verdict and reason as ``crashed: …``."""

    def ask(runner: Runner, case: Case) -> str:
        found = runner.ask(case)
        assert isinstance(found, Refusal), found
        return f"{found.verdict}: {found.reason}"

    return ask


@pytest.fixture
def answered() -> Callable[[Runner, Case], Evaluation]:
    """Return a function: ask, and give the result, which there must be."""

    def ask(runner: Runner, case: Case) -> Evaluation:
        found = runner.ask(case)
        assert isinstance(found, Evaluation), found
        return found

    return ask


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Return a function: whether the process of this number ends within a second; a zombie has ended."""

    if sys.platform != "linux":
        pytest.skip("looks into /proc")

    def look(pid: int) -> bool:
        for _ in range(100):
            try:
                state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            except (FileNotFoundError, ProcessLookupError):
                return True
            if state == "Z":
                return True
            time.sleep(0.01)
        return False

    return look
