"""A run that is killed, interrupted, or out of disk: what it has done is kept, and --resume ends with the same rows."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.journal import JOURNAL
from reports.record import ROWS, RUN

HOME = Path(__file__).parents[2]
WORDS = ("scan-*-float16", "slide-3-5-2*", "--backend", "reference")


def words(folder: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "harness.cli", "run", *WORDS, "--out", str(folder), *more]


def begun(folder: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(words(folder, *more), cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words(folder, *more), cwd=HOME, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A run that nobody disturbs, and how long it takes."""
    folder, start = tmp_path_factory.mktemp("undisturbed") / "run", time.monotonic()
    found = ended(folder)
    assert found.returncode == 0, found.stderr
    return folder, time.monotonic() - start


def same(folder: Path, other: Path) -> None:
    """Rows and everything made of them are the same; but for times, run.json too."""
    names = {path.name for path in other.iterdir()}
    assert {path.name for path in folder.iterdir()} == names
    for name in names - {JOURNAL, RUN, "index.html", "summary.md", "junit.xml"}:
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name
    a, b = (json.loads((path / RUN).read_text()) for path in (folder, other))
    for run in (a, b):
        for varying in ("started", "seconds", "command"):
            del run[varying]
    assert a == b


def done(folder: Path) -> int:
    """Tasks in the journal."""
    path = folder / JOURNAL
    return max(path.read_bytes().count(b"\n") - 1, 0) if path.exists() else 0


def until(folder: Path, process: subprocess.Popen[str], tasks: int) -> None:
    """Wait until so many tasks are done."""
    deadline = time.monotonic() + 300
    while done(folder) < tasks:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)


@pytest.mark.parametrize("most", [2, pytest.param(20, marks=pytest.mark.long)])
def test_killed_at_random_moments_the_rows_are_the_same(
    undisturbed: tuple[Path, float], tmp_path: Path, most: int
) -> None:
    other, seconds = undisturbed
    rng, folder, kills, finished = random.Random(20260301), tmp_path / "run", 0, 0
    progress: list[int] = []
    while kills < most:
        more = ["--resume"] * (kills > 0) + ["--workers", rng.choice("12")]
        before, process = done(folder), begun(folder, *more)
        if rng.random() < 0.7:  # at its work, or at its pages, and not only as it starts
            while process.poll() is None and done(folder) == before:
                time.sleep(0.01)
        try:
            process.wait(rng.uniform(0, 0.5) * seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            kills += 1
        _, err = process.communicate()
        progress.append(done(folder))
        if process.returncode == 0:
            same(folder, other)
            finished += 1
            shutil.rmtree(folder)
        else:
            assert process.returncode == -signal.SIGKILL, err
            assert not (folder / "index.html").exists() or (folder / RUN).exists()
    found = ended(folder, "--resume")
    assert found.returncode == 0, found.stderr
    same(folder, other)
    assert most < 20 or len(set(progress)) > 2, "the kills fell on different moments"


def test_what_is_done_is_not_done_again_and_a_finished_run_is_left_alone(
    undisturbed: tuple[Path, float], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    process = begun(folder)
    until(folder, process, 7)
    process.kill()
    process.communicate()
    before = (folder / JOURNAL).read_bytes()
    kept = before[: before.rindex(b"\n") + 1]
    found = ended(folder, "--resume")
    after = (folder / JOURNAL).read_bytes()
    assert after.startswith(kept) and after.count(b"\n") == done(undisturbed[0]) + 1
    assert f"taken up: {kept.count(10) - 1} of 16 tasks are done and in {folder / JOURNAL}" in found.stderr
    same(folder, undisturbed[0])
    files = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    again = ended(folder, "--resume")
    assert again.returncode == 0 and f"nothing is left to do: the run in {folder} is finished" in again.stdout
    assert files == {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    shown, shown_again = (its.stdout.splitlines()[:-1] for its in (found, again))
    assert shown == shown_again


@pytest.mark.long
def test_killed_while_it_writes_its_pages_it_writes_them_again(undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(undisturbed[0], folder)
    for name in ("index.html", "junit.xml", "summary.md"):
        (folder / name).unlink()
    (folder / "summary.md.part").write_text("half of it")
    (folder / ROWS).write_text("of some other run")
    assert ended(folder, "--resume").returncode == 0
    same(folder, undisturbed[0])


@pytest.mark.long
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_a_sentence_and_no_process_is_left(
    undisturbed: tuple[Path, float], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    folder = tmp_path / "run"
    process = begun(folder, "--workers", "2")
    until(folder, process, 3)
    workers = children(process.pid)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    (line,) = [line for line in err.splitlines() if line.startswith("gradproof")]
    counts = [done(folder), done(folder) - 1]  # it may have come just as a task was written down
    assert any(f"gradproof: interrupted: {n} of 16 tasks are done and in {folder / JOURNAL}; " in line for n in counts)
    assert line.endswith("the same command with --resume goes on from there") and "Traceback" not in err
    assert workers and not any(Path(f"/proc/{pid}").exists() for pid in workers)
    assert ended(folder, "--resume").returncode == 0
    same(folder, undisturbed[0])


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


OLD = b"of the run before"


def test_a_new_run_leaves_nothing_of_the_one_before_it(undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(undisturbed[0], folder)
    for path in folder.iterdir():
        if path.name not in (RUN, JOURNAL):
            path.write_bytes(OLD)
    (folder / "notes.txt").write_text("of somebody else")
    process = begun(folder)
    deadline = time.monotonic() + 300
    while (folder / RUN).exists():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    until(folder, process, 1)
    process.kill()
    process.communicate()
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert OLD not in left.values() and {JOURNAL, "notes.txt"} <= left.keys()


def test_without_a_journal_it_starts_afresh_and_says_so(undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(undisturbed[0], folder)
    (folder / JOURNAL).unlink()
    found = ended(folder, "--resume")
    assert (
        found.returncode == 0
        and f"no journal of a run in {folder} that can be read: the run starts afresh" in found.stderr
    )
    same(folder, undisturbed[0])


def test_another_run_is_refused_and_nothing_is_touched(undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(undisturbed[0], folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    found = ended(folder, "--resume", "slide-3-5-3*")
    assert found.returncode == 2 and found.stderr.count("\n") == 1
    assert "journal.jsonl is of another run: cases slide-3-5-3 not there then; " in found.stderr
    assert found.stderr.endswith("not there then; without --resume it is started afresh\n")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.fixture
def tiny(tmp_path: Path) -> Any:
    """A disk of three megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if os.name != "posix" or shutil.which("mount") is None or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_a_sentence_and_room_made_the_run_is_finished(
    undisturbed: tuple[Path, float], tiny: Path, tmp_path: Path
) -> None:
    filler = tiny / "filler"
    filler.write_bytes(bytes(3 * 2**20 - 2**16))
    found = ended(tiny / "run")
    assert found.returncode == 2 and found.stderr.count("\n") == 1
    assert "cannot write" in found.stderr and "No space left on device; choose another folder" in found.stderr
    assert not (tiny / "run" / "index.html").exists()
    filler.unlink()
    found = ended(tiny / "run", "--resume")
    assert found.returncode == 0, found.stderr
    assert "taken up: " in found.stderr
    same(tiny / "run", undisturbed[0])


SLOW = """
import time
from harness.backends.reference import matrix

class Slow:
    name = "slow"

    def supports(self, case):
        return None

    def evaluate(self, stack):
        if "slide-3-5-3" in stack.first.name:
            time.sleep(4)
        return matrix.evaluate(stack)

backend = Slow()
"""


@pytest.mark.long
def test_what_ran_out_of_time_is_done_again_when_it_may_take_longer(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    folder = tmp_path / "run"

    def again(*more: str) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
        its = ["slide-3-5-3", "slide-3-5-2", "--backend", str(tmp_path / "slow.py"), "--out", str(folder), *more]
        words = [sys.executable, "-m", "harness.cli", "run", *its]
        found = subprocess.run(words, cwd=HOME, capture_output=True, text=True, timeout=600)
        return found, [json.loads(line) for line in (folder / ROWS).read_text().splitlines()]

    found, rows = again("--timeout", "1")
    assert found.returncode == 3, found.stderr
    assert {row["verdict"] for row in rows} >= {"timed-out"}
    before = folder.stat().st_mtime_ns, (folder / RUN).read_bytes()
    found, _ = again("--resume", "--timeout", "1")
    assert found.returncode == 3 and "nothing is left to do" in found.stdout
    assert (folder.stat().st_mtime_ns, (folder / RUN).read_bytes()) == before
    found, rows = again("--resume", "--timeout", "300")
    assert found.returncode == 0, found.stderr
    assert "timed-out" not in {row["verdict"] for row in rows} and {row["backend"] for row in rows} == {"slow"}
    found, _ = again("--resume")
    assert found.returncode == 0 and "nothing is left to do" in found.stdout
