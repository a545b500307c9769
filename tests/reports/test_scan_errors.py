"""The exhibit of scans is read whatever is missing, and what is no number is not mixed up with what is not judged."""

from __future__ import annotations

import math
from copy import deepcopy

import pytest

from reports.page import page
from reports.scan_errors import Line, scan_errors


def test_what_is_not_judged_is_none_and_what_is_no_number_is_nan(with_bins, bins):
    bins["scans"][0]["lines"][0]["ulps"] = [None, "nan", "inf", 0.5, None]
    line = scan_errors(with_bins(bins)).errors[0].lines[0]
    assert line.ulps[0] is line.ulps[4] is None and math.isnan(line.ulps[1]) and line.ulps[2:4] == (math.inf, 0.5)


@pytest.mark.parametrize(
    ("ulps", "worst"), [((0.5, None, 2.0), "2"), ((0.5, math.nan, math.inf), "nan"), ((0.5, math.inf), "inf"),
                        ((None,), "None"), ((), "None")],
)  # fmt: skip
def test_the_worst_of_all_bins(ulps, worst):
    assert format(Line("torch", ulps, frozenset()).worst, "g" if worst != "None" else "") == worst


def test_backends_of_the_same_figure_are_named_together(with_bins, bins):
    found = scan_errors(with_bins(bins))
    assert found.backends == ("reference", "torch") and found.formats["float64"].bins == 5
    value, slope = found.errors
    assert (value.symbol, value.worst, slope.symbol) == ("σ", "reference 0.5; torch 1000", "σ′")
    bins["scans"][0]["lines"][0]["ulps"][2] = 1000.0
    assert scan_errors(with_bins(bins)).errors[0].worst == "reference, torch 1000"


HALF = {"formats": {"float64": {"bits": 53}}, "scans": [{"dtype": "float64"}]}


@pytest.mark.parametrize(
    "broken", [None, [], "text", {}, {"scans": []}, {"formats": None, "scans": [{}]}, HALF], ids=str
)
def test_without_scans_there_is_nothing(with_bins, broken):
    assert scan_errors(with_bins(broken)) is None
    assert 'class="plots bins"' not in page(with_bins(broken))


def test_any_key_may_be_absent(with_bins, bins):
    for part in (bins["scans"][0], bins["scans"][0]["lines"][0], bins["formats"]["float64"]):
        for name in list(part):
            whole = deepcopy(part)
            del part[name]
            page(with_bins(bins))
            part.update(whole)


def test_more_or_fewer_figures_than_bins_do_no_harm(with_bins, bins):
    bins["scans"][0]["most"] = [1.0] * 50
    bins["scans"][0]["lines"][0] |= {"ulps": [1.0] * 50, "outside": [3, 400, -1]}
    bins["scans"][0]["lines"][1] |= {"ulps": [], "outside": [3]}
    page(with_bins(bins))
