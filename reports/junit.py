"""``junit.xml``: one test case for each case and backend, for what shows tests and keeps their history.

A suite is a backend, a test case's name is the case's. What fails the gate is a failure; a crash or a timeout is an
error. Skipped is what checked nothing: unsupported, and gradients of which not even a sign could be checked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from reports.discrepancies import Discrepancy, discrepancies
from reports.outcome import Outcome, outcome
from reports.record import Record, Row
from reports.verdict import Verdict
from reports.wording import clipped, counted, visible

WHOLE = "the run as a whole"
"""Name of the test case of what is no single case's: a missing backend, a deviation that is gone."""

OURS = "gradproof"
"""The suite of what is no backend's."""

ROWS = 50
"""How many rows of one failing test case are told."""

TOLD = 1000
"""How many failing test cases tell their rows; of the others the first line is told."""

_INCOMPLETE = (Verdict.CRASHED, Verdict.TIMED_OUT)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Checked:
    """A test case; ``result`` is empty where it passed, else failure, error, skipped; ``kind`` is its worst verdict."""

    name: str
    result: str = ""
    message: str = ""
    text: str = ""
    kind: str = "incomplete"


def junit(record: Record) -> str:
    """Write a run as JUnit's XML; well-formed whatever the run holds."""
    result = outcome(record)
    suites = _suites(record, result)
    took = "" if result.seconds is None else f' time="{result.seconds:.3f}"'
    everything = [test for tests in suites.values() for test in tests]
    properties = "".join(_property(name, text) for name, text in (*result.versions, *result.circumstances))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites name={_quoted(OURS)}{_totals(everything)}{took}>"]
    for backend, tests in suites.items():
        lines.append(f"<testsuite name={_quoted(backend)}{_totals(tests)}>")
        lines.append(f"<properties>{properties}</properties>" if properties else "<properties/>")
        start = f"<testcase classname={_quoted(backend)} name="
        lines += (start + _rest(test) for test in tests)
        lines.append("</testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suites(record: Record, result: Outcome) -> dict[str, list[Checked]]:
    """Checked cases by backend; what is of the run as a whole comes first."""
    failed: dict[tuple[str, str], list[Discrepancy]] = defaultdict(list)
    for item in discrepancies(record.rows, result.failures):  # worst first, so the worst tell their rows
        failed[item.failure.case, item.failure.backend].append(item)
    told = set(list(failed)[:TOLD])
    of: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in record.rows:
        of[row.case, row.backend].append(row)
    suites: dict[str, list[Checked]] = defaultdict(list)
    absent = record.run.get("missing")
    missing = set(absent) if isinstance(absent, dict) else set()
    for (case, backend), items in failed.items():
        if (case, backend) not in of:
            error = result.exit_code == 3 or backend in missing
            suites[backend or OURS].append(_failing(case or WHOLE, items, error, True))
    if not result.agrees and not failed:
        suites[OURS].append(Checked(WHOLE, "error", _line(result.sentence)))
    for (case, backend), rows in of.items():
        items = failed.get((case, backend), [])
        crashed = all(row.verdict in _INCOMPLETE for row in rows)
        test = _failing(case, items, crashed, (case, backend) in told) if items else _passing(case, rows)
        suites[backend].append(test)
    return suites


def _failing(name: str, items: Sequence[Discrepancy], error: bool, told: bool) -> Checked:
    more = [f"and {counted(len(items) - ROWS, 'row')} more"] if len(items) > ROWS else []
    text = "\n".join([*map(_sentence, items[:ROWS]), *more]) if told else ""
    row = items[0].row
    kind = "gate" if row is None else row.verdict
    return Checked(name, "error" if error else "failure", _line(_sentence(items[0])), text, kind)


def _passing(name: str, rows: Sequence[Row]) -> Checked:
    if all(row.verdict == Verdict.UNSUPPORTED for row in rows):
        return Checked(name, "skipped", _line(f"unsupported: {rows[0].detail or Verdict.UNSUPPORTED.meaning}"))
    gradients = [row for row in rows if row.quantity == "gradient"]
    if gradients and all(row.verdict == Verdict.BLIND for row in gradients):
        return Checked(name, "skipped", _line(f"blind: {Verdict.BLIND.meaning}"))
    return Checked(name)


def _sentence(item: Discrepancy) -> str:
    """Where, both values, and what to do; for the run as a whole, the reason."""
    return " — ".join(part for part in (item.place, item.numbers, item.advice) if part)


def _line(text: str) -> str:
    return clipped(text, 400)


def _totals(tests: Iterable[Checked]) -> str:
    results = [test.result for test in tests]
    counts = {"tests": len(results), "failures": results.count("failure"), "errors": results.count("error"),
              "skipped": results.count("skipped")}  # fmt: skip
    return "".join(f' {name}="{number}"' for name, number in counts.items())


def _rest(test: Checked) -> str:
    """What follows ``name=``."""
    if not test.result:
        return f"{_quoted(test.name)}/>"
    kind = "" if test.result == "skipped" else f" type={_quoted(test.kind)}"
    text = "\n".join(_allowed(escape(clipped(line, 2000))) for line in test.text.split("\n"))
    inside = f"<{test.result}{kind} message={_quoted(test.message)}" + (f">{text}</{test.result}>" if text else "/>")
    return f"{_quoted(test.name)}>{inside}</testcase>"


def _property(name: str, value: str) -> str:
    return f"<property name={_quoted(name)} value={_quoted(value)}/>"


def _quoted(text: str) -> str:
    """An attribute's value, on one line."""
    shown = visible(text) if not text.isascii() or not text.isprintable() else text
    return quoteattr(_allowed(shown), {"\n": "&#10;", "\t": "&#9;"})


def _allowed(text: str) -> str:
    """Replace the characters that XML 1.0 cannot hold, not even as references."""
    return _FORBIDDEN.sub("\ufffd", text)
