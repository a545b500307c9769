"""What is told of printed numbers that are wrong: a learning rate, biases, a way to round, a mistake."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from cases.case import Case, make_case
from cases.loader import catalogue, load
from cases.published import Published
from harness.misprinted_rate import shortest
from reports.verdict import Verdict
from tests.harness.printed_cases import mazur, of, row_of


def test_biases_that_the_source_leaves_matter_for_the_error_after_the_step() -> None:
    fixed = mazur("0.291027774")
    assert fixed.published is not None
    trained = replace(fixed, published=replace(fixed.published, fixed=()))
    assert row_of(fixed, "loss after").verdict == Verdict.EXACT
    assert row_of(trained, "loss after").worst_exact == pytest.approx(0.280471447, abs=5e-10)


def test_of_a_wrong_step_the_learning_rate_behind_it_is_found() -> None:
    """The text of this source has 0.5; the catalogue has what its numbers come from."""
    case = next(case for case in load(catalogue()) if case.family == "schiendorfer-2-2-2-batch")
    assert row_of(case, "update", 2).verdict == Verdict.EXACT
    row = row_of(replace(case, learning_rate=2.0), "update", 2)
    assert row.verdict == Verdict.VIOLATION
    assert "every printed new weight comes out with a learning rate of 0.65" in row.detail


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("0.291027774", "; it comes out with the biases kept as they are: if the source does not train them, say "),
        ("0.291027924", "(mistake updated-weights), with the biases kept as they are: if the source does not train "),
    ],
)
def test_where_biases_were_forgotten_to_be_fixed_that_is_said(after: str, words: str) -> None:
    fixed = mazur(after)
    assert fixed.published is not None
    detail = row_of(replace(fixed, published=replace(fixed.published, fixed=())), "loss after").detail
    assert words in detail and detail.endswith("say fixed = [2, 4]")


def test_where_biases_are_fixed_and_were_trained_that_is_said() -> None:
    detail = row_of(mazur("0.280471447"), "loss after").detail
    assert "; it comes out with the biases trained too: if the source trains them, say fixed = []" in detail


def test_printed_biases_that_did_not_change_are_told_to_be_fixed() -> None:
    its = mazur("0.291027774")
    assert its.published is not None
    found = (*its.published.figures, *of("updated_weights", [["0.350", "0.350"]], 2))
    detail = row_of(replace(its, published=replace(its.published, figures=found, fixed=())), "update", 2).detail
    assert "; they come out with the biases kept as they are" in detail


# what is told of a wrong figure


def two_steps(first: str, second: str, cut: bool = False, learning_rate: float = 0.5) -> Case:
    """y = 0, Y* = 1: ΔW = (−2, −1), so W' = (1.0, 0.5) at α = 0.5."""
    found = Published(tuple(of("updated_weights", [[first], [second]], 1)), cut=cut)
    return make_case(
        "steps", "identity", "prediction", "float64", [[1.0, 0.5]], [[1]], [[[0], [0]]], learning_rate, published=found,
    )  # fmt: skip


def test_one_new_weight_says_nothing_of_the_learning_rate() -> None:
    assert "learning rate of 0.45" in row_of(two_steps("0.90", "0.45"), "update", 1).detail
    assert "learning rate" not in row_of(two_steps("0.90", ""), "update", 1).detail
    assert "learning rate" not in row_of(two_steps("0.98765", "0.493825"), "update", 1).detail


def test_a_rounded_figure_of_a_source_that_cuts_off_is_told_as_that() -> None:
    """W' = (2/3, 1/3) nearly: 0.67 and 0.33, of which the first is rounded up."""
    row = row_of(two_steps("0.67", "0.33", cut=True, learning_rate=0.33333), "update", 1)
    assert row.verdict == Verdict.VIOLATION and row.share is not None and row.share > 1
    told = "at [0, 0] printed 0.67, exact 0.66666, 0.334 units of the last digit off (rounded, not cut off)"
    assert row.detail == f'1 of 2 printed figures; {told}; right if the source rounds: say printed = "rounded"'
    right = row_of(two_steps("0.66", "0.33", cut=True, learning_rate=0.33333), "update", 1)
    assert right.verdict == Verdict.EXACT and right.share is not None and right.share <= 1


def test_a_mistake_is_named_only_where_it_comes_to_every_wrong_figure_of_the_array() -> None:
    """S13 climbs: (−1.0, −0.5). One of the two by itself is a slip, whatever else it looks like."""
    for second, named in (("-0.5", True), ("0.7", False)):
        detail = row_of(two_steps("-1.0", second), "update", 1).detail
        assert ("(mistake " in detail) is named
        assert ("no mistake on gradproof's list comes to all of them" in detail) is not named


def test_no_digit_is_told_that_a_wide_ball_does_not_hold() -> None:
    """A unit exactly on a kink: the ball of both branches is told apart from 5, and its middle is no value."""
    case = make_case(
        "kink", "relu", "prediction", "float64", [[0.1, 0.2, 0.3]], [[1]], [[[1], [1], [-1]], [[1]]], 0.1,
        published=Published(tuple(of("gradients", [["5"], [""], [""]], 1))),
    )  # fmt: skip
    row = row_of(case, "gradient", 1)
    assert row.worst_exact == 0 and "printed 5, exact 0.000, 5 units" in row.detail


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        ("1/3", "1/2", "0.4"),
        ("1/2", "1/3", ""),
        ("13/20", "13/20", "0.65"),
        ("9/10", "2", "1"),
        ("1/3000", "1/2999", "0.0003334"),
    ],
)
def test_the_shortest_decimal_of_an_interval(low: str, high: str, text: str) -> None:
    assert shortest(Fraction(low), Fraction(high)) == text
