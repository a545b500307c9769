"""Faults planted on purpose: a line each, the same in terminal, summary and page."""

from __future__ import annotations

import io

import pytest

from reports.page import page
from reports.planted import dtypes, lines, planted
from reports.summary import summary
from reports.terminal import console, show


@pytest.fixture
def power():
    def line(fault, dtype, caught, same=(), hidden=()):
        return {"fault": fault, "dtype": dtype, "activations": 15, "activations_caught": caught,
                "no_difference": list(same), "hidden_by_rounding": list(hidden)}  # fmt: skip

    return [line("sign", "float16", 15), line("sign", "float64", 12, ["relu"], ["elu", "silu"]),
            line("one entry", "float64", 14)]  # fmt: skip


def test_a_line_a_fault_and_a_text_a_precision(record, power):
    found = planted(record([], {"power": power}))
    assert dtypes(found) == ("float64", "float16")
    assert lines(found) == [
        ("sign", "12 of 15 (1 alike, 2 below rounding)", "15 of 15"),
        ("one entry", "14 of 15", "–"),
    ]


def test_it_is_shown_everywhere_or_nowhere(row, record, power):
    stream = io.StringIO()
    run = record([row()], {"power": power})
    show(run, console(stream))
    for text in (stream.getvalue(), summary(run), page(run)):
        assert "Faults planted on purpose" in text
        assert "12 of 15 (1 alike, 2 below rounding)" in text
    assert "planted" not in summary(record([row()])) + page(record([row()]))


@pytest.mark.parametrize("power", [None, 3, [3], [{}], [{"no_difference": 3}]])
def test_it_bears_what_is_absent(record, row, power):
    assert page(record([row()], {"power": power}))


def test_foreign_text_stays_text(record, row, power, evil):
    power[0].update(fault=evil, dtype=evil)
    run = record([row()], {"power": power})
    assert "<script" not in page(run)
    assert "<script" not in summary(run)
