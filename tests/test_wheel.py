"""A wheel, unpacked elsewhere, runs from a folder that has ``cases/`` and ``reports/`` of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = "import sys\nfrom harness.cli import main\nsys.exit(main())\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as pip would put it into site-packages, built from a copy without history."""
    pytest.importorskip("setuptools", minversion="77", reason="building a wheel offline needs setuptools 77")
    base = tmp_path_factory.mktemp("wheel")
    ignore = shutil.ignore_patterns(".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, base / "source", ignore=ignore)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(base), "."]
    built = subprocess.run(command, cwd=base / "source", capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = base.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(base / "site")
    return base / "site"


def gradproof(site: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the console script of the unpacked wheel as pip's own script does: by its path."""
    script = site / "bin" / "gradproof"
    script.parent.mkdir(exist_ok=True)
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), *arguments]
    environment = os.environ | {"PYTHONPATH": str(site)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_runs_beside_folders_of_the_same_names(site: Path, tmp_path: Path) -> None:
    for name in ("cases", "reports", "harness", "reference"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not ours')\n")
    case = "slide-3-5-2-sigmoid-classification-float64"
    ran = gradproof(site, tmp_path, "run", case, "--backend", "reference")
    assert ran.returncode == 0, ran.stderr
    assert "all agree" in ran.stdout
    written = {path.name for path in (tmp_path / "build" / "report").iterdir()}
    assert {"results.jsonl", "results.csv", "run.json", "summary.md", "index.html"} <= written


def test_the_wheel_holds_every_module(site: Path) -> None:
    for package in ("reference", "cases", "harness", "reports"):
        ours = {path.relative_to(ROOT) for path in (ROOT / package).rglob("*.py")}
        assert ours == {path.relative_to(site) for path in (site / package).rglob("*.py")}


def test_the_wheel_holds_its_catalogue_tables_and_templates(site: Path) -> None:
    for path in ("cases/catalogue/slides.toml", "cases/conventions.toml", "cases/deviations.toml"):
        assert (site / path).is_file(), path
    assert list((site / "reports" / "templates").iterdir())
