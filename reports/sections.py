"""Sections of ``summary.md``: scans, what the check is worth, what was met, what is suspicious."""

from __future__ import annotations

from collections.abc import Sequence

from reports import certificate as certificates
from reports import kills as mistakes
from reports import learning, legend, worth
from reports import routes as roads
from reports import structures as met_on
from reports import suspicious as warnings
from reports.markdown import Value, escape, linked, section, table
from reports.scans import Finding
from reports.view import View
from reports.wording import NOTHING, counted, share, where


def scans(seen: View, most: int) -> list[str]:
    """Activations by themselves: what lies outside their accuracy rows, and the rest in a line."""
    if not seen.scans.number:
        return []
    header = ("activation", "dtype", "of", "backend", "share", "deviation", "worst at x", "value", "exact")
    found = sorted(seen.scans.findings, key=lambda finding: not finding.failed)
    lines = _limited(header, [_finding(finding) for finding in found], most)
    return section(legend.SCANS, *lines, *([""] if lines else []), f"{escape(seen.scans.rest)}.")


def routes(seen: View) -> list[str]:
    """Every backend in a line."""
    if not seen.routes:
        return []
    rows = [(f"❌ {r.backend}" if r.failed else r.backend, *r.figures, r.gaps or NOTHING) for r in seen.routes]
    lines = table(("backend", *roads.HEADER, "not covered"), rows)
    without = ["", *(f"- {escape(sentence)}" for sentence in seen.absent)] if seen.absent else []
    return section(roads.TITLE, roads.EXPLANATION, "", *lines, *without)


def visibility(seen: View, most: int) -> list[str]:
    """What the check is worth, by precision and structure."""
    if not seen.visibility:
        return []
    rows = [(line.dtype, line.structure, *line.figures) for line in seen.visibility]
    lines = _limited(("dtype", "structure", *worth.HEADER), rows, most)
    return section(legend.WORTH, worth.EXPLANATION, "", *lines)


def structures(seen: View, most: int) -> list[str]:
    """Chains of other layers: on which of them BP and autodiff meet."""
    found = seen.structures
    if found is None:
        return []
    rows = [(line.name, str(line.cases), *line.cells) for line in found.lines]
    lines = _limited(("structure", "cases", *found.backends), rows, most)
    return section(met_on.TITLE, f"{found.sentence}. {met_on.EXPLANATION}", "", *lines)


def proof(seen: View, most: int) -> list[str]:
    """The certificate: its steps in a table, and what it leaves open."""
    found = seen.proof
    if found is None:
        return []
    mark = "" if found.proved else "❌ "
    rows = [(step.title if step.proved else f"❌ {step.title}", step.equation, step.formulas[0].text, step.note)
            for step in found.steps[:most]]  # fmt: skip
    wrong = [f"- **{escape(fault.name)}** ({escape(fault.where)}): {escape(fault.left_over.text)}"
             for step in found.steps for fault in step.wrong][:most]  # fmt: skip
    limits = [f"- {escape(one)}" for one in found.leaves_open[:most]]
    lines = [f"{mark}**{escape(found.heading)}.** {certificates.EXPLANATION}", "", *wrong, *([""] if wrong else [])]
    lines += [*table(("step", "equations", "claim", "what came of it"), rows), "", "Not proved:", "", *limits]
    return section(certificates.TITLE, *lines)


def kills(seen: View, most: int) -> list[str]:
    """Mistakes by precision and by family of cases, and false alarms."""
    found = seen.kills
    if found is None or not found.cells:
        return []
    alarms = [f"- **false alarm**: {escape(alarm)}" for alarm in found.alarms[:most]]
    precision = _limited(("mistake", *found.dtypes), found.by_precision(), most)
    family = _limited(("mistake", *found.kinds), found.by_family(), most)
    told = [(one.name, one.what, one.equations, one.fix) for one in found.told]
    named = _limited(("mistake", "what is wrong", "equations", "what to do"), told, most)
    return [
        *section(mistakes.TITLE, f"{found.text}. {mistakes.EXPLANATION}", "", *alarms, *precision),
        *section("Mistakes by family of cases", "All precisions together; · where it cannot show.", "", *family),
        *section("The mistakes", *named),
    ]


def curves(seen: View, most: int) -> list[str]:
    """Training on every backend, and S27."""
    found = seen.curves
    if found is None:
        return []
    lines = [
        f"**{escape(found.text)}.** {learning.ABOUT}",
        "",
        learning.CELL,
        "",
        *_limited(learning.HEADER, found.lines, most),
        "",
        *_limited(learning.RUN_HEADER, [(*start, *line) for start, its in found.by_training for line in its], most),
    ]
    if found.rates:
        rates = [(network, *line) for network, its in found.by_network for line in its]
        lines += ["", f"### {learning.RATES}", "", learning.RATES_EXPLANATION, ""]
        lines += _limited(learning.RATES_HEADER, rates, most)
    return section(learning.TITLE, *lines)


def conventions(seen: View, most: int) -> list[str]:
    """Conventions met, with where each is discussed."""
    if not seen.conventions:
        return []
    rows = [
        (one.activation, one.backend, one.member, f"{one.rows:,}", one.listed or NOTHING, one.what or NOTHING,
         linked("thread", one.thread) if one.thread else NOTHING)
        for one in seen.conventions
    ]  # fmt: skip
    header = ("activation", "backend", "derivative", "rows", "listed", "what", "thread")
    return section(legend.CONVENTIONS, *_limited(header, rows, most))


def deviations(seen: View, most: int) -> list[str]:
    """Known deviations met, with where each was reported."""
    if not seen.deviations:
        return []
    rows = [
        (one.id, one.dtype, one.of or NOTHING, ", ".join(one.x) or NOTHING, one.limit or NOTHING, share(one.share),
         f"{one.scanned:,}", f"{one.cases:,}", one.versions or NOTHING, one.what or NOTHING,
         linked("thread", one.thread) if one.thread else NOTHING)
        for one in seen.deviations
    ]  # fmt: skip
    header = ("deviation", "dtype", "of", "x", "limit", "worst share", "scans", "cases", "versions", "what", "thread")
    return section(legend.DEVIATIONS, *_limited(header, rows, most))


def errata(seen: View) -> list[str]:
    """Printed numbers that their source has wrong, and why."""
    if not seen.errata:
        return []
    lines = [f"- **{escape(row.case)}** — {escape(where(row))}: {escape(row.detail, 600)}" for row in seen.errata]
    return section(legend.ERRATA, legend.PRINTED, "", *lines)


def suspicious(seen: View) -> list[str]:
    """Warnings, worst first, or that there are none."""
    if seen.suspicious is None:
        return []
    if not seen.suspicious:
        return section(legend.SUSPICIOUS, f"{warnings.NONE}.")
    shown = seen.suspicious[: warnings.MOST]
    lines = [f"- **{escape(one.case)}**, **{escape(one.backend)}** — {one.text}" for one in shown]
    more = len(seen.suspicious) - len(shown)
    return section(legend.SUSPICIOUS, warnings.MEANING, "", *lines, *([f"- … and {more:,} more"] if more else []))


def _finding(finding: Finding) -> tuple[Value, ...]:
    row = finding.row
    named = f"❌ {finding.named}" if finding.failed else finding.named
    return (row.activation, row.dtype, row.quantity or NOTHING, row.backend, share(row.share), named, finding.x,
            *finding.values)  # fmt: skip


def _limited(header: Sequence[str], rows: Sequence[Sequence[Value]], most: int) -> list[str]:
    if not rows:
        return []
    more = ["", f"… and {counted(len(rows) - most, 'more line')}; index.html has all."] if len(rows) > most else []
    return [*table(header, rows[:most]), *more]
