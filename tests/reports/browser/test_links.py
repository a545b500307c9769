"""Links to rows: from a row, from a cell of the tables, from a discrepancy."""

from __future__ import annotations

import json

from tests.reports.browser.rows import column, status


def test_a_link_for_each_row(opened, many):
    found = opened(many)
    links = found.run("[...document.querySelectorAll('#rows-table tbody a')].map(a => a.getAttribute('href'))")
    assert len(set(links)) == 50
    found = opened(many, links[20])
    assert found.run("document.querySelectorAll('#rows-table .target').length") == 1
    assert found.run("document.activeElement.getAttribute('href')") == links[20]
    again = opened(many, "#row?case=nothing&backend=torch")
    assert status(again) == "There is no such row here."


def test_cells_and_discrepancies_lead_to_their_rows(opened, many):
    failure = {"case": "bad", "backend": "jax", "reason": "wrong"}
    found = opened(many, failures=[failure], exit_code=1)
    found.run("document.querySelector('.wrong a').click()")
    found.until("document.querySelector('#rows-table .target')")
    assert found.run("document.querySelector('#rows-table .target').cells[0].textContent") == "bad"
    cells = found.run("[...document.querySelectorAll('#tables td a')].map(a => a.getAttribute('href'))")
    assert len(cells) == 30  # an overview and a table for each activation
    for link in cells:
        found.run(f"location.hash = {json.dumps(link)}")
        found.until(f"location.hash === {json.dumps(link)}")
        found.until("!document.querySelector('#rows-table .target')")
    assert status(found) == "12 of 180 rows"
    assert set(column(found, "backend")) == {"jax"}
    assert set(column(found, "activation")) == {"selu"}


def test_cells_of_a_real_run_lead_to_rows(real):
    """Whatever a cell is about, there are rows of it."""
    links = real.run("[...document.querySelectorAll('table[data-rows] td a')].map((a) => a.getAttribute('href'))")
    assert len(links) > 20
    for link in dict.fromkeys(links):
        real.run(f"location.hash = {json.dumps(link)}")
        real.until(f"location.hash === {json.dumps(link)}")
        assert column(real, "case"), link


def test_a_discrepancy_of_a_real_run_leads_to_its_row(real, results):
    name = real.run("document.querySelector('.wrong a').textContent")
    real.one(".wrong a").click()
    real.until("document.querySelector('#rows-table .target')")
    cells = real.run("[...document.querySelector('#rows-table .target').cells].map((cell) => cell.textContent)")
    assert cells[:2] == [name, "faulty"]
    assert cells[4] == "✗ violation"
