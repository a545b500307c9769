"""A diff of two runs: every kind of change is found, named and given the direction that it has; nothing else is."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import pytest

from reports.changes import FURTHER, NEARER, Direction
from reports.diff import Diff, diff
from reports.differences import as_csv, errors, markdown, show
from reports.record import Record
from reports.summary import LIMIT
from reports.terminal import console
from reports.verdict import Verdict

WORSE, DIFFERENT, BETTER = Direction


def compare(a: Record, b: Record) -> Diff:
    return diff(a, b, ("old", "new"))


def told(found: Diff) -> list[tuple[Direction, str]]:
    return [(one.direction, one.what) for one in found.changes]


def shown(found: Diff) -> str:
    stream = io.StringIO()
    show(found, console(stream))
    return stream.getvalue()


@pytest.fixture
def one(row, record):
    """Compare two runs of one row each, which differ in what is given."""

    def make(before: dict[str, Any], after: dict[str, Any], a: Any = (), b: Any = ()) -> Diff:
        return compare(record([row(**before)], **dict(a)), record([row(**after)], **dict(b)))

    return make


def test_the_same_run_twice_is_nothing(row, scan, known, record):
    run = record([row(), row(max_ulp=math.nan, layer=2), scan(), known()], versions={"jax": "1"}, digests={"c": "x"})
    found = compare(run, run)
    assert not found.changes and not found.figures and not found.worse and found.sections == ()
    assert shown(found).endswith("Nothing changed.\n")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("rounding", "violation", (WORSE, "rounding → violation")),
        ("exact", "nonfinite", (WORSE, "exact → nonfinite")),
        ("convention", "known", (WORSE, "convention → known")),
        ("rounding", "blind", (WORSE, "rounding → blind")),
        ("violation", "rounding", (BETTER, "violation → rounding")),
        ("known", "exact", (BETTER, "known → exact")),
        ("rounding", "convention", (DIFFERENT, "rounding → convention")),
    ],
)
def test_a_verdict(one, before, after, expected):
    found = one({"verdict": Verdict(before), "max_abs": 1.0}, {"verdict": Verdict(after)})
    assert told(found) == [expected] and found.worse == (expected[0] == WORSE)


def test_exact_and_rounding_are_alike(one):
    assert one({"verdict": Verdict.EXACT}, {"verdict": Verdict.ROUNDING}).changes == ()


def test_another_verdict_of_the_same_numbers_says_so(one):
    found = one({"verdict": Verdict.KNOWN, "max_ulp": math.nan}, {"verdict": Verdict.NONFINITE, "max_ulp": math.nan})
    assert told(found) == [(WORSE, "known → nonfinite, same numbers")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1.0, 2.0, None), (1.0, 2.1, FURTHER), (2.1, 1.0, NEARER), (0.001, 0.9, None), (0.001, 1.99, None),
        (0.0, 2.5, FURTHER), (3.0, 0.0, NEARER), (5.0, math.nan, FURTHER), (math.nan, 5.0, NEARER),
        (math.inf, math.inf, None), (4.0, math.inf, FURTHER), (None, 4.0, None),
    ],
)  # fmt: skip
def test_ulps_count_above_twofold_and_below_one_not_at_all(one, before, after, expected):
    found = one({"max_ulp": before}, {"max_ulp": after})
    assert told(found) == ([] if expected is None else [(DIFFERENT, expected)]) and not found.worse


def test_a_convention_is_different_and_worse_where_the_gate_says_so(one):
    before = {"verdict": Verdict.CONVENTION, "detail": "left"}
    after = {"verdict": Verdict.CONVENTION, "detail": "right"}
    assert told(one(before, after)) == [(DIFFERENT, "convention: left → right")]
    case = {"case": "slide-3-5-2-sigmoid-classification-float64", "backend": "torch", "reason": "not the listed one"}
    assert told(one(before, after, {"failures": []}, {"failures": [case]})) == [(WORSE, "convention: left → right")]
    assert told(one(before, after, {"failures": [case]}, {"failures": []})) == [(BETTER, "convention: left → right")]


def test_another_known_deviation(known, record):
    found = compare(record([known("a-b")]), record([known("c-d")]))
    assert told(found) == [(DIFFERENT, "known: a-b → c-d")]


def test_a_gate_that_fails_without_a_changed_row(one):
    case = {"case": "slide-3-5-2-sigmoid-classification-float64", "backend": "torch", "reason": "expected blind"}
    found = one({}, {}, {"failures": []}, {"failures": [case]})
    assert told(found) == [(WORSE, "the gate")] and found.changes[0].note == "now: expected blind"
    assert told(one({}, {}, {"failures": [case]}, {"failures": []})) == [(BETTER, "the gate")]
    assert told(one({}, {}, {"failures": [case]}, {"failures": [case]})) == []


def test_crashed_where_there_were_values(row, valueless, record):
    values = record([row(layer=layer) for layer in (1, 2)])
    crashed = record([valueless(detail="ValueError")])
    found = compare(values, crashed)
    assert told(found) == [(WORSE, "rounding → crashed")] and "ValueError" in shown(found)
    assert told(compare(crashed, values)) == [(BETTER, "crashed → rounding")]


def test_a_quantity_that_is_no_longer_returned(row, record):
    whole, part = record([row(), row(quantity="update")]), record([row()])
    assert told(compare(whole, part)) == [(WORSE, "no longer returned")]
    assert told(compare(part, whole)) == [(DIFFERENT, "now returned")]


def test_what_only_one_run_has(row, record):
    both = record([row(case=case, backend=name) for case in ("a", "b") for name in ("torch", "jax", "jax-eager")],
                  routes=["jax-eager"])  # fmt: skip
    case = record([row(case="a", backend=name) for name in ("torch", "jax", "jax-eager")])
    assert set(told(compare(both, case))) == {(WORSE, "case only in A")} and compare(both, case).worse
    assert set(told(compare(case, both))) == {(DIFFERENT, "case only in B")}
    required = record([row(case=case, backend=name) for case in ("a", "b") for name in ("torch", "jax-eager")])
    assert set(told(compare(both, required))) == {(WORSE, "backend only in A")}
    route = record([row(case=case, backend=name) for case in ("a", "b") for name in ("torch", "jax")])
    assert set(told(compare(both, route))) == {(DIFFERENT, "backend only in A")}, "a route is optional"
    most = record([row(case=c, backend=n) for c in ("a", "b") for n in ("torch", "jax", "jax-eager")][:-2])
    assert told(compare(both, most)) == [(WORSE, "only in A"), (DIFFERENT, "only in A")]


def test_a_new_case_that_fails_is_worse(row, record):
    found = compare(record([row()]), record([row(), row(case="new", verdict=Verdict.VIOLATION)]))
    assert told(found) == [(WORSE, "case only in B")]


def test_other_numbers_under_the_same_name_are_told_apart(row, record):
    before = record([row(max_ulp=1.0), row(layer=2)], digests={row().case: "x"})
    after = record(
        [row(max_ulp=90.0), row(layer=2, max_abs=1.0, verdict=Verdict.BLIND)], digests={row().case: "y"}, failures=[]
    )
    found = compare(before, after)
    assert told(found) == [(DIFFERENT, "rounding → blind")] and not found.worse
    assert found.other == (row().case,) and "1 case with other numbers in B under the same name" in shown(found)
    assert [part.title for part in found.sections] == ["Other numbers under the same name"]
    wrong = record([row(), row(layer=2, max_abs=1.0, verdict=Verdict.VIOLATION)], digests={row().case: "y"})
    assert told(compare(before, wrong)) == [(WORSE, "rounding → violation")], "the gate says that it is wrong"


def test_versions_machine_and_catalogue(row, record):
    a = record([row()], versions={"jax": "0.7", "numpy": "2"}, machine="M", catalogue="a" * 64)
    b = record([row()], versions={"jax": "0.8", "numpy": "2", "torch": "1"}, machine="M", catalogue="b" * 64, seed=7)
    found = compare(a, b)
    changed = "jax 0.7 → 0.8, torch – → 1, catalogue aaaaaaaaaaaa → bbbbbbbbbbbb, seed – → 7"
    assert found.environment == (changed, "numpy 2, machine M") and not found.worse


def kills(caught: int, **more: Any) -> dict[str, Any]:
    cell = {"mistake": "wrong-sign", "cases_of": "slides", "dtype": "float64", "cases": 4, "caught": caught, "same": 0,
            "hidden": 4 - caught, "apart": {}, "smallest": 9.0, "nearest": 0.1}  # fmt: skip
    return {"kills": {"mistakes": [{"name": "wrong-sign"}], "cells": [cell],
                      "correct": {"runs": 3, "alarms": [], **more}}}  # fmt: skip


def test_a_check_that_is_worth_less_is_worse(row, record):
    found = compare(record([row()], kills(4)), record([row(blind=3)], kills(0)))
    assert {(f.name, f.direction) for f in found.figures} == {
        ("blind entries", DIFFERENT), ("mistakes", DIFFERENT), ("mistakes no longer caught", WORSE),
    }  # fmt: skip
    assert found.worse and "mistakes no longer caught – → wrong-sign" in shown(found)
    assert compare(record([row()], kills(4)), record([row()], kills(4, alarms=["halves"]))).worse
    assert not compare(record([row()], kills(0)), record([row()], kills(4))).worse


def test_a_failure_of_the_whole_run(row, record):
    def run(*reasons: str) -> Record:
        return record([row()], failures=[{"case": "", "backend": "jax", "reason": reason} for reason in reasons])

    assert compare(run(), run("deviation x-float64 is gone in jax 0.10.2")).worse
    assert not compare(
        run("deviation x-float64 is gone in jax 0.7.2"), run("deviation x-float64 is gone in jax 0.10.2")
    ).figures
    assert compare(run("deviation x-float64 is gone"), run("deviation x-float32 is gone")).worse
    assert not compare(run("deviation x-float64 is gone"), run()).worse


def test_a_proof_or_an_equation_that_holds_no_more(row, record):
    def run(proved: bool, outcome: str) -> Record:
        return record([row()], {"certificate": {"proved": proved}, "equations": [{"id": "S20", "outcome": outcome}]})

    found = compare(run(True, "holds"), run(False, "does not hold"))
    assert [(f.name, f.direction) for f in found.figures] == [("the proof", WORSE), ("equation S20", WORSE)]


# how it is shown


@pytest.fixture
def upgrade(row, record):
    """3,000 rows that moved, and one that is wrong."""

    def make(factor: float, wrong: bool) -> Record:
        rows = [
            row(case=f"case-{i}-{activation}-{dtype}", activation=activation, dtype=dtype, backend=backend, layer=i,
                max_ulp=2.0 * factor * (1 + i / 100))
            for activation in ("relu", "tanh", "gelu", "elu", "silu") for dtype in ("float64", "float32", "float16")
            for backend in ("torch", "jax") for i in range(100)
        ]  # fmt: skip
        bad = {"verdict": Verdict.VIOLATION, "share": 77.0, "detail": "1 of 4 entries; first wrong term: σ'"}
        return record([*rows, row(case="the-one", **(bad if wrong else {}))], versions={"jax": f"0.{factor}"})

    return compare(make(1.0, False), make(3.0, True))


def test_thousands_of_changes_read_in_a_screen_and_the_wrong_one_comes_first(upgrade):
    lines = shown(upgrade).splitlines()
    assert len(lines) < 30
    assert lines[4:6] == ["", "Worse: 1 change in 1 case"]
    assert "first wrong term: σ'" in lines[9] and "the-one" in lines[9]
    assert sum("3,000" in line or "300 " in line for line in lines) >= 10, "counts"
    assert lines[-1] == "1 change for the worse, by torch; 3,000 merely different; 0 better."
    assert any("jax 0.1.0 → 0.3.0" in line for line in lines)


def test_cases_that_are_lost_are_one_line_whatever_they_are_of(row, record):
    kinds = [(a, d) for a in ("relu", "gelu") for d in ("float64", "float32")]
    rows = [row(case=f"{a}-{d}", activation=a, dtype=d, backend=n) for a, d in kinds for n in ("torch", "jax")]
    (part,) = (part for part in compare(record([*rows, row()]), record([row(), row(backend="jax")])).sections
               if part.title == "Worse")  # fmt: skip
    (group,), left = part.groups(99)
    assert left == 0
    assert group.cells[:6] == ("8", "4", "case only in A", "torch, jax", "relu, gelu", "–")


def test_the_csv_has_every_change(upgrade):
    rows = list(csv.DictReader(io.StringIO(as_csv(upgrade))))
    assert len(rows) == 3001
    (wrong,) = (row for row in rows if row["direction"] == "worse")
    assert (wrong["case"], wrong["verdict_a"], wrong["verdict_b"], wrong["share_b"]) == (
        "the-one",
        "rounding",
        "violation",
        "77.0",
    )


def test_the_markdown_says_the_same_and_fits(upgrade, evil, row, record):
    text = markdown(upgrade)
    assert text.startswith("# ❌ 1 change for the worse, by torch") and "the-one" in text and "0.1.0 → 0.3.0" in text
    a = record([row(case=f"{i}{evil}", backend=f"{evil}{i}") for i in range(3000)], versions={evil: "1"})
    b = record([row(case=f"{i}{evil}", backend=f"{evil}{i}", verdict=Verdict.VIOLATION, detail=evil * 99)
                for i in range(3000)], versions={evil: "2"})  # fmt: skip
    foreign = markdown(compare(a, b))
    assert "<script" not in foreign and len(foreign.encode()) < LIMIT


def test_annotations_name_what_is_worse_alone(upgrade):
    assert [title for title, _ in errors(upgrade)] == ["rounding → violation, same numbers, torch"]


def test_control_characters_reach_no_terminal(one):
    found = one({}, {"verdict": Verdict.VIOLATION, "detail": "\x1b[31m red\n::error::x"})
    assert "\x1b" not in shown(found) and not any(line.startswith("::") for line in shown(found).splitlines())
