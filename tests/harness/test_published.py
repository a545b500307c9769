"""Printed numbers against exact ones: half a unit, errata strict both ways, which mistake comes to a figure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import flint
import mpmath
import pytest

from cases.case import make_case
from cases.loader import catalogue, load
from cases.published import Erratum, Place, Published
from harness import cli, published
from harness.gate import gate
from harness.mistakes import MISTAKES
from harness.printed import published_rows
from harness.published import figures
from harness.truth import PRECISIONS_TRIED
from reports import legend
from reports.discrepancies import TYPED
from reports.verdict import Verdict
from tests.harness.printed_cases import linear, mazur, of, one, row_of

# half a unit


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("0.12", True),  # half a unit above it: either neighbour is a rounding
        ("0.13", True),
        ("0.125", True),
        ("0.1", True),
        ("0.1250000000000000000000000000001", False),
        ("0.2", False),
        ("-0.12", False),
        ("1.25e-1", True),
        ("1.3E-1", True),
        ("0", True),
        ("0.11", False),
        ("0.14", False),
    ],
)
def test_right_to_half_a_unit_of_the_last_digit(text: str, right: bool) -> None:
    row = row_of(linear(text), "output")
    assert (row.verdict == Verdict.EXACT) is right
    assert row.verdict in (Verdict.EXACT, Verdict.VIOLATION)
    assert row.share is not None and (row.share <= 1) is right


def test_the_network_is_the_one_that_is_written_and_not_its_nearest_floats() -> None:
    """1.5 · 0.1 is 0.15 exactly, half a unit from 0.1 and from 0.2; of the floats it is on one side."""
    case = make_case("line", "identity", "prediction", "float64", [[1.5]], [[0]], [[[0.1]]])
    assert Fraction(1.5) * Fraction(0.1) > Fraction(15, 100)
    for text in ("0.1", "0.2"):
        (figure,) = figures(replace(case, published=Published(tuple(of("output", [[text]])))))
        assert figure.right and figure.units == 0.5


def test_what_few_bits_do_not_decide_more_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """σ(0.3) to 50 digits, which 128 bits do not tell from the next number of 50 digits."""
    with mpmath.workdps(80):
        digits = mpmath.nstr(1 / (1 + mpmath.exp(-mpmath.mpf(3) / 10)), 50)
    other = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    case = make_case("s", "sigmoid", "classification", "float64", [[0.3]], [[0]], [[[1]]])
    tried: list[int] = []
    monkeypatch.setattr(published, "exact", _counting(published.exact, tried))
    for text, attempts, right in ((digits[:12], 1, True), (digits, 2, True), (other, 2, False)):
        tried.clear()
        (figure,) = figures(replace(case, published=Published(tuple(of("output", [[text]])))))
        assert figure.right is right and tried == list(PRECISIONS_TRIED[:attempts])


def _counting(function: Callable[..., object], tried: list[int]) -> Callable[..., object]:
    def counted(*arguments: object) -> object:
        tried.append(flint.ctx.prec)
        return function(*arguments)

    return counted


def test_a_unit_exactly_on_a_kink_takes_the_decks_branch() -> None:
    """0.1 + 0.2 − 0.3 is 0 in decimals: ReLU'(0) = 0 (S4), though no ball of any width says so."""
    case = make_case(
        "kink", "relu", "prediction", "float64", [[0.1, 0.2, 0.3]], [[1]], [[[1], [1], [-1]], [[1]]], 0.1,
        published=Published(tuple(of("gradients", [["0.0"], ["0.0"], ["0.0"]], 1))),
    )  # fmt: skip
    assert row_of(case, "gradient", 1).verdict == Verdict.EXACT


def test_cut_off_is_wrong_unless_the_source_cuts_off() -> None:
    rounded, cut = row_of(linear("0.1249"), "output"), row_of(linear("0.12", cut=True), "output")
    assert (rounded.verdict, cut.verdict) == (Verdict.VIOLATION, Verdict.EXACT)
    thirds = make_case("third", "identity", "prediction", "float64", [[0.5]], [[0]], [[[1.376]]])  # 0.688
    for text, words in {"0.68": "(cut off, not rounded)", "0.69": ""}.items():
        found = Published(tuple(of("output", [[text]])))
        assert words in row_of(replace(thirds, published=found), "output").detail
        verdict = row_of(replace(thirds, published=replace(found, cut=True)), "output").verdict
        assert (verdict == Verdict.EXACT) is bool(words)
    for text in ("-0.12", "0.13", "0.11"):
        assert row_of(linear(text, cut=True), "output").verdict == Verdict.VIOLATION


# losses


@pytest.mark.parametrize(
    ("loss", "error", "gradient", "after"),
    [
        ("mean of squares", "0.625", "-0.75", "0.390625"),
        ("half the mean of squares", "0.3125", "-0.375", "0.1953125"),
        ("sum of squares", "2.50", "-3.0", "1.5625"),
        ("half the sum of squares", "1.25", "-1.5", "0.78125"),
    ],
)
def test_errors_and_gradients_are_in_the_sources_own_convention(
    loss: str, error: str, gradient: str, after: str
) -> None:
    """Two samples of two outputs: y = (0, 0), (0, 0), and Y* = (1, .5), (.5, −1) after x = 1, so Σe² = 2.5."""
    case = make_case(
        "two", "identity", "prediction", "float64", [[1], [1]], [[1, 0.5], [0.5, -1]], [[[0, 0]]], 0.5,
        published=Published(
            (*one("total_error", error), *of("gradients", [[gradient, ""]], 1), *one("total_error_after", after)), loss
        ),
    )  # fmt: skip
    assert [row.verdict for row in published_rows(case)] == [Verdict.EXACT] * 3
    for other in ("mean of squares", "half the mean of squares", "sum of squares", "half the sum of squares"):
        assert case.published is not None
        rows = published_rows(replace(case, published=replace(case.published, loss=other)))
        assert ({row.verdict for row in rows} == {Verdict.EXACT}) is (other == loss)


# errata


AFTER = Place("total_error_after")


def test_mazurs_numbers_are_right_but_for_one_and_the_mistake_behind_it_is_found() -> None:
    rows = published_rows(mazur())
    *right, after = rows
    assert {row.verdict for row in right} == {Verdict.EXACT} and len(right) == 6
    assert (after.quantity, after.verdict) == ("loss after", Verdict.VIOLATION)
    assert after.detail == (
        "printed 0.291027924, exact 0.291027773694, 150 units of the last digit off; what comes out when "
        f"{MISTAKES['updated-weights'].what} (mistake updated-weights)"
    )


def test_a_listed_mistake_that_comes_to_the_figure_passes_as_known() -> None:
    case = mazur("0.291027924", Erratum(AFTER, mistake="updated-weights"))
    row = row_of(case, "loss after")
    assert row.verdict == Verdict.KNOWN and "mistake updated-weights" in row.detail
    assert row.deviations == (), "no known deviation of a library"
    answer = gate([case], published_rows(case), {})
    assert answer.exit_code == 0


@pytest.mark.parametrize(
    ("after", "erratum", "words"),
    [
        ("0.291027774", Erratum(AFTER, mistake="updated-weights"), "right, and so no erratum; take it off the list"),
        ("0.291027774", Erratum(AFTER, because="a slip"), "right, and so no erratum; take it off the list"),
        ("0.291027924", Erratum(AFTER, mistake="uphill"), "the mistake uphill, which does not come to it"),
        ("0.291027923", Erratum(AFTER, mistake="updated-weights"), "updated-weights, which does not come to it"),
        ("0.291027924", Erratum(AFTER, mistake="updated-wights"), 'did you mean "updated-weights"?'),
    ],
)
def test_errata_are_strict_both_ways(after: str, erratum: Erratum, words: str) -> None:
    case = mazur(after, erratum)
    row = row_of(case, "loss after")
    assert row.verdict == Verdict.VIOLATION and words in row.detail
    assert gate([case], published_rows(case), {}).exit_code == 1


def test_an_erratum_with_a_reason_says_how_far_off_it_is() -> None:
    row = row_of(mazur("0.2911", Erratum(AFTER, because="a slip")), "loss after")
    assert row.verdict == Verdict.KNOWN
    assert row.detail == "printed 0.2911, exact 0.2910278, 0.722 units of the last digit off, a listed erratum (a slip)"


def test_two_units_in_the_last_digit_are_named() -> None:
    case = mazur("", w8="0.561370123")
    row = row_of(case, "update", 3)
    assert (row.verdict, row.worst_index, row.worst_value) == (Verdict.VIOLATION, (1, 1), 0.561370123)
    assert row.detail.startswith(
        "1 of 4 printed figures; at [1, 1] printed 0.561370123, exact 0.561370121108, 1.89 units"
    )
    (failure,) = gate([case], published_rows(case), {}).failures
    assert (failure.case, failure.backend) == (case.name, "published")
    assert failure.reason.startswith("violation: update of layer 3: 1 of 4 printed figures; at [1, 1] printed")


def test_the_worst_figure_of_a_row_is_a_wrong_one_and_no_erratum() -> None:
    errata = (Erratum(Place("output", 0, (0, 0)), because="a slip"),)
    case = make_case(
        "two", "identity", "prediction", "float64", [[0.5]], [[0, 0]], [[[0.25, 0.25]]],
        published=Published(tuple(of("output", [["9.9", "0.2"]])), errata=errata),
    )  # fmt: skip
    row = row_of(case, "output")
    assert (row.verdict, row.worst_index) == (Verdict.VIOLATION, (0, 1))
    assert row.detail.startswith("1 of 2 printed figures; at [0, 1] printed 0.2, exact 0.1250")


# the catalogue, and a run


def test_the_catalogues_printed_numbers_are_right_or_known() -> None:
    cases = [case for case in load(catalogue()) if "published" in case.tags]
    double = [case for case in cases if case.dtype == "float64"]
    assert len(double) >= 7 and all(case.published is not None for case in double)
    rows = [row for case in cases for row in published_rows(case)]
    assert {row.verdict for row in rows} == {Verdict.EXACT, Verdict.KNOWN}
    assert gate(cases, rows, {}).exit_code == 0


def test_a_wrong_figure_fails_a_run_and_is_named_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = next(path for path in catalogue() if path.name == "published.toml").read_text()
    file, out = tmp_path / "my.toml", tmp_path / "run"
    file.write_text(text.replace('"1.42014367e-03"', '"1.42014369e-03"'))
    run = ["gradproof", "run", "schiendorfer-2-2-2", "hmkcode*", "--cases", str(file), "--out", str(out)]
    monkeypatch.setattr("sys.argv", run)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    told = "printed 1.42014369e-03, exact 1.42014367201e-3, 1.8 units of the last digit off"
    places = [
        capsys.readouterr().out,
        *((out / name).read_text() for name in ("summary.md", "junit.xml", "index.html")),
    ]
    for place in places:
        assert "schiendorfer-2-2-2-sigmoid-classification-float64" in place and told in place
    assert "2 cases on 3 backends: discrepancies in 1 case, by published." in places[0]
    assert "2 cases × 3 backends" in places[0]
    assert (
        "discrepancies: 1 row in 1 case; 0 conventions, 0 known deviations and 1 row of listed errata met." in places[0]
    )
    card = places[3].split('<section id="discrepancies"')[1].split("</section>")[0]
    assert f"What to do: {TYPED}." in card and "<dt>value</dt>" not in card and "gradproof show CASE</code>." in card
    rows = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert [row["verdict"] for row in rows if row["backend"] == "published"].count("violation") == 1
    assert {row["quantity"] for row in rows if row["backend"] == "published"} == {
        "output", "loss", "gradient", "update", "loss after",
    }  # fmt: skip
    for place in (*places[:2], places[3]):  # the erratum that holds is told, as none of the failures
        assert legend.ERRATA in place and "a listed erratum (it comes out when the output" in place
