"""``gradproof check``: are these case files in order?"""

from __future__ import annotations

from pathlib import Path

from harness.commands.inputs import read_cases


def command(files: tuple[Path, ...]) -> int:
    """Print what the files hold; faults end in exit code 2."""
    cases = read_cases(files)
    for case in cases:
        print(case.name)
    blocks = len({case.family for case in cases})
    print(f"{len(files)} {'file' if len(files) == 1 else 'files'}, {blocks} blocks, {len(cases)} cases: in order.")
    return 0
