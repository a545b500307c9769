"""junit.xml: a test case for each case and backend, totals that add up, well-formed whatever the run holds."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from reports.junit import ROWS, TOLD, WHOLE, junit
from reports.verdict import Verdict

NASTY = "a\x00\x1b[31m\ud800\ufffe]]>&<b>\"'\r\n\u2028\x85"


def parsed(text: str) -> tuple[ET.Element, dict[tuple[str, str], ET.Element]]:
    """The root, and test cases by class and name; UTF-8 as it is on disk."""
    root = ET.fromstring(text.encode("utf-8"))
    return root, {(one.attrib["classname"], one.attrib["name"]): one for one in root.iter("testcase")}


def results(root: ET.Element) -> dict[str, int]:
    names = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    return {name: len(list(root.iter(tag))) for name, tag in names.items()}


def failures(*found: tuple[str, str, str]) -> dict[str, Any]:
    return {"failures": [{"case": c, "backend": b, "reason": r} for c, b, r in found], "exit_code": 1}


@pytest.fixture
def mixed(row, valueless, scan, record):
    rows = [
        row(case="good", backend="torch", layer=1), row(case="good", backend="torch", layer=2),
        row(case="bad", backend="torch", layer=1, share=9.0, verdict=Verdict.VIOLATION, detail="1 of 15; first wrong"),
        row(case="bad", backend="torch", layer=2, share=3.0, verdict=Verdict.VIOLATION, detail="2 of 10"),
        row(case="bad", backend="torch", layer=0, quantity="loss"),
        row(case="bad", backend="jax"),
        valueless(case="died", backend="jax", detail="ValueError at mine.py:3"),
        valueless(case="other", backend="jax", verdict=Verdict.UNSUPPORTED, detail="no such loss"),
        row(case="dark", backend="jax", verdict=Verdict.BLIND), row(case="dark", backend="jax", quantity="loss"),
        scan(backend="jax"), row(case="learning-x", family="learning", backend="jax"),
    ]  # fmt: skip
    run = failures(("bad", "torch", "violation: …"), ("died", "jax", "crashed"), ("", "jax", "deviation x is gone"))
    return record(rows, **run, versions={"jax": "0.10.2"}, seconds=2.5)


def test_each_case_and_backend_is_one_test_case(mixed):
    root, tests = parsed(junit(mixed))
    assert {at: [its.tag for its in test] for at, test in tests.items()} == {
        ("jax", WHOLE): ["failure"],
        ("torch", "good"): [], ("torch", "bad"): ["failure"], ("jax", "bad"): [], ("jax", "died"): ["error"],
        ("jax", "other"): ["skipped"], ("jax", "dark"): ["skipped"], ("jax", "scan-relu-float64"): [],
        ("jax", "learning-x"): [],
    }  # fmt: skip
    assert [suite.attrib["name"] for suite in root] == ["jax", "torch"]
    assert all(test.attrib["classname"] == suite.attrib["name"] for suite in root for test in suite.iter("testcase"))


def test_the_totals_add_up(mixed):
    root, tests = parsed(junit(mixed))
    assert len(tests) == int(root.attrib["tests"]) == 9
    for element in (root, *root):
        assert {name: int(element.attrib[name]) for name in results(element)} == results(element)
    assert results(root) == {"tests": 9, "failures": 2, "errors": 1, "skipped": 2}
    assert root.attrib["time"] == "2.500"


def test_a_failure_tells_all_its_rows(mixed):
    failure = parsed(junit(mixed))[1]["torch", "bad"].find("failure")
    assert failure is not None and failure.text is not None
    first, second = failure.text.split("\n")
    assert first.startswith("gradient, layer 1") and "1 of 15; first wrong" in first
    assert second.startswith("gradient, layer 2") and "2 of 10" in second
    assert "1 of 15; first wrong" in failure.attrib["message"] and failure.attrib["type"] == "violation"


def test_skipped_says_why(mixed):
    tests = parsed(junit(mixed))[1]
    assert tests["jax", "other"][0].attrib["message"] == "unsupported: no such loss"
    assert tests["jax", "dark"][0].attrib["message"].startswith("blind: ")


def test_a_blind_case_that_fails_is_a_failure(row, record):
    run = record([row(case="dark", verdict=Verdict.BLIND)], **failures(("dark", "torch", "blind: gradient")))
    assert [one.tag for one in parsed(junit(run))[1]["torch", "dark"]] == ["failure"]


def test_a_blind_row_says_so_once(row, record):
    reason = f"blind: output: {Verdict.BLIND.meaning}"
    run = record([row(case="dark", verdict=Verdict.BLIND)], **failures(("dark", "torch", reason)))
    _, tests = parsed(junit(run))
    (failure,) = tests["torch", "dark"]
    assert failure.attrib["message"].endswith(f"blind: {Verdict.BLIND.meaning}; {Verdict.BLIND.remedy}")
    assert failure.attrib["message"].count("blind: ") == 1


def test_every_suite_has_the_versions(mixed):
    for suite in parsed(junit(mixed))[0]:
        assert {p.attrib["name"]: p.attrib["value"] for p in suite.iter("property")}["jax"] == "0.10.2"


def test_what_is_of_the_whole_run(row, record):
    listed = {"failures": [{"case": "", "backend": "jax", "reason": "not installed"}], "exit_code": 3}
    tests = parsed(junit(record([row()], **listed, missing={"jax": "not installed"})))[1]
    assert tests["jax", WHOLE][0].tag == "error" and tests["jax", WHOLE][0].attrib["message"] == "not installed"


def test_a_run_that_compared_nothing_is_no_green_file(record):
    root, tests = parsed(junit(record([])))
    assert tests["gradproof", WHOLE][0].tag == "error" and root.attrib["errors"] == "1"


def test_it_is_well_formed_whatever_the_texts_hold(row, valueless, record):
    rows = [row(case=NASTY, backend=NASTY, detail=NASTY, verdict=Verdict.VIOLATION, share=2.0),
            valueless(case="x", backend=NASTY, detail=NASTY),
            valueless(case="y", backend=NASTY, detail=NASTY, verdict=Verdict.UNSUPPORTED)]  # fmt: skip
    text = junit(record(rows, **failures((NASTY, NASTY, NASTY), ("", NASTY, NASTY)), versions={NASTY: NASTY}))
    root, tests = parsed(text)
    assert results(root)["tests"] == len(tests) == 4
    assert all("\x1b" not in value for element in root.iter() for value in element.attrib.values())


def test_many_failures_stay_small_and_quick(row, record):
    rows = [row(case=f"case-{i}", layer=layer, share=2.0 + i, verdict=Verdict.VIOLATION, detail="x" * 5000)
            for i in range(TOLD + 200) for layer in range(3)]  # fmt: skip
    rows += [row(case="huge", layer=i, share=1e9, verdict=Verdict.VIOLATION) for i in range(ROWS + 7)]
    run = record(rows)
    started = time.perf_counter()
    text = junit(run)
    assert time.perf_counter() - started < 5
    assert len(text) < 10_000_000
    tests = parsed(text)[1]
    assert len(tests) == TOLD + 201
    assert sum(1 for test in tests.values() if test[0].text) == TOLD
    assert tests["torch", f"case-{TOLD + 199}"][0].text and not tests["torch", "case-0"][0].text, "the worst tell more"
    assert str(tests["torch", "huge"][0].text).endswith("and 7 rows more")
