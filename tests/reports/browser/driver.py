"""Debian's chromium, headless and cut off from every network, driven by selenium."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
         "--disable-ipc-flooding-protection")  # fmt: skip
"""The last: the address may change as often as a test likes."""

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

WIDTHS = (360, 1440)
"""Screens on which nothing may overflow: a phone's, and a desk's."""

CUT = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}

HEIGHT = 800


class Browser:
    """A page in chromium: what it says, and what it does when clicked."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.address = ""
        driver.set_script_timeout(60)
        driver.execute_cdp_cmd("Network.enable", {})
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", CUT)

    def open(self, path: Path, link: str = "") -> None:
        """Open a page, and wait until its rows are there, and its lesson if it has one."""
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.address = path.as_uri()
        self.driver.get(f"{self.address}{link}")
        self.until("document.documentElement.dataset.ready")
        self.until("!document.querySelector('#lesson') || document.querySelector('#lesson.lively')")

    def run(self, expression: str, *arguments: Any) -> Any:
        """The value of an expression in the page; ``arguments`` are those of a function around it."""
        return self.driver.execute_script(f"return {expression}", *arguments)

    def awaited(self, expression: str, *arguments: Any) -> Any:
        """What a promise in the page comes to."""
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"({expression}).then((value) => done({{ value }}), (error) => done({{ error: String(error) }}))",
            *arguments,
        )
        assert "error" not in found, found["error"]
        return found.get("value")

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

    def screen(self, width: int, dark: bool = False, paper: bool = False) -> None:
        """Look at the page on a screen of this width, or as it is printed."""
        size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        media = {"media": "print" if paper else "", "features": [scheme]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    def unfold(self) -> None:
        """Open everything that is folded away."""
        self.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than its screen."""
        return int(self.run("document.scrollingElement.scrollWidth - document.documentElement.clientWidth"))

    @property
    def console(self) -> list[str]:
        """What was printed on the console since the page was opened, or since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    @property
    def requests(self) -> set[str]:
        """Addresses asked for since the page was opened, or since last time, besides its own."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        asked = {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
        return {url for url in asked if url.partition("#")[0] not in (self.address, "about:blank")}


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
