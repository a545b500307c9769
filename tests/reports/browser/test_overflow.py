"""Nothing overflows at 360 and 1,440 pixels, whatever is open or chosen, nor on paper."""

from __future__ import annotations

import pytest

from tests.reports.browser.driver import WIDTHS
from tests.reports.browser.lesson import STAGES, visited

each_width = pytest.mark.parametrize("width", WIDTHS)

PAPER = 700
"""Pixels between the margins of A4."""

PLACES = ("x2", "h3", "y1", "y2", "w23IH", "w32HO")

WIDE = """[document.scrollingElement.scrollWidth - document.documentElement.clientWidth,
    ...[...document.querySelectorAll('#lesson-panel *, #lesson .choices *, #lesson .stages *')]
        .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth)
        .map((one) => one.outerHTML.slice(0, 80))]"""

LONG = """<!doctype html><html data-ready="true"><meta name="viewport" content="width=device-width">
<body style="margin: 0; height: 2000px"><div style="width: {}px">wide</div>"""


@each_width
def test_what_overflows_is_seen(chromium, tmp_path, width):
    path = tmp_path / "index.html"
    for more in (0, 1):
        path.write_text(LONG.format(width - 15 * (width > 600) + more), encoding="utf-8")  # a bar to scroll by
        chromium.screen(width)
        chromium.open(path)
        assert chromium.overflow == more


@each_width
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_overflows(opened, everything, width, dark):
    whole = everything("a-name-that-is-long-" * 4)
    found = opened(whole.rows, exhibits=whole.exhibits, **whole.run)
    found.screen(width, dark)
    found.unfold()
    assert found.overflow == 0
    paper = found.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) < 200) == dark


@pytest.mark.parametrize(("width", "paper"), [*((width, False) for width in WIDTHS), (PAPER, True), (1440, True)])
def test_a_real_page_folded_and_unfolded(real, width, paper):
    real.screen(width, paper=paper)
    assert real.overflow == 0
    real.unfold()
    assert real.overflow == 0


CUT = """[...document.querySelectorAll('body *')].filter((one) => {
    if (!one.checkVisibility() || one.closest('.scroll, svg')) return false;
    return one.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
}).map((one) => one.outerHTML.slice(0, 80))"""
"""What is cut off where nobody can scroll to it."""

FIRST = """[...document.querySelectorAll('.scroll > table')].filter((one) => one.checkVisibility()).flatMap((table) => {
    const scroll = table.parentElement;
    scroll.scrollLeft = 1e6;
    const edge = scroll.getBoundingClientRect();
    const first = [...table.querySelectorAll('thead th:first-child, tbody th:first-child:not(.inner)')];
    const bad = [...first, table.caption].filter((one) => {
        const its = one?.getBoundingClientRect();
        return its && (its.left < edge.left - 1 || its.right > edge.right + 1 ||
            (one !== table.caption && scroll.scrollLeft && its.width > edge.width / 2));
    });
    scroll.scrollLeft = 0;
    return bad.map((one) => one.outerHTML.slice(0, 80));
})"""
"""First cells that leave a table as it is scrolled, or leave no room for others; captions that are cut off."""


def test_on_a_phone_tables_scroll_beside_their_first_column(real):
    real.screen(360)
    real.unfold()
    assert real.run(CUT) == []
    assert real.run(FIRST) == []


@each_width
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_stage_of_the_lesson(real, width, language):
    real.screen(width)
    states = [{"stage": stage, "at": at, "lang": language} for stage in STAGES for at in PLACES]
    for state, found in zip(states, visited(real, states, WIDE), strict=True):
        assert found == [0], (state, found)
