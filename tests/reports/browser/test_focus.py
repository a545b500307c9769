"""Tab by Tab: everything that can be used is reached, in the order of the page, and what has the focus shows it."""

from __future__ import annotations

import time

from tests.reports.browser.driver import Browser
from tests.reports.browser.lesson import STAGES
from tests.reports.browser.rows import TAB

SEEN = """(() => {
    const its = document.activeElement;
    const looks = () => [its, ...its.querySelectorAll('*')].map((one) => {
        const { outlineStyle, outlineWidth, stroke, strokeOpacity, strokeWidth } = getComputedStyle(one);
        return [outlineStyle === 'none' ? 0 : parseFloat(outlineWidth), stroke, strokeOpacity, strokeWidth];
    }).join();
    const focused = looks();
    const { bottom, top } = its.getBoundingClientRect();
    its.blur();
    const differs = looks() !== focused;
    its.focus();
    const { lang, stage, to } = its.dataset;
    return [its.id || its.name || lang || stage || to || its.tagName, differs, bottom > 0 && top < innerHeight];
})()"""
"""What has the focus, whether it looks different for it, and whether it can be seen."""


def shown(browser: Browser, seconds: float = 5) -> tuple[str, bool, bool]:
    """What has the focus, once it is scrolled to and drawn, which the browser does in its own time."""
    end = time.monotonic() + seconds
    while True:
        name, differs, visible = browser.run(SEEN)
        if (differs and visible) or time.monotonic() > end:
            return name, differs, visible
        time.sleep(0.02)


def walked(browser: Browser, first: str, within: str) -> list[str]:
    """What gets the focus from an element on, as long as that is within another."""
    browser.one("body").send_keys(TAB)  # a focus shows where keys are used
    browser.driver.execute_cdp_cmd(
        "Emulation.setFocusEmulationEnabled", {"enabled": True}
    )  # whatever window is in front
    browser.driver.execute_script(f"document.querySelector({first!r}).focus()")
    met: list[str] = []
    while browser.run(f"document.activeElement.closest('{within}') !== null"):
        name, differs, visible = shown(browser)
        assert differs and visible, (name, differs, visible, len(met))
        met.append(name)
        assert len(met) < 100, met
        browser.press(TAB)
    return met


def test_the_contents(real):
    links = real.run("[...document.querySelectorAll('nav[aria-label=Contents] a')].length")
    assert walked(real, "nav a", "nav") == ["A"] * links


def test_the_lesson(real):
    wanted = [f"lesson-{name}" for name in ("task", "activation", "family", "backend", "nodes", "links")]
    met = walked(real, "[data-lang=en]", "#lesson")
    assert met[:8] == ["en", "zh", *wanted]
    assert met[8:12] == list(STAGES)
    assert met[12:14] == ["g", "circle"]
    assert met[14:16] == ["lesson-next", "lesson-alpha"], "before the first step is none"


def test_the_rows(real):
    real.one("#rows-filter details").click()
    real.run("location.hash = '#rows?verdict=known'")
    real.until("document.querySelectorAll('#rows-table tbody tr').length === 1")
    names = real.run("[...document.querySelectorAll('#rows-filter [name]')].map((one) => one.name)")
    heads = real.run("document.querySelectorAll('#rows-table thead button').length")
    met = walked(real, f"#rows-filter [name={names[0]}]", "#rows")
    assert [name for name in met if name in names] == names
    assert met.count("BUTTON") == heads == len(names)
    wanted = {"SUMMARY", "rows-clear", "rows-copy", "A", "DIV", "first", "before", "rows-page", "after", "last"}
    assert {*met} - {*names, "BUTTON"} == wanted
