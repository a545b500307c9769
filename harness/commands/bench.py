"""``gradproof bench``: measure, judge the targets, write the folder, and print."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from harness.bench import PARTS, certifying, floor, gradient, start, throughput
from harness.bench.processes import Failed
from harness.commands import Incomplete, UserError
from harness.machine import machine, versions
from reports.bench.page import build
from reports.bench.record import Bench, Part, write
from reports.bench.table import show
from reports.record import FolderError
from reports.terminal import console

QUICK_REPEATS = 3

MODULES: dict[str, Any] = {
    "floor": floor, "certifying": certifying, "gradient": gradient, "throughput": throughput, "start": start,
}  # fmt: skip
"""Each has ``measure(rounds, quick, told)`` and ``REPEATS``, its rounds where nobody says how many."""


def command(parts: tuple[str, ...], repeats: int | None, quick: bool, out: Path) -> int:
    """Measure what is asked for; the exit code is 0 whether targets are reached or not."""
    began, load = time.time(), _load()
    try:
        out.mkdir(parents=True, exist_ok=True)  # nobody should measure for an hour, and then hear that it cannot be
        measured = tuple(_measured(name, repeats, quick) for name in PARTS if not parts or name in parts)
        about = {
            "versions": versions(),
            "machine": machine(),
            "load": load,
            "quick": quick,
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
            "seconds": round(time.time() - began, 1),
            "command": shlex.join(["gradproof", *sys.argv[1:]]),
        }
        bench = Bench(measured, about)
        write(out, bench)
        paths = build(out)
    except Failed as error:
        raise Incomplete(str(error)) from error
    except FolderError as error:
        raise UserError(str(error)) from error
    show(bench, console(sys.stdout))
    print(f"written: {', '.join(map(str, paths))}")
    return 0


def _measured(name: str, repeats: int | None, quick: bool) -> Part:
    module = MODULES[name]
    measure: Callable[..., Part] = module.measure
    return measure(repeats or (QUICK_REPEATS if quick else module.REPEATS), quick, partial(_tell, name))


def _tell(part: str, text: str) -> None:
    print(f"{part}: {text}", file=sys.stderr, flush=True)


def _load() -> str:
    """How busy the machine was in the minute before: processes that want a processor, on average."""
    return f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"
