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
        found.rest == "3 of 4 scans: every point within its accuracy row; worst share 0.98 (jax softplus bfloat16);"
        " the others above"
    )
    assert (
        scans(rows[:1]).rest == "1 of 1 scan: every point within its accuracy row; worst share 0.4 (jax relu float64)"
    )
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
    (found,) = discrepancies({(wrong.case, "jax"): [wrong]}, [Failure(wrong.case, "jax", "no")])
    assert found.place == where(wrong) == "activation at x = -2.5"
    (finding,) = scans([wrong], {key(wrong)}).findings
    assert (finding.failed, finding.named, finding.x) == (True, "violation", "-2.5")
    assert not scans([wrong]).findings[0].failed
    assert scans([scan(share=3.0, detail="")]).findings[0].x == "–"


def test_the_worst_of_the_rest_may_be_its_whole_bound(scan):
    assert scans([scan(share=1.0)]).rest.endswith("; worst share 1, all of its bound (jax relu float64)")
    assert scans([scan(share=0.999999999)]).rest.endswith("; worst share 0.9999 (jax relu float64)")


def test_precisions_and_routes_of_one_deviation_are_one_line(known, scan):
    found = scans([
        known("jax-softsign-slope-float64", dtype="float64"),
        known("jax-softsign-slope-float64", dtype="float64", backend="jax-forward"),
        known("jax-softsign-slope-float16", dtype="float16", share=980.0,
              detail="jax-softsign-slope-float16: at x = -255.12345: 3"),
        known("jax-softsign-slope-float64", dtype="float64", quantity="activation"),
        known("autograd-softsign-slope-float64", dtype="float64", backend="autograd"),
        scan("softsign", verdict=Verdict.VIOLATION, share=2.0),
        scan("softsign", "float32", verdict=Verdict.VIOLATION, share=math.nan),
    ])  # fmt: skip
    first, value, autograd, *others = found.folds
    assert (first.dtypes, first.backends) == (("float64", "float16"), ("jax", "jax-forward"))
    assert (first.named, first.found, first.names) == (
        "jax-softsign-slope-*",
        "jax-softsign-slope",
        ["jax-softsign-slope-*"],
    )
    assert first.worst.row.share == 980.0 and first.x == ("-255.1", "-255.12345")
    assert (value.named, autograd.named) == ("jax-softsign-slope-float64", "autograd-softsign-slope-float64")
    assert [fold.named for fold in others] == ["violation", "violation"], "what is not explained is never folded"
    assert sum(len(fold.findings) for fold in found.folds) == len(found.findings)


def test_the_worst_of_a_fold_is_what_is_no_number(known):
    rows = [known("a-b-float64", dtype="float64", share=5.0), known("a-b-float32", dtype="float32", share=math.nan)]
    (fold,) = scans(rows).folds
    assert fold.worst.row.dtype == "float32"


def test_several_deviations_of_a_line_are_named_one_by_one(known):
    rows = [known(f"a-nan-{d}, a-slope-{d}", dtype=d) for d in ("float64", "float32")]
    (fold,) = scans(rows).folds
    assert fold.names == ["a-nan-*", "a-slope-*"] and fold.found == "a-nan"


def test_foreign_text_for_x_stays_as_it_is(scan):
    (fold,) = scans([scan(share=3.0, detail="at x = there: no")]).folds
    assert fold.x == ("there", "there")


def test_scans_are_neither_cases_nor_in_the_tables(row, scan, record, lots):
    rows = [row(), scan(), scan("tanh")]
    assert len(tables(lots(rows), [])) == 1
    result = outcome(record(rows))
    assert (result.cases, result.scans, result.size) == (1, 2, "1 case and 2 scans × 2 backends")
    assert outcome(record(rows[:1])).size == "1 case × 1 backend"
    assert count(lots(rows)).entries == 10015


def test_only_a_scan_has_an_x(row):
    assert row(detail="at x = 3.0").x == ""
