"""Nothing on the console, no request; and what would be heard if there were one."""

from __future__ import annotations

import pytest

from tests.reports.browser.driver import WIDTHS

LOUD = "<!doctype html><html data-ready='true'><title>x</title><script>console.error('x')</script>"


@pytest.mark.parametrize("tag", ["<img src='http://example.org/a.png'>", "<script>fetch('https://example.org/b')</script>",
                                 "<link rel='stylesheet' href='http://example.org/c.css'>"])  # fmt: skip
def test_a_console_and_a_request_are_heard(chromium, tmp_path, tag):
    path = tmp_path / "index.html"
    path.write_text(LOUD + tag, encoding="utf-8")
    chromium.open(path)
    chromium.until("performance.getEntriesByType('resource').length")
    assert any("x" in message for message in chromium.console)
    assert len(chromium.requests) == 1, "and it does not get out: there is no network"


def test_nothing_on_the_console_and_no_request(opened, everything, evil, many):
    for rows, exhibits in ((many, None), (everything(evil).rows, everything(evil).exhibits)):
        found = opened(rows, exhibits=exhibits)
        assert found.console == []
        assert found.requests == set()
        assert found.run("performance.getEntriesByType('resource').length") == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_a_real_page_is_quiet_whatever_is_done_to_it(real, width):
    real.screen(width)
    real.unfold()
    for name in ("zh", "en"):
        real.run(f"document.querySelector('[data-lang={name}]').click()")
        for _ in range(4):
            real.run("document.querySelector('#lesson-next').click()")
    for link in real.run("[...document.querySelectorAll('nav a')].map((a) => a.getAttribute('href'))"):
        real.run(f"location.hash = '{link}'")
    real.screen(width, paper=True)
    assert real.console == []
    assert real.requests == set()
    assert real.run("performance.getEntriesByType('resource').length") == 0
