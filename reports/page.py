"""``index.html``: a run as one self-contained page, without script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from reports import certificate as certificates
from reports import curves, kills, legend, plots, routes, suspicious, wording, worth
from reports.discrepancies import key, noted, worst_first
from reports.record import Record, Row
from reports.view import View, view

WRONG = 300
"""How many discrepancies the page shows."""

MOST = 5000
"""How many rows the page holds; the worst ones, where there are more."""

ROOM = 450_000
"""How many bytes those rows take at most: the page of the whole catalogue stays under a megabyte."""

TEMPLATES = Path(__file__).parent / "templates"


def page(record: Record) -> str:
    """Render a run as HTML. All that a run folder holds is escaped, and made visible text."""
    seen = view(record)
    making = environment()
    shown, ids = _rows(seen, making.get_template("row.html.j2"))
    found = seen.discrepancies
    return making.get_template("page.html.j2").render(
        view=seen,
        tally=_tally(seen),
        discrepancies=found[:WRONG],
        more_discrepancies=max(0, len(found) - WRONG),
        rows=shown,
        left_out=len(seen.rows) - len(shown),
        anchors=ids,
        terms=legend.TERMS,
        verdicts=legend.verdicts(),
    )


def anchors(cases: Iterable[str]) -> dict[str, str]:
    """Give each case an id to link to: its own name where that is a slug, and never one id twice."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for case in dict.fromkeys(cases):
        slug = "case-" + re.sub(r"[^A-Za-z0-9._-]+", "-", case)[:200]
        number = 1
        name = slug
        while name in taken:
            number += 1
            name = f"{slug}-{number}"
        taken.add(name)
        ids[case] = name
    return ids


def _tally(seen: View) -> list[tuple[int, str, str]]:
    """The numbers at the head of the page, each with its noun and the plural of that."""
    result, counts = seen.outcome, seen.counts
    tally = [
        (result.cases, "case", "cases"),
        (result.scans, "scan", "scans"),
        (len(result.backends), "backend", "backends"),
        (counts.entries, "entry compared", "entries compared"),
        (len(seen.discrepancies), "discrepancy", "discrepancies"),
        (len(seen.conventions), "convention met", "conventions met"),
        (len(seen.deviations), "known deviation met", "known deviations met"),
        (counts.blind, "blind entry", "blind entries"),
        (counts.zero, "exact zero", "exact zeros"),
    ]
    return [line for line in tally if line[0] or line[1] != "scan"]


def _rows(seen: View, template: Template) -> tuple[list[str], dict[str, str]]:
    """Rows of the table of all rows, as many as there is room for, and the id of each case among them."""
    if len(seen.rows) <= MOST:
        rows, ids = _rendered(seen.rows, seen, template)
        if len(rows) == len(seen.rows):
            return rows, ids
    return _rendered(worst_first(seen.rows, seen.failed)[:MOST], seen, template)


def _rendered(rows: Sequence[Row], seen: View, template: Template) -> tuple[list[str], dict[str, str]]:
    ids, room = anchors(row.case for row in rows), ROOM
    found: list[str] = []
    met: dict[str, str] = {}
    for row in rows:
        anchor = "" if row.case in met else ids[row.case]
        text = template.render(row=row, bad=key(row) in seen.failed, anchor=anchor)
        room -= len(text.encode("utf-8", "backslashreplace")) + 1
        if room < 0:
            break
        found.append(text)
        met.setdefault(row.case, ids[row.case])
    return found, met


def environment() -> Environment:
    """The templates, with what they call: everything is escaped, and made visible text."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(ulps=wording.ulps, share=wording.share, counted=wording.counted, grouped=grouped)
    environment.globals.update(
        apart=wording.apart,
        noted=noted,
        NOTHING=wording.NOTHING,
        legend=legend,
        worth=worth,
        kills=kills,
        certificates=certificates,
        curves=curves,
        plots=plots,
        roads=routes,
        warnings=suspicious,
    )
    return environment


def grouped(items: Iterable[Any], by: str = "activation") -> list[tuple[Any, list[Any]]]:
    """Group neighbours and others by an attribute, in the order of its first appearance."""
    of: dict[Any, list[Any]] = {}
    for item in items:
        of.setdefault(attrgetter(by)(item), []).append(item)
    return list(of.items())


def _visible(value: Any) -> Any:
    return wording.visible(value) if type(value) is str else value
