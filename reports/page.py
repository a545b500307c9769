"""``index.html``: a run as one self-contained page, without script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import legend, wording
from reports.counts import count
from reports.discrepancies import discrepancies, failed_rows, key, noted, worst_first
from reports.exhibits import equations, readings
from reports.outcome import outcome
from reports.record import Record
from reports.tables import tables

MOST = 5000
"""How many rows the page holds; the worst ones, where there are more."""

TEMPLATES = Path(__file__).parent / "templates"


def page(record: Record) -> str:
    """Render a run as HTML. All that a run folder holds is escaped, and made visible text."""
    result = outcome(record)
    found = discrepancies(record.rows, result.failures)
    failed = failed_rows(found)
    shown = record.rows if len(record.rows) <= MOST else worst_first(record.rows, failed)[:MOST]
    template = _environment().get_template("page.html.j2")
    return template.render(
        outcome=result,
        counts=count(record.rows),
        tables=tables(record.rows, result.backends, failed),
        discrepancies=found[:MOST],
        more_discrepancies=max(0, len(found) - MOST),
        readings=readings(record),
        equations=equations(record),
        rows=shown,
        left_out=len(record.rows) - len(shown),
        failed=failed,
        anchors=anchors(row.case for row in shown),
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


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(ulps=wording.ulps, share=wording.share, counted=wording.counted, where=wording.where)
    environment.globals.update(apart=wording.apart, key=key, noted=noted, NOTHING=wording.NOTHING)
    return environment


def _visible(value: Any) -> Any:
    return wording.visible(value) if type(value) is str else value
