"""Where BP and autodiff meet on other chains than the plain network, by structure."""

from __future__ import annotations

from collections.abc import Callable

from reports.page import page
from reports.record import Record
from reports.row import PUBLISHED, Row
from reports.structures import structures
from reports.summary import summary
from reports.sums import Sums, sums
from reports.verdict import Verdict
from reports.view import view

CHAIN = "3-dense5-bias-σ"


def rows(row: Callable[..., Row]) -> list[Row]:
    return [
        row(case="a", layers=CHAIN, backend="reference", share=0.25),
        row(case="a", layers=CHAIN, backend="torch", share=0.5),
        row(case="a", layers=CHAIN, backend=PUBLISHED, share=0.9),
        row(case="b", layers=CHAIN, backend="torch", share=3.0, verdict=Verdict.VIOLATION),
        row(case="c", layers="3-scale", backend="torch", share=0.125),
        row(case="d", layers="3-5-2", backend="torch", share=0.75),
    ]


def test_each_structure_has_its_largest_share_by_backend(
    row: Callable[..., Row], record: Callable[..., Record]
) -> None:
    found = structures(sums(rows(row), None).chains)
    assert found is not None and found.backends == ("reference", "torch")
    by = {line.name: line for line in found.lines}
    assert list(by) == ["3-scale", CHAIN], "the shortest first; the plain network is none of them"
    assert by[CHAIN].cells == ("0.25", "✗ 3") and by[CHAIN].cases == 2 and not by[CHAIN].meets
    assert by["3-scale"].cells == ("–", "0.12") or by["3-scale"].cells[1].startswith("0.1")
    assert found.sentence == "2 structures: all backends meet on 1 of them"


def test_sums_of_parts_are_those_of_the_whole(row: Callable[..., Row]) -> None:
    its = rows(row)
    whole, parts = sums(its, None), Sums()
    for places in ((5,), (4,), (3,), (0, 1, 2)):  # as tasks end in any order
        part = Sums()
        part.add(places[0], [its[place] for place in places], None)
        parts.merge(part)
    assert structures(parts.chains) == structures(whole.chains)


def test_page_and_summary_show_them_and_nothing_where_there_are_none(
    row: Callable[..., Row], record: Callable[..., Record]
) -> None:
    some, none = record(rows(row)), record(rows(row)[-1:])
    assert "Structures on which BP and autodiff meet" in page(some) and CHAIN in summary(some)
    assert "BP and autodiff meet" not in page(none) and "BP and autodiff meet" not in summary(none)
    assert view(none).structures is None
