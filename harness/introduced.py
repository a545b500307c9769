"""Backends asked for what they are by those who compute: importing a file may do anything, and a framework is large."""

from __future__ import annotations

from collections.abc import Iterable

from harness.backends import Backend, BackendError, Pointwise, load
from harness.hands import Hands, Job, Lost, Raised
from harness.parts import Introduced
from reports.verdict import Verdict

PATIENCE = 120.0
"""Seconds that a file may take to be imported, frameworks and all."""


def introduced(path: str, hands: Hands) -> Introduced:
    """A backend as it says of itself, by its name, or by the path of its file.

    Raises Missing where its framework is not installed, BackendError with a sentence where it cannot be had.
    """
    if path.endswith(".py"):
        hands.put(Job(path, (introduce, path), seconds=PATIENCE, room=path))
    else:
        hands.put(Job(path, (introduce, path), before=(introduce, path), seconds=PATIENCE))
    ((_, found),) = hands.finished()
    if isinstance(found, Introduced):
        return found
    if isinstance(found, Raised) and isinstance(found.error, BackendError):
        raise found.error
    assert isinstance(found, (Lost, Raised))
    late = isinstance(found, Lost) and found.verdict == Verdict.TIMED_OUT
    raise BackendError(f"{path}: importing it {f'took more than {PATIENCE:g} s' if late else found.how}")


def introduce(path: str) -> Introduced:
    """Import a backend, and say what it is."""
    backend = load(path)
    return Introduced(path, backend.name, isinstance(backend, Pointwise), mode(backend))


def mode(backend: Backend) -> str:
    """In which mode it differentiates: a bound that is wider than reverse mode's may hide what a case does not."""
    return str(getattr(backend, "mode", "reverse"))


def by_path(sources: Iterable[object], hands: Hands) -> dict[str, Introduced]:
    """Those of some backends that are files, introduced."""
    files = dict.fromkeys(source for source in sources if isinstance(source, str) and source.endswith(".py"))
    return {path: introduced(path, hands) for path in files}
