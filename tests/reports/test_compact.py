"""One line an activation and task: the worst of it, and nothing that fails is ever hidden."""

from __future__ import annotations

import math

import pytest

from reports.compact import GRADIENT, UPDATE, compact, uncovered
from reports.discrepancies import key
from reports.sums import sums
from reports.verdict import Verdict


@pytest.fixture
def text_of(lots):
    def text(rows, failed=()):
        (entry,) = compact(lots(rows, failed), ["torch"])
        (mark,) = entry.marks
        return mark.text

    return text


def test_a_mark_is_the_worst_share_of_gradients_and_updates(row, text_of):
    rows = [row(share=0.2), row(quantity="update", share=0.91), row(quantity="output", share=0.95)]
    assert text_of(rows) == "0.91"
    assert text_of(rows[::-1]) == "0.91"
    assert text_of([row(share=0.2), row(layer=2, share=math.nan)]) == "nan"


@pytest.mark.parametrize("verdict", [Verdict.KNOWN, Verdict.RANGE])
def test_a_share_that_says_nothing_of_the_bound_is_left_out(row, verdict, text_of):
    rows = [row(share=0.2), row(layer=2, share=1e6, verdict=verdict)]
    assert text_of(rows) == f"0.2, {verdict}"
    assert text_of(rows, {key(rows[1])}) == f"1e+06, {verdict}"
    assert text_of(rows[1:]) == str(verdict)


@pytest.mark.parametrize("verdict", [Verdict.BLIND, Verdict.UNSUPPORTED])
def test_what_is_counted_elsewhere_is_named_only_alone_or_failed(row, verdict, text_of):
    rows = [row(share=0.2, verdict=Verdict.CONVENTION), row(layer=2, share=0.3, verdict=verdict)]
    assert text_of(rows) == "0.3, convention"
    assert text_of(rows[1:]) == f"0.3, {verdict}"
    assert text_of(rows, {key(rows[1])}) == f"0.3, {verdict}"


@pytest.mark.parametrize("quantity", ["output", "loss", "gradient", "update"])
def test_a_failure_shows_whatever_its_quantity(row, quantity, lots):
    rows = [row(share=0.2), row(layer=2, quantity=quantity, share=4.2e9, verdict=Verdict.VIOLATION)]
    (entry,) = compact(lots(rows, {key(rows[1])}), ["torch"])
    assert (entry.marks[0].text, entry.failed) == ("4.2e+09, violation", True)
    assert not compact(lots(rows), ["torch"])[0].failed


def test_a_case_without_values(row, valueless, lots, text_of):
    assert text_of([valueless()]) == "crashed"
    assert text_of([row(quantity="loss", share=None)]) == "–"
    assert [entry.marks for entry in compact(lots([row()]), ["jax"])] == [(None,)]


def test_gradients_and_updates_apart(row, valueless, lots):
    rows = [
        row(share=0.2),
        row(quantity="update", share=0.91),
        row(quantity="loss", share=7.0, verdict=Verdict.VIOLATION),
    ]
    rows += [valueless(task="prediction")]
    failed = {key(rows[2])}
    gradients, updates = (compact(lots(rows, failed), ["torch"], name) for name in (GRADIENT, UPDATE))
    assert [entry.marks[0].text for entry in gradients] == ["7, violation", "crashed"]
    assert [entry.marks[0].text for entry in updates] == ["0.91", "crashed"]


def test_activations_stay_together_and_scans_are_left_out(row, scan, lots):
    names = [("relu", "prediction"), ("tanh", "prediction"), ("relu", "classification")]
    rows = [scan("selu"), *(row(activation=a, task=t) for a, t in names)]
    found = compact(lots(rows), ["torch"])
    assert [(entry.activation, entry.task) for entry in found] == [names[0], names[2], names[1]]


def test_what_is_not_covered_is_counted_by_backend(row, valueless):
    rows = [valueless(case=f"c{i}", verdict=Verdict.UNSUPPORTED, detail="no such loss") for i in (1, 2, 2)]
    rows += [row(), valueless(backend="jax", verdict=Verdict.UNSUPPORTED, detail="")]
    assert [item.text for item in uncovered(sums(rows))] == [
        "torch does not cover 2 cases: no such loss",
        "jax does not cover 1 case: it says not why",
    ]
