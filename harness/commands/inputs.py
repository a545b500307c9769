"""Cases and backends as named on the command line."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from cases.case import Case
from cases.select import matches
from harness.backends import BACKENDS, Backend, BackendError, Missing
from harness.backends import load as load_backend
from harness.backends import names as backend_names
from harness.commands import UserError
from harness.commands.reading import choose, read_cases
from harness.hands import Hands, Here
from harness.introduced import introduced
from harness.learning.training import Training, trainings
from harness.parts import Introduced
from harness.scan import Scan, scans

__all__ = ["Selection", "choose", "load_backends", "read_cases", "selected"]

Its = TypeVar("Its", bound="Backend | Introduced")

TWICE = "--workers are processes here; how many the cluster of --scheduler has is its own affair"

ROUTES_COME_WITH = "pip install 'gradproof[routes]', or '.[routes]' in a clone, brings the optional ones"


def load_backends(
    names: Sequence[str], device: str = "cpu", runs: str = "all"
) -> tuple[list[Backend], dict[str, str], list[str]]:
    """Backends by name; without a name those that run by themselves on all cases, or on those of ``runs``.

    Returns those that could be had, those missing although required (with the reason), and a line about
    each missing one that is optional. Raises UserError for a name that is none.
    """
    return _had(names, device, runs, load_backend)


def call_backends(
    names: Sequence[str], device: str, hands: Hands, runs: str = "all"
) -> tuple[list[Backend | Introduced], dict[str, str], list[str]]:
    """The same, but not loaded here, unless ``hands`` are this process: they ask backends for what they are."""
    by_name: Callable[[str], Backend | Introduced] = load_backend
    if not isinstance(hands, Here):
        by_name = partial(introduced, hands=hands)
    return _had(names, device, runs, by_name)


def _had(
    names: Sequence[str], device: str, runs: str, by_name: Callable[[str], Its]
) -> tuple[list[Its], dict[str, str], list[str]]:
    found: list[Its] = []
    missing: dict[str, str] = {}
    lines: list[str] = []
    for name in dict.fromkeys(names) or backend_names(device, runs):
        try:
            found.append(by_name(name))
        except Missing as error:
            if names or BACKENDS[name].required:
                missing[name] = str(error)
            else:
                lines.append(f"without {name}: {error}; {ROUTES_COME_WITH}")
        except BackendError as error:
            raise UserError(str(error)) from error
    twice = {backend.name for backend in found if [b.name for b in found].count(backend.name) > 1}
    if twice:
        raise UserError(f"two backends are both called {', '.join(sorted(twice))}; give yours another name")
    return found, missing, lines


@dataclass(frozen=True)
class Selection:
    """What a run is asked for: cases, scans and trainings."""

    cases: list[Case]
    scans: list[Scan]
    trainings: list[Training]

    @property
    def size(self) -> int:
        """How many there are of all three."""
        return len(self.cases) + len(self.scans) + len(self.trainings)


def selected(
    every: Sequence[Case], patterns: Sequence[str], dtypes: Sequence[str], quick: bool, beside: bool
) -> Selection:
    """Whatever a pattern fits, be it a case, a scan or a training; everything without one.

    ``quick``: only cases with that tag. ``beside``: scans and trainings too. Raises UserError for a pattern that
    fits nothing.
    """
    pool = choose(every, ("tag:quick",), ()) if quick else list(every)
    scanned = [s for s in scans() if _fits(s.name, s.dtype, patterns, dtypes)] if beside and not quick else []
    trained = [t for t in trainings() if _fits(t.name, t.start.dtype, patterns, dtypes)] if beside and not quick else []
    names = [*(s.name for s in scanned), *(t.name for t in trained)]
    kept = [case for case in pool if not dtypes or case.dtype in dtypes]
    others = [p for p in patterns if not fnmatch.filter(names, p) or any(matches(case, p) for case in kept)]
    cases = choose(pool, others, dtypes) if others or not patterns else []
    return Selection(cases, scanned, trained)


def _fits(name: str, dtype: str, patterns: Sequence[str], dtypes: Sequence[str]) -> bool:
    named = not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    return named and (not dtypes or dtype in dtypes)
