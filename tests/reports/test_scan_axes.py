"""The axes of the plots of scans: marks and ticks stand where their numbers are, and none on another."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from reports.scan_axes import ACROSS, FLOOR, LEFT, LETTER, LEVELS, LINE, NONFINITE, STEP, WIDTH, axes, level
from reports.scan_errors import Format

MIDDLE = (*range(-4, 11), 16)
FORMATS = {
    "float64": Format(53, (-1074, -1022, -512, -256, -128, -64, -32, -16, -8, *MIDDLE, 32, 64, 128, 256, 512, 1024)),
    "float32": Format(24, (-149, -126, -64, -32, -16, -8, *MIDDLE, 32, 64, 128)),
    "bfloat16": Format(8, (-133, -126, -64, -32, -16, -8, *MIDDLE, 32, 64, 128)),
    "float16": Format(11, (-24, -14, -8, *MIDDLE)),
}
each_format = pytest.mark.parametrize("name", FORMATS)


@each_format
def test_more_ulps_are_never_drawn_lower_and_the_top_is_where_no_digit_is_right(name):
    bits = FORMATS[name].bits
    ulps = [0.0, 0.5, 1.0, 2.0, 4.0, 16.0, 100.0, 2.0**bits, 1e300]
    levels = [level(value, bits) for value in ulps]
    assert levels == sorted(levels) and levels[0] == 0 and levels[-2:] == [LEVELS, LEVELS]
    assert len(set(levels[:6])) == 6, "a half, one and two ulps are told apart"
    assert level(2.0 ** (bits / 2), bits) < LEVELS
    assert {level(value, bits) for value in (math.nan, math.inf)} == {NONFINITE} and NONFINITE > LEVELS


@each_format
def test_marks_stand_at_their_numbers_and_leave_room_for_each_other(name):
    its = FORMATS[name]
    marks = axes(its).marks
    heights = sorted(y for y, _ in marks)
    assert all(b - a >= LINE - 1 for a, b in pairwise(heights)) and heights[0] == FLOOR - STEP * NONFINITE
    numbers = {label: y for y, label in marks if (label != "NaN" and not label.startswith("2")) or label == "2"}
    assert {"0", "0.5", "2", "10"} <= numbers.keys()
    for label, y in numbers.items():
        assert abs(FLOOR - y - STEP * level(float(label), its.bits)) <= STEP


@each_format
def test_ticks_are_symmetric_in_the_frame_and_do_not_touch(name):
    ticks = sorted(axes(FORMATS[name]).ticks)
    assert len(ticks) >= 7 and [text for *_, text in ticks][len(ticks) // 2] == "0"
    for (x, _, text), (other, _, negative) in zip(ticks, reversed(ticks), strict=True):
        assert round(x + other, 1) == 2 * LEFT + ACROSS and text.lstrip("−") == negative.lstrip("−")
        assert LEFT <= x <= LEFT + ACROSS
    for (_, a, first), (_, b, second) in pairwise(ticks):
        assert b - a > (len(first) + len(second)) / 2 * LETTER, (first, second)
    assert ticks[-1][1] + len(ticks[-1][2]) / 2 * LETTER <= WIDTH


def test_a_tick_is_in_the_bin_of_its_number():
    its = FORMATS["float64"]
    ticks = {text: (x - LEFT) / ACROSS * its.bins for x, _, text in axes(its).ticks}
    for text, exponent in (("10", 3), ("1e−5", -32), ("1e308", 512)):
        place = its.side + 1 + its.exponents.index(exponent)
        assert place <= ticks[text] + 0.02 and ticks[text] < place + 1.02, text
    assert ticks["0"] == pytest.approx(its.side + 0.5)
