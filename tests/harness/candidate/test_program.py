"""Candidate programs: what they are asked, and what comes of those that do not speak as they should."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cases.case import Case
from harness.backends import Evaluation
from harness.candidate import BadCandidate, Runner, limits
from harness.candidate.opening import open_command

Speaking = Callable[..., Runner]
Said = Callable[[Runner, Case], str]
Answered = Callable[[Runner, Case], Evaluation]
Gone = Callable[[int], bool]

BACK = "print(json.dumps({'id': r['id'], 'output': r['x'], 'gradients': r['weights'], 'updated': [r['target']]}))"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_numbers_travel_exactly(draw: Callable[..., Case], speaking: Speaking, answered: Answered, dtype: str) -> None:
    runner = speaking(BACK)
    for case in (draw(3, 4, 5, dtype=dtype), draw(150, 100, 50, dtype=dtype, batch=20)):
        found = answered(runner, case)
        assert found.loss is None and found.gradients is not None and found.updated is not None
        pairs = [(found.output, case.x), (found.updated[0], case.target)]
        for after, before in [*pairs, *zip(found.gradients, case.weights, strict=True)]:
            np.testing.assert_array_equal(after, before, strict=True)


def test_it_is_known_by_its_program_and_accumulates_in_the_format(speaking: Speaking) -> None:
    runner = speaking(BACK)
    assert (runner.name, runner.accumulates) == (Path(sys.executable).name, "format")


def test_a_case_asked_twice_has_two_ids(speaking: Speaking, said: Said, case: Case) -> None:
    runner = speaking("print(json.dumps({'id': r['id'], 'unsupported': r['id']}))")
    assert [said(runner, case) for _ in range(3)] == [
        f"unsupported: {case.name}", f"unsupported: {case.name}#2", f"unsupported: {case.name}#3",
    ]  # fmt: skip


def test_blank_lines_are_passed_over(speaking: Speaking, answered: Answered, case: Case) -> None:
    assert len(answered(speaking(f"print('\\n  \\n'); {BACK}; print()"), case).gradients or ()) == 2


def test_a_line_too_many_costs_one_case(speaking: Speaking, said: Said, answered: Answered, case: Case) -> None:
    runner = speaking(f"if r['task'] == 'prediction': print('loaded', flush=True)\n{BACK}")
    told = 'malformed: wrote "loaded" to standard output, where each line must be a JSON object'
    assert said(runner, case) == told
    assert len(answered(runner, replace(case, task="classification")).gradients or ()) == 2


def test_a_reply_to_nothing_that_was_asked_is_told(speaking: Speaking, said: Said, case: Case) -> None:
    for its in ("'other'", "3", "None", "[]"):
        found = said(speaking(f"print(json.dumps({{'id': {its}, 'loss': 1}}))"), case)
        assert found.startswith('malformed: replied "{"id": ') and found.endswith(f'expected the id "{case.name}"')
    assert said(speaking("print('{\"loss\": 1}')"), case).startswith('malformed: replied "{"loss": 1}", expected')


def test_a_reply_that_cannot_be_judged_is_told(speaking: Speaking, said: Said, case: Case) -> None:
    found = said(speaking("print(json.dumps({'id': r['id'], 'loss': None}))"), case)
    assert found == "malformed: replied without any of output, loss, gradients, updated"


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ("sys.exit(3)", "ended with exit code 3"),
        ("sys.exit(0)", "ended with exit code 0 (it must go on until its input ends)"),
        ("os.kill(os.getpid(), 9)", "was killed by SIGKILL"),
        ("os.close(1); time.sleep(9)", "closed the pipe over which it answers"),
    ],
)
def test_a_death_is_told(speaking: Speaking, said: Said, case: Case, body: str, how: str) -> None:
    assert said(speaking(body), case) == f"crashed: {how} while computing {case.name}"


def test_the_last_line_on_standard_error_is_quoted(speaking: Speaking, said: Said, case: Case) -> None:
    found = said(speaking("1 / 0"), case)
    assert found.endswith('the last that it printed: "ZeroDivisionError: division by zero"')
    assert len(said(speaking("print('a' * 10**7, file=sys.stderr); sys.exit(1)"), case)) < 500


def test_a_program_that_never_starts_is_dead_three_times(said: Said, case: Case) -> None:
    with open_command(f"{sys.executable} /nowhere/at/all.py") as runner:
        for _ in range(3):
            assert "No such file or directory" in said(runner, case)
        assert said(runner, case) == "crashed: not asked: it had died 3 times before"


def test_the_first_reply_may_take_as_long_as_a_start(
    speaking: Speaking, said: Said, answered: Answered, case: Case
) -> None:
    runner = speaking(f"time.sleep(0.4)\n{BACK}", timeout=0.1)
    answered(runner, case)
    told = (
        "timed-out: gave no reply within 0.1 seconds (does it write its output out after each line?) while computing "
    )
    assert said(runner, case) == told + case.name
    runner.start = 0.2  # type: ignore[attr-defined]
    assert said(runner, case) == told.replace("0.1", "0.2") + case.name


@pytest.mark.parametrize("spam", ["''", "json.dumps({'id': first})"], ids=["blank", "late"])
def test_lines_without_end_are_no_reply(speaking: Speaking, said: Said, case: Case, spam: str) -> None:
    body = "if 'first' not in globals(): first = r['id']; print(json.dumps({'id': first, 'loss': 1})); continue\n"
    runner = speaking(f"{body}while True: print({spam})", timeout=0.5)
    assert isinstance(runner.ask(case), Evaluation)
    begun = time.monotonic()
    assert said(runner, case).startswith("timed-out: gave no reply within 0.5 seconds")
    assert time.monotonic() - begun < 5


def test_a_reply_without_end_is_cut_off(
    speaking: Speaking, said: Said, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.candidate.wire._ROOM", 2**20)
    found = said(speaking("while True: sys.stdout.write('a' * 2**16)"), case)
    assert found.startswith("crashed: answered with more than 1,")


def test_a_program_that_does_not_read_is_timed_out(draw: Callable[..., Case], said: Said) -> None:
    with open_command("sleep 60", timeout=0.3) as runner:
        runner.start = 0.3  # type: ignore[attr-defined]
        assert said(runner, draw(300, 200, 100)).startswith("timed-out: gave no reply within 0.3 seconds")


def test_a_program_that_writes_before_it_reads_is_heard(
    draw: Callable[..., Case], speaking: Speaking, said: Said
) -> None:
    """A long request on its way, and a long reply before it has been read: neither side may wait for the other."""
    text = "import sys\nprint('[' * 10**6, flush=True)\nfor line in sys.stdin: pass\n"
    with open_command(shlex.join([sys.executable, "-c", text])) as runner:
        assert said(runner, draw(300, 200, 100)).startswith('malformed: wrote "[[[')


def test_a_request_on_its_way_arrives_whole_whatever_comes_back_meanwhile(
    tmp_path: Path, draw: Callable[..., Case], answered: Answered
) -> None:
    text = f"import json, sys, time\nprint(flush=True)\nopen({str(tmp_path / 'printed')!r}, 'w')\ntime.sleep(0.2)\n"
    text += f"for line in sys.stdin:\n    r = json.loads(line)\n    {BACK}\n    sys.stdout.flush()\n"
    with open_command(shlex.join([sys.executable, "-c", text])) as runner:
        while not (tmp_path / "printed").exists():
            time.sleep(0.01)
        assert len(answered(runner, draw(300, 200, 100)).gradients or ()) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process allocates")
def test_memory_is_limited(speaking: Speaking, said: Said, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMORY", 2**28)
    found = said(speaking("kept = []\nwhile True: kept.append(bytes(2**24))"), case)
    assert found.endswith('the last that it printed: "MemoryError"')


def test_it_ends_when_its_input_ends(tmp_path: Path, speaking: Speaking, case: Case) -> None:
    runner = speaking(f"import atexit; atexit.register(open, {str(tmp_path / 'bye')!r}, 'w')\n{BACK}")
    runner.ask(case)
    runner.close()
    assert (tmp_path / "bye").exists()


def test_a_program_that_stays_is_ended_with_what_it_started(
    tmp_path: Path, answered: Answered, case: Case, gone: Gone
) -> None:
    text = (
        "import json, subprocess, sys, time\n"
        "pid = subprocess.Popen(['sleep', '600']).pid\n"
        "r = json.loads(input())\n"
        "print(json.dumps({'id': r['id'], 'loss': pid}), flush=True)\n"
        "time.sleep(600)\n"
    )
    with open_command(shlex.join([sys.executable, "-c", text])) as runner:
        found = answered(runner, case)
    assert gone(int(found.loss))


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("no-such-program --at all", 'the command "no-such-program" cannot be started: no such file or directory'),
        ("/", 'the command "/" cannot be started: permission denied'),
        ("a\0b", 'the command "a\\x00b" cannot be started: embedded null byte'),
        ("echo 'a", 'the command "echo \'a" cannot be cut into words: No closing quotation'),
        ("", "the command is empty; expected a program and its arguments"),
        ("  ", "the command is empty; expected a program and its arguments"),
        ("''", "the command is empty; expected a program and its arguments"),
    ],
)
def test_a_command_that_cannot_be_started_is_refused(command: str, reason: str) -> None:
    with pytest.raises(BadCandidate) as caught:
        open_command(command)
    assert str(caught.value) == reason


def test_no_shell_runs_it(tmp_path: Path) -> None:
    open_command(f"echo a > {tmp_path / 'made'}").close()
    assert not (tmp_path / "made").exists()
