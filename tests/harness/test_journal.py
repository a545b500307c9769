"""The journal: what is in it is whole, of this run, and of one run at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cases.case import Case
from harness.engine import tasks
from harness.identity import differences, file_digests, identity
from harness.journal import JOURNAL, Journal, OtherRun
from harness.parts import Introduced
from harness.scan import Scan
from reports.record import FolderError


@pytest.fixture
def its(draw: Callable[..., Case]) -> dict[str, Any]:
    return identity(tasks([draw(2, 3, 2)]), ["reference"], [], [], proved=False)


def written(folder: Path, its: dict[str, Any], **entries: Any) -> bytes:
    with Journal(folder, its, resume=False) as journal:
        journal.begin()
        for name, found in entries.items():
            journal.add(name, found)
    return (folder / JOURNAL).read_bytes()


def taken_up(folder: Path, its: dict[str, Any]) -> dict[str, Any]:
    with Journal(folder, its, resume=True) as journal:
        journal.begin()
        return {name: journal.get(name) for name in "abc" if name in journal}


FOUND = {"a": {"x": [1.5, None, "é"]}, "b": [float("inf"), -0.0], "c": 3}


def test_what_is_written_is_read(tmp_path: Path, its: dict[str, Any]) -> None:
    written(tmp_path, its, **FOUND)
    assert repr(taken_up(tmp_path, its)) == repr(FOUND)
    with Journal(tmp_path, its, resume=True) as journal:
        assert not journal.fresh and "d" not in journal
        journal.begin()
        journal.add("d", 4)
        assert journal.get("d") == 4
    assert repr(taken_up(tmp_path, its)) == repr(FOUND)


def test_wherever_it_is_torn_the_lines_before_are_kept(tmp_path: Path, its: dict[str, Any]) -> None:
    whole = written(tmp_path, its, **FOUND)
    ends = [n + 1 for n, byte in enumerate(whole) if byte == 10]
    assert len(ends) == 4
    for cut in range(len(whole) + 1):
        (tmp_path / JOURNAL).write_bytes(whole[:cut])
        lines = sum(end <= cut for end in ends)
        assert list(taken_up(tmp_path, its)) == list("abc")[: max(lines - 1, 0)]
        kept = (tmp_path / JOURNAL).read_bytes()
        assert kept == (whole[: ends[lines - 1]] if lines else whole[: ends[0]])


def test_a_damaged_line_and_what_follows_it_is_done_again(tmp_path: Path, its: dict[str, Any]) -> None:
    whole = written(tmp_path, its, **FOUND)
    for place in range(len(whole)):
        (tmp_path / JOURNAL).write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        lines = whole[:place].count(b"\n")
        assert list(taken_up(tmp_path, its)) == list("abc")[: max(lines - 1, 0)]


def test_without_resume_it_starts_afresh(tmp_path: Path, its: dict[str, Any]) -> None:
    before = written(tmp_path, its, **FOUND)
    with Journal(tmp_path, its, resume=False) as journal:
        assert journal.fresh and (tmp_path / JOURNAL).read_bytes() == before
        journal.begin()
        assert "a" not in journal
    assert taken_up(tmp_path, its) == {}


def test_one_run_at_a_time(tmp_path: Path, its: dict[str, Any]) -> None:
    with Journal(tmp_path, its, resume=False), pytest.raises(OtherRun, match="another run is writing into"):
        Journal(tmp_path, its, resume=True)
    assert taken_up(tmp_path, its) == {}


# whose it is


def test_the_same_run_is_no_other(draw: Callable[..., Case]) -> None:
    first, second = (identity(tasks([draw(2, 3, 2)]), ["reference"], [], [], proved=False) for _ in range(2))
    assert differences(first, second) == []


def test_in_what_a_run_differs_is_named(draw: Callable[..., Case], tmp_path: Path) -> None:
    def family(seed: int, count: int = 2) -> list[Case]:
        each = [draw(2, 3, 2, seed=seed + 10 * n, source=f"Drawn from seed {seed}.") for n in range(count)]
        return [replace(case, name=f"drawn-{n}", family="drawn") for n, case in enumerate(each)]

    mine = tmp_path / "mine.py"
    mine.write_text("backend = 1")
    people = [Introduced(str(mine), "mine")]
    plain = draw(3, 2)

    def made(cases: list[Case], *rest: Any, scans: Any = (), proved: bool = False) -> dict[str, Any]:
        return identity(tasks(cases, scans), *(rest or (["reference"], [], people)), proved)

    then = made([*family(7), plain])
    assert differences(then, made([*family(8), plain])) == ["cases drawn drawn from seed 7 then, drawn from seed 8 now"]
    moved = replace(plain, x=plain.x + 1)
    assert differences(then, made([*family(7), moved])) == [f"cases {plain.family} has changed"]
    assert differences(then, made([*family(7)]))[0] == f"cases {plain.family} not asked for now"
    assert differences(made([plain]), then)[0] == "cases drawn not there then"
    assert differences(then, made([*family(7, 3), plain])) == ["cases drawn has changed"]
    assert differences(then, made([*family(7), plain], ["reference", "jax"], [], people)) == [
        "backend jax not there then"
    ]
    assert differences({**then, "backends": ["jax", "reference"]}, {**then, "backends": ["reference", "jax"]}) == [
        "backends in another order"
    ]
    assert differences(then, made([*family(7), plain], scans=[Scan("relu", "float16")])) == [
        "scan scan-relu-float16 not there then"
    ]
    assert differences(then, made([*family(7), plain], proved=True)) == ["one has the certificate, the other has not"]
    mine.write_text("backend = 2")
    assert differences(then, made([*family(7), plain])) == ["backend file mine has changed"]
    other = {**then, "versions": {**then["versions"], "torch": "1.0", "gradproof's own text": "0" * 64}}
    assert differences(other, then) == [
        f"version torch 1.0 then, {then['versions']['torch']} now",
        "version gradproof's own text has changed",
    ]
    assert differences({**then, "journal": 0}, then) == ["its format is 0, this program writes 2"]


def test_a_journal_of_another_run_is_refused_and_left_as_it_is(tmp_path: Path, its: dict[str, Any]) -> None:
    before = written(tmp_path, its, **FOUND)
    with pytest.raises(OtherRun, match=r"is of another run: backend jax not there then; without --resume"):
        Journal(tmp_path, {**its, "backends": ["reference", "jax"]}, resume=True)
    assert (tmp_path / JOURNAL).read_bytes() == before


# disks


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, its: dict[str, Any]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match=r"cannot write .*journal.jsonl: (Not a directory|File exists); choose"):
        Journal(tmp_path / "file", its, resume=False)
    (tmp_path / JOURNAL).mkdir()
    with pytest.raises(FolderError, match=r"cannot write .*journal.jsonl: Is a directory; choose another"):
        Journal(tmp_path, its, resume=False)


def test_a_disk_that_fills_up_leaves_whole_lines(
    tmp_path: Path, its: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(tmp_path, its, resume=False) as journal:
        journal.begin()
        journal.add("a", FOUND["a"])
        before, write = (tmp_path / JOURNAL).read_bytes(), os.write
        room = [5]

        def full(file: int, data: Any) -> int:
            if not room[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            found = write(file, bytes(data)[: room[0]])
            room[0] -= found
            return found

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full)
            with pytest.raises(FolderError, match=r"cannot write .*: No space left on device; choose"):
                journal.add("b", FOUND["b"])
        assert (tmp_path / JOURNAL).read_bytes() == before and "b" not in journal
        journal.add("c", 3)
    assert repr(taken_up(tmp_path, its)) == repr({"a": FOUND["a"], "c": 3})


@pytest.mark.parametrize("size", [0, 300, 2_000, 20_000, 100_000])
def test_a_run_that_may_write_no_more_is_2_with_a_sentence_and_no_folder_that_reads_as_a_run(
    tmp_path: Path, size: int
) -> None:
    limited = (  # not by preexec_fn, which forks a process that has threads
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        "from harness.cli import main; main()"
    )
    words = [sys.executable, "-c", limited, *f"run slide-3-5-2 --backend reference --out {tmp_path}".split()]
    run = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=300)
    assert run.returncode == 2, run.stderr
    (line,) = [line for line in run.stderr.splitlines() if not line.startswith("8 of 8")]
    assert line.startswith("gradproof: cannot write ") and line.endswith(
        "File too large; choose another folder with --out"
    )
    assert not (tmp_path / "index.html").exists() and not list(tmp_path.glob("*.part"))
    assert not (tmp_path / "run.json").exists() or size == 100_000


def test_a_backend_file_is_known_by_what_it_can_import_too(tmp_path: Path) -> None:
    file, beside, deeper = tmp_path / "mine.py", tmp_path / "kernel.py", tmp_path / "parts" / "inner.py"
    deeper.parent.mkdir()
    for path in (file, beside, deeper, deeper.parent / "__init__.py", tmp_path / "notes.txt"):
        path.write_text("1")
    people = [Introduced(str(file), "mine")]
    before = file_digests(people)
    (tmp_path / "notes.txt").write_text("2")
    assert file_digests(people) == before
    for path in (file, beside, deeper):
        path.write_text("2")
        assert file_digests(people) != before
        path.write_text("1")
    assert file_digests(people) == before
