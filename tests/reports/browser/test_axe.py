"""axe finds nothing: at both widths, in both colours and languages, unfolded, on paper, at each stage of the lesson."""

from __future__ import annotations

import pytest

from tests.reports.browser.axe import found
from tests.reports.browser.driver import WIDTHS
from tests.reports.browser.lesson import STAGES, visited

SEEN = [(360, False, "zh"), (1440, True, "zh"), (360, True, "en"), (1440, False, "en")]
"""How each stage of the lesson is looked at. Rules on contrast depend on colours alone, and test_contrast.py tries all
stages in both; other rules depend on what is shown."""

each_colour = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


def test_axe_finds_what_is_wrong(chromium, axe, tmp_path):
    path = tmp_path / "index.html"
    text = "<p style='color: #999; background: #fff'>pale</p><div role='button'></div><img src='data:,'>"
    path.write_text(f"<!doctype html><html data-ready='true'><body>{text}", encoding="utf-8")
    chromium.open(path)
    names = {line.split(":")[0].split()[1] for line in found(chromium, axe)}
    assert {"color-contrast", "html-has-lang", "image-alt", "aria-command-name"} <= names


@each_colour
def test_a_page_that_is_made_up(opened, axe, everything, many, dark):
    whole = everything("name")
    for page in (opened(many), opened(whole.rows, exhibits=whole.exhibits, **whole.run)):
        page.screen(1440, dark)
        assert found(page, axe) == []


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1440, True)])
def test_a_real_page(real, axe, width, dark):
    real.screen(width, dark)
    real.unfold()
    assert found(real, axe) == []


def test_a_real_page_on_paper(real, axe):
    real.screen(WIDTHS[1], paper=True)
    assert found(real, axe) == []


@pytest.mark.parametrize(
    ("stage", "at", "width", "dark", "language"),
    [(stage, at, *how) for stage, at, how in zip(STAGES, ("h3", "y2", "w32HO", "w11IH"), SEEN, strict=True)],
)  # fmt: skip
def test_every_stage_of_the_lesson(real, axe, stage, at, width, dark, language):
    real.screen(width, dark)
    visited(real, [{"stage": stage, "at": at, "lang": language, "activation": "relu"}], "0")
    assert found(real, axe, "'#lesson'") == []
