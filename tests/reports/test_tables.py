"""Tables show the worst of their rows, and never hide a NaN."""

from __future__ import annotations

import math

import pytest

from reports.cells import worst
from reports.counts import count
from reports.discrepancies import Discrepancy, discrepancies, failed_rows, key, worst_first
from reports.outcome import Failure, outcome, short_answer
from reports.record import Row
from reports.sums import sums
from reports.tables import overview, tables
from reports.verdict import Verdict
from reports.wording import apart, counted, plain, share, ulps, where


def failing(rows: list[Row], failures: list[Failure]) -> tuple[Discrepancy, ...]:
    """The discrepancies of rows where these fail."""
    return discrepancies(sums(rows, [(failure.case, failure.backend) for failure in failures]).blamed, failures)


def test_a_cell_is_the_worst_of_its_rows(row, lots):
    rows = [
        row(layer=1, max_ulp=3.2, share=0.01, verdict=Verdict.ROUNDING, blind=2),
        row(layer=2, max_ulp=0.5, share=0.2, verdict=Verdict.CONVENTION, blind=1, entries=10),
        row(layer=3, max_ulp=0.0, share=0.0, verdict=Verdict.EXACT),
    ]
    (table,) = tables(lots(rows), ["torch"])
    (line,) = table.lines
    (cell,) = line.cells
    assert (cell.ulp, cell.share, cell.verdict, cell.blind, cell.rows) == (3.2, 0.2, Verdict.CONVENTION, 3, 3)
    assert cell.text == "3.2 / 0.2, convention, 3 of 40 blind"


@pytest.mark.parametrize("order", [(0.1, math.nan, 5.0), (math.nan, 5.0, 0.1), (5.0, 0.1, math.nan)])
def test_nan_is_worst_wherever_it_stands(row, order, lots):
    (table,) = tables(lots([row(layer=i, share=value, max_ulp=value) for i, value in enumerate(order)]), [])
    assert math.isnan(table.lines[0].cells[0].share)
    assert table.lines[0].cells[0].numbers == "nan / nan"
    assert math.isnan(worst(order))
    ranked = worst_first([row(layer=i, share=value) for i, value in enumerate(order)], frozenset())
    assert math.isnan(ranked[0].share)
    assert [r.share for r in ranked[1:]] == [5.0, 0.1]


def test_tables_by_activation_and_task_lines_by_dtype_and_quantity(row, lots):
    rows = [
        row(activation="relu", task="prediction", quantity="update", dtype="float32"),
        row(activation="sigmoid", quantity="update"),
        row(activation="relu", task="prediction", quantity="output", dtype="float32"),
        row(activation="relu", task=None, quantity="derivative"),
        row(activation="relu", task="prediction", quantity="loss", dtype="float16"),
        row(activation="relu", task="prediction", quantity="loss", backend="jax", dtype="float32"),
    ]
    found = tables(lots(rows), ["reference", "torch"])
    assert [t.title for t in found] == ["relu, prediction", "sigmoid, classification"]  # the scan is elsewhere
    assert found[0].backends == ("reference", "torch", "jax")
    assert [(line.dtype, line.quantity) for line in found[0].lines] == [
        ("float32", "output"), ("float32", "loss"), ("float32", "update"), ("float16", "loss"),
    ]  # fmt: skip
    assert [cell is not None for cell in found[0].lines[1].cells] == [False, False, True]
    assert [dtype for dtype, _ in found[0].groups] == ["float32", "float16"]


def test_a_case_without_values_shows_everywhere(row, valueless, lots):
    found = tables(lots([row(), valueless(case="other")]), ["torch"])
    assert [(line.quantity, line.cells[0].text) for line in found[0].lines] == [
        ("gradient", "0.5 / 0.031"),
        (None, "crashed"),
    ]
    ((_, line),) = overview(found, "gradient")
    assert line.cells[0].text == "0.5 / 0.031, crashed"
    ((_, line),) = overview(found, "update")
    assert line.cells[0].text == "crashed"


def test_only_rows_of_a_failure_are_marked(row, lots):
    rows = [row(verdict=Verdict.VIOLATION), row(case="expected", layer=2, verdict=Verdict.VIOLATION)]
    found = failing(rows, [Failure(rows[0].case, "torch", "wrong")])
    assert failed_rows(found) == {key(rows[0])}
    (table,) = tables(lots(rows[1:], failed_rows(found)), [])
    assert not table.lines[0].cells[0].failed
    (table,) = tables(lots(rows, failed_rows(found)), [])
    assert table.lines[0].cells[0].failed


def test_discrepancies_wrong_values_first_and_crashes_last_and_none_without_a_line(row, valueless):
    rows = [
        row(layer=1, share=2.0, verdict=Verdict.VIOLATION),
        row(layer=2, share=4.2e9, verdict=Verdict.VIOLATION),
        row(layer=3, share=0.5, verdict=Verdict.CONVENTION),
        row(case="nan", share=math.nan, verdict=Verdict.NONFINITE),
        row(case="kink", share=0.1, verdict=Verdict.CONVENTION),
        row(case="kink", share=0.1, layer=2),
        row(case="agreed"),
        valueless(case="dead"),
        row(case="short", share=None, verdict=Verdict.MALFORMED),
        row(case="fine", share=0.9, verdict=Verdict.BLIND),
    ]
    names = ("dead", "short", rows[0].case, "nan", "kink", "agreed", "absent")
    found = failing(rows, [Failure(name, "torch", f"because of {name}") for name in names])
    assert [(item.failure.case, item.row and item.row.layer) for item in found] == [
        ("agreed", None), ("absent", None), ("nan", 1), (rows[0].case, 2), (rows[0].case, 1), ("short", 1),
        ("kink", 1), ("dead", 0),
    ]  # fmt: skip
    assert found[0].advice == "because of agreed"
    assert found[-2].advice.startswith("convention: because of kink; nothing to do where")
    assert found[3].advice == f"violation: {Verdict.VIOLATION.remedy}"


def test_a_discrepancy_says_nothing_twice(row, valueless):
    wrong = row(worst_value=0.5, worst_exact=0.25, share=9.0, verdict=Verdict.VIOLATION,
                detail="1 of 15 entries; at [0, 1] 0.5 where exact is 0.25, 9 times the bound")  # fmt: skip
    absent = valueless(verdict=Verdict.UNSUPPORTED, detail="no such loss")
    reason = "expected blind, found unsupported: no such loss"
    first, second = (failing([r], [Failure(r.case, "torch", reason)])[0] for r in (wrong, absent))
    assert first.numbers == ""
    assert first.advice == f"violation: {wrong.detail}; {Verdict.VIOLATION.remedy}"
    assert (first.detail, second.detail) == (wrong.detail, "")
    assert second.advice == f"unsupported: {reason}; {Verdict.UNSUPPORTED.remedy}"


def test_counts(row, valueless, lots):
    rows = [
        row(verdict=Verdict.EXACT, entries=3, zero=2),
        row(entries=3000, blind=1),
        row(verdict=Verdict.VIOLATION, entries=1, zero=1),
        valueless(verdict=Verdict.UNSUPPORTED),
    ]
    found = count(lots(rows))
    assert (found.entries, found.zero, found.blind, found.rows) == (3004, 3, 1, 4)
    assert found.text == (
        "exact 1, rounding 1, convention 0, blind 0, unsupported 1, violation 1 rows; 3 exact zeros, 1 blind entry"
    )


def test_a_run_with_a_failure_never_agrees(row, record):
    wrong = row(verdict=Verdict.VIOLATION, share=3.0)
    assert outcome(record([row()])).agrees
    assert outcome(record([row()], sentence="Fine.")).sentence == "Fine."
    assert outcome(record([wrong])).exit_code == 1
    assert outcome(record([wrong], exit_code=0, failures=[])).agrees  # it was expected
    lie = outcome(record([wrong], exit_code=0, sentence="All agree.", failures=[{"case": "a", "backend": "b"}]))
    assert lie.exit_code == 1
    assert lie.sentence != "All agree."
    assert outcome(record([], exit_code=0)).exit_code == 2
    assert short_answer(outcome(record([], exit_code=0)), 0) == "nothing was compared"
    assert short_answer(outcome(record([row()], exit_code=3)), 0) == "incomplete"
    assert short_answer(outcome(record([wrong])), 1) == "discrepancies: 1 row in 1 case"
    whole = [{"case": "", "backend": "jax"}]
    assert short_answer(outcome(record([row()], exit_code=1, failures=whole)), 0) == (
        "discrepancies: 1 of the run as a whole"
    )


def test_absent_keys_are_borne(row, record):
    found = outcome(record([row(), row(case="b", backend="jax")], backends=["jax"], machine={"cores": 8}))
    assert (found.cases, found.backends, found.seconds) == (2, ("jax", "torch"), None)
    assert found.circumstances == (("machine", "cores 8"),)
    assert outcome(record([row()], command=["gradproof", "run", "a b"])).command == "gradproof run 'a b'"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.5, "0.5"), (3.2, "3.2"), (1.2e5, "1.2e+05"), (math.inf, "inf"), (math.nan, "nan"),
     (None, "–"), (12.0, "12"), (99.7, "100"), (123.4, "123"), (9999.7, "1e+04"), (1.4e-7, "1.4e-07")],
)  # fmt: skip
def test_ulps_for_people(value, text):
    assert ulps(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.031, "0.031"), (1.4e-7, "1.4e-07"), (4.2e9, "4.2e+09"), (1.0, "1"), (0.9996, "0.9996"),
     (1.004, "1.004"), (1.04, "1.04"), (0.99996, "0.9999"), (1 + 2**-52, "1.0001"), (math.nextafter(1, 0), "0.9999"),
     (math.inf, "inf"), (None, "–")],
)  # fmt: skip
def test_a_share_shows_on_which_side_of_one_it_is(value, text):
    assert share(value) == text


def test_values_are_told_apart():
    assert apart(0.1, 0.2) == ("0.1", "0.2")
    value, exact = apart(1.0, math.nextafter(1.0, 2))
    assert value != exact
    assert apart(0.12345678, 0.12345699) == ("0.12345678", "0.12345699")
    assert apart(25.0, 25.000000000013888) == ("25", "25.0000000000139"), "told apart by one digit, not by the next ten"
    assert apart(math.nan, 0.5) == ("nan", "0.5")
    assert apart(None, 0.5) == ("–", "0.5")


def test_words():
    assert (counted(1, "entry", "entries"), counted(3120, "entry", "entries")) == ("1 entry", "3,120 entries")
    assert plain("a\n b\x1b[31m\u202e") == "a b\\x1b[31m\\u202e"


def test_where_a_row_is_of_a_chain_the_link_is_named_and_a_scalar_has_no_index(row):
    chain = row(layers="3-dense3-bias-σ-normalisation-scale", layer=3, worst_index=(0, 1))
    assert where(chain) == "gradient, layer 3 (link 5, scale), index [0, 1]"
    assert where(row()) == "gradient, layer 1, index [0, 1]"
    assert where(row(quantity="loss", layer=0, worst_index=())) == "loss"
