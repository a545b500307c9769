"""Backends that are files, asked for their names in a process of their own: importing one may do anything."""

from __future__ import annotations

from collections.abc import Iterable

from harness.backends import BackendError, Pointwise, load
from harness.hands import Hands, Job, Lost, Raised
from harness.parts import Introduced
from reports.verdict import Verdict

PATIENCE = 120.0
"""Seconds that a file may take to be imported, frameworks and all."""


def introduced(path: str, hands: Hands) -> Introduced:
    """A backend as its file says. Raises BackendError with a sentence where it cannot be had."""
    hands.put(Job(path, (introduce, path), seconds=PATIENCE, room=path))
    ((_, found),) = hands.finished()
    if isinstance(found, Introduced):
        return found
    if isinstance(found, Raised) and isinstance(found.error, BackendError):
        raise found.error
    assert isinstance(found, (Lost, Raised))
    late = isinstance(found, Lost) and found.verdict == Verdict.TIMED_OUT
    raise BackendError(f"{path}: importing it {f'took more than {PATIENCE:g} s' if late else found.how}")


def introduce(path: str) -> Introduced:
    """Import a file, and say what it defines."""
    backend = load(path)
    return Introduced(path, backend.name, isinstance(backend, Pointwise))


def by_path(sources: Iterable[object], hands: Hands) -> dict[str, Introduced]:
    """Those of some backends that are files, introduced."""
    files = dict.fromkeys(source for source in sources if isinstance(source, str) and source.endswith(".py"))
    return {path: introduced(path, hands) for path in files}
