"""``gradproof fuzz``: random and adversarial networks, and chains of other links."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

from rich.table import Table

from cases.adversarial import KINDS
from cases.adversarial_chains import CHAIN_KINDS, WIDE
from cases.case import DTYPES, Case
from cases.written import toml
from harness.cluster import Unreachable, cluster
from harness.commands import Incomplete, UserError
from harness.commands.inputs import TWICE, call_backends
from harness.crew import hands
from harness.hands import WorkerDied
from harness.limits import TIMEOUT, default_workers
from harness.progress import progress, spoken
from harness.soundness import CHAIN_FOR, Tally, counted, planned, sweep
from reports.record import FolderError, save
from reports.terminal import console

SWEPT = ("reference", "reference-neuron", "torch", "jax")
"""Backends that are swept where none is named: the equations in both forms, and each framework's own way."""


MANY = 10_000_000
"""Cases of the sweep whose time is estimated."""


def command(
    count: int, seed: int, backends: tuple[str, ...], out: Path | None, workers: int | None, scheduler: str | None
) -> int:
    """Run, print the largest shares, and return 1 if anything lies outside its bound."""
    if scheduler is not None and workers is not None:
        raise UserError(TWICE)
    apart, begun = any(name.endswith(".py") for name in backends), time.monotonic()
    backends = tuple(str(Path(b).resolve()) if scheduler and b.endswith(".py") else b for b in backends)
    with ExitStack() as until:
        near = until.enter_context(closing(hands(workers or default_workers(), apart)))
        try:
            its = until.enter_context(closing(cluster(scheduler))) if scheduler else near
        except Unreachable as error:
            raise UserError(str(error)) from error
        places = its.places
        found, missing, lines = call_backends(backends or SWEPT, "cpu", near)
        for line in [*lines, *missing.values()]:
            print(line, file=sys.stderr)
        names = [backend.name for backend in found]
        given = [name for name in dict.fromkeys(backends) if name not in missing] or names
        try:
            with progress(counted(count)) as advance:
                tally = sweep(count, seed, given, its, TIMEOUT, advance)
        except WorkerDied as error:
            raise Incomplete(f"{error}; gradproof run with the same --backend says whose fault it is") from error
        except Unreachable as error:
            raise UserError(str(error)) from error
    _print(tally, names, count, seed)
    _estimate(tally.cases, time.monotonic() - begun, places, seed)
    if out is not None and tally.outside_cases:
        _write(out / "outside.toml", list(tally.outside_cases.values()))
    return 1 if tally.outside else (3 if missing else 0)


def _estimate(cases: int, seconds: float, places: int, seed: int) -> None:
    """Say what a sweep of MANY cases would take by this one's measure."""
    tasks = sum(map(len, planned(round(MANY * 1000 / counted(1000)), seed)))
    print(
        f"{seconds:.0f} s, {cases / seconds:.0f} cases a second, {places} tasks at a time. {MANY:,} cases would take "
        f"{spoken(MANY / cases * seconds)}: {tasks:,} tasks; to each a seed, a number and a count are sent, and "
        "a tally comes back."
    )


def _print(tally: Tally, backends: list[str], count: int, seed: int) -> None:
    to = console(sys.stdout)
    to.print("Largest share (error over bound); listed deviations and cases out of range apart.\n")
    by_dtype = {dtype: [tally.share(b, dtype) for b in backends] for dtype in DTYPES}
    by_kind = {kind: [tally.share(b, kind=kind) for b in backends] for kind in KINDS}
    chains = {kind: [tally.share(b, kind=f"chain, {kind}") for b in backends] for kind in CHAIN_KINDS}
    for title, rows in (("precision", by_dtype), ("kind of network", by_kind), ("kind of chain", chains)):
        table = Table(title, *backends, box=None, pad_edge=False)
        for name, shares in rows.items():
            table.add_row(name, *(_share(share) for share in shares))
        to.print(table)
        to.print()
    for row in tally.outside[:10]:
        to.print(f"{row.case} {row.backend} {row.quantity} {row.layer}: {row.verdict}: {row.detail}", markup=False)
    if len(tally.outside) > 10:
        to.print(f"… and {len(tally.outside) - 10} more")
    verdicts = ", ".join(f"{verdict} {number:,}" for verdict, number in sorted(tally.verdicts.items()))
    networks, chained = planned(count, seed)
    to.print(
        f"{count:,} networks of {len(networks)} structures in {len(DTYPES)} precisions, {count // CHAIN_FOR:,} chains "
        f"of {len(chained)} in {len(WIDE)} (seed {seed}): {tally.cases:,} cases, {tally.entries:,} entries, "
        f"{len(tally.outside)} rows outside the bound. Rows: {verdicts}. "
        f"Blind entries {tally.blind:,}, exact zeros {tally.zero:,}."
    )


def _share(share: float | None) -> str:
    if share is None:
        return "–"
    return f"{share:.4f}" if share <= 1 else f"{share:.3g}"


def _write(path: Path, cases: list[Case]) -> None:
    """Cases as a case file, numbers as they are."""
    try:
        save(path, toml(cases))
    except FolderError as error:
        raise UserError(str(error)) from error
    print(f"written: {path}")
