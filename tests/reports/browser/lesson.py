"""The lesson, as the tests drive and read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.reports.browser.driver import Browser

STAGES = ("forward", "error", "backward", "update")

PLACES = ("x1", "x2", "x3", "h1", "h2", "h3", "h4", "h5", "y1", "y2",
          "w11IH", "w23IH", "w35IH", "w11HO", "w32HO", "w52HO")  # fmt: skip
"""All nodes, and some links."""

TABLES = """[...document.querySelectorAll('#lesson-panel table')].map((table) => ({
    term: table.dataset.term, index: Number(table.dataset.index),
    rows: [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))}))"""

VISITED = """(async (addresses) => {
    const found = [];
    for (const address of addresses) {
        const there = new Promise((done) => addEventListener("hashchange", done, { once: true }));
        location.hash = `lesson?n=${Math.random()}&${address}`;
        await there;
        found.push(EXPRESSION);
    }
    return found;
})(arguments[0])"""


def visited(browser: Browser, states: Iterable[dict[str, Any]], expression: str) -> list[Any]:
    """Choose states by the address, one after another, and get what an expression is in each."""
    addresses = ["&".join(f"{key}={value}" for key, value in state.items()) for state in states]
    return list(browser.awaited(VISITED.replace("EXPRESSION", expression), addresses))


def number(text: str) -> float:
    """A number as it is written for people: ``9.70·10¹⁵``."""
    return float(text.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")).replace("·10", "e"))


def chosen(case: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The state that shows a case."""
    return {**{name: case[name] for name in ("family", "activation", "task")}, **more}


def of(exhibit: dict[str, Any], **wanted: str) -> dict[str, Any]:
    """The one case of these."""
    (found,) = [case for case in exhibit["cases"] if wanted.items() <= case.items()]
    return dict(found)
