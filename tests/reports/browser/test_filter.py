"""The table of all rows: filters by keyboard and by link."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.reports.browser.rows import ENTER, TAB, column, lines, status


def test_a_filter_by_keyboard(opened, many):
    found = opened(many)
    assert status(found) == "180 of 180 rows, page 1 of 4"
    assert lines(found)[0][0] == "bad"
    found.one("input[name=case]").send_keys("case-0*-gelu")
    found.until("document.querySelectorAll('#rows-table tbody tr').length === 30")
    assert status(found) == "30 of 180 rows"
    found.press(TAB)
    assert found.run("document.activeElement.name") == "backend"
    found.press("torch")
    found.until("document.querySelectorAll('#rows-table tbody tr').length === 10")
    assert set(column(found, "backend")) == {"torch"}
    assert found.run("decodeURIComponent(location.hash)") == "#rows?case=case-0*-gelu&backend=torch"
    found.one("#rows-clear").send_keys(ENTER)
    assert status(found) == "180 of 180 rows, page 1 of 4"


@pytest.mark.parametrize(
    ("asked", "number"),
    [("share=>1", 1), ("share=0.05..0.1", 75), ("share=<=0.001", 15), ("entries=3", 14), ("verdict=violation", 1),
     ("case=!case", 1), ("case=BAD", 1), ("layer=1&activation=relu", 37), ("share=nan", 0), ("family=slides", 180),
     ("backend=nobody", 0), ("unknown=1", 180), ("case=.*", 0), ("worst_index=[0, 1]", 180)],
)  # fmt: skip
def test_links_restore_a_filter(opened, many, asked, number):
    found = opened(many, f"#rows?{quote(asked, safe='=&')}")
    assert status(found).startswith(f"{number} of 180 rows")


def test_every_column_can_be_filtered_by(opened, many):
    found = opened(many)
    names = found.run("[...document.querySelectorAll('#rows-table thead th')].map(th => th.dataset.name)")
    fields = found.run("[...document.getElementById('rows-filter').elements].map(one => one.name).filter(Boolean)")
    assert sorted(names) == sorted(fields)


@pytest.mark.parametrize("chosen", [{"backend": "faulty", "verdict": "violation"},
                                    {"activation": "relu", "task": "prediction", "quantity": "update"},
                                    {"verdict": "known"}, {"backend": "jax", "activation": "softsign"}])  # fmt: skip
def test_rows_of_a_real_run_by_choice(real, results, chosen):
    """Each choice is typed; what stays is what the run has."""
    for name, word in chosen.items():
        field = real.one(f"#rows-filter select[name={name}]")
        field.send_keys(word)
        assert field.get_attribute("value") == word
    wanted = [row for row in results if all(row[name] == word for name, word in chosen.items())]
    assert 0 < len(wanted) < 50
    real.until(f"document.getElementById('rows-status').textContent === "
               f"'{len(wanted)} of {len(results)} row{'s' * (len(results) > 1)}'")  # fmt: skip
    assert sorted(column(real, "case")) == sorted(row["case"] for row in wanted)
