"""Debian's chromium, headless and cut off from every network, as the tests of the page drive it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reports.page import page

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND")  # fmt: skip

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")


class Browser:
    """A page in chromium: what it says, and what it does when clicked."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, path: Path, link: str = "") -> None:
        """Open a page, and wait until its rows are there."""
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(f"{path.as_uri()}{link}")
        self.until("document.documentElement.dataset.ready")

    def run(self, expression: str) -> Any:
        """The value of an expression in the page."""
        return self.driver.execute_script(f"return {expression}")

    def until(self, expression: str, seconds: float = 20) -> None:
        """Wait until an expression is true in the page."""
        end = time.monotonic() + seconds
        while not self.run(expression):
            assert time.monotonic() < end, f"never: {expression}; {self.run('document.body.innerText.slice(-300)')}"
            time.sleep(0.02)

    def one(self, selector: str) -> Any:
        """The first element that a selector finds."""
        return self.driver.find_element("css selector", selector)

    def press(self, keys: str) -> None:
        """Press keys on what has the focus."""
        self.driver.switch_to.active_element.send_keys(keys)

    @property
    def status(self) -> str:
        """What the table says of itself."""
        return str(self.run("document.getElementById('rows-status').textContent"))

    @property
    def lines(self) -> list[list[str]]:
        """The table's cells."""
        found = self.run("[...document.querySelectorAll('#rows-table tbody tr')].map(tr => "
                         "[...tr.cells].map(cell => cell.textContent))")  # fmt: skip
        return [list(map(str, line)) for line in found]

    def column(self, name: str) -> list[str]:
        """One column of the rows shown."""
        place = self.run(f"[...document.querySelectorAll('#rows-table thead th')].findIndex("
                         f"th => th.dataset.name === '{name}')")  # fmt: skip
        return [line[place] for line in self.lines]

    def screen(self, width: int, dark: bool = False) -> None:
        """Look at the page on a screen of this width."""
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    @property
    def console(self) -> list[str]:
        """What was printed on the console since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    @property
    def requests(self) -> list[str]:
        """Addresses that the page asked for since it was opened."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]


@contextmanager
def started(profile: Path) -> Iterator[Browser]:
    """Start chromium with a fresh profile; it is gone afterwards."""
    if not (CHROMIUM and DRIVER):
        pytest.skip("no chromium and chromedriver on the path: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver", reason="no selenium: pip install 'gradproof[test]'")
    service = pytest.importorskip("selenium.webdriver.chrome.service")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=service.Service(DRIVER))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def opened(browser, record, tmp_path):
    """Open the page of some rows."""

    def open_page(rows, link="", exhibits=None, **run):
        path = tmp_path / "index.html"
        path.write_text(page(record(rows, exhibits, **run)), encoding="utf-8")
        browser.screen(1440)
        browser.open(path, link)
        return browser

    return open_page
