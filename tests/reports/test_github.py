"""GitHub: ten annotations and a notice, escaped as it reads them; a job summary that it takes; elsewhere nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports import github
from reports.record import FolderError
from reports.summary import LIMIT
from reports.verdict import Verdict

HERE = {"GITHUB_ACTIONS": "true"}


@pytest.fixture
def bad(row, record):
    """Make a run with so many discrepancies, the last the worst."""
    return lambda count: record([row(case=f"c{i}", share=2.0 + i, verdict=Verdict.VIOLATION) for i in range(count)])


def test_the_ten_worst_and_how_many_more(bad):
    lines = github.of_run(bad(13))
    assert [line.split("::")[1] for line in lines[:-1]] == [f"error title=torch%2C c{i}" for i in range(12, 2, -1)]
    assert lines[-1] == "::notice title=gradproof::3 more rows with a discrepancy: the summary of the job has them"


def test_ten_need_no_notice_and_eleven_one(bad):
    assert [line.split()[0] for line in github.of_run(bad(10))] == ["::error"] * 10
    assert github.of_run(bad(11))[-1].startswith("::notice title=gradproof::1 more row with a discrepancy:")


def test_a_message_says_where_and_both_values(row, record):
    run = record([row(share=3.0, worst_value=0.25, worst_exact=0.5, verdict=Verdict.VIOLATION)])
    (line,) = github.of_run(run)
    assert line.startswith("::error title=torch%2C slide-3-5-2-sigmoid-classification-float64::gradient, layer 1")
    assert "0.25 where 0.5" in line


def test_a_run_that_agrees_says_nothing(row, record):
    assert github.of_run(record([row()])) == []


def test_a_run_that_failed_without_a_row_says_so(record):
    assert github.of_run(record([])) == ["::error title=gradproof::Nothing was compared."]


def test_foreign_text_ends_neither_title_nor_line():
    text = "100 %,\r\n::warning::a: b\x1b[31m"
    line = github.command("error", text, text)
    assert line == ("::error title=100 %25%2C %3A%3Awarning%3A%3Aa%3A b\\x1b[31m::100 %25, ::warning::a: b\\x1b[31m")
    assert len(github.command("error", "x" * 9999, "y" * 9999)) < 1500


def test_elsewhere_nothing_is_said(tmp_path, capsys):
    path = tmp_path / "summary"
    for environment in ({}, {"GITHUB_ACTIONS": "false", "GITHUB_STEP_SUMMARY": str(path)}, {"CI": "true"}):
        github.tell(["::error::x"], "text", environment)
    assert capsys.readouterr().out == "" and not path.exists()


def test_in_actions_lines_are_printed_and_the_summary_is_appended(tmp_path, capsys):
    path = tmp_path / "summary"
    path.write_text("before\n")
    github.tell(["::error::x"], "# title\ntext\n", {**HERE, "GITHUB_STEP_SUMMARY": str(path)})
    github.tell([], "", HERE)
    assert capsys.readouterr().out == "::error::x\n"
    assert path.read_text() == "before\n# title\ntext\n"


def test_a_summary_is_cut_at_a_line_where_github_would_refuse_it(tmp_path):
    path, line = tmp_path / "summary", "é" * 99
    text = (line + "\n") * 6000
    github.append_summary(path, text)
    assert path.stat().st_size <= LIMIT < 1024 * 1000 and path.stat().st_size > LIMIT - 1000
    assert path.read_text().endswith(f"{line}\n\n{github.CUT}\n")
    before = path.read_bytes()
    github.append_summary(path, text)
    assert path.stat().st_size <= LIMIT and path.read_bytes().startswith(before)


def test_a_summary_that_cannot_be_written_is_a_sentence(tmp_path: Path):
    with pytest.raises(FolderError, match="cannot write the job summary"):
        github.append_summary(tmp_path, "x")
