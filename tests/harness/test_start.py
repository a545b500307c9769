"""Starting: help that comes at once, and folders whose names are those of our packages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import harness
from harness import cli

HOME = Path(harness.__file__ or "").resolve().parent.parent


def elsewhere(tmp_path: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, from an empty folder."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | variables
    return subprocess.run(
        [sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )


LOADED = """
import sys
sys.argv = ["gradproof", *sys.argv[1:]]
from harness.cli import main
try:
    main()
except SystemExit as left:
    assert left.code in (0, None)
heavy = {"numpy", "torch", "jax", "flint", "rich", "pandas", "pydantic"} & set(sys.modules)
print("loaded:", sorted(heavy))
"""


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["fuzz", "-h"], ["bench", "--help"]], ids=" ".join)
def test_help_loads_nothing_heavy(tmp_path: Path, words: list[str]) -> None:
    found = elsewhere(tmp_path, "-c", LOADED, *words, PYTHONPATH=str(HOME))
    assert found.returncode == 0, found.stderr
    assert "loaded: []" in found.stdout


@pytest.mark.parametrize("package", [package for package in cli.PACKAGES if package != "harness"])
def test_a_folder_that_shadows_one_of_ours_is_2_and_named(tmp_path: Path, package: str) -> None:
    script = Path(sys.executable).with_name("gradproof")
    other = tmp_path / "other" / package
    other.mkdir(parents=True)
    assert elsewhere(tmp_path, str(script), "--help", PYTHONPATH=str(tmp_path)).returncode == 0
    for _ in range(2):  # as a plain folder, then as a package
        found = elsewhere(tmp_path, str(script), "list", "cases", PYTHONPATH=str(other.parent))
        assert (found.returncode, found.stdout) == (2, "")
        assert found.stderr.startswith(f"gradproof: the package {package!r} is found in {other}, not in ")
        (other / "__init__.py").touch()
