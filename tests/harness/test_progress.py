"""Progress: a bar where somebody looks, plain lines elsewhere; both with rate, time left and discrepancies."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness import progress as its
from harness.progress import Lines, discrepancies, progress, spoken

HOME = Path(__file__).parents[2]


def test_a_line_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = Lines(3422, "cases", 422, 0)
    lines(1000, 1)
    assert lines.line(20.0) == "1,422 of 3,422 cases, 50 a second, 40 s left, discrepancies in 1 case"
    lines(1000, 2)
    assert lines.line(4000.0) == "2,422 of 3,422 cases, 0.5 a second, 33 min 20 s left, discrepancies in 3 cases"
    fresh = Lines(10, "steps", 0, None)
    assert fresh.line(0.0) == "0 of 10 steps, 0.0 a second, time left unknown"


def test_lines_come_every_ten_seconds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    now = [100.0]
    monkeypatch.setattr(its.time, "monotonic", lambda: now[0])
    with progress(100, "cases", 0, 0) as advance:
        for _ in range(25):
            now[0] += 1.0
            advance(2)
    assert capsys.readouterr().err.splitlines() == [
        "20 of 100 cases, 2.0 a second, 40 s left, no discrepancy",
        "40 of 100 cases, 2.0 a second, 30 s left, no discrepancy",
    ]


def test_times_and_counts_as_one_says_them() -> None:
    assert [spoken(s) for s in (0, 49.4, 60, 200, 3600, 7500)] == [
        "0 s", "49 s", "1 min", "3 min 20 s", "1 h 0 min", "2 h 5 min",
    ]  # fmt: skip
    assert [discrepancies(n) for n in (None, 0, 1, 1200)] == [
        "", "no discrepancy", "discrepancies in 1 case", "discrepancies in 1,200 cases",
    ]  # fmt: skip


BAR = """
from harness.progress import progress
with progress(40, "cases", 10, 0) as advance:
    advance(10, 3)
    import time
    time.sleep(0.3)
"""


def test_on_a_terminal_it_is_a_bar() -> None:
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    run = subprocess.run([sys.executable, "-c", BAR], cwd=HOME, stderr=theirs, env=environment, timeout=120)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # all is read
        pass
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert run.returncode == 0
    assert (
        "20/40" in text
        and "a second" in text
        and "discrepancies in 3 cases" in text
        and re.search(r"\d:\d\d:\d\d|-:--", text)
    )
