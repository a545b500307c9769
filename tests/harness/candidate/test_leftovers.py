"""Nothing is left: no process, no descriptor, however a candidate or we ourselves end."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cases.case import Case
from harness.backends import Evaluation
from harness.candidate import Runner, process
from harness.candidate.file import words
from harness.candidate.opening import open_file
from harness.candidate.wire import packed

Opened = Callable[..., Runner]
Gone = Callable[[int], bool]

STARTS = """
    import subprocess
    open("{file}", "w").write(str(subprocess.Popen(["sleep", "600"]).pid))
    {then}
    """


@pytest.mark.parametrize("then", ["while True: pass", "os._exit(1)", "os.kill(os.getpid(), 9)", "return []"])
def test_what_it_started_is_ended_too(tmp_path: Path, calling: Opened, gone: Gone, case: Case, then: str) -> None:
    file = tmp_path / "pid"
    runner = calling(STARTS.format(file=file, then=then), timeout=0.5)
    begun = time.monotonic()
    runner.ask(case)
    runner.close()
    assert time.monotonic() - begun < 10
    assert gone(int(file.read_text()))


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def own_children() -> set[int]:
    return {int(word) for word in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_nothing_is_left_after_closing(calling: Opened, case: Case) -> None:
    before, children = descriptors(), own_children()
    for body in ("return []", "os._exit(1)", "while True: pass", "os.kill(os.getpid(), 9)"):
        with calling(body, timeout=0.2) as runner:
            runner.ask(case)
            runner.ask(case)
        runner.close()
    assert descriptors() == before
    assert own_children() <= children


def test_a_runner_that_is_closed_is_not_asked(calling: Opened, case: Case) -> None:
    runner = calling("return []")
    runner.close()
    with pytest.raises(ValueError, match="mine is closed"):
        runner.ask(case)


def test_a_runner_that_is_forgotten_ends_its_process(tmp_path: Path, case: Case, gone: Gone) -> None:
    (tmp_path / "mine.py").write_text("import os\ndef backprop(*_):\n    return {'loss': os.getpid()}\n")
    runner = open_file(tmp_path / "mine.py")
    found = runner.ask(case)
    assert isinstance(found, Evaluation)
    del runner
    gc.collect()
    assert gone(int(found.loss))


@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_runner_is_closed(
    calling: Opened, case: Case, gone: Gone, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    runner = calling("return {'loss': os.getpid()}")
    found = runner.ask(case)
    assert isinstance(found, Evaluation)

    def interrupted(*_: object) -> bytes:
        raise kind

    children = own_children()
    monkeypatch.setattr(process.Process, "exchange", interrupted)
    with pytest.raises(kind):
        runner.ask(case)
    assert gone(int(found.loss))
    with pytest.raises(ValueError, match="mine is closed"):
        runner.ask(case)
    with pytest.raises(kind) as kept:  # what it keeps alive must not keep a process alive
        calling("return []")
    assert own_children() < children
    del kept


SCRIPT = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests may run where it is ignored, as in a shell's &
from pathlib import Path
from cases.case import make_case
from harness.candidate.opening import open_file
runner = open_file(Path("mine.py"), timeout=60)
runner.ask(make_case("a", "relu", "prediction", "float64", [[1.0]], [[1.0]], [[[1.0]]]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda n: n.name)
def test_nothing_is_left_when_we_are_interrupted(tmp_path: Path, gone: Gone, number: signal.Signals) -> None:
    body = "time.sleep(60)" if number == signal.SIGINT else "sys.stdin.readline()"
    (tmp_path / "mine.py").write_text(
        "import os, sys, time\n"
        "def backprop(*_):\n"
        "    open('pid.new', 'w').write(str(os.getpid()))\n"
        "    os.rename('pid.new', 'pid')\n"
        f"    {body}\n"
        "    return []\n"
    )
    script = SCRIPT if number == signal.SIGINT else SCRIPT + "import time\ntime.sleep(60)\n"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as us:
        while not (tmp_path / "pid").exists():
            time.sleep(0.01)
            assert us.poll() is None
        us.send_signal(number)
        us.wait(10)
    assert gone(int((tmp_path / "pid").read_text()))


def test_should_we_have_died_its_process_ends_itself(tmp_path: Path) -> None:
    (tmp_path / "import.py").write_text("import time\ntime.sleep(60)\n")
    (tmp_path / "call.py").write_text("import time\ndef backprop(x, *_):\n    time.sleep(60 * x)\n    return []\n")
    request = {"n": 0, "weights": [], "activation": "", "task": "", "dtype": "float64", "target": packed(np.ones(1))}
    quick, slow = (json.dumps(request | {"x": packed(np.array(x))}).encode() + b"\n" for x in (0.0, 1.0))
    for name, lines in (("import.py", []), ("call.py", [quick, slow])):
        child = process.Process(words(str(tmp_path / name), 1), private=True)
        try:
            for line in [b"", *lines][: len(lines)]:
                assert b"refusal" not in child.exchange(line, 30, 2**20)
                time.sleep(1.2 * (line == b""))  # while it is not asked, it waits
            with pytest.raises(process.Stopped, match=r"^was killed by SIGALRM$"):
                child.exchange(lines[-1] if lines else b"", 30, 2**20)
        finally:
            child.kill()
