"""Printed numbers against exact ones: half a unit, errata strict both ways, which mistake comes to a figure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import flint
import mpmath
import pytest

from cases.case import Case, make_case
from cases.links import Link
from cases.loader import catalogue, load
from cases.published import Erratum, Place, Printed, Published
from harness import cli, published
from harness.gate import gate
from harness.misprinted_rate import shortest
from harness.mistakes import MISTAKES
from harness.printed import published_rows
from harness.published import figures
from harness.truth import PRECISIONS_TRIED
from reports import legend
from reports.discrepancies import TYPED
from reports.record import Row
from reports.verdict import Verdict

DENSE, BIAS, SIGMA = Link("dense", 2), Link("bias"), Link("activation")


def of(quantity: str, rows: Sequence[Sequence[str]], layer: int = 0) -> list[tuple[Place, Printed]]:
    """A matrix of printed numbers; "" where nothing is printed."""
    found = []
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            if text:
                found.append((Place(quantity, layer, (i, j)), read(text)))
    return found


def one(quantity: str, text: str) -> list[tuple[Place, Printed]]:
    """A single printed number, or none."""
    return [(Place(quantity), read(text))] if text else []


def read(text: str) -> Printed:
    found = Printed.read(text)
    assert found is not None
    return found


def linear(output: str, target: float = 0.0, **more: object) -> Case:
    """y = 0.5 · 0.25 = 0.125."""
    return make_case(
        "line", "identity", "prediction", "float64", [[0.5]], [[target]], [[[0.25]]],
        published=Published(tuple(of("output", [[output]])), **more),  # type: ignore[arg-type]
    )  # fmt: skip


def mazur(after: str = "0.291027924", *errata: Erratum, w8: str = "0.561370121") -> Case:
    """M. Mazur, A step by step backpropagation example (2015): every number that it prints of the first step."""
    found = [
        *of("output", [["0.75136507", "0.772928465"]]),
        *one("total_error", "0.298371109"),
        *of("gradients", [["0.000438568", ""], ["", ""]], 1),
        *of("gradients", [["0.082167041", ""], ["", ""]], 3),
        *of("updated_weights", [["0.149780716", "0.24975114"], ["0.19956143", "0.29950229"]], 1),
        *of("updated_weights", [["0.35891648", "0.511301270"], ["0.408666186", w8]], 3),
        *one("total_error_after", after),
    ]
    return make_case(
        "mazur", "sigmoid", "classification", "float64", [[0.05, 0.10]], [[0.01, 0.99]],
        [[[0.15, 0.25], [0.20, 0.30]], [[0.35, 0.35]], [[0.40, 0.50], [0.45, 0.55]], [[0.60, 0.60]]], 0.5,
        links=(DENSE, BIAS, SIGMA, DENSE, BIAS), published=Published(tuple(found), fixed=(2, 4), errata=errata),
    )  # fmt: skip


def row_of(case: Case, quantity: str, layer: int = 0) -> Row:
    return next(row for row in published_rows(case) if (row.quantity, row.layer) == (quantity, layer))


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
