"""What README and CONTRIBUTING show is true: their examples run, and their commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cases.case import Case
from cases.loader import catalogue
from cases.loader import load as load_cases
from cases.select import select
from harness.backends import load
from harness.candidate.opening import open_file
from harness.cli import cli, main
from harness.commands.grade import grade
from harness.grading.exam import Exam
from harness.run import run
from reports.record import Row
from reports.verdict import Verdict

ROOT = Path(__file__).parent.parent


def name_of(block: str) -> str:
    """The name of the backend that a block of code defines."""
    found = re.search(r'^    name = "(.*)"$', block, re.MULTILINE)
    assert found is not None
    return found.group(1)


BLOCKS = [
    block
    for block in re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
    if re.search(r"^backend = ", block, re.MULTILINE)
]
"""The examples of CONTRIBUTING that are backends."""

COVERED = {
    "mine": ("sigmoid", {"prediction"}),
    "my-layer": ("relu", {"classification", "prediction"}),
    "my-activation": ("sigmoid", {"classification", "prediction"}),
    "my-chain": ("tanh", {"prediction"}),
}
"""What each of them covers of the deck's cases and README's chain, by its name."""

SIGNS = {
    "mine": ("dW = stack.x.mT @ (H", "dW = -stack.x.mT @ (H"),
    "my-layer": ("delta = g * (y > 0)", "delta = -g * (y > 0)"),
    "my-activation": ("lambda y, g: (g * y * (1 - y),)", "lambda y, g: (-g * y * (1 - y),)"),
    "my-chain": ("return delta, delta.sum(", "return -delta, delta.sum("),
}
"""A line of the backward pass of each, and the same with a wrong sign."""

each_block = pytest.mark.parametrize("block", BLOCKS, ids=[name_of(block) for block in BLOCKS])


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    """The deck's cases, and README's chain."""
    chain = tmp_path_factory.mktemp("readme") / "chain.toml"
    both = 'dtype = ["float64", "float32"]\nlayers ='
    chain.write_text(toml_of("my-chain").replace("layers =", both, 1), encoding="utf-8")
    slides = [path for path in catalogue() if path.name == "slides.toml"]
    return select(load_cases([*slides, chain]), [], ["float64", "float32"])


def toml_of(name: str) -> str:
    """README's case file with a case of this name."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = (b for b in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if f'name = "{name}"' in b)
    return block


def test_every_backend_of_contributing_is_tried() -> None:
    assert [name_of(block) for block in BLOCKS] == list(COVERED) == list(SIGNS)


@each_block
def test_a_backend_of_contributing_agrees(block: str, deck: list[Case], tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(block, encoding="utf-8")
    outcome = run(deck, [load(str(tmp_path / "mine.py"))], observers=(), required=True, mistakes=False)
    assert (outcome.answer.exit_code, outcome.answer.failures) == (0, ())
    compared: list[Row] = [row for row in outcome.rows if row.entries]
    activation, tasks = COVERED[name_of(block)]
    assert {row.activation for row in compared} == {activation} and {row.task for row in compared} == tasks
    assert {row.dtype for row in compared} == {"float64", "float32"}
    assert {row.quantity for row in compared} >= {"output", "loss", "gradient"}


@each_block
def test_a_wrong_sign_in_a_backend_of_contributing_is_a_discrepancy(
    block: str, deck: list[Case], tmp_path: Path
) -> None:
    right, wrong = SIGNS[name_of(block)]
    assert block.count(right) == 1
    (tmp_path / "mine.py").write_text(block.replace(right, wrong), encoding="utf-8")
    outcome = run(deck, [load(str(tmp_path / "mine.py"))], observers=(), required=True, mistakes=False)
    assert outcome.answer.exit_code == 1
    wrong_rows = [row for row in outcome.rows if row.verdict == Verdict.VIOLATION]
    assert {row.quantity for row in wrong_rows} >= {"gradient"} and {row.layer for row in wrong_rows} == {1}
    assert len({row.case for row in wrong_rows}) == len({row.case for row in outcome.rows if row.entries})


def test_the_chain_of_contributing_is_told_which_link_is_wrong(deck: list[Case], tmp_path: Path) -> None:
    block = next(block for block in BLOCKS if name_of(block) == "my-chain")
    (tmp_path / "mine.py").write_text(block.replace(*SIGNS["my-chain"]), encoding="utf-8")
    outcome = run(deck[-1:], [load(str(tmp_path / "mine.py"))], observers=(), required=True, mistakes=False)
    (row,) = (row for row in outcome.rows if row.verdict == Verdict.VIOLATION)
    assert "first wrong term: ∂ℰ/∂x_1, the pullback to x of link 2 (bias) (S16): " in row.detail


def test_the_textbook_of_the_readme_is_told_as_the_readme_tells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "my.toml").write_text(toml_of("textbook"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["gradproof", "run", "--cases", "my.toml", "--backend", "reference"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"```\n(FAILED  textbook.*?)```", text, re.DOTALL)
    printed = capsys.readouterr().out
    for part in " ".join(told.split("\n")).split("…"):
        assert part.strip(" ;") in printed, part


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


def test_the_candidate_of_the_readme_is_right_and_with_a_wrong_sign_it_is_told(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def backprop" in block)
    path = tmp_path / "candidate.py"
    exam = Exam(select(load_cases(catalogue()), ["slide-3-5-*", "random-square", "random-one-output"], ["float64"]))
    for written, code in ((block, 0), (block.replace("(h[-1] - target)", "(target - h[-1])"), 1)):
        path.write_text(written, encoding="utf-8")
        with open_file(path) as runner:
            found = grade(lambda: open_file(path), runner, exam)
        assert found.exit_code == code
    assert [mistake.name for mistake in found.like[0]] == ["wrong-sign"]
