"""The lesson: read tolerantly, escaped, in two languages, and with something to see where no script runs."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest

from reports.lesson import LANGUAGES, SCRIPTS, lesson, strings
from reports.lesson_numbers import foretold, lesson_numbers
from reports.page import page
from reports.scripts import policy, script

MARKUP = str.maketrans(".,", "<&")
TEMPLATES = Path(__file__).parents[2] / "reports" / "templates"


def unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b85decode(text.translate(MARKUP))))


def test_it_is_read(record, terms):
    found = lesson(record([], {"terms": terms}))
    assert found.case == "slide-3-5-2-sigmoid-classification-float64"
    assert found.backends == ("reference", "torch")
    assert [(node.symbol, node.value) for node in found.drawing.nodes if node.layer != 1] == [
        ("x", "−0.1"), ("x", "0.2"), ("x", "0.3"), ("y", "0.45"), ("y", "0.5"),
    ]  # fmt: skip
    assert len(found.drawing.links) == 25
    assert [link.negative for link in found.drawing.links[:3]] == [False, True, False]
    assert found.tables[0].lines[0].exact == "0.1"
    assert found.tables[0].lines[0].ulps == ("0.5", "1.0")


@pytest.mark.parametrize("exhibit", [None, 3, [], {}, {"cases": None}, {"cases": [3, {}]}, {"cases": [{"layers": 5}]}])
def test_anything_else_is_no_lesson(record, exhibit):
    assert lesson(record([], {"terms": exhibit})) is None
    assert 'id="lesson"' not in page(record([], {"terms": exhibit}))


KEYS = ("case", "family", "activation", "task", "alpha", "backends", "terms", "readings", "paths", "layers", "x",
        "target", "weights")  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [None, 3, "x", [], [None], {"a": 1}, [[["nan"]]]])
def test_no_key_has_to_be_there(record, terms, key, value):
    lesson(record([], {"terms": terms | {"cases": [terms["cases"][0] | {key: value}]}}))
    if value is None:
        less = {name: its for name, its in terms["cases"][0].items() if name != key}
        page(record([], {"terms": {"cases": [less]}}))


@pytest.mark.parametrize("part", ["terms", "readings", "paths"])
@pytest.mark.parametrize("value", [None, 3, "x", [], [None], {"a": 1}, ["inf"], [["nan", 1e300]]])
def test_no_key_of_a_part_has_to_be_there(record, terms, part, value):
    for key in terms["cases"][0][part][0]:
        damaged = copy.deepcopy(terms)
        damaged["cases"][0][part][0][key] = value
        lesson(record([], {"terms": damaged}))


def test_foreign_text_stays_text(record, terms, evil):
    case = terms["cases"][0]
    case |= dict.fromkeys(("case", "family", "activation", "task"), evil) | {"backends": [evil]}
    for term in case["terms"]:
        term |= dict.fromkeys(("stage", "name", "equation"), evil) | {"entries": [evil], "values": {evil: [1.0]}}
    for reading in case["readings"]:
        reading |= dict.fromkeys(("reading", "equations", "statement"), evil)
    html = page(record([], {"terms": terms}))
    assert "<script>alert" not in html
    assert html.count("<script") == html.count("</script>") == 4, "data and program, of the lesson and of the rows"
    assert html.count("&lt;script&gt;") >= 5


def test_scripts_write_text_and_never_markup():
    for name in SCRIPTS:
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch(",
                     "http:", "import(", "</"):  # fmt: skip
            assert word not in text.replace("http://www.w3.org/", ""), (name, word)


def test_only_its_scripts_may_run(record, terms):
    html = page(record([], {"terms": terms}))
    (text,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    rule = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert policy([script(*SCRIPTS)]) == rule
    (found,) = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', html)
    assert found.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    assert f"'sha256-{digest}'" in found and found.count("sha256-") == 2
    assert page(record([])).count("sha256-") == 1


def test_languages_have_the_same_words():
    english, *others = (strings(language) for language in LANGUAGES)
    for other in others:
        assert list(other) == list(english)
        assert all(other.values())
        for key, text in english.items():
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", other[key])), key


def test_every_word_that_is_asked_for_is_there():
    texts = [(TEMPLATES / name).read_text(encoding="utf-8") for name in (*SCRIPTS, "lesson.html.j2")]
    asked = set(re.findall(r"(?:words|strings)\.(\w+)|\bt\.(\w+)|data-label=\"(\w+)\"", "".join(texts)))
    names = {name for its in asked for name in its if name} - {"gradients"}
    assert names <= set(strings("en")) | {"alpha"}
    assert len(names) > 25


def test_without_script_there_is_a_drawing_and_a_table(record, terms):
    html = page(record([], {"terms": terms}))
    section = html[html.index('<section id="lesson"') : html.index('<script type="application/json')]
    assert section.count('class="node"') == 10
    assert section.count('data-link="') == 25
    assert "<caption" in section and "<td>0.1</td><td>0.5</td><td>1.0</td>" in section
    live = re.findall(r'<\w+ class="[^"]*\blive\b[^"]*"[^>]*>', section)
    assert live and all(" hidden" in tag for tag in live)


def test_what_is_packed_is_what_the_run_has(terms):
    data = unpacked(lesson_numbers(terms, terms["cases"], {}))
    (its,), (case,) = data["cases"], terms["cases"]
    path, given = its["paths"][0], case["paths"][0]
    assert its["terms"]["I1"]["values"] == case["terms"][0]["values"]
    differences = path["series"]["loss"][0]
    first = [sum(differences[: n + 1]) for n in range(len(differences))]
    again = [sum(first[: n + 1]) / 1e5 for n in range(len(first))]
    assert again == [row[0] for row in given["loss"]]
    weights, state = path["series"]["weight1"][4], given["weight1"]
    now = weights[0]
    for t, missing in enumerate(weights[1:]):
        now = missing + foretold(now, 0.5, round(given["gradient1"][t][4] * 1e5))
        assert now / 1e5 == state[t + 1][4]
