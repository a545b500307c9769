"""axe-core, which looks for what keeps people from using a page: fetched by npm, and held against its hash."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.reports.browser.driver import Browser

VERSION = "4.14.1"

INTEGRITY = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
"""SHA-512 of what `npm pack` brings, as `npm view axe-core dist.integrity` says it."""

WORDS = """violations.flatMap(({ impact, id, nodes }) =>
    nodes.slice(0, 3).map(({ html }) => `${impact} ${id}: ${html.slice(0, 200)}`))"""

PATIENCE = 60
"""Seconds that npm may take."""


def fetched(folder: Path) -> str:
    """The script; the test is skipped where it cannot be had, and fails where it is another one."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm on the path, with which axe-core is fetched: apt-get install npm")
    command = [npm, "pack", f"axe-core@{VERSION}", "--silent", "--fetch-retries=1"]
    try:
        subprocess.run(command, cwd=folder, check=True, timeout=PATIENCE, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"axe-core cannot be fetched, npm pack: {type(error).__name__}; is there a network?")
    path = folder / f"axe-core-{VERSION}.tgz"
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode("ascii")
    assert digest == INTEGRITY, f"axe-core {VERSION} is not what it was"
    with tarfile.open(path) as package:
        script = package.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode("utf-8")


def found(browser: Browser, script: str, where: str = "document") -> list[str]:
    """What axe has against an element of the page, by any rule of its own, of any impact."""
    if not browser.run("Boolean(window.axe)"):
        browser.driver.execute_script(f"{script}; window.axe = axe")
    run = f"window.axe.run({where}, {{ resultTypes: ['violations'] }})"
    return list(browser.awaited(f"{run}.then(({{ violations }}) => {WORDS})"))
