"""``junit.xml``: one test case for each case and backend, for what shows tests and keeps their history.

A suite is a backend, a test case's name is the case's. What fails the gate is a failure; a crash or a timeout is an
error. Skipped is what checked nothing: unsupported, and gradients of which not even a sign could be checked.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from reports.discrepancies import Discrepancy, of_record
from reports.outcome import Outcome, outcome
from reports.record import Record
from reports.sums import Told
from reports.wording import clipped, counted, visible

WHOLE = "the run as a whole"
"""Name of the test case of what is no single case's: a missing backend, a deviation that is gone."""

OURS = "gradproof"
"""The suite of what is no backend's."""

ROWS = 50
"""How many rows of one failing test case are told."""

TOLD = 1000
"""How many failing test cases tell their rows; of the others the first line is told."""

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
    return "".join(junit_lines(record))


def junit_lines(record: Record) -> Iterator[str]:
    """The same line by line."""
    result = outcome(record)
    failed: dict[tuple[str, str], list[Discrepancy]] = defaultdict(list)
    for item in of_record(record):  # worst first, so the worst tell their rows
        failed[item.failure.case, item.failure.backend].append(item)
    whole, number = _whole(record, result, failed), _results(record.sums.in_order)
    totals = {name: Counter(test.result for test in tests) for name, tests in whole.items()}
    for name, its in number.items():
        totals.setdefault(name, Counter()).update(its)
    everything: Counter[str] = sum(totals.values(), Counter())
    took = "" if result.seconds is None else f' time="{result.seconds:.3f}"'
    properties = "".join(_property(name, text) for name, text in (*result.versions, *result.circumstances))
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites name={_quoted(OURS)}{_totals(everything)}{took}>\n"
    told = set(list(failed)[:TOLD])
    for backend, its in totals.items():
        yield f"<testsuite name={_quoted(backend)}{_totals(its)}>\n"
        yield f"<properties>{properties}</properties>\n" if properties else "<properties/>\n"
        start = f"<testcase classname={_quoted(backend)} name="
        for test in (*whole.get(backend, ()), *_tests(record.sums.in_order, backend, failed, told)):
            yield f"{start}{_rest(test)}\n"
        yield "</testsuite>\n"
    yield "</testsuites>\n"


def _whole(
    record: Record, result: Outcome, failed: Mapping[tuple[str, str], Sequence[Discrepancy]]
) -> dict[str, list[Checked]]:
    """By backend, what failed and has no rows."""
    suites: dict[str, list[Checked]] = defaultdict(list)
    absent = record.run.get("missing")
    missing = set(absent) if isinstance(absent, dict) else set()
    for (case, backend), items in failed.items():
        if (case, backend) not in record.sums.blamed:
            error = result.exit_code == 3 or backend in missing
            suites[backend or OURS].append(_failing(case or WHOLE, items, error, True))
    if not result.agrees and not failed:
        suites[OURS].append(Checked(WHOLE, "error", _line(result.sentence)))
    return suites


def _results(cases: Iterable[Told]) -> dict[str, Counter[str]]:
    """How often each result came, by backend."""
    found: dict[str, Counter[str]] = {}
    for tests, number in Counter(told.tests for told in cases).items():
        for backend, result, _ in tests:
            found.setdefault(backend, Counter())[result] += number
    return found


def _tests(
    cases: Iterable[Told],
    backend: str,
    failed: Mapping[tuple[str, str], Sequence[Discrepancy]],
    told: Collection[tuple[str, str]],
) -> Iterator[Checked]:
    """The tests of one backend."""
    for one in cases:
        for name, result, message in one.tests:
            if name != backend:
                continue
            at = (one.case, name)
            if result in ("failure", "error"):
                yield _failing(one.case, failed[at], result == "error", at in told)
            else:
                yield Checked(one.case, result, _line(message) if message else "")


def _failing(name: str, items: Sequence[Discrepancy], error: bool, told: bool) -> Checked:
    more = [f"and {counted(len(items) - ROWS, 'row')} more"] if len(items) > ROWS else []
    text = "\n".join([*map(_sentence, items[:ROWS]), *more]) if told else ""
    row = items[0].row
    kind = "gate" if row is None else row.verdict
    return Checked(name, "error" if error else "failure", _line(_sentence(items[0])), text, kind)


def _sentence(item: Discrepancy) -> str:
    """Where, both values, and what to do; for the run as a whole, the reason."""
    return " — ".join(part for part in (item.place, item.numbers, item.advice) if part)


def _line(text: str) -> str:
    return clipped(text, 400)


def _totals(results: Counter[str]) -> str:
    counts = {"tests": results.total(), "failures": results["failure"], "errors": results["error"],
              "skipped": results["skipped"]}  # fmt: skip
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
