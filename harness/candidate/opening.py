"""Opening a candidate: a Python file, or a program."""

from __future__ import annotations

import os
from pathlib import Path

from harness.candidate import BadCandidate, Runner
from harness.candidate.file import FileRunner
from harness.candidate.program import ProgramRunner


def open_file(path: Path, timeout: float = 10) -> Runner:
    """Load a candidate file in a process of its own; each call may take ``timeout`` seconds.

    Raises BadCandidate where it cannot be loaded.
    """
    _require_processes()
    return FileRunner(path, timeout)


def open_command(command: str, timeout: float = 10) -> Runner:
    """Start a program that speaks JSON lines; each reply may take ``timeout`` seconds.

    ``command`` is cut into words as a shell does, but no shell runs it. Raises BadCandidate where it cannot be
    started.
    """
    _require_processes()
    return ProgramRunner(command, timeout)


def _require_processes() -> None:
    if os.name != "posix":
        raise BadCandidate("candidates need process groups, which only Linux and macOS have")
