"""index.html: one file, nothing foreign in it, every table labelled."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

import pytest

from reports.build import build
from reports.page import anchors, page
from reports.record import FolderError, write
from reports.verdict import Verdict

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Tree(HTMLParser):
    """Collects tags, ids, links and text, and checks that tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def hostile(row, record, readings, evil):
    readings[0].update(name=evil, equation=evil, statement=evil, sentence=evil)
    readings[0]["worst"]["case"] = evil
    equation = dict.fromkeys(("id", "statement", "code", "outcome", "note"), evil) | {"routes": [evil]}
    changes = dict.fromkeys(("case", "family", "activation", "task", "dtype", "backend", "quantity", "detail"), evil)
    bad = row(**{**changes, "layers": evil, "verdict": Verdict.VIOLATION, "share": 2.0})
    return record(
        [bad],
        {"readings": readings, "equations": [equation]},
        exit_code=1,
        sentence=evil,
        failures=[{"case": evil, "backend": evil, "reason": evil}],
        command=evil,
        versions={evil: evil},
        machine=evil,
        started=evil,
        catalogue=evil,
        source=evil,
    )


def test_foreign_text_stays_text(hostile, evil):
    html = page(hostile)
    assert "<script" not in html
    tree = Tree(html)
    assert not tree.named("script")
    assert tree.text.count(evil) >= 25


def test_control_characters_are_shown(row, record):
    assert "a\\x1b\\u202eb" in page(record([row(detail="a\x1b\u202eb")]))


def test_self_contained(hostile):
    tree = Tree(page(hostile))
    policy = {
        "http-equiv": "Content-Security-Policy",
        "content": "default-src 'none'; style-src 'unsafe-inline'",
    }
    assert policy in tree.named("meta")
    assert not {tag for tag, _ in tree.tags} & {"script", "link", "img", "iframe"}
    for _, attributes in tree.tags:
        assert not {"src", "style", "onclick"} & set(attributes)
    ids = [a["id"] for _, a in tree.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for link in tree.named("a"):
        assert link["href"].startswith("#")
        assert link["href"][1:] in ids
    for _, attributes in tree.tags:
        assert attributes.get("aria-labelledby", ids[0]) in ids


def test_tables_are_labelled(hostile):
    tree = Tree(page(hostile))
    assert len(tree.named("table")) == len(tree.named("caption")) == 4
    assert all(cell.get("scope") in ("col", "row", "rowgroup") for cell in tree.named("th"))
    levels = [int(tag[1]) for tag, _ in tree.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_what_it_says(row, record, readings):
    rows = [row(zero=3), row(backend="jax", share=4.2e9, verdict=Verdict.VIOLATION, worst_value=0.5)]
    equation = {"id": "S6", "statement": "H = σ(X·W)", "code": "reference/network.py: forward",
                "routes": ["reference", "reference-neuron"], "outcome": "holds", "note": ""}  # fmt: skip
    text = Tree(page(record(rows, {"readings": readings, "equations": [equation]}))).text
    for part in ("4.2e+09", "✗ violation", "0.5 / 0.031", "✓ holds", "reference, reference-neuron",
                 "Every entry has the opposite sign.", "0 of 40 cases", Verdict.VIOLATION.remedy,
                 "rounding 1, violation 1"):  # fmt: skip
        assert part in text


def test_verdicts_are_words_not_only_colours(row, record):
    html = page(record([row(verdict=Verdict.VIOLATION, share=2.0)]))
    assert '<td class="failed">✗ 0.5 / 2<small>violation</small></td>' in html


@pytest.mark.parametrize(("rows", "left"), [(5000, 0), (5001, 1), (5300, 300)])
def test_five_thousand_worst_rows(row, record, rows, left):
    many = [row(case=f"case-{i:05}", share=i / 10_000) for i in range(rows)]
    many[0] = row(case="case-00000", share=None, verdict=Verdict.CRASHED)
    text = Tree(page(record(many))).text
    assert "case-00000" in text
    assert f"case-{rows - 1:05}" in text
    assert ("case-00001" in text) == (left == 0)
    if left:
        verb = "is" if left == 1 else "are"
        noun = "row" if left == 1 else "rows"
        assert f"{left} {noun} {verb} left out here, and results.csv has them all." in text


def test_a_run_that_says_nothing(record):
    text = Tree(page(record([]))).text
    assert "Nothing was compared." in text
    assert "✓" not in text


def test_anchors_are_slugs_and_unique():
    assert anchors(["a b", "a-b", "a b", "ü"]) == {"a b": "case-a-b", "a-b": "case-a-b-2", "ü": "case--"}
    ids = anchors(["x", "x-2", "x ", "x  "])
    assert len(set(ids.values())) == len(ids)


def test_build_writes_both(row, folder, readings):
    write(folder, [row()], {"sentence": "Fine."}, {"readings": readings})
    paths = build(folder)
    assert [path.name for path in paths] == ["summary.md", "index.html"]
    assert all("Fine." in path.read_text(encoding="utf-8") for path in paths)
    with pytest.raises(FolderError):
        build(folder / "nowhere")
