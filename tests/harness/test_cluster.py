"""A Dask cluster of two worker processes here: the same rows, also where one of them is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from cases.case import Case
from harness.cluster import LIVES, PATIENCE, OtherVersions, Unreachable, cluster, do
from harness.crew import Crew
from harness.hands import Here, Job
from harness.introduced import by_path
from harness.machine import versions
from harness.run import Asked, Outcome, outcome, results
from harness.scan import Scan
from reports.verdict import Verdict

pytest.importorskip("distributed", reason="gradproof[dask] is not installed")
pytestmark = pytest.mark.long  # two Dask workers import the frameworks, several times over

HOME = Path(__file__).parents[2]

TWO_WORKERS = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, *(worker.pid for worker in cluster.workers.values()), flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[str, list[int]]]:
    """The address of a cluster, and the process ids of its workers."""
    script = tmp_path / "two.py"
    script.write_text(TWO_WORKERS)
    process = subprocess.Popen(
        [sys.executable, str(script)], cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(HOME), *sys.path])}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    address, *pids = process.stdout.readline().split()
    yield address, [int(pid) for pid in pids]
    process.communicate("")


@pytest.fixture
def asked(draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> Asked:
    """A dozen small tasks."""
    monkeypatch.setattr("harness.engine.STACKS_A_TASK", 1)
    cases = [replace(draw(2, 3, 2, alpha=0.1 + 0.01 * n), name=f"good-{n}") for n in range(11)]
    bad = replace(draw(2, 2, 1, activation="relu"), name="bad")
    return Asked([*cases, bad], ["reference", "reference-neuron"], scans=[Scan("relu", "float16")])


def values(found: Outcome, *without: str) -> list[dict[str, str]]:
    rows = [row for row in (*found.rows, *found.observed) if row.backend not in without]
    return [{key: repr(value) for key, value in asdict(row).items()} for row in rows]


def on(address: str, asked: Asked, seconds: float = 60.0, told: Any = lambda finished, wrong: None) -> Outcome:
    with closing(cluster(address)) as its:
        assert its.places == 4
        return outcome(asked, results(asked, its, seconds, told))


def test_the_rows_are_the_same_also_where_a_worker_is_killed(two: tuple[str, list[int]], asked: Asked) -> None:
    expected = outcome(asked, results(asked, Here(), None, lambda finished, wrong: None))
    address, pids = two
    told: list[float] = []

    def kill_one(finished: int, wrong: int) -> None:
        told.append(time.monotonic())
        if len(told) == 3:
            os.kill(pids[0], signal.SIGKILL)

    for progress in (lambda finished, wrong: None, kill_one):
        found = on(address, asked, told=progress)
        assert values(found) == values(expected)
        assert (found.answer, found.sights, found.kills) == (expected.answer, expected.sights, expected.kills)
    assert len(told) == len(asked.cut) == 13 and found.answer.exit_code == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


FILE = """
import os, time
from harness.backends import load

class Mine:
    name = "mine"
    def supports(self, case):
        return None
    def evaluate(self, stack):
        if stack.first.name == "bad":
            DO
        return load("reference").evaluate(stack)

backend = Mine()
"""


@pytest.mark.parametrize(
    ("do_", "verdict", "said"),
    [
        ("os._exit(3)", Verdict.CRASHED, "exited with code 3"),
        ("time.sleep(10**6)", Verdict.TIMED_OUT, "ran past --timeout 10 s"),
    ],
)
def test_a_backend_that_ends_its_process_ends_no_worker_of_the_cluster(
    two: tuple[str, list[int]], asked: Asked, tmp_path: Path, do_: str, verdict: Verdict, said: str
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(FILE.replace("DO", do_))
    with Crew(1) as near:
        people = by_path([str(path)], near)
    its = replace(asked, backends=["reference", str(path)], people=people, mistakes=False, observers=())
    found = on(two[0], its, seconds=10.0)
    assert found.answer.exit_code == 3
    (row,) = [row for row in found.rows if row.verdict not in (Verdict.EXACT, Verdict.ROUNDING)]
    assert (row.case, row.backend, row.verdict, row.detail) == ("bad", "mine", verdict, said)
    for pid in two[1]:
        os.kill(pid, 0)


def test_a_worker_with_other_versions_is_refused() -> None:
    assert do((pow, 2, 3), None, None, "", versions()) == 8
    with pytest.raises(OtherVersions) as raised:
        do((pow, 2, 3), None, None, "", versions() | {"torch": "1.0"})
    assert f"a worker of the Dask cluster has torch {versions()['torch']} (here 1.0); install" in str(raised.value)


def test_versions_are_compared_on_the_cluster(two: tuple[str, list[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(cluster(two[0])) as its:
        monkeypatch.setattr(its, "_versions", versions() | {"numpy": "1.0"})
        its.put(Job(0, (pow, 2, 3)))
        with pytest.raises(Unreachable, match=r"a worker of the Dask cluster has numpy .* \(here 1.0\); install"):
            list(its.finished())


class Future:
    def __init__(self, key: str, error: Exception | None) -> None:
        self.key, self.error, self.status = key, error, "error" if error else "finished"

    def exception(self) -> Exception | None:
        return self.error

    def result(self) -> int:
        return 8


class KilledWorker(Exception):
    """As Dask calls it."""


class Fake:
    """A client, and what it completed, whose workers are lost ``deaths`` times."""

    def __init__(self, deaths: int) -> None:
        self.deaths, self.ready, self.count = deaths, list[Future](), 0

    def submit(self, *_: Any, pure: bool) -> Future:
        self.count += 1
        return Future(str(self.count), KilledWorker("lost") if self.count <= self.deaths else None)

    def add(self, future: Future) -> None:
        self.ready.append(future)

    def __next__(self) -> Future:
        return self.ready.pop(0)


@pytest.mark.parametrize("deaths", [0, LIVES, LIVES + 1])
def test_a_task_on_lost_workers_is_sent_again(deaths: int) -> None:
    from harness.cluster import Cluster

    fake = Fake(deaths)
    its = Cluster(fake, fake, "tcp://there:1")
    its.put(Job("it", (pow, 2, 3)))
    if deaths <= LIVES:
        assert list(its.finished()) == [("it", 8)] and fake.count == deaths + 1
    else:
        with pytest.raises(Unreachable, match="at tcp://there:1 gave up a task: KilledWorker: lost"):
            list(its.finished())


def test_where_nobody_listens_or_somebody_else_it_is_said_at_once() -> None:
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="no Dask scheduler answers at nowhere: "):
        cluster("nowhere")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    with server.accept()[0] as its:
                        its.sendall(b"\xff" * 100)
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(Unreachable, match=f"no Dask scheduler answers at {address}: "):
            cluster(address)
        server.shutdown(socket.SHUT_RDWR)
    assert time.monotonic() - begun < PATIENCE


def test_no_cluster_and_no_dask_are_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.cluster.PATIENCE", 1)
    for address in ("tcp://127.0.0.1:9", "nowhere"):
        with pytest.raises(Unreachable, match=f"no Dask scheduler answers at {address}: "):
            cluster(address)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Unreachable, match=r"--scheduler needs Dask: pip install 'gradproof\[dask\]'"):
        cluster("tcp://127.0.0.1:9")
