"""One browser for all tests of this folder, one real run, and pages of made-up rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.page import page
from reports.verdict import Verdict
from tests.reports.browser import axe as axe_core
from tests.reports.browser.driver import Browser, started
from tests.reports.browser.real import real as real_run
from tests.reports.browser.rows import ACTIVATIONS


@pytest.fixture(scope="session")
def chromium(tmp_path_factory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def browser(chromium) -> Iterator[Browser]:
    """On a wide screen, in light colours; no page may print anything on the console or ask for anything."""
    chromium.screen(1440)
    yield chromium
    assert chromium.console == []
    assert chromium.requests == set()


@pytest.fixture
def opened(browser, record, tmp_path) -> Callable[..., Browser]:
    """Open the page of some rows."""

    def open_page(rows, link="", exhibits=None, **run):
        path = tmp_path / "index.html"
        path.write_text(page(record(rows, exhibits, **run)), encoding="utf-8")
        browser.open(path, link)
        return browser

    return open_page


@pytest.fixture(scope="session")
def run_page(chromium, tmp_path_factory) -> Path:
    """The page of a real run; made once there is a browser."""
    return real_run(tmp_path_factory.mktemp("real") / "run")


@pytest.fixture
def real(browser, run_page) -> Browser:
    """The page of a real run, opened."""
    browser.open(run_page)
    return browser


@pytest.fixture(scope="session")
def results(run_page) -> list[dict[str, Any]]:
    """The rows of the real run."""
    return [json.loads(line) for line in (run_page.parent / "results.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def exhibit(run_page) -> dict[str, Any]:
    """The lesson's numbers of the real run."""
    return dict(json.loads((run_page.parent / "terms.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def axe(chromium, tmp_path_factory) -> str:
    """The script of axe-core."""
    return axe_core.fetched(tmp_path_factory.mktemp("axe"))


@pytest.fixture
def many(row):
    """A hundred and eighty rows of five activations, one of which is wrong."""
    rows = [
        row(case=f"case-{i:02}-{a}", activation=a, backend=b, share=i / 100 + 0.001, max_ulp=float(i), entries=i)
        for i in range(12) for a in ACTIVATIONS for b in ("reference", "torch", "jax")
    ]  # fmt: skip
    rows[50] = row(case="bad", activation="relu", backend="jax", share=1.0000001, verdict=Verdict.VIOLATION)
    return rows
