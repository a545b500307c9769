"""The routes of a run: a line each, on terminal, summary and page; and out of the way of the other tables."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from reports.page import page
from reports.record import Record, Row
from reports.summary import summary
from reports.terminal import console, show
from reports.verdict import Verdict
from reports.view import view

MAIN, BESIDE = ["reference", "torch"], ["difference", "torch-forward"]


@pytest.fixture
def routed(
    row: Callable[..., Row], valueless: Callable[..., Row], record: Callable[..., Record]
) -> Callable[..., Record]:
    """Make a record in which two backends ran on every case, and two on the core; rows may be changed."""

    def make(**changes: Any) -> Record:
        rows = [row(case=case, backend=name) for case in ("a", "b") for name in MAIN]
        rows += [row(case="a", backend=name, quantity="update", share=0.5, from_gradient=0.25, from_arithmetic=0.4)
                 for name in (*MAIN, *BESIDE)]  # fmt: skip
        rows.append(row(case="a", backend="difference", blind=3, zero=5, share=0.75, max_ulp=1e9))
        rows.append(row(**{"case": "a", "backend": "torch-forward", **changes}))
        rows.append(valueless(case="k", backend="difference", verdict=Verdict.UNSUPPORTED, detail="a kink"))
        return record(rows, backends=[*MAIN, *BESIDE], routes=BESIDE, cases=2)

    return make


def test_each_backend_has_a_line_with_its_own_figures(routed: Callable[..., Record]) -> None:
    lines = {route.backend: route for route in view(routed()).routes}
    assert list(lines) == [*MAIN, *BESIDE]
    assert lines["torch"].figures == ("2", "45", "0.5", "0.031", "0 %", "0.5", "0.25", "0.4")
    assert lines["difference"].figures == ("1", "30", "1e+09", "0.75", "30 %", "0.5", "0.25", "0.4")
    assert lines["difference"].gaps == "1 case not covered: a kink" and lines["torch"].gaps == ""


def test_routes_stay_out_of_the_tables_by_activation(routed: Callable[..., Record]) -> None:
    seen = view(routed())
    assert seen.columns == tuple(MAIN)
    assert [table.backends for table in seen.tables] == [tuple(MAIN)]
    assert seen.uncovered == ()


def test_a_run_in_which_every_backend_saw_all_has_no_such_section(
    row: Callable[..., Row], record: Callable[..., Record]
) -> None:
    seen = view(record([row(backend=name) for name in MAIN], backends=MAIN, routes=[]))
    assert seen.routes == () and seen.columns == tuple(MAIN)


def test_figures_leave_out_what_is_known_or_out_of_range(routed: Callable[..., Record]) -> None:
    for verdict in (Verdict.KNOWN, Verdict.RANGE):
        lines = {r.backend: r for r in view(routed(verdict=verdict, share=1e6, max_ulp=1e30)).routes}
        assert lines["torch-forward"].gradient is None and not lines["torch-forward"].failed


def test_a_route_that_fails_is_marked_everywhere(routed: Callable[..., Record]) -> None:
    failed = routed(verdict=Verdict.VIOLATION, share=1e6)
    assert [route.backend for route in view(failed).routes if route.failed] == ["torch-forward"]
    stream = io.StringIO()
    show(failed, console(stream))
    assert "✗ torch-forward" in stream.getvalue() and "✗ difference" not in stream.getvalue()
    assert "❌ torch-forward" in summary(failed)
    assert '<tr class="failed"><th scope="row" class="nowrap">✗ torch-forward' in page(failed)


def test_terminal_summary_and_page_say_what_a_route_does_not_cover(routed: Callable[..., Record]) -> None:
    stream = io.StringIO()
    show(routed(), console(stream))
    for text in (stream.getvalue(), summary(routed()), page(routed())):
        assert "Many roads to the same gradient" in text and "1 case not covered: a kink" in text


def test_what_a_route_is_called_reaches_the_page_as_text(
    row: Callable[..., Row], record: Callable[..., Record], evil: str
) -> None:
    rows = [row(), row(backend=evil, quantity="update", share=0.5)]
    assert evil not in page(record(rows, backends=["torch", evil], routes=[evil]))


def test_a_route_that_could_not_be_run_is_said_everywhere(routed: Callable[..., Record]) -> None:
    found = routed()
    told = Record(found.rows, {**found.run, "absent": ["without autograd: it cannot be imported"]}, {})
    stream = io.StringIO()
    show(told, console(stream))
    for text in (stream.getvalue(), summary(told), page(told)):
        assert "without autograd: it cannot be imported" in text
    assert "**1 route could not be run**" in summary(told) and "could not be run" not in summary(found)
