"""Programs run with a clock: their time, that of all their processes, memory, and what they say when they fail."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from harness.bench.processes import GRADPROOF, PROCESSES, Failed, Ran, environment, timed
from harness.bench.served import Server, threads

linux = pytest.mark.skipif(not PROCESSES.is_dir(), reason="only Linux tells of other processes")

BUSY = "import time\nend = time.process_time() + {seconds}\nwhile time.process_time() < end: pass\n"

CHILD = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', {source!r}], check=True)\n"


def python(source: str, folder: Path, watched: bool = False, **variables: str) -> Ran:
    return timed([sys.executable, "-c", source], folder, watched, **variables)


def test_the_clock_and_the_processor_are_told_apart(tmp_path: Path) -> None:
    started = time.perf_counter()
    ran = python("import time; time.sleep(0.5); print('done')", tmp_path)
    assert 0.5 <= ran.seconds <= time.perf_counter() - started
    assert ran.cpu < ran.seconds and ran.output == "done\n"


def test_processor_time_is_that_of_children_too(tmp_path: Path) -> None:
    assert python(CHILD.format(source=BUSY.format(seconds=0.4)), tmp_path).cpu >= 0.4


ORPHAN = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {source!r}], stdout=subprocess.PIPE)
child.stdout.readline()
time.sleep(1)  # long enough to be looked at
child.kill()
os._exit(0)
"""


@linux
def test_processor_time_of_a_child_that_nobody_waits_for_is_seen(tmp_path: Path) -> None:
    source = BUSY.format(seconds=0.5) + "print(flush=True)\ntime.sleep(60)\n"
    assert python(ORPHAN.format(source=source), tmp_path, watched=True).cpu >= 0.5
    assert python(ORPHAN.format(source=source), tmp_path).cpu < 0.5


@linux
def test_peaks_are_those_of_the_process_and_of_its_largest_child(tmp_path: Path) -> None:
    child = "import time\nx = bytearray({size})\ntime.sleep(1)\n"
    grown = "x = bytearray(300_000_000)\ndel x\n" + CHILD.format(source=child.format(size=100_000_000))
    ran = python(grown, tmp_path, watched=True)
    assert 300e6 < ran.parent < 400e6
    assert 100e6 < ran.worker < 200e6


def test_a_program_that_fails_is_named_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"^python\S* -c .* ended with 1: ValueError: no such luck$"):
        python("raise ValueError('no such luck')", tmp_path)
    with pytest.raises(Failed, match=r"^gradproof show nowhere ended with 2: .*nowhere"):
        timed([*GRADPROOF, "show", "nowhere"], tmp_path)
    with pytest.raises(Failed, match="ended with -9"):
        python("import os; os.kill(os.getpid(), 9)", tmp_path)


def test_variables_are_set_before_anything_is_imported(tmp_path: Path) -> None:
    assert (
        python("import os; print(os.environ['GRADPROOF_CACHE'])", tmp_path, GRADPROOF_CACHE="here").output == "here\n"
    )
    assert set(threads(2).values()) == {"2"} and "OMP_NUM_THREADS" in threads(2)


def test_our_packages_are_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "first"))
    assert environment()["PYTHONPATH"].endswith(str(tmp_path / "first"))
    assert "harness" in python("import harness.bench; print(harness.bench.__name__)", tmp_path).output


def test_a_process_that_serves_measures_its_tasks_and_prints_nothing_else(tmp_path: Path) -> None:
    with Server("harness.bench.reference", {"layers": [3, 5, 2], "batch": 1}, threads(1)) as server:
        for task in ("reference", "products", "reference"):
            taken = server.turn(task, 0.01)
            assert 0 < taken.seconds < 1 and taken.cpu >= 0


@pytest.mark.parametrize(
    ("module", "why"), [("nowhere", "ModuleNotFoundError: .*nowhere"), ("reference", "KeyError: 'nothing'")]
)
def test_a_process_that_cannot_serve_says_why(module: str, why: str) -> None:
    server = Server(f"harness.bench.{module}", {"layers": [3, 5, 2], "batch": 1})
    with pytest.raises(Failed, match=f"^nothing could not be measured: {why}"), server:
        server.turn("nothing", 0.01)
