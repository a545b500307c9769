"""Tables that are kept: the same as those that are made, and made anew whenever a file changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.commands.list import command
from harness.commands.listed import kept

CASE = """[[case]]
name = "{name}"
activation = "identity"
task = "prediction"
input = [[1.0]]
target = [[0.0]]
weights = [[[0.5]]]
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of a test by itself."""
    monkeypatch.setenv("GRADPROOF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "lists"


Made = tuple[list[int], Callable[[], tuple[list[str], list[list[str]]]]]


@pytest.fixture
def made() -> Made:
    """How often a table was made, and what makes it."""
    times: list[int] = []

    def make() -> tuple[list[str], list[list[str]]]:
        times.append(1)
        return ["a"], [["1"], ["2"]]

    return times, make


def test_a_table_is_made_once(place: Path, made: Made) -> None:
    times, make = made
    assert kept("cases", (), make) == kept("cases", (), make) == (["a"], [["1"], ["2"]])
    assert len(times) == 1
    assert len(list(place.iterdir())) == 1


def test_a_file_that_changes_has_it_made_again(tmp_path: Path, place: Path, made: Made) -> None:
    times, make = made
    file = tmp_path / "a.toml"
    for text, written in (("a", 1), ("b", 2), ("b", 2), ("bc", 2)):
        file.write_text(text)
        os.utime(file, (written, written))
        kept("cases", (file,), make)
    assert len(times) == 3
    assert len(list(place.iterdir())) == 1, "of the same files one table is kept"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"made from": 1', "\xff"])
def test_what_is_damaged_is_made_again(place: Path, made: Made, text: str) -> None:
    times, make = made
    kept("cases", (), make)
    (its,) = place.iterdir()
    its.write_bytes(text.encode("latin-1"))
    assert kept("cases", (), make) == (["a"], [["1"], ["2"]])
    assert len(times) == 2


def test_where_nothing_can_be_kept_it_is_made_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Made
) -> None:
    times, make = made
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADPROOF_CACHE", str(tmp_path / "file"))
    assert kept("cases", (), make) == kept("cases", (), make)
    assert len(times) == 2


@pytest.mark.usefixtures("place")
def test_a_case_file_is_listed_as_it_is_now(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    for name in ("first", "another"):
        file.write_text(CASE.format(name=name))
        assert command("cases", (file,)) == 0
        assert capsys.readouterr().out.splitlines()[1].startswith(f"{name}-identity")
