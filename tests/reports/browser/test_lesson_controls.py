"""The lesson by keyboard: language, task and activation, stepping, the α slider, nodes and links."""

from __future__ import annotations

import pytest

from tests.reports.browser.lesson import STAGES, TABLES, number, of
from tests.reports.browser.rows import ENTER, SPACE

UP, DOWN, LEFT, RIGHT = "\ue013", "\ue015", "\ue012", "\ue014"

STAGE = "document.querySelector('[data-stage][aria-pressed=true]').dataset.stage"


def asked(browser, name):
    """What the address says of one choice."""
    return browser.run(f"new URLSearchParams(location.hash.split('?')[1]).get('{name}')")


def test_language(real):
    real.one("[data-lang=zh]").send_keys(ENTER)
    assert real.run("document.querySelector('#lesson').lang") == "zh-Hans"
    assert real.run("document.querySelector('#lesson-next span').textContent") == "下一步"
    untold = "[...document.querySelectorAll('#lesson [data-say]')].filter((one) => !one.textContent.trim()).length"
    assert real.run(untold) == 0
    real.one("[data-lang=en]").send_keys(SPACE)
    assert real.run("document.querySelector('#lesson').lang") == "en"


def test_stepping(real, exhibit):
    """Through all stages of all steps and back; the total error is the run's at each."""
    (path,) = [its for its in exhibit["cases"][0]["paths"] if its["alpha"] == exhibit["cases"][0]["alpha"]]
    button = real.one("#lesson-next")
    for t in range(3):
        for stage in STAGES:
            assert real.run(STAGE) == stage
            total = f"{path['loss'][t][0]:.5f}".rstrip("0")
            assert total in real.run("document.querySelector('#lesson-stage').innerText")
            button.send_keys(ENTER)
            assert real.run("document.activeElement.id") == "lesson-next"
    assert asked(real, "t") == "3"
    real.one("#lesson-back").send_keys(SPACE)
    assert (asked(real, "t"), real.run(STAGE)) == ("2", "update")
    for stage in reversed(STAGES):
        real.one(f"[data-stage={stage}]").send_keys(SPACE)
        assert real.run(STAGE) == stage
    for _ in range(2 * 4):
        real.one("#lesson-back").send_keys(ENTER)
    assert real.run("document.querySelector('#lesson-back').disabled")


@pytest.mark.parametrize("task", ["classification", "prediction"])
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_task_and_activation(real, exhibit, task, activation):
    for wanted in ({"task": "prediction", "activation": "relu"}, {"task": task, "activation": activation}):
        for name, value in wanted.items():
            word = real.run(f"document.querySelector('#lesson-{name} [value={value}]').text")
            real.one(f"#lesson-{name}").send_keys(word)
            assert real.run(f"document.querySelector('#lesson-{name}').value") == value
    assert (asked(real, "task"), asked(real, "activation")) == (task, activation)
    case = of(exhibit, family="slide-3-5-2", activation=activation, task=task)
    terms = {part["term"]: part for part in case["terms"]}
    (_, leaves) = real.run(TABLES)
    assert leaves["term"] == "h1"
    assert number(leaves["rows"][0][1]) == terms["h1"]["exact"][leaves["index"]]


def test_alpha(real, exhibit):
    """Each place of the slider is a learning rate of the run, and its updated weight is shown."""
    case = exhibit["cases"][0]
    real.one("[data-stage=update]").send_keys(ENTER)
    real.run("document.querySelector('[data-link=\"2 2 1\"]').focus()")
    slider = real.one("#lesson-alpha")
    for path in case["paths"]:
        assert slider.get_attribute("aria-valuetext") == f"α = {path['alpha']:g}"
        assert real.run("document.querySelector('#lesson-alpha-value').textContent").endswith(f" = {path['alpha']:g}")
        (table,) = [its for its in real.run(TABLES) if its["term"] == "update2"]
        exact = number(table["rows"][0][1])
        wanted = path["weight2"][1][table["index"]]
        assert exact == wanted or (path["alpha"] == case["alpha"] and round(exact, 5) == wanted)
        slider.send_keys(RIGHT)
    assert asked(real, "alpha") == "10"


def test_who_computed_it(real, exhibit):
    """Numbers of a backend instead of exact ones."""
    case = exhibit["cases"][0]
    real.one("#lesson-backend").send_keys("torch")
    assert asked(real, "who") == "torch"
    used = real.run("[...document.querySelectorAll('#lesson-panel .used th')].map((one) => one.textContent)")
    assert used == ["torch"] * 2
    assert "torch" in case["backends"]


def test_nodes_and_links(real):
    chosen = "document.activeElement.getAttribute('aria-label')"
    assert real.run("document.querySelectorAll('#lesson-net [tabindex=\"0\"]').length") == 2
    real.run("document.querySelector('#lesson-net circle[tabindex=\"0\"]').focus()")
    for key, name in ((DOWN, "h_4"), (RIGHT, "y_2"), (LEFT, "h_4"), (UP, "h_3")):
        real.press(key)
        assert name in real.run(chosen)
    real.run("document.querySelector('#lesson-net .link[tabindex=\"0\"]').focus()")
    real.press(RIGHT)
    assert "→ y_1" in real.run(chosen)
    assert "Link" in real.run("document.querySelector('#lesson-name').textContent")
