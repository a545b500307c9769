"""Candidates that die, hang, flood, eat memory or write junk: a sentence for each, and three lives."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from cases.case import Case
from harness.backends import Evaluation
from harness.candidate import Runner, limits, pipes, process

Opened = Callable[..., Runner]
Said = Callable[[Runner, Case], str]
Answered = Callable[[Runner, Case], Evaluation]

DYING = [
    ("os._exit(0)", "ended with exit code 0"),
    ("os._exit(3)", "ended with exit code 3"),
    ("os.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL"),
    ("import ctypes; ctypes.string_at(0)", "was killed by SIGSEGV at mine.py:8"),
    ("os.abort()", "was killed by SIGABRT at mine.py:8"),
    ("os.closerange(0, 100)\nreturn []", "closed the pipe over which it answers"),
]


@pytest.mark.parametrize(("body", "how"), DYING, ids=range(len(DYING)))
def test_a_death_is_told(calling: Opened, said: Said, case: Case, body: str, how: str) -> None:
    assert said(calling(body), case) == f"crashed: {how} while computing {case.name}"


def test_a_death_costs_one_case(calling: Opened, said: Said, answered: Answered, case: Case) -> None:
    runner = calling("if task == 'prediction': os._exit(0)\nreturn []")
    for _ in range(2):
        assert said(runner, case) == f"crashed: ended with exit code 0 while computing {case.name}"
        assert answered(runner, replace(case, task="classification")).gradients == []


def test_who_dies_while_its_child_holds_the_pipes_is_dead(
    calling: Opened, speaking: Opened, said: Said, case: Case
) -> None:
    begun, body = time.monotonic(), "if os.fork() == 0: time.sleep(600)\nos._exit(1)"
    for runner in (calling(body, timeout=30), speaking(body, timeout=30)):
        assert said(runner, case) == f"crashed: ended with exit code 1 while computing {case.name}"
    assert time.monotonic() - begun < 15


def test_the_last_line_that_it_printed_is_quoted(calling: Opened, said: Said, case: Case) -> None:
    for stream in ("stdout", "stderr"):
        runner = calling(f"print('one\\ntwo \\x07 σ\\n', file=sys.{stream})\nos._exit(1)")
        expected = f'ended with exit code 1 while computing {case.name}; the last that it printed: "two \\x07 σ"'
        assert said(runner, case) == f"crashed: {expected}"
    found = said(calling("print('a' * 10**6)\nos._exit(1)"), case)
    assert found.endswith('aaa…"') and len(found) < 400


def test_printing_without_end_neither_blocks_nor_fills_anything(
    calling: Opened, answered: Answered, case: Case
) -> None:
    runner = calling("for _ in range(400): print('a' * 10_000)\nreturn []")
    assert answered(runner, case).gradients == []
    assert len(runner._process.printed) <= pipes.CHUNK  # type: ignore[attr-defined]


def test_a_call_that_hangs_is_ended_and_told_with_its_line(
    calling: Opened, said: Said, answered: Answered, case: Case
) -> None:
    runner = calling("if activation == 'tanh': return []\nwhile True:\n    time.sleep(0.01)", timeout=0.4)
    begun = time.monotonic()
    told = f"timed-out: gave no answer within 0.4 seconds at mine.py:10 while computing {case.name}"
    assert said(runner, case) == told
    assert 0.4 < time.monotonic() - begun < 5
    assert answered(runner, replace(case, activation="tanh")).gradients == []


def test_a_call_that_hangs_in_compiled_code_and_ignores_signals_is_ended(
    calling: Opened, said: Said, case: Case
) -> None:
    body = """
        for number in range(1, 32):
            if number not in (signal.SIGKILL, signal.SIGSTOP):
                signal.signal(number, signal.SIG_IGN)
        import re
        re.match("(a*)*b", "a" * 40)
        """
    assert said(calling(body, timeout=0.4), case).startswith("timed-out: gave no answer within 0.4 seconds")


def test_where_it_was_is_read_to_the_end() -> None:
    """A trace comes in pieces, and under load with pauses between them."""
    text = """
import signal, sys, time
def piecewise(*_):
    for piece in range(8):
        time.sleep(0.02)
        print(piece, file=sys.stderr)
signal.signal(signal.SIGUSR1, piecewise)
print("ready", flush=True)
while True: time.sleep(1)
"""
    its = process.Process([sys.executable, "-c", text])
    try:
        assert its.exchange(b"", 30, 100) == b"ready"
        its.interrogate()
        assert its.printed.split() == list("01234567")
    finally:
        its.kill()


def test_after_three_deaths_it_is_not_asked_again(calling: Opened, said: Said, case: Case) -> None:
    runner = calling("open('/dev/null').close()\nos._exit(2)")
    assert [said(runner, case) for _ in range(3)] == [
        f"crashed: ended with exit code 2 while computing {case.name}"
    ] * 3
    assert [said(runner, case) for _ in range(2)] == ["crashed: not asked: it had died 3 times before"] * 2


def test_after_three_time_outs_it_is_not_asked_again(calling: Opened, said: Said, case: Case) -> None:
    runner = calling("while True: pass", timeout=0.1)
    assert {said(runner, case)[:9] for _ in range(3)} == {"timed-out"}
    assert said(runner, case) == "timed-out: not asked: it had run out of time 3 times before"


def test_deaths_of_either_kind_are_counted_together(calling: Opened, said: Said, case: Case) -> None:
    runner = calling("if task == 'prediction': os._exit(1)\nwhile True: pass", timeout=0.1)
    for its in (case, replace(case, task="classification"), case):
        said(runner, its)
    assert said(runner, case) == "crashed: not asked: it had run out of time or died 3 times before"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process allocates")
def test_memory_is_limited(calling: Opened, said: Said, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMORY", 2**28)
    runner = calling("kept = []\nwhile True: kept.append(np.ones(2**20))")
    assert said(runner, case).startswith("crashed: MemoryError at mine.py:9: Unable to allocate")
    assert said(runner, case).startswith("crashed: MemoryError at mine.py:9: Unable to allocate")


JUNK = [
    "garbage", "[]", "3", '{"n": 5, "gradients": []}', '{"n": 0, "gradients": 3}', '{"n": 0, "gradients": [[1, 2]]}',
    '{"n": 0, "refusal": "exact", "reason": "all is well"}', '{"n": 0, "refusal": "crashed"}', '{"n": 0, "output": []}',
    "[" * 100_000, "\\xff",
]  # fmt: skip


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_junk_in_the_pipe_is_a_death(calling: Opened, said: Said, case: Case, junk: str) -> None:
    runner = calling(f"os.write(int(sys.orig_argv[-1]), b'''{junk}\\n''')\nreturn []")
    found = said(runner, case)
    assert found.startswith(f'crashed: wrote "{junk.replace("ÿ", "")[:20]}')
    assert found.endswith(f"into the pipe over which it answers while computing {case.name}")


def test_after_junk_it_is_started_again(calling: Opened, said: Said, answered: Answered, case: Case) -> None:
    runner = calling("if task == 'prediction': os.write(int(sys.orig_argv[-1]), b'{}\\n')\nreturn []")
    assert said(runner, case).startswith('crashed: wrote "{}" into the pipe')
    assert answered(runner, replace(case, task="classification")).gradients == []


def test_an_endless_answer_is_cut_off(calling: Opened, said: Said, case: Case) -> None:
    found = said(calling("while True: os.write(int(sys.orig_argv[-1]), b'a' * 2**16)"), case)
    assert found.startswith("crashed: answered with more than 134,") and found.endswith(case.name)
