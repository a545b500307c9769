"""Worker processes: whatever a call does to its process, the answer says it, and the other calls are done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.crew import Crew, hands
from harness.hands import Here, Job, Lost, Raised, WorkerDied, spread
from harness.limits import LEAST, gigabytes
from reports.verdict import Verdict

MODULES = "import ctypes, os, signal, sys, time\n"


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(2) as its:
        yield its


def job(text: str, key: str = "it", seconds: float | None = 60.0) -> Job:
    """A call that executes ``text`` in the worker."""
    return Job(key, (exec, MODULES + text), seconds=seconds)


def beside(crew: Crew, its: Job) -> Any:
    """What comes of a job; others, asked for before and after it, are done as ever."""
    for each in (Job(1, (pow, 2, 10)), its, Job(2, (pow, 3, 2)), Job(3, (os.getenv, "OMP_NUM_THREADS"))):
        crew.put(each)
    found = dict(crew.finished())
    assert (found[1], found[2], found[3]) == (1024, 9, "1")
    return found[its.key]


ENDS = {
    "exits": ("os._exit(3)", "exited with code 3"),
    "exits well": ("os._exit(0)", "exited with code 0"),
    "segfaults": ("ctypes.string_at(0)", "was killed by SIGSEGV"),
    "aborts": ("os.abort()", "was killed by SIGABRT"),
    "hangs up": ("os.closerange(3, 100); time.sleep(60)", "closed the pipe over which it answers"),
    "writes words into the pipe": (
        "[os.write(n, b'hello, worker') for n in range(3, 100) if os.path.exists(f'/proc/self/fd/{n}') "
        "and os.readlink(f'/proc/self/fd/{n}').startswith('socket')]; time.sleep(60)",
        "wrote into the pipe over which it answers",
    ),
    "writes into the pipe": (
        "[os.write(n, b'\\2' + b'\\0' * 7 + b'no') for n in range(3, 100) if os.path.exists(f'/proc/self/fd/{n}') "
        "and os.readlink(f'/proc/self/fd/{n}').startswith('socket')]; time.sleep(60)",
        "wrote into the pipe over which it answers",
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_call_that_ends_its_process_costs_itself(crew: Crew, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.worker.GRACE", 0.5)
    text, said = ENDS[how]
    assert beside(crew, job(text)) == Lost(Verdict.CRASHED, said)


def test_a_kill_from_outside_is_told_apart(crew: Crew) -> None:
    found = beside(crew, job("os.kill(os.getpid(), signal.SIGKILL)"))
    assert found == Lost(Verdict.CRASHED, "was killed by SIGKILL", outside=True)


@pytest.mark.parametrize("stubborn", ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork(); "])
def test_a_call_that_hangs_is_killed_with_all_that_it_started(crew: Crew, stubborn: str, tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    found = beside(crew, job(f"{stubborn}\nwhile True: time.sleep(0.1); open({str(mark)!r}, 'w')", seconds=1.5))
    assert found == Lost(Verdict.TIMED_OUT, "ran past --timeout 1.5 s")
    mark.unlink(missing_ok=True)
    time.sleep(0.5)
    assert not mark.exists()


def test_importing_does_not_count(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Job("it", (pow, 2, 3), before=(time.sleep, 1.5), seconds=0.5)
    assert beside(crew, slow) == 8
    monkeypatch.setattr("harness.worker.START", 1.0)
    assert beside(crew, slow) == Lost(Verdict.TIMED_OUT, "was not imported within 1 s")


def test_what_a_call_raises_comes_back(crew: Crew) -> None:
    found = beside(crew, job("raise KeyError('no such term')"))
    assert isinstance(found, Raised) and isinstance(found.error, KeyError)
    assert found.how == "raised KeyError: 'no such term'" and 'File "<string>", line 2' in found.text
    for text in ("raise SystemExit(2)", "raise KeyboardInterrupt"):
        assert beside(crew, job(text)).how.startswith(f"raised {text.split()[1][:10]}")
    found = beside(crew, job("class Odd(Exception):\n    def __str__(self): raise self\nraise Odd"))
    assert found.how == "raised Odd: no message" and type(found.error) is RuntimeError


def test_a_result_that_cannot_travel_is_an_error_of_its_call(crew: Crew) -> None:
    assert "pickle" in beside(crew, Job("it", (eval, "lambda: 0"))).how


def test_who_forks_answers_once(crew: Crew) -> None:
    assert beside(crew, job("os.fork()")) is None
    assert beside(crew, Job("it", (pow, 5, 2))) == 25


def test_memory_is_limited_and_the_answer_says_to_what(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.worker.memory", lambda: 10**9)
    found = beside(crew, job("kept = []\nwhile True: kept.append(bytearray(10**8))"))
    assert found.how == "raised MemoryError: no message (a process may allocate 1.0 GB)"
    assert gigabytes(LEAST) == "4.3 GB"


def test_large_messages_pass_either_way(crew: Crew) -> None:
    text = os.urandom(2**23)
    crew.put(Job("there", (len, text)))
    crew.put(Job("back", (bytes, 2**24)))
    found = dict(crew.finished())
    assert (found["there"], len(found["back"])) == (2**23, 2**24)


def test_jobs_may_be_put_while_others_end(crew: Crew) -> None:
    crew.put(Job(0, (pow, 1, 1)))
    keys = []
    for key, _ in crew.finished():
        keys.append(key)
        if len(keys) < 5:
            crew.put(Job(len(keys), (pow, 1, 1)))
    assert keys == [0, 1, 2, 3, 4]


def test_a_killed_parent_leaves_no_worker(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    text = f"import time\nwhile True: time.sleep(0.1); open({str(mark)!r}, 'w')"
    program = (
        "from harness.crew import Crew; from harness.hands import Job; crew = Crew(1)\n"
        f"crew.put(Job(0, (exec, {text!r}))); list(crew.finished())"
    )
    home = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=home)
    deadline = time.monotonic() + 60
    while not mark.exists():
        assert time.monotonic() < deadline and parent.poll() is None
        time.sleep(0.05)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    time.sleep(1.5)
    mark.unlink()
    time.sleep(0.5)
    assert not mark.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only there does the system see to it")
def test_a_killed_parent_leaves_no_worker_that_never_lets_go_of_the_interpreter(tmp_path: Path) -> None:
    mark = tmp_path / "pids"
    text = (
        "import ctypes, os, subprocess\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(mark) + '.part'!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        f"os.rename({str(mark) + '.part'!r}, {str(mark)!r})\n"
        "ctypes.PyDLL(None).sleep(600)"  # unlike CDLL, it keeps the interpreter
    )
    program = (
        "from harness.crew import Crew; from harness.hands import Job; crew = Crew(2)\n"
        f"crew.put(Job(0, (exec, 'import time; time.sleep(600)'))); crew.put(Job(1, (exec, {text!r})))\n"
        "list(crew.finished())"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
    deadline = time.monotonic() + 60
    while not mark.exists():
        assert time.monotonic() < deadline and parent.poll() is None
        time.sleep(0.05)
    pids = list(map(int, mark.read_text().split()))
    assert len(pids) == 2 and all(map(lives, pids))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while any(map(lives, pids)):
        assert time.monotonic() < deadline, pids
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """Whether a process is there, and no mere entry that nobody has read."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_worker_that_comes_too_late_ends_itself() -> None:
    """Its parent has died before it could say that it wants to know."""
    reading, writing = os.pipe()
    os.close(writing)
    program = f"from harness.working import _end_with\n_end_with({reading})\nprint('still there')"
    its = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], pass_fds=(reading,),
                         capture_output=True, start_new_session=True, timeout=60)  # fmt: skip
    os.close(reading)
    assert (its.returncode, its.stdout) == (-signal.SIGKILL, b"") or sys.platform != "linux"


# calls spread


def test_spread_gives_results_and_raises_what_is_raised_or_lost(crew: Crew) -> None:
    calls = [(pow, 2, n) for n in range(5)]
    assert sorted(spread(calls, crew)) == sorted(spread(calls, Here())) == [1, 2, 4, 8, 16]
    with pytest.raises(ZeroDivisionError) as raised:
        list(spread([(divmod, 1, 0)], crew))
    assert "in a worker process" in raised.value.__notes__[0]
    with pytest.raises(WorkerDied, match="a worker process exited with code 4"):
        list(spread([(os._exit, 4)], crew))


def test_one_worker_works_here_unless_it_must_be_apart() -> None:
    assert isinstance(hands(1), Here)
    assert all(isinstance(its, Crew) for its in (hands(2), hands(1, apart=True)))


def test_jobs_of_different_rooms_never_share_a_process() -> None:
    with Crew(1) as crew:
        for number, room in enumerate(("", "mine", "", "mine", "other")):
            crew.put(Job(number, (os.getpid,), room=room))
        found = dict(crew.finished())
    assert found[0] == found[2] and found[1] == found[3]
    assert len(set(found.values())) == 3
