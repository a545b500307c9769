"""The page in a real browser, cut off from every network."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from reports.verdict import Verdict

SLOW = 3
"""How much slower than promised a machine with much else to do may be."""

ACTIVATIONS = ("relu", "sigmoid", "tanh", "gelu", "selu")
ENTER, SPACE, TAB, CONTROL = "\ue007", " ", "\ue004", "\ue009"


@pytest.fixture
def many(row):
    """A hundred and eighty rows of five activations, one of which is wrong."""
    rows = [
        row(case=f"case-{i:02}-{a}", activation=a, backend=b, share=i / 100 + 0.001, max_ulp=float(i), entries=i)
        for i in range(12) for a in ACTIVATIONS for b in ("reference", "torch", "jax")
    ]  # fmt: skip
    rows[50] = row(case="bad", activation="relu", backend="jax", share=1.0000001, verdict=Verdict.VIOLATION)
    return rows


def test_nothing_on_the_console_and_no_request(opened, everything, evil, many, record):
    for rows, exhibits, run in ((many, None, {}), (everything(evil).rows, everything(evil).exhibits, {})):
        found = opened(rows, exhibits=exhibits, **run)
        assert found.console == []
        assert [url for url in found.requests if not url.startswith(("file:", "about:"))] == []
        assert found.run("performance.getEntriesByType('resource').length") == 0


def test_a_filter_by_keyboard(opened, many):
    found = opened(many)
    assert found.status == "180 of 180 rows, page 1 of 4"
    assert found.lines[0][0] == "bad"
    found.one("input[name=case]").send_keys("case-0*-gelu")
    found.until("document.querySelectorAll('#rows-table tbody tr').length === 30")
    assert found.status == "30 of 180 rows"
    found.press(TAB)
    assert found.run("document.activeElement.name") == "backend"
    found.press("torch")
    found.until("document.querySelectorAll('#rows-table tbody tr').length === 10")
    assert set(found.column("backend")) == {"torch"}
    assert found.run("decodeURIComponent(location.hash)") == "#rows?case=case-0*-gelu&backend=torch"
    found.one("#rows-clear").send_keys(ENTER)
    assert found.status == "180 of 180 rows, page 1 of 4"


@pytest.mark.parametrize(
    ("asked", "number"),
    [("share=>1", 1), ("share=0.05..0.1", 75), ("share=<=0.001", 15), ("entries=3", 14), ("verdict=violation", 1),
     ("case=!case", 1), ("case=BAD", 1), ("layer=1&activation=relu", 37), ("share=nan", 0), ("family=slides", 180),
     ("backend=nobody", 0), ("unknown=1", 180), ("case=.*", 0), ("worst_index=[0, 1]", 180)],
)  # fmt: skip
def test_links_restore_a_filter(opened, many, asked, number):
    found = opened(many, f"#rows?{quote(asked, safe='=&')}")
    assert found.status.startswith(f"{number} of 180 rows")


def test_every_column_can_be_filtered_by(opened, many):
    found = opened(many)
    names = found.run("[...document.querySelectorAll('#rows-table thead th')].map(th => th.dataset.name)")
    fields = found.run("[...document.getElementById('rows-filter').elements].map(one => one.name).filter(Boolean)")
    assert sorted(names) == sorted(fields)


def test_order_by_keyboard(opened, many):
    found = opened(many)
    head = found.one("#rows-table th[data-name=max_ulp] button")
    head.send_keys(ENTER)
    assert [float(text) for text in found.column("max_ulp")[:4]] == [11, 11, 11, 11]
    state = "document.querySelector('#rows-table th[data-name=max_ulp]').getAttribute('aria-sort')"
    assert found.run(state) == "descending"
    head.send_keys(SPACE)
    assert found.run(state) == "ascending"
    assert found.column("max_ulp")[0] == "0"
    assert found.run("location.hash") == "#rows?sort=max_ulp"
    head.send_keys(ENTER)
    assert found.run(state) is None
    assert found.lines[0][0] == "bad"


def test_pages_by_keyboard(opened, many):
    found = opened(many)
    first = found.lines
    found.one(".pages [data-to=after]").send_keys(ENTER)
    assert found.status == "180 of 180 rows, page 2 of 4"
    assert found.run("document.activeElement.dataset.to") == "after"
    assert not {tuple(line) for line in found.lines} & {tuple(line) for line in first}
    found.one(".pages [data-to=last]").send_keys(ENTER)
    assert len(found.lines) == 30
    found.one("#rows-page").send_keys(CONTROL, "a", CONTROL, "1", ENTER)
    assert found.lines == first


def test_a_link_for_each_row(opened, many):
    found = opened(many)
    links = found.run("[...document.querySelectorAll('#rows-table tbody a')].map(a => a.getAttribute('href'))")
    assert len(set(links)) == 50
    found = opened(many, links[20])
    assert found.run("document.querySelectorAll('#rows-table .target').length") == 1
    assert found.run("document.activeElement.getAttribute('href')") == links[20]
    again = opened(many, "#row?case=nothing&backend=torch")
    assert again.status == "There is no such row here."


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
    assert found.status == "12 of 180 rows"
    assert set(found.column("backend")) == {"jax"}
    assert set(found.column("activation")) == {"selu"}


def test_copying(opened, many):
    found = opened(many, "#rows?case=bad")
    found.run("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    found.one("#rows-copy").send_keys(ENTER)
    found.until("window.copied")
    head, line, end = found.run("window.copied").split("\n")
    assert head.startswith("case,backend,quantity,layer,verdict,max_ulp,share")
    assert line.startswith('bad,jax,gradient,1,violation,0.5,1.0000001,0,"[0, 1]",0.1,0.1')
    assert end == ""
    assert found.status == "1 row copied"
    found.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    found.one("#rows-copy").send_keys(ENTER)
    assert found.run("document.activeElement.id") == "rows-copy"


def test_foreign_text_stays_text(opened, row, evil):
    wrong = row(case=evil, family=evil, activation=evil, backend=evil, quantity=evil, detail=evil, dtype=evil,
                share=2.0, verdict=Verdict.VIOLATION)  # fmt: skip
    found = opened([wrong, row()], failures=[{"case": evil, "backend": evil, "reason": evil}], exit_code=1)
    assert found.lines[0].count(evil) == 7
    assert found.run("document.querySelectorAll('script').length") == 2
    assert found.run("[...document.querySelectorAll('option')].filter(o => o.text.includes('<script>')).length") == 4
    found.run("document.querySelector('.wrong a').click()")
    found.until("document.querySelector('#rows-table .target')")
    assert found.console == []


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_overflows(opened, everything, width, dark):
    whole = everything("a-name-that-is-long-" * 4)
    found = opened(whole.rows, exhibits=whole.exhibits, **whole.run)
    found.screen(width, dark)
    found.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert found.run("document.scrollingElement.scrollWidth") <= width
    paper = found.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) < 200) == dark


def test_a_hundred_thousand_rows(opened, row):
    draw = random.Random(1)
    rows = [
        row(case=f"case-{i // 20}", backend=f"backend-{i % 20}", share=draw.random(), max_ulp=10 * draw.random(),
            worst_value=draw.gauss(0, 1), worst_exact=draw.gauss(0, 1), activation=ACTIVATIONS[i % 5])
        for i in range(100_000)
    ]  # fmt: skip
    found = opened(rows)
    took = found.run("performance.getEntriesByName('rows')[0].startTime")
    assert took < SLOW * 2000, took
    assert found.status == "100,000 of 100,000 rows, page 1 of 2,000"
    for asked in ("share=%3E0.999", "case=case-49*", "backend=backend-3&max_ulp=1..2", "sort=-max_ulp", "detail=none"):
        found.run(f"location.hash = '#rows?{asked}'")
        found.until("performance.getEntriesByName('search').length")
        spent = found.run("performance.getEntriesByName('search').at(-1).duration")
        assert spent < SLOW * 200, asked
        found.run("performance.clearMeasures('search')")


def test_the_drawings_are_named(opened, row):
    piece = {"x": [-4, 0, 4], "value": [0, 0, 4], "derivative": [0, 0.5, 1]}
    shapes = [{"activation": a, "pieces": [piece]} for a in ACTIVATIONS]
    found = opened([row(activation=a) for a in ACTIVATIONS], exhibits={"shapes": shapes})
    assert found.run("document.querySelectorAll('svg.shape[aria-label]').length") == 5


def test_axe_finds_nothing_serious(opened, everything, many, tmp_path):
    try:
        subprocess.run(["npm", "pack", "axe-core@4.10.3", "--silent"], cwd=tmp_path, check=True, timeout=30,
                       capture_output=True)  # fmt: skip
        subprocess.run(["tar", "xzf", "axe-core-4.10.3.tgz"], cwd=tmp_path, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("axe-core cannot be fetched from the npm registry")
    axe = Path(tmp_path, "package", "axe.min.js").read_text(encoding="utf-8")
    whole = everything("name")
    for found in (opened(many), opened(whole.rows, exhibits=whole.exhibits, **whole.run)):
        for dark in (False, True):
            found.screen(1440, dark)
            found.driver.execute_script(f"{axe}; window.axe = axe")
            result = found.driver.execute_async_script(
                "window.axe.run().then(found => arguments[arguments.length - 1](found.violations))"
            )
            bad = [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in result
                   if v["impact"] in ("serious", "critical")]  # fmt: skip
            assert bad == []
