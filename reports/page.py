"""``index.html``: a run as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import (
    all_rows,
    kills,
    learning,
    legend,
    met,
    plots,
    routes,
    scan_axes,
    scan_plots,
    shapes,
    structures,
    suspicious,
    wording,
    worth,
)
from reports import certificate as certificates
from reports import lesson as lessons
from reports.discrepancies import ORDER, TITLE
from reports.prose import prose
from reports.ranks import noted
from reports.record import Record
from reports.row import PUBLISHED
from reports.scripts import policy, script
from reports.view import View, view

WRONG = 300
"""How many discrepancies the page shows."""

TEMPLATES = Path(__file__).parent / "templates"


def page(record: Record) -> str:
    """Render a run as HTML. All that a run folder holds is escaped, and made visible text."""
    seen = view(record)
    found = seen.discrepancies
    number, rows = all_rows.held(seen)
    scripts = {"rows": script(*all_rows.SCRIPTS)} | ({"lesson": script(*lessons.SCRIPTS)} if seen.lesson else {})
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            view=seen,
            anchors=_anchors(seen),
            tally=_tally(seen),
            discrepancies=found[:WRONG],
            discrepancies_title=TITLE,
            discrepancies_order=ORDER,
            published=PUBLISHED,
            more_discrepancies=max(0, len(found) - WRONG),
            packed=rows,
            held=number,
            left_out=len(seen.rows) - number,
            worst=all_rows.worst(seen),
            columns=all_rows.COLUMNS,
            often=all_rows.OFTEN,
            scripts=scripts,
            policy=policy(scripts.values()),
            terms=legend.TERMS,
            verdicts=legend.verdicts(),
        )
    )


def _anchors(seen: View) -> dict[str, str]:
    """The parts of the page that there is something for, in their order: anchor and title."""
    met = seen.conventions or seen.deviations or seen.errata
    differs = met or seen.scans.number or seen.suspicious is not None
    parts = (
        ("tables", "By activation and task", seen.tables),
        ("lesson", "The lesson", seen.lesson),
        ("deck", _deck(seen), _deck(seen)),
        ("differs", "Who differs, and why", differs),
        ("mistakes", "What the gate catches", (seen.kills and seen.kills.cells) or seen.visibility),
        ("learning", learning.TITLE, seen.curves),
        ("rows", "All rows", True),
        ("legend", "Legend", True),
    )
    return {anchor: title for anchor, title, there in parts if there}


def _deck(seen: View) -> str:
    """What of the deck's claims there is, as a title: ``Readings, proof, equations``."""
    claims = (("readings", seen.readings), ("proof", seen.proof), ("equations", seen.equations),
              ("structures", seen.structures))  # fmt: skip
    return ", ".join(name for name, there in claims if there).capitalize()


def _tally(seen: View) -> list[tuple[int, str, str]]:
    """The numbers at the head of the page, each with its noun and the plural of that."""
    result, counts = seen.outcome, seen.counts
    tally = [
        (result.cases, "case", "cases"),
        (result.scans, "scan", "scans"),
        (result.trainings, "training", "trainings"),
        (result.computing, "backend", "backends"),
        (counts.entries, "entry compared", "entries compared"),
        (len(seen.discrepancies), "row with a discrepancy", "rows with a discrepancy"),
        (len(seen.conventions), "convention met", "conventions met"),
        (len(seen.deviations), "known deviation met", "known deviations met"),
        (counts.blind, "blind entry", "blind entries"),
        (counts.zero, "exact zero", "exact zeros"),
    ]
    return [line for line in tally if line[0] or line[1] not in ("scan", "training")]


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
    environment.filters.update(
        ulps=wording.ulps, share=wording.share, counted=wording.counted, grouped=grouped, prose=prose
    )
    environment.globals.update(
        apart=wording.apart,
        query=all_rows.query,
        noted=noted,
        NOTHING=wording.NOTHING,
        legend=legend,
        met=met,
        structures=structures,
        worth=worth,
        kills=kills,
        certificates=certificates,
        learning=learning,
        lessons=lessons,
        plots=plots,
        scan_axes=scan_axes,
        scan_plots=scan_plots,
        shapes=shapes,
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
