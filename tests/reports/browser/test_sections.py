"""Every section of a real run's page is there, and can be seen."""

from __future__ import annotations

from tests.reports.browser.rows import ACTIVATIONS

SECTIONS = {"discrepancies", "tables", "routes", "lesson", "deck", "readings", "proof", "equations", "differs",
            "conventions", "deviations", "scans", "suspicious", "mistakes", "kills", "worth", "learning", "rows",
            "run", "legend"}  # fmt: skip

TITLED = """[...document.querySelectorAll('main section[id]')].filter((one) => {
    const title = document.getElementById(one.getAttribute('aria-labelledby'));
    return title && title.textContent.trim() && title.checkVisibility() && one.offsetHeight > title.offsetHeight;
}).map((one) => one.id)"""


def test_every_section_is_there(real):
    assert set(real.run(TITLED)) == SECTIONS


RAW = """[...document.querySelectorAll('body :not(script, noscript, style, code, pre, #rows-table *)')]
    .flatMap((one) => [...one.childNodes])
    .filter((one) => one.nodeType === Node.TEXT_NODE).map((one) => one.data)
    .filter((text) => /[\\^_]\\{|\\^[A-Z]|\\b[A-Z]_[A-Z]\\b|[wxyhIδεσ]_\\d/.test(text))"""
"""Formulas that are shown as they are typed."""

LEADING = """[...document.querySelectorAll('a[href^="#"]')].map((a) => a.hash.slice(1).split('?')[0])
    .filter((name) => name !== 'row' && !document.getElementById(name))"""
"""Links within the page that lead nowhere."""


def test_formulas_are_set_and_links_lead_somewhere(real):
    assert real.run(RAW) == []
    assert real.run(LEADING) == []


def test_the_contents_name_what_is_there(opened, row, readings):
    found = opened([row()], exhibits={"readings": readings})
    titles = found.run("[...document.querySelectorAll('nav[aria-label=Contents] a')].map((a) => a.textContent)")
    assert titles == ["By activation and task", "Readings", "All rows", "Legend"]
    assert found.run(LEADING) == []


def test_the_contents_lead_to_sections(real):
    links = real.run("[...document.querySelectorAll('nav[aria-label=Contents] a')].map((a) => a.hash.slice(1))")
    assert {"discrepancies", "tables", "lesson", "rows"} <= set(links) <= SECTIONS
    for name in links:
        real.run(f"document.querySelector('nav a[href=\"#{name}\"]').click()")
        real.until(f"location.hash === '#{name}'")
        top = real.run(f"document.getElementById('{name}').getBoundingClientRect().top")
        end = real.run("scrollY + innerHeight >= document.documentElement.scrollHeight - 1")
        assert -1 <= top < 100 or end, name


def test_discrepancies_are_those_of_the_run(real, results):
    wrong = [row for row in results if row["verdict"] == "violation"]
    assert {row["backend"] for row in wrong} == {"faulty"}
    shown = real.run("[...document.querySelectorAll('.wrong li')].map((one) => one.textContent)")
    assert len(shown) == len(wrong)
    for row in wrong:
        assert sum(row["case"] in text and "faulty" in text for text in shown) >= 1


def test_drawings_are_named(real):
    """Each has a name, or is a part of something that has, or is kept from those who would ask for one."""
    unnamed = ("[...document.querySelectorAll('svg, [role=img]')].filter((one) => !one.closest('[aria-hidden]') && "
               "!one.closest('[role=img][aria-label], [role=group][aria-label], [role=img][aria-labelledby]'))"
               ".map((one) => one.outerHTML.slice(0, 100))")  # fmt: skip
    assert real.run(unnamed) == []
    assert real.run("document.querySelectorAll('svg.shape').length") > 0


def test_each_activation_has_a_drawing(opened, row):
    piece = {"x": [-4, 0, 4], "value": [0, 0, 4], "derivative": [0, 0.5, 1]}
    shapes = [{"activation": a, "pieces": [piece]} for a in ACTIVATIONS]
    found = opened([row(activation=a) for a in ACTIVATIONS], exhibits={"shapes": shapes})
    assert found.run("document.querySelectorAll('svg.shape[aria-label]').length") == 5
