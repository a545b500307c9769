"""``gradproof fuzz``: random and adversarial networks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.table import Table

from cases.adversarial import KINDS, networks
from cases.case import DTYPES, Case
from harness.commands import UserError
from harness.commands.inputs import load_backends
from harness.progress import progress
from harness.soundness import Tally, measure
from reports.record import FolderError, save
from reports.terminal import console


def command(count: int, seed: int, out: Path | None) -> int:
    """Run, print the largest shares, and return 1 if anything lies outside its bound."""
    backends, missing, lines = load_backends(())
    for line in [*lines, *missing.values()]:
        print(line, file=sys.stderr)
    with progress(count * len(DTYPES)) as advance:
        tally = measure(networks(count, seed), backends, advance)
    names = [backend.name for backend in backends]
    _print(tally, names, count, seed)
    if out is not None and tally.outside_cases:
        _write(out / "outside.toml", list(tally.outside_cases.values()))
    return 1 if tally.outside else (3 if missing else 0)


def _print(tally: Tally, backends: list[str], count: int, seed: int) -> None:
    to = console(sys.stdout)
    columns = [(backend, dtype) for backend in backends for dtype in DTYPES]
    table = Table("largest share", *(f"{b} {d}" for b, d in columns), box=None, pad_edge=False)
    for kind in [*KINDS, None]:
        shares = [tally.share(b, d, kind) for b, d in columns]
        table.add_row(kind or "all", *(f"{share:.4f}" if share <= 1 else f"{share:.3g}" for share in shares))
    to.print(table)
    for row in tally.outside[:10]:
        to.print(f"{row.case} {row.backend} {row.quantity} {row.layer}: {row.verdict}: {row.detail}", markup=False)
    if len(tally.outside) > 10:
        to.print(f"… and {len(tally.outside) - 10} more")
    verdicts = ", ".join(f"{verdict} {number:,}" for verdict, number in sorted(tally.verdicts.items()))
    to.print(
        f"{count:,} networks in {len(DTYPES)} precisions (seed {seed}), {tally.entries:,} entries: "
        f"{len(tally.outside)} rows outside the bound. Rows: {verdicts}. "
        f"Blind entries {tally.blind:,}, exact zeros {tally.zero:,}."
    )


def _write(path: Path, cases: list[Case]) -> None:
    """Cases as a case file, numbers as they are."""
    blocks = []
    for case in cases:
        fields = {
            "name": case.family,
            "activation": case.activation,
            "task": case.task,
            "dtype": case.dtype,
            "learning_rate": case.learning_rate,
            "input": case.x.astype(float).tolist(),
            "target": case.target.astype(float).tolist(),
            "weights": [w.astype(float).tolist() for w in case.weights],
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in fields.items()]
        blocks.append("\n".join(["[[case]]", *lines]))
    try:
        save(path, "\n\n".join(blocks) + "\n")
    except FolderError as error:
        raise UserError(str(error)) from error
    print(f"written: {path}")
