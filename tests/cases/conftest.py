"""Case files made for a test, and the faults that loading one finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cases.faults import CaseFileError, Fault
from cases.loader import load

GOOD = {
    "name": '"tiny"',
    "activation": '"relu"',
    "task": '"prediction"',
    "input": "[[1, 2, 3]]",
    "target": "[[1, 0]]",
    "weights": "[[[1, 2], [3, 4], [5, 6]], [[1, 0.5], [2, 3]]]",
}


@pytest.fixture
def block() -> Callable[..., str]:
    """Return a function: TOML of a sound 3-2-2 block, keys changed, added, or (None) left out."""

    def toml(**changes: str | None) -> str:
        lines = [f"{key} = {value}" for key, value in (GOOD | changes).items() if value is not None]
        return "\n".join(["[[case]]", *lines, ""])

    return toml


@pytest.fixture
def faults_of(tmp_path: Path) -> Callable[[str | bytes], list[Fault]]:
    """Return a function that writes my.toml, loads it, and returns its faults, each one line."""

    def find(content: str | bytes) -> list[Fault]:
        file = tmp_path / "my.toml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(CaseFileError) as caught:
            load([file])
        faults = list(caught.value.faults)
        place = [": ".join(part for part in (str(file), fault.path) if part) for fault in faults]
        lines = str(caught.value).split("\n")
        assert all(line.isprintable() for line in lines)
        assert [line.partition(": found ")[0] for line in lines] == place
        return faults

    return find
