"""The table of all rows: order, pages and copying, by keyboard."""

from __future__ import annotations

from tests.reports.browser.rows import CONTROL, ENTER, SPACE, column, lines, status


def test_order_by_keyboard(opened, many):
    found = opened(many)
    head = found.one("#rows-table th[data-name=max_ulp] button")
    head.send_keys(ENTER)
    assert [float(text) for text in column(found, "max_ulp")[:4]] == [11, 11, 11, 11]
    state = "document.querySelector('#rows-table th[data-name=max_ulp]').getAttribute('aria-sort')"
    assert found.run(state) == "descending"
    head.send_keys(SPACE)
    assert found.run(state) == "ascending"
    assert column(found, "max_ulp")[0] == "0"
    assert found.run("location.hash") == "#rows?sort=max_ulp"
    head.send_keys(ENTER)
    assert found.run(state) is None
    assert lines(found)[0][0] == "bad"


def test_pages_by_keyboard(opened, many):
    found = opened(many)
    first = lines(found)
    found.one(".pages [data-to=after]").send_keys(ENTER)
    assert status(found) == "180 of 180 rows, page 2 of 4"
    assert found.run("document.activeElement.dataset.to") == "after"
    assert not {tuple(line) for line in lines(found)} & {tuple(line) for line in first}
    found.one(".pages [data-to=last]").send_keys(ENTER)
    assert len(lines(found)) == 30
    found.one("#rows-page").send_keys(CONTROL, "a", CONTROL, "1", ENTER)
    assert lines(found) == first


def test_copying(opened, many):
    found = opened(many, "#rows?case=bad")
    found.run("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    found.one("#rows-copy").send_keys(ENTER)
    found.until("window.copied")
    head, line, end = found.run("window.copied").split("\n")
    assert head.startswith("case,backend,quantity,layer,verdict,max_ulp,share")
    assert line.startswith('bad,jax,gradient,1,violation,0.5,1.0000001,0,"[0, 1]",0.1,0.1')
    assert end == ""
    assert status(found) == "1 row copied"
    found.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    found.one("#rows-copy").send_keys(ENTER)
    assert found.run("document.activeElement.id") == "rows-copy"
