"""Mistakes against the gate: the same two figures and lines in terminal, summary and page."""

from __future__ import annotations

import io
from typing import Any

import pytest

from reports import kills as module
from reports.kills import kills
from reports.page import page
from reports.summary import summary
from reports.terminal import console, show


@pytest.fixture
def exhibit() -> dict[str, Any]:
    """Three mistakes: one caught, one that cannot show, one that rounding hides."""
    told = [
        {"name": name, "family": "error", "kind": name, "what": f"what {name} is", "equations": "S11",
         "fix": f"mend {name}", "call": 2 if name == "kept" else 1}
        for name in ("sign", "kept", "tiny")
    ]  # fmt: skip
    empty = {"cases_of": "deck", "dtype": "float64", "cases": 4, "caught": 0, "same": 0, "hidden": 0,
             "apart": {}, "smallest": "inf"}  # fmt: skip
    cells = [
        {**empty, "mistake": "sign", "caught": 3, "same": 1, "smallest": 2.5e9},
        {
            **empty,
            "mistake": "sign",
            "cases_of": "wide",
            "dtype": "float32",
            "caught": 3,
            "hidden": 1,
            "smallest": 1.04,
        },
        {**empty, "mistake": "kept", "apart": {"one sample": 3, "no hidden layer": 1}},
        {**empty, "mistake": "tiny", "hidden": 4, "nearest": 0.01},
    ]
    return {"mistakes": told, "cells": cells, "correct": {"runs": 40, "alarms": [], "rewritings": []}}


def test_two_figures_and_why_the_rest_is_not_counted(record, row, exhibit):
    found = kills(record([row()], {"kills": exhibit}))
    assert found.figures == (1, 2, 3)
    assert found.text == (
        "1 of 2 mistakes caught (1 of 3 cannot show on these cases); 0 false alarms in 40 correct runs"
    )
    assert [told.name for told in found.missed] == ["tiny"]


def test_cells(record, row, exhibit):
    found = kills(record([row()], {"kills": exhibit}))
    assert found.dtypes == ("float64", "float32") and found.families == ("deck", "wide")
    assert found.by_precision() == [
        ("sign", "3 of 3, 2.5e+09", "3 of 4, 1.04"),
        ("kept (second call)", "one sample", "–"),
        ("tiny", "0 of 4, 0.01 (below rounding)", "–"),
    ]
    assert found.by_family()[0] == ("sign", "100 %, 2.5e+09", "75 %, 1.04")
    assert found.by_family()[1] == ("kept (second call)", "·", "–")


def test_all_but_one_is_not_a_hundred_percent():
    assert module._percent(999, 1000) == "99 %"


def test_it_is_shown_everywhere_or_nowhere(record, row, exhibit):
    run, stream = record([row()], {"kills": exhibit}), io.StringIO()
    show(run, console(stream))
    for text in (stream.getvalue(), summary(run), page(run)):
        assert "1 of 2 mistakes caught" in text and "0 false alarms in 40 correct runs" in text
        assert "what sign is" in text or text == stream.getvalue()
    assert "mistakes caught" not in summary(record([row()])) + page(record([row()]))


def test_false_alarms_are_told(record, row, exhibit):
    exhibit["correct"]["alarms"] = ["scaled-last on deck"]
    run, stream = record([row()], {"kills": exhibit}), io.StringIO()
    show(run, console(stream))
    for text in (stream.getvalue(), summary(run), page(run)):
        assert "1 false alarm in 40 correct runs" in text and "scaled-last on deck" in text


@pytest.mark.parametrize("found", [None, 3, [], {}, {"cells": 3}, {"mistakes": [{}], "cells": [{}]}, {"correct": 3}])
def test_it_bears_what_is_absent(record, row, found):
    assert page(record([row()], {"kills": found})) and summary(record([row()], {"kills": found}))


def test_foreign_text_stays_text(record, row, exhibit, evil):
    for told in exhibit["mistakes"]:
        told.update(what=evil, fix=evil, equations=evil, family=evil)
    exhibit["cells"][2]["apart"] = {evil: 4}
    exhibit["correct"].update(alarms=[evil], rewritings=[{"name": evil, "what": evil}])
    for cell in exhibit["cells"]:
        cell.update(cases_of=evil, dtype=evil)
    run = record([row()], {"kills": exhibit})
    assert evil not in page(run) and "&lt;script&gt;" in page(run) and evil not in summary(run)


def test_many_families_that_begin_alike_share_a_column(record, row, exhibit):
    empty = {**exhibit["cells"][0], "caught": 0, "same": 0, "smallest": "inf"}
    exhibit["cells"] = [
        {**empty, "mistake": "sign", "cases_of": f"kink-at-{i}", "hidden": 1} for i in range(module.MANY)
    ]
    few = kills(record([row()], {"kills": exhibit}))
    assert len(few.kinds) == len(few.by_family()[0]) - 1 == module.MANY
    exhibit["cells"].append({**empty, "mistake": "sign", "cases_of": "deck", "caught": 3, "smallest": 1.5})
    exhibit["cells"].append({**empty, "mistake": "sign", "cases_of": "kink-last", "caught": 1, "smallest": 2.5})
    many = kills(record([row()], {"kills": exhibit}))
    assert list(many.kinds) == ["kink-*", "deck"]
    assert many.by_family()[0] == ("sign", "4 %, 2.5", "100 %, 1.5")


def test_mistakes_of_a_kind_together(record, row, exhibit):
    ((kind, told, cells),) = kills(record([row()], {"kills": exhibit})).by_kind_of_mistake()
    assert (kind, len(told)) == ("error", 3)
    assert cells == ("1 of 2, 2.5e+09", "1 of 1, 1.04")  # of float64's three, one cannot show
