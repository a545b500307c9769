"""What others wrote shows as text: in made-up rows wherever text can be, and in real runs."""

from __future__ import annotations

import json

import pytest

from reports.verdict import Verdict
from tests.reports.browser.faulty import REFUSAL
from tests.reports.browser.real import run
from tests.reports.browser.rows import column, lines

SCRIPTS = "[...document.scripts].map((one) => one.id || one.type || 'plain')"

CASES = """
[[case]]
name = "hostile"
activation = "sigmoid"
task = "prediction"
input = [[0.5]]
target = [[1.0]]
weights = [[[1.0]], [[0.5]]]
source = {evil}
shows = {evil}
"""

BACKEND = """
class Hostile:
    name = {evil}
    def supports(self, case):
        return None
    def evaluate(self, stack):
        raise ValueError(self.name)
backend = Hostile()
"""


@pytest.fixture
def spoken(browser):
    """What a script of somebody else's would say."""
    browser.driver.execute_cdp_cmd("Page.enable", {})
    added = browser.driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument",
        {"source": "window.said = []; window.alert = (text) => window.said.push(text);"},
    )
    yield lambda: browser.run("window.said")
    browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def test_foreign_text_stays_text(opened, spoken, row, evil):
    wrong = row(case=evil, family=evil, activation=evil, backend=evil, quantity=evil, detail=evil, dtype=evil,
                share=2.0, verdict=Verdict.VIOLATION)  # fmt: skip
    found = opened([wrong, row()], failures=[{"case": evil, "backend": evil, "reason": evil}], exit_code=1)
    assert lines(found)[0].count(evil) == 7
    assert found.run("document.querySelectorAll('script').length") == 2
    assert found.run("[...document.querySelectorAll('option')].filter(o => o.text.includes('<script>')).length") == 4
    found.run("document.querySelector('.wrong a').click()")
    found.until("document.querySelector('#rows-table .target')")
    assert found.console == []
    assert spoken() == []


def test_a_case_sourced_and_a_backend_called_script(browser, spoken, tmp_path, evil):
    (tmp_path / "hostile.toml").write_text(CASES.format(evil=json.dumps(evil)), encoding="utf-8")
    (tmp_path / "hostile.py").write_text(BACKEND.format(evil=repr(evil)), encoding="utf-8")
    page = run(tmp_path / "run", "--cases", str(tmp_path / "hostile.toml"), "--backend", "reference",
               "--backend", str(tmp_path / "hostile.py"), exit_code=3)  # fmt: skip
    browser.open(page)
    assert browser.run(SCRIPTS) == ["rows-packed", "module"]
    assert evil in column(browser, "backend")
    assert any(evil in text for text in column(browser, "detail"))
    assert browser.run("document.querySelector('#discrepancies').textContent").count(evil) >= 1
    assert spoken() == []


def test_a_reason_of_a_real_run(spoken, real):
    real.run("location.hash = '#rows?verdict=unsupported'")
    real.until("document.querySelectorAll('#rows-table tbody tr').length === 1")
    assert column(real, "detail") == [REFUSAL]
    assert real.run(SCRIPTS) == ["lesson-data", "plain", "rows-packed", "module"]
    assert spoken() == []
