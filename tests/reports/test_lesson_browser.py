"""The lesson in a real browser: what it shows is what the run has, whatever is chosen, and nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cases.loader import catalogue, load
from harness import lesson
from harness.backends import load as load_backend
from reports.page import page
from reports.record import Record
from tests.reports.chromium import CHROMIUM, Browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

NODES = ["x1", "x2", "x3", "h1", "h2", "h3", "h4", "h5", "y1", "y2"]
LINKS = ["w11IH", "w23IH", "w35IH", "w11HO", "w32HO", "w52HO"]


@pytest.fixture(scope="module")
def exhibit() -> dict[str, Any]:
    cases = load([path for path in catalogue() if path.name == "slides.toml"])
    return lesson.exhibit(cases, [load_backend("reference"), load_backend("reference-neuron")])


@pytest.fixture(scope="module")
def address(exhibit: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("lesson") / "index.html"
    path.write_text(page(Record((), {}, {"terms": json.loads(json.dumps(exhibit))})), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    its = Browser(tmp_path_factory.mktemp("profile"))
    yield its
    its.close()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Browser]:
    browser.asked.clear()
    browser.open(address)
    browser.until("document.querySelector('#lesson.lively')")
    yield browser
    assert browser.heard == []
    assert {asked.split("#")[0] for asked in browser.asked} <= {address, "about:blank"}


def go(browser: Browser, **state: Any) -> None:
    """Choose a state by the address."""
    query = "&".join(f"{key}={value}" for key, value in state.items())
    done = "new Promise(done => addEventListener('hashchange', () => setTimeout(done), {once: true}))"
    browser.run(f"(() => {{ const its = {done}; location.hash = 'lesson?none&' + Math.random(); return its }})()")
    browser.run(f"(() => {{ const its = {done}; location.hash = 'lesson?{query}'; return its }})()")


TABLES = """[...document.querySelectorAll('#lesson-panel table')].map(table => ({
    term: table.dataset.term, index: Number(table.dataset.index),
    rows: [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent.replaceAll('−', '-')))}))"""


def of(exhibit: dict[str, Any], **wanted: str) -> dict[str, Any]:
    (found,) = [case for case in exhibit["cases"] if wanted.items() <= case.items()]
    return found


@pytest.mark.parametrize("family", lesson.FAMILIES)
@pytest.mark.parametrize("activation", lesson.ACTIVATIONS)
@pytest.mark.parametrize("task", ["classification", "prediction"])
def test_the_panel_shows_the_run(opened: Browser, exhibit, family, activation, task):
    case = of(exhibit, family=family, activation=activation, task=task)
    terms = {part["term"]: part for part in case["terms"]}
    met = set()
    for stage in ("forward", "error", "backward", "update"):
        for at in (*NODES, *LINKS):
            go(opened, family=family, activation=activation, task=task, stage=stage, at=at, t=0, alpha=0.1)
            for table in opened.run(TABLES):
                term, index = terms[table["term"]], table["index"]
                met.add(table["term"])
                assert [name for name, *_ in table["rows"]] == ["exact", *case["backends"]]
                assert float(table["rows"][0][1]) == term["exact"][index]
                for name, value, ulps in table["rows"][1:]:
                    assert float(value) == term["values"][name][index]
                    assert float(ulps) == term["ulps"][name][index]
    assert met == terms.keys()


@pytest.mark.parametrize("alpha", lesson.ALPHAS)
def test_further_steps_are_those_of_the_run(opened: Browser, exhibit, alpha):
    case = of(exhibit, family="slide-3-5-2-mixed", activation="relu", task="prediction")
    (path,) = [path for path in case["paths"] if path["alpha"] == alpha]
    for t in (1, 5, lesson.STEPS):
        for stage, at in (
            ("forward", "h2"),
            ("error", "y2"),
            ("backward", "h4"),
            ("update", "w32HO"),
            ("update", "w23IH"),
        ):
            go(
                opened,
                family=case["family"],
                activation="relu",
                task="prediction",
                stage=stage,
                at=at,
                t=t,
                alpha=alpha,
            )
            tables = opened.run(TABLES)
            assert tables
            for table in tables:
                ((_, value, _),) = table["rows"]
                kind, after = (table["term"], 0) if table["term"] in path else (f"weight{table['term'][-1]}", 1)
                assert float(value) == path[kind][t + after][table["index"]]


def test_readings_are_those_of_the_run(opened: Browser, exhibit):
    case = of(exhibit, family="slide-3-5-2", activation="sigmoid", task="classification")
    go(opened, family="slide-3-5-2", activation="sigmoid", task="classification", at="w32HO", alpha=3)
    rows = opened.run("[...document.querySelector('.readings table').tBodies[0].rows].map("
                      "row => [...row.cells].slice(1).map("
                      "cell => Number(cell.textContent.replace('−', '-'))))")  # fmt: skip
    n = list(lesson.ALPHAS).index(3.0)
    assert rows == [
        [one["gradients"][1][5], one["updated"][n][1][5], one["losses"][n][1], one["losses"][n][-1]]
        for one in case["readings"]
    ]


def test_controls(opened: Browser):
    opened.run("document.querySelector('[data-lang=zh]').click()")
    assert opened.run("document.querySelector('#lesson').lang") == "zh-Hans"
    assert opened.run("document.querySelector('#lesson-next span').textContent") == "下一步"
    for expected in ("error", "backward", "update", "forward"):
        opened.run("document.querySelector('#lesson-next').click()")
        assert opened.run("document.querySelector('[data-stage][aria-pressed=true]').dataset.stage") == expected
    assert "t=1" in opened.run("location.hash")
    opened.run("(s => { s.value = 4; s.dispatchEvent(new Event('input')) })(document.querySelector('#lesson-alpha'))")
    assert opened.run("document.querySelector('#lesson-alpha').getAttribute('aria-valuetext')") == "α = 10"
    task = "document.querySelector('#lesson-task')"
    opened.run(f"(s => {{ s.value = 'prediction'; s.dispatchEvent(new Event('change')) }})({task})")
    assert "task=prediction" in opened.run("location.hash")


def test_keyboard(opened: Browser):
    chosen = "document.activeElement.getAttribute('aria-label')"
    assert opened.run("document.querySelectorAll('#lesson-net [tabindex=\"0\"]').length") == 2
    opened.run("document.querySelector('#lesson-net circle[tabindex=\"0\"]').focus()")
    for key, name in (("ArrowDown", "h_4"), ("ArrowRight", "y_2"), ("ArrowLeft", "h_4"), ("ArrowUp", "h_3")):
        opened.press(key)
        assert name in opened.run(chosen)
    opened.run("document.querySelector('#lesson-net .link[tabindex=\"0\"]').focus()")
    opened.press("ArrowRight")
    assert "→ y_1" in opened.run(chosen)
    assert "Link" in opened.run("document.querySelector('#lesson-name').textContent")


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_overflows(browser: Browser, address: str, width: int, language: str):
    browser.open(address, width)
    browser.until("document.querySelector('#lesson.lively')")
    for stage, at in (("forward", "y1"), ("error", "y2"), ("backward", "h3"), ("update", "w32HO"), ("update", "x2")):
        go(browser, stage=stage, at=at, lang=language)
        assert browser.run("document.documentElement.scrollWidth") <= width
        wide = "[...document.querySelectorAll('#lesson-panel *, .choices *, .stages *')]"
        wide += ".filter(its => its.getBoundingClientRect().right > innerWidth).length"
        assert browser.run(wide) == 0
    assert browser.heard == []
