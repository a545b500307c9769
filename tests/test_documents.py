"""What README and CONTRIBUTING show is true: their examples run, and their commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.backends import load
from harness.cli import cli
from harness.run import run
from reports.record import Row

ROOT = Path(__file__).parent.parent


def test_the_backend_of_contributing_agrees(tmp_path: Path) -> None:
    from cases.loader import catalogue
    from cases.loader import load as load_cases
    from cases.select import select

    found = re.search(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "mine.py").write_text(found.group(1))
    cases = select(load_cases(catalogue()), ["slide-3-5-2-sigmoid-*"], ["float64", "float32"])
    outcome = run(cases, [load(str(tmp_path / "mine.py"))], observers=(), required=True)
    assert (outcome.answer.exit_code, outcome.answer.failures) == (0, ())
    compared: list[Row] = [row for row in outcome.rows if row.entries]
    assert {row.task for row in compared} == {"prediction"} and len({row.case for row in compared}) == 2


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_command_and_option_that_is_named_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    named = set(re.findall(r"gradproof (run|show|list|check|fuzz|[a-z]+) ", text)) - {"checks", "is"}
    assert named <= set(cli.commands)
    options = {option for command in cli.commands.values() for p in command.params for option in p.opts}
    assert set(re.findall(r"`(--[a-z-]+)", text)) <= options


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md"):
        assert set(re.findall(r"`?make ([a-z-]+)`", (ROOT / document).read_text())) <= targets
