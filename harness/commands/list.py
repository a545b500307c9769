"""``gradproof list``: cases, backends, activations, equations, mistakes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from reports import listing

Rows = tuple[Sequence[str], Iterable[Sequence[str]]]


def command(what: str, files: tuple[Path, ...]) -> int:
    """Print one table; never wrapped or cut where the output is a pipe."""
    listing.show(*_TABLES[what](files), sys.stdout)
    return 0


def _cases(files: tuple[Path, ...]) -> Rows:
    from harness.commands.reading import read_cases

    header = ("case", "layers", "samples", "α", "tags", "source")
    return header, [
        (c.name, c.structure, str(c.batch), f"{c.learning_rate:.6g}", " ".join(c.tags), c.source)
        for c in read_cases(files)
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
    from harness.commands.reading import choose, read_cases
    from harness.equations import EQUATIONS

    case = choose(read_cases(()), ("slide-3-5-2-sigmoid-classification-float64",), ())[0]
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


_TABLES: dict[str, Callable[[tuple[Path, ...]], Rows]] = {
    "cases": _cases,
    "backends": _backends,
    "activations": _activations,
    "equations": _equations,
    "mistakes": _mistakes,
}
