"""Sums over rows are the same however a run is cut, and reports made of a file are those made of rows that are held."""

from __future__ import annotations

import random
from dataclasses import astuple

import pytest

from reports.all_rows import of_cases, worst_cases
from reports.build import build
from reports.junit import junit
from reports.page import page
from reports.record import Record, Stored, read, write
from reports.summary import summary
from reports.sums import APART, WORST, Sums, sums
from reports.verdict import Verdict

NAN = float("nan")


@pytest.fixture
def rows(row, valueless, scan, known):
    """Three backends, of which one fails, crashes or does not cover a case; scans, and a training."""
    draw, found = random.Random(5), []
    for n in range(30):
        case = {"case": f"case-{n:02}", "activation": ("tanh", "relu")[n % 3 == 0], "dtype": f"float{32 << n % 2}"}
        for backend in ("reference", "torch"):
            found += [row(**case, backend=backend, layer=k, share=draw.random(), max_ulp=9 * draw.random())
                      for k in (1, 2)]  # fmt: skip
        odd = {"backend": "jax", **case}
        found += [
            [valueless(**odd, verdict=Verdict.UNSUPPORTED, detail=f"reason {n % 2}")],
            [row(**odd, verdict=Verdict.CONVENTION, detail=("left", "left, mean")[n % 3 % 2])],
            [row(**odd, quantity="update", share=2.0 + n, verdict=Verdict.VIOLATION), row(**odd)],
            [row(**odd, verdict=Verdict.BLIND, blind=3)],
            [valueless(**odd)],
            [row(**odd, share=NAN, verdict=Verdict.NONFINITE)],
        ][n % 6]
    found += [scan(), known(), known(quantity="activation", verdict=Verdict.ROUNDING, share=0.9)]
    return [*found, row(case="learning-x", family="learning", share=0.99)]


@pytest.fixture
def failed(rows):
    wrong = (Verdict.VIOLATION, Verdict.CRASHED, Verdict.NONFINITE)
    return list(dict.fromkeys((row.case, row.backend) for row in rows if row.verdict in wrong))


def told(found: Sums) -> str:
    """All that is made of them."""
    its = (found.blamed[at] for at in sorted(found.blamed))
    return repr((found.ordered, [astuple(one) for one in found.in_order], list(its), found.scan_rows, found.number,
                 found.worst_rows(), found.cases, found.scanned, found.trained, sorted(found.compared.items()),
                 sorted(found.uncovered.items()), sorted(found.met.items()), found.backends))  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_however_a_run_is_cut_the_sums_are_the_same(rows, failed, seed):
    draw, whole = random.Random(seed), Sums()
    names = list(dict.fromkeys(row.case for row in rows))
    backends = {name: [backend for case, backend in failed if case == name] for name in names}
    parts = [Sums() for _ in range(4)]
    order = list(enumerate(names))
    draw.shuffle(order)
    for place, name in order:
        its = [row for row in rows if row.case == name]
        whole.add(place * APART, its, backends[name])
        draw.choice(parts).add(place * APART, its, backends[name])
    merged = Sums()
    for part in parts:
        merged.merge(part)
    assert told(merged) == told(whole)
    assert merged.cases == 30 and merged.scanned == 2 and merged.trained == 1 and merged.number == len(rows)
    assert len(merged.worst_rows()) == WORST < len(rows)


def test_the_worst_rows_are_those_of_all_rows_sorted(rows, failed):
    from reports.discrepancies import discrepancies, failed_rows, worst_first
    from reports.outcome import Failure

    found = sums(rows, failed)
    keys = failed_rows(discrepancies(found.blamed, [Failure(*at, "") for at in failed]))
    assert repr([row for row, _ in found.worst_rows()]) == repr(worst_first(rows, keys)[:WORST])


def test_a_folder_of_many_rows_makes_the_same_reports(rows, failed, folder, monkeypatch):
    run = {"failures": [{"case": case, "backend": backend, "reason": "so"} for case, backend in failed],
           "exit_code": 1, "routes": ["jax"]}  # fmt: skip
    write(folder, rows, run, {})
    held = read(folder)
    texts = [make(held) for make in (summary, junit, page)]
    monkeypatch.setattr("reports.stored.HELD", 3)
    record = read(folder)
    assert isinstance(record.rows, Stored) and isinstance(held.rows, tuple)
    assert [make(record) for make in (summary, junit, page)] == texts
    assert repr(list(record.rows)) == repr(rows) and len(record.rows) == len(rows)
    assert repr((record.rows[5], record.rows[-1], record.rows[3:9:2])) == repr((rows[5], rows[-1], rows[3:9:2]))
    with pytest.raises(IndexError):
        record.rows[len(rows)]
    build(folder, record)
    assert [(folder / name).read_text() for name in ("summary.md", "junit.xml", "index.html")] == texts


def test_rows_of_a_case_that_are_apart_are_held(rows, folder, monkeypatch):
    monkeypatch.setattr("reports.stored.HELD", 3)
    apart = [*rows[1:], rows[0]]
    write(folder, apart, {}, {})
    record = read(folder)
    assert isinstance(record.rows, tuple) and repr(record.rows) == repr(tuple(apart))
    assert record.sums.cases == 30


def test_of_more_rows_than_a_page_holds_it_shows_the_worst_cases_whole(row, folder, monkeypatch):
    rows = [row(case=f"case-{n}", layer=layer, share=n / 100) for n in range(20) for layer in (1, 2)]
    rows[2] = row(case="case-1", verdict=Verdict.BLIND, share=0.001)
    rows[5] = row(case="case-2", layer=2, verdict=Verdict.VIOLATION, share=3.0)
    failing = {"failures": [{"case": "case-2", "backend": "torch", "reason": "wrong"}]}
    found = Record(tuple(rows), failing, {})
    assert worst_cases(found.sums.in_order, 5) == {2, 1}
    assert worst_cases(found.sums.in_order, 6) == {2, 1, 19}
    assert worst_cases(found.sums.in_order, 1) == {2}
    write(folder, rows, failing, {})
    monkeypatch.setattr("reports.stored.HELD", 3)
    stored = read(folder).rows
    for its in (found.rows, stored):
        assert [one.case for one in of_cases(its, {2, 19})] == ["case-2"] * 2 + ["case-19"] * 2
    monkeypatch.setattr("reports.all_rows.MOST", 39)
    monkeypatch.setattr("reports.all_rows.FEWER", 6)
    assert "34 rows are left out here, and results.csv has them all." in page(read(folder))
