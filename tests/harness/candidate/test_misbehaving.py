"""Candidates that raise, return nonsense, or meddle with their own process: each call costs itself only."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cases.case import Case
from harness.backends import Evaluation
from harness.candidate import Runner
from harness.check import Refusal

Opened = Callable[..., Runner]
Said = Callable[[Runner, Case], str]
Answered = Callable[[Runner, Case], Evaluation]

RAISING = [
    ("raise ValueError('no\\nmore')", "crashed: ValueError at mine.py:8: no"),
    ("raise ValueError", "crashed: ValueError at mine.py:8"),
    ("sys.exit(0)", "crashed: SystemExit at mine.py:8: 0"),
    ("raise KeyboardInterrupt", "crashed: KeyboardInterrupt at mine.py:8"),
    ("raise GeneratorExit('g')", "crashed: GeneratorExit at mine.py:8: g"),
    ("raise type('Mine', (BaseException,), {'__str__': lambda e: 1 / 0})", "crashed: Mine at mine.py:8"),
    ("raise type('Mine', (BaseException,), {'__str__': lambda e: sys.exit()})", "crashed: Mine at mine.py:8"),
    ("return x @ x", "crashed: ValueError at mine.py:8: matmul: Input operand 1 has a mismatch in its core"),
    ("return (lambda: {}['relu'])()", "crashed: KeyError at mine.py:8: 'relu'"),
    ("return np.testing.assert_array_equal(x, x + 1)", "crashed: AssertionError at mine.py:8: Arrays are not equal"),
    ("return input()", "crashed: EOFError at mine.py:8: EOF when reading a line"),
    ("def f(): return f()\nreturn f()", "crashed: RecursionError at mine.py:8: maximum recursion depth exceeded"),
    ("raise NotImplementedError", "unsupported: raises NotImplementedError"),
    ("raise NotImplementedError('only\\nrelu')", "unsupported: only"),
    ("raise type('M', (NotImplementedError,), {'__str__': sys.exit})", "unsupported: raises NotImplementedError"),
    ("raise ValueError('\\x1b[31m\\udc80')", "crashed: ValueError at mine.py:8: \\x1b[31m"),
    ("pass", "malformed: returned None, expected a list of gradient arrays"),
    ("yield 1", "malformed: returned a generator, expected a list of gradient arrays"),
    ("return [np.zeros((10**5, 10**4), np.int8)]", "malformed: returned arrays of 1,000,000,000 bytes together, where"),
    ("return [np.broadcast_to(1.0, (10**9, 10**6))]", "malformed: returned arrays of 8,000,000,000,000,000 bytes"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(RAISING)))
def test_a_call_that_fails_costs_itself_only(choosing: Callable[..., Any], case: Case, number: int) -> None:
    choice = choosing([body for body, _ in RAISING])
    found = choice.ask(case, number)
    assert isinstance(found, Refusal)
    told = f"{found.verdict}: {found.reason}"
    assert told.startswith(RAISING[number][1].replace("mine.py:8", f"mine.py:{choice.lines[number]}"))
    assert told.isprintable()
    after = choice.ask(case, len(RAISING))
    assert isinstance(after, Evaluation) and len(after.gradients or ()) == 2


def test_a_wrong_signature_is_told(opened: Opened, said: Said, case: Case) -> None:
    found = said(opened("def backprop(x, weights): return []"), case)
    assert found == "crashed: TypeError: backprop() takes 2 positional arguments but 5 were given"


@pytest.mark.parametrize(
    "body",
    [
        "print('{\"n\": 0, \"gradients\": []}')", "sys.stdout.close()", "os.close(1); os.close(2)", "os.chdir('/')",
        "np.seterr(all='raise')", "np.asarray = np.errstate = np.ndarray = None", "sys.stdin.read()",
        "import json; json.loads = json.dumps = None", "os.write = os._exit = os.getpid = None",
        "import threading; threading.Thread(target=time.sleep, args=(60,)).start()", "sys.path.clear()",
        "sys.stdout = sys.stderr = None", "signal.signal(signal.SIGINT, signal.SIG_DFL)",
        "signal.alarm(1000)", "import builtins; builtins.print = None",
    ],
)  # fmt: skip
def test_meddling_with_its_own_process_harms_nobody(calling: Opened, answered: Answered, case: Case, body: str) -> None:
    runner = calling(f"if task == 'prediction': {body}\nreturn [np.float64(1e-300) * 1.0]")
    other = replace(case, task="classification")
    assert answered(runner, case).gradients == [1e-300]
    assert answered(runner, other).gradients == [1e-300]


def test_it_has_no_standard_input(calling: Opened, said: Said, case: Case) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"meant for us\n")
    ours = os.dup(0)
    try:
        os.dup2(reading, 0)
        assert said(calling("return input()"), case) == "crashed: EOFError at mine.py:8: EOF when reading a line"
    finally:
        os.dup2(ours, 0)
        for descriptor in (ours, reading, writing):
            os.close(descriptor)


def test_who_forks_answers_once(calling: Opened, answered: Answered, case: Case) -> None:
    runner = calling("os.fork()\nreturn {'loss': x[0, 0]}")
    others = [replace(case, x=case.x + number) for number in range(5)]
    assert [answered(runner, other).loss for other in others] == [other.x[0, 0] for other in others]
