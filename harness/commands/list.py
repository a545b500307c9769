"""``gradproof list``: cases, backends, activations, equations, mistakes."""

from __future__ import annotations

import difflib
import fnmatch
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness.commands import UserError
from harness.commands.listed import kept
from reports import listing

Rows = tuple[Sequence[str], Iterable[Sequence[str]]]


def command(what: str, files: tuple[Path, ...], patterns: tuple[str, ...] = ()) -> int:
    """Print one table: wrapped on a terminal, where it is wider; never where the output is a pipe.

    Raises UserError where a pattern fits nothing.
    """
    if what == "cases" and patterns:
        header, rows = _cases(files, patterns)
    else:
        make = partial(_TABLES[what], files)
        header, rows = kept(what, files, make) if what in KEPT and _readable(files) else make()
        rows = _fitting(list(rows), patterns, what) if patterns else rows
    listing.show(header, rows, sys.stdout)
    return 0


def _fitting(rows: Sequence[Sequence[str]], patterns: Sequence[str], what: str) -> list[Sequence[str]]:
    """Rows whose name fits any pattern, each of which must fit one."""
    names = [row[0] for row in rows]
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            near = difflib.get_close_matches(pattern, names, n=3, cutoff=0.4)
            raise UserError(f"none of the {what} fits {pattern!r}; nearest: {', '.join(near or names[:3])}")
    return [row for row in rows if any(fnmatch.fnmatchcase(row[0], pattern) for pattern in patterns)]


def _cases(files: tuple[Path, ...], patterns: tuple[str, ...] = ()) -> Rows:
    from harness.commands.reading import choose, read_cases

    header = ("case", "layers", "samples", "α", "tags", "source")
    return header, [
        (c.name, c.structure, str(c.batch), f"{c.learning_rate:.6g}", " ".join(c.tags), c.source)
        for c in choose(read_cases(files), patterns, ())
    ]


def _backends(files: tuple[Path, ...]) -> Rows:
    from harness.backends.listing import BACKENDS

    def installed(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "not installed"

    when = {"all": "every case", "core": "core cases", "asked": "when asked"}
    header = ("backend", "framework", "version", "required", "runs on", "supports", "what it runs")
    return header, [
        (
            name,
            b.framework,
            installed(b.framework),
            "yes" if b.required else "no",
            when[b.runs] if b.device == "cpu" else f"--device {b.device}",
            b.covers,
            b.what,
        )
        for name, b in BACKENDS.items()
    ]


def _activations(files: tuple[Path, ...]) -> Rows:
    from harness.accuracy import ACCURACY
    from reference.activations import FORMULAS

    header = ("activation", "value within", "derivative within", "kinks", "formula")
    rows = []
    for name, module in FORMULAS.items():
        row = ACCURACY[name]
        kinks = ", ".join(f"{x:g}" for x in row.kinks) or "none"
        formula = (module.__doc__ or "").splitlines()[0].rstrip(".")
        rows.append((name, f"{row.k:g} roundings", f"{row.k_slope:g} roundings", kinks, formula))
    return header, rows


def _equations(files: tuple[Path, ...]) -> Rows:
    from cases.loader import catalogue
    from harness.commands.reading import choose, read_cases
    from harness.equations import EQUATIONS

    slides = [file for file in catalogue() if file.stem == "slides"]
    case = choose(read_cases(slides), ("slide-3-5-2-sigmoid-classification-float64",), ())[0]
    header = ("id", "statement", "code", "routes", "outcome", "note")
    rows = []
    for e in EQUATIONS:
        found = e.check(case)
        rows.append((e.id, e.statement, e.code, " ".join(e.routes) or "-", found.word, found.note))
    return header, rows


def _mistakes(files: tuple[Path, ...]) -> Rows:
    from harness.mistakes import FAMILIES

    header = ("mistake", "family", "variant of", "what is wrong", "equations", "what to do")
    return header, [
        (m.name, family, m.variant_of or "-", m.what, m.equations, m.fix)
        for family, its in FAMILIES.items()
        for m in its
    ]


def _readable(files: Iterable[Path]) -> bool:
    """Whether all are there; what is wrong with one is for its reader to say."""
    return all(path.is_file() for path in files)


KEPT = ("cases", "activations", "mistakes")
"""Tables that follow from our own text and case files alone: not what is installed, nor the outcome of a check."""

_TABLES: dict[str, Callable[[tuple[Path, ...]], Rows]] = {
    "cases": _cases,
    "backends": _backends,
    "activations": _activations,
    "equations": _equations,
    "mistakes": _mistakes,
}
