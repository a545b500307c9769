"""A Dask cluster that does the calls of a run: the same tasks, with the same rows.

On the cluster a task is done as it is here, in a process of its own that a Dask worker keeps (`harness.crew`): so a
backend that exits or hangs ends that process and never a Dask worker, and what is said of it is the same. A Dask
worker that is lost costs time: Dask gives what it had to do to another.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Hashable, Iterator
from functools import cache
from typing import Any

from harness.crew import Crew
from harness.hands import Call, Hands, Job
from harness.machine import versions

PATIENCE = 20
"""Seconds within which a scheduler must answer."""

REACHED = 5.0
"""Seconds within which the place where it should be must be reached."""

PORT = 8786
"""Where a scheduler listens unless told otherwise."""

LIVES = 10
"""So often a task is sent again that was on a Dask worker when that was lost; it does not end them by itself."""


class Unreachable(Exception):
    """There is no cluster to compute on, or one that would compute something else; the message is a sentence."""


def cluster(address: str) -> Hands:
    """The Dask cluster at an address. Raises Unreachable."""
    try:
        import distributed
    except ImportError as error:
        raise Unreachable(f"--scheduler needs Dask: pip install 'gradproof[dask]' ({error})") from error
    _listens(address)
    client = distributed.Client.__new__(distributed.Client)
    try:
        distributed.Client.__init__(client, address, timeout=PATIENCE, set_as_default=False)
    except Exception as error:  # whatever is made of what answers there
        client.status = "closed"  # or else its end waits as long again, in vain
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise Unreachable(f"no Dask scheduler answers at {address}: {said[0]}") from error
    if not client.nthreads():
        print(f"the Dask cluster at {address} has no worker yet: waiting for one", file=sys.stderr)
    return Cluster(client, distributed.as_completed([], loop=client.loop), address)


def _listens(address: str) -> None:
    """See that somebody listens at the address of a scheduler, where that is a host and a port. Raises Unreachable.

    Dask itself tries for PATIENCE seconds, and goes on to tell what it tried after that.
    """
    from distributed.comm.addressing import parse_address, parse_host_port

    try:
        scheme, place = parse_address(address)
        if scheme not in ("tcp", "tls"):
            return
        with socket.create_connection(parse_host_port(place, default_port=PORT), timeout=REACHED):
            pass
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Unreachable(f"no Dask scheduler answers at {address}: {said}") from error


class Cluster:
    """The workers of a Dask cluster, as many as there are."""

    def __init__(self, client: Any, completed: Any, address: str) -> None:
        self._client, self._completed, self._address = client, completed, address
        self._jobs: dict[Any, tuple[Job, int]] = {}
        self._versions = versions()

    @property
    def places(self) -> int:
        """Two tasks a thread, so that none waits for its next."""
        threads: int = sum(self._client.nthreads().values())
        return max(2 * threads, 2)

    def put(self, job: Job) -> None:
        """Ask for a job."""
        self._send(job, LIVES)

    def _send(self, job: Job, lives: int) -> None:
        future = self._client.submit(do, job.call, job.before, job.seconds, job.room, self._versions, pure=False)
        self._jobs[future.key] = job, lives
        self._completed.add(future)

    def finished(self) -> Iterator[tuple[Hashable, Any]]:
        """Results as jobs end. Raises Unreachable."""
        while self._jobs:
            future = next(self._completed)
            job, lives = self._jobs.pop(future.key)
            if future.status == "finished":
                found = future.result()
            elif lives and type(error := future.exception()).__name__ == "KilledWorker":
                self._send(job, lives - 1)
                continue
            else:
                error = future.exception() if future.status == "error" else None
                if isinstance(error, OtherVersions):
                    raise Unreachable(str(error))
                said = f"{type(error).__name__}: {error}" if error else future.status
                raise Unreachable(f"the Dask cluster at {self._address} gave up a task: {said}")
            yield job.key, found

    def close(self) -> None:
        """Give up what is not done, and hang up."""
        self._client.cancel(list(self._client.futures))
        self._client.close()


class OtherVersions(Exception):
    """A Dask worker has other versions, and would compute something else."""


_versions = cache(versions)

_mine = threading.local()


def do(call: Call, before: Call | None, seconds: float | None, room: str, expected: dict[str, str]) -> Any:
    """Do a call on a Dask worker, in a process of its own that the thread keeps. Raises OtherVersions."""
    if (found := _versions()) != expected:
        names = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
        said = ", ".join(f"{n} {found.get(n, 'not there')} (here {expected.get(n, 'not there')})" for n in names)
        raise OtherVersions(f"a worker of the Dask cluster has {said}; install the same as here")
    if not hasattr(_mine, "crew"):
        _mine.crew = Crew(1)
    _mine.crew.put(Job("", call, before, seconds, room))
    ((_, result),) = _mine.crew.finished()
    return result
