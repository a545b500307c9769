"""What a run is of: everything that its rows follow from. A journal is taken up only by the same run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import harness
from cases.case import Case
from harness.engine import Task
from harness.machine import catalogue_digest, machine, versions
from harness.parts import Introduced

FORMAT = 2
"""Changes when lines of a journal mean something else."""

OURS = ("row.py", "verdict.py", "ranks.py", "lots.py", "sums.py", "stored.py")
"""Files of reports/ that a journal depends on."""

HOME = Path(harness.__file__).resolve().parent.parent

MODULES = (".py", ".so", ".pyd", ".dylib", ".dll")
"""What the name of a file ends with that a backend file can import from its own folder, or load."""

SHOWN = 3
"""Differences of a kind that are named; of more, how many there are."""


def identity(
    cut: Sequence[Task], backends: Sequence[str], routes: Sequence[str], people: Iterable[Introduced], proved: bool
) -> dict[str, Any]:
    """The first line of a journal: cases by family (seed and digest), how they are cut, who computes, and versions."""
    families: dict[str, list[Case]] = {}
    for task in cut:
        for case in [*task.cases, *(training.start for training in task.trainings)]:
            families.setdefault(case.family, []).append(case)
    return {
        "journal": FORMAT,
        "cases": {name: _family(its) for name, its in families.items()},
        "scans": [scan.name for task in cut for scan in task.scans],
        "cut": hashlib.sha256(repr([[len(s.cases) for s in task.stacks] for task in cut]).encode()).hexdigest(),
        "backends": list(backends),
        "routes": list(routes),
        "files": file_digests(people),
        "proof": proved,
        "versions": versions() | {"gradproof's own text": _own_text()},
        "machine": machine(),
    }


def file_digests(people: Iterable[Introduced]) -> dict[str, str]:
    """Backends that are files, by name: a digest of the file and of what it can import from beside it."""
    return {its.name: _digest(_beside(Path(its.source))) for its in people}


def _beside(source: Path) -> list[Path]:
    """A file, the modules in its folder, and all in the packages there."""
    folder = source.resolve().parent
    packages = [init.parent for init in folder.glob("*/__init__.py")]
    found = [*folder.glob("*"), *(path for package in packages for path in package.rglob("*"))]
    return [source, *sorted(path for path in found if path.suffix in MODULES and path.is_file())]


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """In what two runs differ, in words; [] where in nothing."""
    if then.get("journal") != now["journal"]:
        return [f"its format is {then.get('journal')!r}, this program writes {now['journal']!r}"]
    said = []
    for key, what in (("cases", "cases"), ("files", "backend file"), ("versions", "version")):
        said += _clipped(list(_changed(what, then[key], now[key])))
    for key, what in (("scans", "scan"), ("backends", "backend"), ("routes", "route")):
        its = _clipped(list(_changed(what, dict.fromkeys(then[key], ""), dict.fromkeys(now[key], ""))))
        said += its or ([f"{key} in another order"] if then[key] != now[key] else [])
    for key, what in (("cut", "it was cut into other tasks"), ("proof", "one has the certificate, the other has not")):
        if then[key] != now[key] and not said:
            said.append(what)
    if then["machine"] != now["machine"]:
        said.append(f"machine {then['machine']} then, {now['machine']} now")
    return said


def _changed(what: str, then: Mapping[str, str], now: Mapping[str, str]) -> Iterable[str]:
    for name in [*then, *(name for name in now if name not in then)]:
        if name not in now:
            yield f"{what} {name} not asked for now"
        elif name not in then:
            yield f"{what} {name} not there then"
        elif then[name] != now[name]:
            yield f"{what} {name} {_apart(then[name], now[name])}"


def _apart(then: str, now: str) -> str:
    """Two values that differ; where one is a digest, that says nothing, only that they do."""
    short = [value.rpartition(" digest ")[0] if " digest " in value else value for value in (then, now)]
    if short[0] == short[1] or len(then) == len(now) == 64:
        return "has changed"
    return f"{short[0] or 'without a seed'} then, {short[1] or 'without a seed'} now"


def _clipped(said: list[str]) -> list[str]:
    return said if len(said) <= SHOWN else [*said[:SHOWN], f"and {len(said) - SHOWN} more"]


def _family(cases: Sequence[Case]) -> str:
    drawn = sorted({case.source.rstrip(".").lower() for case in cases if "seed" in case.source})
    return f"{', '.join(drawn[:2])} digest {catalogue_digest(cases)}"


def _own_text() -> str:
    """SHA-256 of every file of ours that a row can depend on."""
    folders = ("reference", "cases", "harness")
    texts = [p for f in folders for p in (HOME / f).rglob("*") if p.suffix in (".py", ".toml")]
    return _digest(sorted([*texts, *(HOME / "reports" / name for name in OURS)]))


def _digest(paths: Iterable[Path]) -> str:
    sha = hashlib.sha256()
    for path in paths:
        sha.update(path.read_bytes())
    return sha.hexdigest()
