"""What is printed: whole and bare on a pipe, coloured on a terminal."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import asdict, replace

import pytest

from reports.record import write
from reports.terminal import console, show
from reports.verdict import Verdict

LONG = "case-" + "very-long-" * 60 + "end"


def printed(record) -> str:
    stream = io.StringIO()
    show(record, console(stream))
    return stream.getvalue()


@pytest.fixture
def wrong(row, record, readings):
    rows = [
        row(case=LONG, backend="b" * 200, share=4.2e9, max_ulp=1.2e5, worst_value=-0.25, worst_exact=0.25,
            verdict=Verdict.VIOLATION),
        row(zero=14, verdict=Verdict.EXACT, max_ulp=0.5),
    ]  # fmt: skip
    readings[1]["worst"]["case"] = LONG
    return record(rows, {"readings": readings}, exit_code=1, sentence="torch is wrong. " * 30,
                  failures=[{"case": LONG, "backend": "b" * 200, "reason": "wrong"}])  # fmt: skip


@pytest.mark.parametrize("environment", [{}, {"COLUMNS": "20", "FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"}])
def test_a_pipe_gets_whole_bare_lines(wrong, tmp_path, environment):
    write(tmp_path, wrong.rows, wrong.run, wrong.exhibits)
    script = (
        "import sys; from pathlib import Path; from reports.record import read\n"
        "from reports.terminal import console, show; show(read(Path(sys.argv[1])), console(sys.stdout))"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    path = {"PYTHONPATH": ":".join(sys.path), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, check=True, env={**path, **environment})
    text = done.stdout.decode()
    assert done.stderr == b""
    assert "\x1b" not in text
    (line,) = [line for line in text.splitlines() if line.startswith("  FAILED")]
    assert line == (
        f"  FAILED  {LONG}  {'b' * 200}  gradient, layer 1, index [0, 1]  -0.25 where 0.25 is exact, "
        f"error 4.2e+09 × bound  violation: {Verdict.VIOLATION.remedy}"
    )
    assert any("b" * 200 in line and line.startswith("dtype") for line in text.splitlines())
    assert ("torch is wrong. " * 30).strip() in text.splitlines()
    assert "✗ 1.2e+05 / 4.2e+09, violation" in text
    assert "…" not in text


def test_an_ascii_pipe_gets_escapes_and_no_crash(wrong):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    show(wrong, console(stream))
    stream.flush()
    assert b"\\xd7 bound" in raw.getvalue()


def test_a_terminal_gets_red_where_it_failed(wrong, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    stream = Terminal()
    show(wrong, console(stream))
    text = stream.getvalue()
    assert "\x1b[1;31m✗ " in text
    assert "\x1b[1;31m0.5 / 0.031" not in text
    assert "\x1b[1;31mFAILED" in text


def test_foreign_text_cannot_steer_the_terminal(row, record):
    bad = row(case="a\x1b[2J\nFAILED b", detail="[red]x[/red] :tada:\x1b[3m", verdict=Verdict.VIOLATION)
    text = printed(record([bad]))
    assert "\x1b" not in text
    assert "a\\x1b[2J FAILED b" in text
    assert "[red]x[/red] :tada:" in text


def test_twenty_worst_and_how_many_more(row, record):
    rows = [row(layer=i, share=float(i), verdict=Verdict.VIOLATION) for i in range(2, 33)]
    text = printed(record(rows))
    lines = [line for line in text.splitlines() if line.startswith("  FAILED")]
    assert len(lines) == 20
    assert "layer 32," in lines[0]
    assert "layer 13," in lines[-1]
    assert "  … and 11 more rows." in text


def test_a_reading_is_one_line(row, record, readings):
    text = printed(record([row()], {"readings": readings}))
    assert "Every entry has the opposite sign." not in text
    (line,) = [line for line in text.splitlines() if "sign" in line.split()]
    assert [part.strip() for part in line.split("  ") if part] == [
        "sign", "S10, S18 against S26", "E = Y* − Y", "no", "0 of 40 cases", "4.2e+09",
    ]  # fmt: skip


def test_closing_line(row, record):
    rows = [row(entries=3105, zero=14, verdict=Verdict.EXACT), row(layer=2)]
    run = record(rows, exit_code=0, failures=[], cases=40, backends=["reference", "torch", "jax", "x"])
    assert printed(run).splitlines()[-2:] == [
        "By verdict: exact 1, rounding 1, convention 0, blind 0 rows; 14 exact zeros.",
        "40 cases × 4 backends, 3,120 entries: all agree; 0 conventions and 0 known deviations met.",
    ]
    wrong = replace(rows[0], verdict=Verdict.VIOLATION)
    assert "1 case × 1 backend, 3,105 entries: discrepancies: 1 row in 1 case; 0 con" in printed(record([wrong]))
    assert "nothing was compared" in printed(record([]))
    assert asdict(rows[0])["zero"] == 14
