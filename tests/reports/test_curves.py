"""Learning in terminal, summary and page: the same lines everywhere, whatever is missing."""

from __future__ import annotations

import io
import re
from copy import deepcopy
from typing import Any
from xml.etree import ElementTree

import pytest

from reports.curves import curves, grouped
from reports.page import page
from reports.plots import BOTTOM, HEIGHT, LEFT, RIGHT, SIGN_DASH, TOP, WIDTH, _Axes, plotted, thinned
from reports.summary import summary
from reports.terminal import console, show


@pytest.fixture
def exhibit() -> dict[str, Any]:
    """Two trainings that differ in their dtype, one that diverges, and S27 for one network."""
    run = {"backend": "reference", "first": 0.5, "last": 0.125, "loss": [0.5, 0.25, 0.125], "drift": [0, 2e-17, 1e-16],
           "predicted": [0, 1e-16, 3e-16], "ratio": 0.65, "last_ratio": 0.073, "share": 0.99, "within": True,
           "blind_from": None, "ended": None, "note": ""}  # fmt: skip
    plain = {"name": "learning-a", "structure": "3-5-2", "activation": "sigmoid", "task": "prediction", "alpha": 0.1,
             "dtype": "float64", "steps": 10, "t": [0, 1, 10], "stable": True, "sharpness": 0.0131, "rises": 0,
             "exact": [0.5, 0.25, 0.125], "wrong_sign": {"loss": [0.5, 0.75, 0.875], "last": 0.875, "ended": None},
             "runs": [run, {**run, "backend": "torch"}]}  # fmt: skip
    far = {**run, "loss": [0.5, 1e30, "inf"], "drift": [0, 1e10], "predicted": [0, "inf"], "ratio": 0.2, "share": "nan",
           "blind_from": 1, "ended": 3, "note": "step 3: weights leave the range"}  # fmt: skip
    wild = {**plain, "name": "learning-c", "alpha": 4.0, "stable": False, "rises": 10, "sharpness": "inf",
            "exact": [0.5, 1e30, "inf"], "runs": [far],
            "wrong_sign": {"loss": [0.5, "nan"], "ended": 1, "note": "step 1: weights leave the range"}}  # fmt: skip
    rate = {"structure": "3-5-2", "activation": "sigmoid", "task": "prediction", "alpha": 0.1, "moved": 0.012,
            "sharpness": 0.177, "first": 2.24, "last": 3.5e-31, "outcome": "falls"}  # fmt: skip
    second = deepcopy({**plain, "name": "learning-b", "dtype": "float32"})
    return {
        "trainings": [plain, second, wild],
        "rates": [rate, {**rate, "alpha": 10.0, "outcome": "overflows", "last": "nan"}],
    }


@pytest.fixture
def with_curves(record, row, exhibit):
    """Return a function: a record with the exhibit, changed."""
    return lambda found=None: record([row()], {"curves": exhibit if found is None else found})


def test_lines(with_curves):
    found = curves(with_curves())
    assert found.backends == ("reference", "torch")
    start = ("3-5-2 sigmoid", "prediction")
    assert found.lines[0] == (*start, "0.1", "float64", "0.5 → 0.125", "always", "0.0131", "0.875")
    assert found.lines[2] == (*start, "4", "float64", "0.5 → ∞", "never", "∞; unstable", "∞ at 1")
    first, _, wild = found.by_training
    assert first == ((*start, "0.1", "float64"), [("reference, torch", "0.125", "0.99", "0.65", "0.073", "–")])
    assert wild == ((*start, "4", "float64"), [("reference", "∞ at 3", "nan", "0.2", "0.073", "1")])
    assert found.notes == ["learning-c, reference: step 3: weights leave the range"]
    assert found.by_network == [
        ("3-5-2 sigmoid, prediction", [("0.1", "0.012", "0.177", "2.24 → 3.5e-31", "falls"),
                                       ("10", "0.012", "0.177", "2.24 → nan", "overflows")])
    ]  # fmt: skip


def test_the_terminal_has_the_worst_of_all_backends(with_curves, exhibit):
    exhibit["trainings"][1]["runs"][1] |= {"last": 7e-15, "share": 0.998, "ratio": "nan"}
    exhibit["trainings"][0]["runs"][1] |= {"last": 0.3, "ended": 4, "note": "step 4: update of layer 1: refused"}
    start = ("3-5-2 sigmoid", "prediction")
    first, second, wild = curves(with_curves()).worst
    assert first == (*start, "0.1", "float64", "0.5 → 0.125", "0.3 at 4", "0.013", "0.99", "0.65", "0.875")
    assert second[5:9] == ("0.125", "0.013", "0.998", "0.65"), "where a prediction is always blind others count"
    assert wild == (*start, "4", "float64", "0.5 → ∞", "∞ at 3", "∞", "nan", "0.2", "∞ at 1")


def test_the_terminal_table_fits_in_120_columns(with_curves, exhibit):
    longest = {"structure": "3-5-2", "activation": "sigmoid", "task": "classification", "sharpness": 2.04e9,
               "exact": [0.517, 1e-4, 0.000139]}  # fmt: skip
    for one in exhibit["trainings"]:
        one |= longest
        one["wrong_sign"] = {"loss": [], "last": "nan", "ended": 118, "note": "step 118: weights leave the range of"}
        one["runs"][0] |= {"last": 0.000139, "share": 0.0123, "ratio": 0.0123}
    lines = shown(with_curves())["terminal"].splitlines()
    at = lines.index("Learning")
    assert max(map(len, lines[at : at + 7])) <= 120
    assert "∞ at 118" in lines[at + 4] and "→ 0.000139" in lines[at + 4]


def test_what_it_comes_to(with_curves, exhibit):
    assert curves(with_curves()).text == (
        "3 trainings × 2 backends: every run stays within the growth predicted for it (worst 0.65 of it); the exact "
        "total error falls at every step in 2 of 2 trainings where α is stable"
    )
    exhibit["trainings"][0]["runs"][1] |= {"within": False, "ratio": 12.0}
    exhibit["trainings"][1]["rises"] = 2
    assert curves(with_curves()).text == (
        "3 trainings × 2 backends: 1 run of 5 beyond the predicted growth, by torch (worst 12 of it); the exact total "
        "error falls at every step in 1 of 2 trainings where α is stable"
    )


def shown(record) -> dict[str, str]:
    stream = io.StringIO()
    show(record, console(stream))
    return {"terminal": stream.getvalue(), "summary": summary(record), "page": page(record)}


def test_everywhere_the_same_text_and_figures(with_curves):
    found = curves(with_curves())
    for name, text in shown(with_curves()).items():
        assert found.text in text, name
        for figure in ("0.5 → 0.125", "0.99", "0.65", "∞ at 3", "∞ at 1"):
            assert figure in text, (name, figure)
        for figure in ("0.073", "reference, torch", "exact total error", "blind from step"):
            assert name == "terminal" or figure in text, (name, figure)
        assert "largest eigenvalue of H, the second derivatives of the total error" in text, name
        assert name == "terminal" or "2.24 → 3.5e-31" in text


def test_without_the_exhibit_nothing_is_shown(record, row):
    for name, text in shown(record([row()])).items():
        assert "Learning" not in text, name


@pytest.mark.parametrize("broken", [[], "text", {}, {"trainings": []}, {"trainings": None, "rates": [{}]}])
def test_an_exhibit_without_trainings_is_none(with_curves, broken):
    assert curves(with_curves(broken)) is None
    shown(with_curves(broken))


def test_any_key_may_be_absent(with_curves, exhibit):
    bare = {"trainings": [{}, {"runs": [{}], "exact": ["x", None], "t": [0, 1], "wrong_sign": 3}], "rates": [{}]}
    shown(with_curves(bare))
    for name in exhibit["trainings"][0]:
        less = [{k: v for k, v in one.items() if k != name} for one in exhibit["trainings"]]
        shown(with_curves({**exhibit, "trainings": less}))
    for name in exhibit["trainings"][0]["runs"][0]:
        runs = [{k: v for k, v in run.items() if k != name} for run in exhibit["trainings"][0]["runs"]]
        shown(with_curves({**exhibit, "trainings": [{**exhibit["trainings"][0], "runs": runs}]}))


def test_foreign_text_is_text(with_curves, exhibit, evil):
    for one in exhibit["trainings"]:
        one.update(name=evil, structure=evil, activation=evil, task=evil, dtype=evil)
        for run in one["runs"]:
            run.update(backend=evil, note=evil)
    exhibit["rates"][0].update(structure=evil, task=evil, outcome=evil)
    for name, text in shown(with_curves()).items():
        assert name == "terminal" or evil not in text, name


def test_precisions_share_a_figure(with_curves):
    found = curves(with_curves())
    assert [[one.dtype for one in group] for group in grouped(found.trainings)] == [["float64", "float32"], ["float64"]]
    first, wild = plotted(found.trainings, found.backends)
    assert first.title == "3-5-2 sigmoid, prediction, α = 0.1"
    assert [curve.kind for curve in first.error.curves] == ["exact", "sign", "c0", "c1"]
    assert [curve.kind for curve in first.drift.curves] == ["predicted", "c0", "c1"]
    assert [label.text for label in first.drift.labels] == ["float64", "float32"]
    assert "float64: 0.5 → ∞, wrong sign → ∞ at 1" in wild.words
    dashes = {(curve.dash, curve.offset) for curve in first.error.curves if curve.kind in ("c0", "c1")}
    assert dashes == {("5 5", 0), ("5 5", -5)}, "two backends take turns"


def points(path: str) -> list[list[tuple[float, ...]]]:
    """The points of each part of a path."""
    return [[tuple(map(float, p.split(","))) for p in part.split(" ")] for part in path.split("M")[1:]]


def test_paths_stay_inside_and_end_at_what_is_no_number(with_curves, exhibit):
    exhibit["trainings"][2]["runs"][0]["loss"] = [0.5, 0.0, 1e30]
    exhibit["trainings"][2]["runs"][0]["drift"] = [0, 1.0, "nan", 2.0, 1e3]
    exhibit["trainings"][2]["t"] = [0, 2, 5, 8, 10]
    exhibit["trainings"][0]["wrong_sign"]["loss"] = [0.5, 20.0, 1e7, 1e8, 1e9, 1e10]
    exhibit["trainings"][0]["t"] = [0, 2, 4, 6, 8, 10]
    found = curves(with_curves())
    first, wild = plotted(found.trainings, found.backends)
    rising = next(curve for curve in first.error.curves if curve.kind == "sign")
    assert rising.path.endswith(f",{TOP:.1f}") and rising.path.count(f",{TOP:.1f}") == 1, "it ends at the upper edge"
    for plot in (wild.error, wild.drift):
        for curve in plot.curves:
            assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for part in points(curve.path) for x, y in part)
    of = {curve.kind: curve.path for curve in wild.error.curves}
    assert "sign" not in of and len(of["c0"].split(" ")) == 3, "0 lies on the lower edge"
    assert [curve.kind for curve in wild.drift.curves] == []


def test_the_exact_curve_ends_at_the_frame_and_is_not_drawn_flat_along_it(with_curves, exhibit):
    steps = [0, 2, 4, 6, 8, 10]
    floor = [1.0, 1e-15, 1e-30, 1e-30, 1e-30, 1e-30]
    one = exhibit["trainings"][0]
    one |= {"t": steps, "exact": [1.0, 1e-15, 1e-30, 1e-45, 1e-60, 1e-75]}
    one["runs"] = [{**one["runs"][0], "loss": floor, "t": steps}]
    found = curves(with_curves({**exhibit, "trainings": [one]}))
    (figure,) = plotted(found.trainings, found.backends)
    of = {curve.kind: points(curve.path) for curve in figure.error.curves}
    ((_, end),) = of["exact"]
    assert end[1] == HEIGHT - BOTTOM and end[0] == round(LEFT + 0.4 * (WIDTH - LEFT - RIGHT)), "at step 4, not 10"
    assert of["c0"][0][-1][0] == WIDTH - RIGHT, "the backend’s own curve goes on along its floor"
    assert [label.text for label in figure.error.labels] == ["→ 1e-75"], "what is cut is said"


def test_a_curve_may_leave_the_frame_and_come_back(with_curves):
    axes = _Axes(10, -2.0, 0.0)
    below, back = points(axes.path([0, 2, 4, 6], [1.0, 1e-4, 1e-4, 1.0]))
    assert [round(y, 1) for _, y in (*below, *back)] == [TOP, HEIGHT - BOTTOM, HEIGHT - BOTTOM, TOP]
    assert below[-1][0] < back[0][0] and axes.leaves([0, 2, 4, 6], [1.0, 1e-4, 1e-4, 1.0]) is None
    assert axes.path([0, 2, 4], [1e-3, 1e-4, 1e-5]) == "" and axes.leaves([0, 2], [1e-3, 1e-4]) is None
    assert axes.path([0, 2, 4, 6], [0.0, 0.0, 0.0, 0.0]) == "", "zeros are not drawn along the edge"


def test_precisions_are_named_where_their_errors_part(with_curves, exhibit):
    def named(figure):
        return [label.text for label in figure.error.labels]

    found = curves(with_curves())
    assert named(plotted(found.trainings, found.backends)[0]) == [], "one curve for both"
    exhibit["trainings"][1]["runs"][0]["loss"] = [0.5, 1e-5, 1e-5]
    exhibit["trainings"][0]["runs"][0]["loss"] = [0.5, 1e-5, 1e-20]
    found = curves(with_curves())
    figure = plotted(found.trainings, found.backends)[0]
    assert named(figure) == ["float64", "float32"]
    assert len({(label.x, label.y) for label in figure.error.labels}) == 2


def test_legend_and_plot_agree_and_the_axis_is_named(with_curves):
    html = page(with_curves())
    assert html.count(">step</text>") == html.count("<svg") == 4
    assert 'class="sign" d="' in html and f'stroke-dasharray="{SIGN_DASH}"' in html
    dash, gap = map(int, SIGN_DASH.split())
    assert dash > gap > 2, "dashes, as in the legend; dots are for what is predicted"


def test_a_point_near_the_line_is_left_out_and_a_corner_is_not():
    line = [(float(x), 2.0 * x) for x in range(10)]
    assert thinned(line) == [line[0], line[-1]]
    bent = [*line, (10.0, 0.0), (11.0, 0.0)]
    assert thinned(bent) == [line[0], line[-1], (10.0, 0.0), (11.0, 0.0)]


def test_the_plots_are_well_formed_and_hidden_from_screen_readers_which_have_the_words(with_curves):
    html = page(with_curves())
    plots = re.findall(r"<svg.*?</svg>", html, re.S)
    assert len(plots) == 4
    for plot in plots:
        assert ElementTree.fromstring(plot).get("aria-hidden") == "true"
    assert 'role="img"' in html and "exact total error float64: 0.5 → 0.125, wrong sign → 0.875" in html
    assert html.count("<script") == 2 and "url(" not in html


def test_the_page_has_room(with_curves, exhibit):
    steps = list(range(50))
    wavy = [1e-16 * (1 + 0.5 * (t % 3)) for t in steps]
    one = exhibit["trainings"][0]
    one |= {"t": steps, "exact": wavy}
    one["runs"] = [{**one["runs"][0], "backend": b, "loss": wavy, "drift": wavy, "predicted": wavy} for b in "abc"]
    many = {**exhibit, "trainings": [{**one, "alpha": a, "dtype": d} for a in range(1, 10) for d in ("x", "y")]}
    assert len(page(with_curves(many))) - len(page(with_curves({}))) < 120_000, "where every point is a corner"
