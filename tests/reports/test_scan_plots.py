"""The plots of scans: each bin at its height, what is outside marked and named, and words for who cannot see them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from reports.page import page
from reports.scan_axes import LEVELS, NONFINITE, level
from reports.scan_errors import scan_errors
from reports.scan_plots import panels
from reports.view import view


def drawn(record):
    seen = view(record)
    return panels(seen.errors, seen.rows, seen.deviations)


def levels(path: str) -> dict[int, int]:
    """The level of each bin that a path has: M and v to it, h along it."""
    at, height, found = 0, 0, {}
    for command, first, second in re.findall(r"([Mhv])(-?\d+)(?: (\d+))?", path):
        if command == "M":
            at, height = int(first), int(second)
        elif command == "v":
            height += int(first)
        else:
            found |= dict.fromkeys(range(at, at + int(first)), height)
            at += int(first)
    return found


def test_each_bin_is_at_its_height_and_what_is_not_judged_is_left_out(with_bins, bins):
    bins["scans"][0]["lines"][0]["ulps"] = [0.5, None, None, 2.0, 2.0]
    bins["scans"][0]["lines"][1]["ulps"] = ["nan", "inf", 1e300, 0.0, None]
    ((_, (value, _)),) = drawn(with_bins(bins))[0].figures
    first, second = value.steps
    assert levels(first.path) == {0: level(0.5, 53), 3: level(2.0, 53), 4: level(2.0, 53)}
    assert levels(second.path) == {0: NONFINITE, 1: NONFINITE, 2: LEVELS, 3: 0}
    assert (first.kind, second.kind) == ("c0", "c1")


def test_what_is_allowed_is_an_area_from_zero(with_bins, bins):
    bins["scans"][0] |= {"least": [1.0, 1.0, None, 1.0, "inf"], "most": [1.0, 9.0, None, "nan", 1e300]}
    ((_, (value, _)),) = drawn(with_bins(bins))[0].figures
    one, nine = level(1.0, 53), level(9.0, 53)
    assert levels(value.least) == {0: one, 1: one, 2: 0, 3: one, 4: LEVELS}
    assert levels(value.most) == {0: one, 1: nine, 2: 0, 3: LEVELS, 4: LEVELS}
    assert value.most.startswith("M0 0v") and value.most.endswith("V0z")


def test_what_is_outside_is_marked_in_its_bins_and_named_with_its_thread(with_bins, bins):
    (panel,) = drawn(with_bins(bins))
    ((_, (value, slope)),) = panel.figures
    first, second = value.steps
    assert (first.outside, levels(second.outside)) == ("", {3: level(1000.0, 53)})
    assert second.why == "torch-off" and [(n.text, n.thread, n.failed) for n in value.notes] == [
        ("torch-off", "https://example.org/off", False)
    ]
    assert slope.notes == () and panel.title == "float64: 1 activation, 1 outside somewhere"


def test_what_no_deviation_explains_is_named_by_its_verdict(with_bins, bins, scan):
    bins["scans"][1]["lines"][1]["outside"] = [2]
    ((_, (_, slope)),) = drawn(with_bins(bins))[0].figures
    assert [(n.text, n.failed) for n in slope.notes] == [("torch: violation", True)]


def test_a_deviation_met_by_a_line_that_is_not_outside_is_not_noted(with_bins, bins):
    bins["scans"][0]["lines"][1]["outside"] = []
    ((_, (value, _)),) = drawn(with_bins(bins))[0].figures
    assert value.notes == ()


def test_the_page_has_a_picture_with_words_and_a_link_for_each(with_bins, bins):
    html = page(with_bins(bins))
    section = html[html.index('id="scans"') :].split("</section>")[0]
    pictures = [ElementTree.fromstring(one) for one in re.findall(r"<svg.*?</svg>", section, re.S)]
    shared, *plots = pictures
    assert shared.get("aria-hidden") == "true" and len(plots) == 2
    assert {one.get("role") for one in plots} == {"img"}
    assert plots[0].get("aria-label") == "tanh float64, worst ulp of σ: reference 0.5; torch 1000"
    (used,) = {use.get("href") for plot in plots for use in plot.iter("use")}
    assert [g.get("id") for g in shared.iter("g") if g.get("id")] == [used.removeprefix("#")]
    assert "<title>torch-off</title>" in section and "<script" not in section
    assert 'torch-off (<a href="https://example.org/off"' in section


def test_the_first_precision_is_open_and_the_others_are_folded(with_bins, bins):
    bins["formats"]["float32"] = {"bits": 24, "exponents": [-149, -126, 128]}
    bins["scans"] += [{**one, "dtype": "float32"} for one in bins["scans"]]
    section = page(with_bins(bins)).split('id="scans"')[1].split("</section>")[0]
    before, after = section.split("<details>")
    assert "float64" in before and "float32" not in before and "<summary><h4>float32: 1 activation" in after
    assert len(set(re.findall(r'<use href="(.*?)"', section))) == 2


def test_foreign_text_is_text(with_bins, bins, evil):
    for one in bins["scans"]:
        one.update(activation=evil, quantity=evil)
        for line in one["lines"]:
            line.update(backend=evil)
    assert evil not in page(with_bins(bins)).split("<noscript>")[0]


@pytest.mark.parametrize("bins_a_side", [30])
def test_the_page_has_room(with_bins, bins, bins_a_side):
    """As many plots as a default run has, jagged where activations bend and flat where they do not."""
    side = [0.0] * 10 + [0.5 + 0.4 * (n % 3) for n in range(bins_a_side - 10)]
    ulps = [*reversed(side), 0.0, *side]
    line = {"ulps": ulps, "outside": []}
    one = {"least": [4.0] * len(ulps), "most": [8.0] * len(ulps),
           "lines": [{**line, "backend": name} for name in ("reference", "torch", "jax")]}  # fmt: skip
    dtypes = {f"float{n}": {"bits": 53, "exponents": list(range(bins_a_side + 1))} for n in range(4)}
    many = [
        {**one, "activation": f"act{n}", "dtype": dtype, "quantity": quantity}
        for dtype in dtypes for n in range(15) for quantity in ("activation", "derivative")
    ]  # fmt: skip
    full, empty = page(with_bins({"formats": dtypes, "scans": many})), page(with_bins({}))
    assert len(scan_errors(with_bins({"formats": dtypes, "scans": many})).errors) == 120
    assert len(full.encode()) - len(empty.encode()) < 120_000
