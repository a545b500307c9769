"""What the lesson shows is what the run has: every term of every case, further steps, readings, and the rows."""

from __future__ import annotations

import itertools

import pytest

from tests.reports.browser.lesson import PLACES, STAGES, TABLES, chosen, number, of, visited


@pytest.fixture(scope="module")
def there(chromium, run_page):
    """The page, opened once: each test here says by the address all that it wants to see."""
    chromium.open(run_page)


@pytest.fixture
def real(there, browser):
    return browser


@pytest.mark.parametrize("family", ["slide-3-5-2", "slide-3-5-2-mixed"])
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("task", ["classification", "prediction"])
def test_the_panel_shows_the_run(real, exhibit, family, activation, task):
    case = of(exhibit, family=family, activation=activation, task=task)
    terms = {part["term"]: part for part in case["terms"]}
    states = [chosen(case, stage=stage, at=at, t=0, alpha=0.1) for stage in STAGES for at in PLACES]
    tables = [table for found in visited(real, states, TABLES) for table in found]
    for table in tables:
        term, index = terms[table["term"]], table["index"]
        assert [name for name, *_ in table["rows"]] == ["exact", *case["backends"]]
        assert number(table["rows"][0][1]) == term["exact"][index]
        for name, value, ulps in table["rows"][1:]:
            if name not in term["values"]:  # it says nothing of this term
                assert (value, ulps) == ("–", "–")
                continue
            assert number(value) == term["values"][name][index]
            assert number(ulps) == term["ulps"][name][index]
    assert {table["term"] for table in tables} == terms.keys()
    assert case["backends"] == ["reference", "torch", "jax", "faulty"]


def test_the_panel_shows_the_worst_entries_of_the_rows(real, exhibit, results):
    """Value and exact value of each row of the lesson's cases, at the entry that the row names."""
    rows = [row for row in results if row["quantity"] in ("gradient", "update")]
    pairs = [(case, row) for case in exhibit["cases"] for row in rows
             if row["case"] == case["case"] and row["backend"] in case["backends"]]  # fmt: skip
    assert len(pairs) >= 2 * 2 * 3 * 8
    states = []
    for case, row in pairs:
        i, j = row["worst_index"]
        place = f"w{i + 1}{j + 1}{'IH' if row['layer'] == 1 else 'HO'}"
        states.append(chosen(case, stage="update", at=place, t=0, alpha=case["alpha"]))
    for (case, row), tables in zip(pairs, visited(real, states, TABLES), strict=True):
        (table,) = [its for its in tables if its["term"] == f"{row['quantity']}{row['layer']}"]
        shown = {name: number(value) for name, value, _ in table["rows"]}
        assert (shown["exact"], shown[row["backend"]]) == (row["worst_exact"], row["worst_value"]), case["case"]


def test_further_steps_are_those_of_the_run(real, exhibit):
    case = of(exhibit, family="slide-3-5-2-mixed", activation="relu", task="prediction")
    at = (("forward", "h2"), ("error", "y2"), ("backward", "h4"), ("update", "w32HO"), ("update", "w23IH"))
    assert [path["alpha"] for path in case["paths"]] == [0.1, 0.5, 1.0, 3.0, 10.0]
    for path in case["paths"]:
        states = [chosen(case, stage=stage, at=where, t=t, alpha=path["alpha"])
                  for t, (stage, where) in itertools.product((1, 5, path["steps"] - 1), at)]  # fmt: skip
        for state, tables in zip(states, visited(real, states, TABLES), strict=True):
            assert tables
            for table in tables:
                ((_, value, _),) = table["rows"]
                kind, after = (table["term"], 0) if table["term"] in path else (f"weight{table['term'][-1]}", 1)
                assert number(value) == path[kind][state["t"] + after][table["index"]]


@pytest.mark.parametrize("alpha", [0.1, 3.0])
def test_readings_are_those_of_the_run(real, exhibit, alpha):
    case = of(exhibit, family="slide-3-5-2", activation="sigmoid", task="classification")
    cells = ("[...document.querySelector('.readings table').tBodies[0].rows].map((row) => "
             "[...row.cells].slice(1).map((cell) => cell.textContent))")  # fmt: skip
    (rows,) = visited(real, [chosen(case, at="w32HO", alpha=alpha)], cells)
    n = [path["alpha"] for path in case["paths"]].index(alpha)
    assert [list(map(number, row)) for row in rows] == [
        [one["gradients"][1][5], one["updated"][n][1][5], one["losses"][n][1], one["losses"][n][-1]]
        for one in case["readings"]
    ]
