"""The table of all rows, as the tests read and filter it."""

from __future__ import annotations

from tests.reports.browser.driver import Browser

ACTIVATIONS = ("relu", "sigmoid", "tanh", "gelu", "selu")
"""Of rows that are made up."""

ENTER, SPACE, TAB, CONTROL = "\ue007", " ", "\ue004", "\ue009"


def status(browser: Browser) -> str:
    """What the table says of itself."""
    return str(browser.run("document.getElementById('rows-status').textContent"))


def lines(browser: Browser) -> list[list[str]]:
    """The table's cells."""
    found = browser.run("[...document.querySelectorAll('#rows-table tbody tr')].map(tr => "
                        "[...tr.cells].map(cell => cell.textContent))")  # fmt: skip
    return [list(map(str, line)) for line in found]


def column(browser: Browser, name: str) -> list[str]:
    """One column of the rows shown."""
    place = browser.run(f"[...document.querySelectorAll('#rows-table thead th')].findIndex("
                        f"th => th.dataset.name === '{name}')")  # fmt: skip
    return [line[place] for line in lines(browser)]
