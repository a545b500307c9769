"""Scans stand apart from cases: what lies outside an accuracy row, and the rest in a line."""

from __future__ import annotations

import math

import pytest

from reports.counts import count
from reports.discrepancies import discrepancies, key
from reports.outcome import Failure, outcome
from reports.scans import scans
from reports.tables import tables
from reports.verdict import Verdict
from reports.wording import where


def test_what_is_outside_is_named_with_both_values(known):
    (finding,) = scans([known()]).findings
    assert (finding.named, finding.x, finding.values) == (
        "jax-softsign-slope", "-255.125", ("0.00390625", "1.52439e-05"),
    )  # fmt: skip


def test_the_rest_is_one_line(scan, known, row):
    rows = [scan(share=0.4), scan("softplus", "bfloat16", share=0.98), scan("tanh", verdict=Verdict.EXACT, share=0.0)]
    rows += [known(), scan("softsign", share=0.99), row(share=0.999)]
    found = scans(rows)
    assert (
        found.rest
        == "3 of 4 scans: every point within its accuracy row; worst 0.98 (jax softplus bfloat16); the others above"
    )
    assert scans(rows[:1]).rest == "1 of 1 scan: every point within its accuracy row; worst 0.4 (jax relu float64)"
    assert scans([known()]).rest == "0 of 1 scan: every point within its accuracy row; the others above"
    assert scans([row()]).number == 0


@pytest.mark.parametrize(
    ("share", "verdict", "outside"),
    [(1.0, Verdict.ROUNDING, False), (math.nextafter(1, 2), Verdict.ROUNDING, True), (math.nan, Verdict.EXACT, True),
     (0.5, Verdict.BLIND, False), (0.5, Verdict.KNOWN, True), (None, Verdict.CRASHED, True),
     (None, Verdict.UNSUPPORTED, False)],
)  # fmt: skip
def test_outside_is_whatever_is_not_within(scan, share, verdict, outside):
    found = scans([scan(share=share, verdict=verdict)])
    assert (len(found.findings), found.clean) == ((1, 0) if outside else (0, 1))


def test_a_failed_scan_is_marked_and_placed_by_x(scan):
    wrong = scan(share=3.0, verdict=Verdict.VIOLATION, detail="at x = -2.5: 3 of 5 entries")
    (found,) = discrepancies([wrong], [Failure(wrong.case, "jax", "no")])
    assert found.place == where(wrong) == "activation at x = -2.5"
    (finding,) = scans([wrong], {key(wrong)}).findings
    assert (finding.failed, finding.named, finding.x) == (True, "violation", "-2.5")
    assert not scans([wrong]).findings[0].failed
    assert scans([scan(share=3.0, detail="")]).findings[0].x == "–"


def test_scans_are_neither_cases_nor_in_the_tables(row, scan, record):
    rows = [row(), scan(), scan("tanh")]
    assert len(tables(rows, [])) == 1
    result = outcome(record(rows))
    assert (result.cases, result.scans, result.size) == (1, 2, "1 case and 2 scans × 2 backends")
    assert outcome(record(rows[:1])).size == "1 case × 1 backend"
    assert count(rows).entries == 10015


def test_only_a_scan_has_an_x(row):
    assert row(detail="at x = 3.0").x == ""
