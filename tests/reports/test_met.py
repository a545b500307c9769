"""What was met of what is listed, what the check is worth, and what is suspicious."""

from __future__ import annotations

import math

import pytest

from reports.met import alike, by_stem, conventions, deviations
from reports.suspicious import suspicious
from reports.tolerant import link, number
from reports.verdict import Verdict
from reports.wording import percent
from reports.worth import overall, visibility


@pytest.fixture
def kink(row):
    return lambda detail, **changes: row(verdict=Verdict.CONVENTION, detail=detail, activation="relu", **changes)


def test_a_convention_is_what_fits_every_row(kink, record, listed):
    rows = [kink("left, inner"), kink("left, outer"), kink("right, mean", backend="jax"), kink("left", backend="jax"),
            kink("left, outer", backend="torch-func")]  # fmt: skip
    found = conventions(record(rows, **listed))
    assert [(one.backend, one.text) for one in found] == [
        ("torch", "left, 2 rows"),
        ("jax", "right or mean 1, left 1, 2 rows"),
        ("torch-func", "left or outer, 1 row"),
    ]
    assert [(one.listed, one.thread) for one in found] == [
        ("left", "http://example.org/2"), ("", ""), ("left", "http://example.org/2"),
    ]  # fmt: skip
    assert conventions(record(rows))[0].listed == ""


def test_only_a_convention_has_members_and_only_a_known_one_deviations(row):
    assert row(detail="left, inner").members == ()
    assert row(detail="a-b: x").deviations == ()
    assert row(detail="a-b, c: x", verdict=Verdict.KNOWN).deviations == ("a-b", "c")
    assert row(detail="2 of 3 entries", verdict=Verdict.KNOWN).deviations == ()


def test_deviations_are_counted_by_id(row, known, record, listed):
    case = {"verdict": Verdict.KNOWN, "detail": "other, jax-softsign-slope: 1 of 2 entries", "share": 5.0}
    rows = [known(), row(**case), row(layer=2, **case), row(case="b", **case)]
    found = deviations(record(rows, **listed))
    assert [(one.id, one.scanned, one.cases, one.share) for one in found] == [
        ("jax-softsign-slope", 1, 2, 97.0),
        ("other", 0, 2, None),
    ]
    assert (found[0].x, found[0].limit, found[0].of) == (("-inf … -255", "255 … inf"), "2^12", "derivative")
    assert (found[1].what, found[1].backend, found[1].dtype) == ("", "torch", "float64")
    assert deviations(record([row()], **listed)) == ()


def test_a_share_that_is_nan_stays_so(known, record):
    (one,) = deviations(record([known(share=math.nan), known(share=3.0, quantity="activation")]))
    assert math.isnan(one.share)


def test_deviations_that_differ_in_precision_alone_are_one(known, record):
    names = [("a-nan-float64", "float64"), ("a-nan-float16", "float16"), ("b-nan", "float64")]
    found = deviations(record([known(name, dtype=dtype) for name, dtype in names]))
    assert [[one.id for one in group] for group in by_stem(found)] == [["a-nan-float64", "a-nan-float16"], ["b-nan"]]
    assert found[0].stem == "a-nan"


def test_limits_that_are_no_powers_of_two_stay_as_they_are(known, record, listed):
    for limit, text in (("nonfinite", "nonfinite"), (3.0, "3.0"), (1.0, "2^0"), ("inf", "inf")):
        listed["deviations"][0]["limit"] = limit
        assert deviations(record([known()], **listed))[0].limit == text


@pytest.mark.parametrize("listing", [None, 3, [3], [{}], {"id": "x"}, [{"id": "jax-softsign-slope", "x": [1, [2]]}]])
def test_listings_are_read_tolerantly(known, kink, record, listing):
    run = record([known(), kink("left")], deviations=listing, conventions=listing, suspicious=listing)
    assert (len(deviations(run)), len(conventions(run))) == (1, 1)


def test_only_addresses_on_the_web_are_links():
    assert link({"a": "https://example.org"}, "a") == "https://example.org"
    for address in ("javascript:alert(1)", "file:///etc", "", None, "//example.org"):
        assert link({"a": address}, "a") == ""
    assert number({"a": "-inf"}, "a") == -math.inf


def test_worth_is_widest_precision_first(record, visibility):
    found = visibility_of(record, visibility)
    assert [(line.dtype, line.structure) for line in found] == [
        ("float64", "all"), ("float64", "3-5-2"), ("bfloat16", "all"), ("bfloat16", "1-1-1"),
    ]  # fmt: skip
    assert [line.figures for line in overall(found)] == [
        ("1,801", "32,118", "0 %", "7.8e-15", "inf", "–", "–"),
        ("609", "32,118", "21 %", "0.23", "0.37", "0.46", "0.5"),
    ]


def visibility_of(record, exhibit):
    return visibility(record([], {"visibility": exhibit}))


def test_worth_bears_what_is_absent(record):
    assert visibility(record([])) == ()
    assert visibility_of(record, {"a": 1}) == ()
    assert visibility_of(record, [{}])[0].figures == ("0", "0", "–", "–", "–", "–", "–")
    assert (percent(0.0047), percent(1.0), percent(math.nan)) == ("0.47 %", "100 %", "–")


def test_suspicious_is_none_empty_or_one_a_case_and_backend(record):
    assert suspicious(record([])) is None
    assert suspicious(record([], suspicious=[])) == ()
    names = [("a", "jax", 40.0), ("a", "jax", 30.0), ("a", "torch", 20.0), ("b", "jax", 12.5)]
    items = [dict(zip(("case", "backend", "typical"), name, strict=True)) for name in names]
    found = suspicious(record([], suspicious=items))
    assert [(one.case, one.backend, one.typical) for one in found] == [names[0], names[2], names[3]]
    assert found[0].text == "40 standard deviations of the typical error"


def test_backends_that_take_the_same_share_a_line(kink, record, listed):
    rows = [kink("left"), kink("left", backend="jax"), kink("left", backend="torch-func")]
    groups = alike(conventions(record(rows, **listed)))
    assert [[one.backend for one in group] for group in groups] == [["torch", "torch-func"], ["jax"]]
    rows[2] = kink("right", backend="torch-func")
    assert [len(group) for group in alike(conventions(record(rows, **listed)))] == [1, 1, 1]
