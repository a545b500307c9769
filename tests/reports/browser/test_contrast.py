"""Every text stands out from what is behind it, in both colours, whatever is open or chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.browser.lesson import STAGES, visited

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8").partition("(() =>")
SCRIPT = "".join(CONTRAST[1:]).strip()

PALE = {"color: #767676": 0, "color: #777": 1, "color: #777; font-size: 24px": 0, "opacity: .5": 1,
        "color: #fff; background: #767676": 0, "background: color-mix(in srgb, black 60%, transparent)": 1}  # fmt: skip


@pytest.mark.parametrize("style", PALE)
def test_pale_text_is_found(chromium, tmp_path, style):
    path = tmp_path / "index.html"
    text = f"<html data-ready='true'><body style='background: white'><p style='{style}'>a</p>"
    path.write_text(f"<!doctype html>{text}", encoding="utf-8")
    chromium.open(path)
    assert len(chromium.run(SCRIPT)["found"]) == PALE[style]


@pytest.mark.parametrize(
    ("language", "dark"),
    [("en", False), pytest.param("zh", True, marks=pytest.mark.long), pytest.param("en", True, marks=pytest.mark.long),
     pytest.param("zh", False, marks=pytest.mark.long)],
)  # fmt: skip
def test_a_real_page(real, dark, language):
    real.screen(1440, dark)
    real.unfold()
    real.run("location.hash = '#rows?backend=faulty'")
    for stage, at in zip(STAGES, ("h3", "y2", "w32HO", "w11IH"), strict=True):
        visited(real, [{"stage": stage, "at": at, "lang": language, "activation": "relu"}], "0")
        seen = real.run(SCRIPT)
        assert seen["judged"] > 1000
        assert seen["found"] == [], stage
