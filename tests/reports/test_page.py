"""index.html: one file, nothing foreign in it, every table labelled."""

from __future__ import annotations

import base64
import hashlib
import random
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from reports.build import build
from reports.columns import columns
from reports.page import page
from reports.record import FolderError, write
from reports.sums import WORST
from reports.suspicious import NONE
from reports.verdict import Verdict
from reports.view import view

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


def check_links(tree: Tree) -> None:
    """Every id is one element's, and every link leads to one of them."""
    ids = [a["id"] for _, a in tree.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for link in tree.named("a"):
        assert link["href"].startswith("#")
        assert link["href"][1:] in ids


def scripts(tree: Tree) -> list[str | None]:
    """What the page's scripts are: the packed rows, and the script that unpacks them."""
    return [attributes.get("type") for attributes in tree.named("script")]


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
    tree = Tree(html)
    assert scripts(tree) == ["application/vnd.gradproof.rows", "module"]
    assert html.count("<script") == 2
    assert tree.text.count(evil) >= 25


def test_foreign_text_stays_text_in_every_section(everything, evil):
    html = page(everything(evil))
    assert html.count("<script") == 2
    assert "javascript:" not in html
    tree = Tree(html)
    assert tree.text.count(evil) >= 60
    assert len(tree.named("table")) == len(tree.named("caption")) == 16
    check_links(tree)
    parts = ("tables", "deck", "differs", "mistakes", "rows", "legend")
    assert {link["href"] for link in tree.named("a")} >= {f"#{name}" for name in parts}
    within = ("scans", "worth", "conventions", "deviations", "suspicious", "readings")
    assert {section.get("id") for section in tree.named("section")} >= {*parts, *within}


def test_threads_are_links(row, known, record, listed):
    rows = [known(), row(activation="relu", verdict=Verdict.CONVENTION, detail="left")]
    html = page(record(rows, **listed))
    tree = Tree(html)
    links = [a["href"] for a in tree.named("a") if a["href"][0] != "#"]
    assert links == ["http://example.org/2", "https://example.org/1"]
    for part in ("the square leaves the range", "-inf … -255", "==0.10.*", "relu'(0) = 0"):
        assert part in tree.text
    assert "<td>2<sup>12</sup></td>" in html


def test_scans_have_a_section_of_their_own(row, scan, known, record):
    text = Tree(page(record([row(), scan(share=0.98), known()]))).text
    assert "by itself" not in text
    assert (
        "1 of 2 scans: every point within its accuracy row; worst share 0.98 (jax relu float64); the others above."
        in text
    )
    assert "-255.125" in text
    assert "Activations by themselves" in text
    alone = Tree(page(record([row()])))
    assert "Activations by themselves" not in alone.text
    assert "scan" not in "".join(alone.text.split("Rows by verdict")[0])
    failed = page(record([scan(share=3.0, verdict=Verdict.VIOLATION)]))
    assert "<td>✗ violation</td><td>3</td><td>1.5</td>" in failed


def test_suspicious_is_said_where_the_run_says_it(row, record):
    assert NONE in Tree(page(record([row()], suspicious=[]))).text
    assert "uspicious" not in Tree(page(record([row()]))).text
    items = [{"case": f"c{i}", "backend": "jax", "typical": 40.0 - i} for i in range(7)]
    text = Tree(page(record([row()], suspicious=items))).text
    assert "c4, jax: 36 standard deviations of the typical error" in text
    assert "c5," not in text
    assert "… and 2 more." in text


def test_worth_by_precision_and_structure(row, record, visibility):
    text = Tree(page(record([row()], {"visibility": visibility}))).text
    assert "1-1-1" in text
    assert "21 %" in text


def test_many_activations_get_one_table_first(row, record):
    rows = [row(activation=f"a{i}", share=0.5 + i / 100, dtype=d) for i in range(5) for d in ("float64", "float32")]
    tree = Tree(page(record(rows)))
    assert "Gradients" in tree.text and "Updated weights" not in tree.text
    assert len(tree.named("details")) == 6  # five activations, and the filters that are folded away
    rows[0] = row(activation="a0", share=7.0, verdict=Verdict.VIOLATION)
    assert '<td class="failed" data-rows="quantity=">✗ 7 <small>violation</small></td>' in page(record(rows))
    rows[0] = row(activation="a0", share=0.5)
    assert "By precision and quantity" not in Tree(page(record(rows[:8]))).text
    rows.append(row(activation="a4", quantity="update", share=0.9))
    tree = Tree(page(record(rows)))
    assert [x["id"] for x in tree.named("caption")][:2] == ["gradient-caption", "update-caption"]


def test_heads_count_in_singular_and_plural(row, record):
    one = Tree(page(record([row(verdict=Verdict.VIOLATION, share=2.0)]))).text
    assert "discrepancies" not in one.split("Discrepancies")[0]
    assert "discrepancy1" in one.replace("\n", "")
    assert "case1" in one.replace("\n", "")
    assert "discrepancy0" in Tree(page(record([row()]))).text.replace("\n", "")


def test_control_characters_are_shown(row, record):
    assert "a\\x1b\\u202eb" in page(record([row(detail="a\x1b\u202eb")]))


def test_self_contained(hostile):
    tree = Tree(page(hostile))
    (policy,) = [a["content"] for a in tree.named("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    script = page(hostile).split('<script type="module">')[1].split("</script>")[0]
    source = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{source}'"
    assert not {word for word in ("eval", "innerHTML", "insertAdjacent", "document.write", "fetch") if word in script}
    assert not {tag for tag, _ in tree.tags} & {"link", "img", "iframe"}
    for _, attributes in tree.tags:
        assert not {"src", "style", "onclick"} & set(attributes)
    ids = [a["id"] for _, a in tree.tags if "id" in a]
    assert len(ids) == len(set(ids))
    check_links(tree)
    for _, attributes in tree.tags:
        assert attributes.get("aria-labelledby", ids[0]) in ids


def test_tables_are_labelled(hostile):
    tree = Tree(page(hostile))
    assert len(tree.named("table")) == len(tree.named("caption")) == 5
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
                 "E = Y* − Y", "0 of 40 cases", Verdict.VIOLATION.remedy,
                 "rounding 1, violation 1"):  # fmt: skip
        assert part in text
    assert "Every entry has the opposite sign." not in text  # the card's figures say it


def test_verdicts_are_words_not_only_colours(row, record):
    html = page(record([row(verdict=Verdict.VIOLATION, share=2.0)]))
    assert '<td class="failed">✗ 0.5 / 2<small>violation</small></td>' in html


@pytest.mark.parametrize(("rows", "left"), [(100, 0), (101, 1), (130, 30)])
def test_so_many_worst_rows(row, record, monkeypatch, rows, left):
    monkeypatch.setattr("reports.all_rows.MOST", 100)
    monkeypatch.setattr("reports.all_rows.FEWER", 100)
    many = [row(case=f"case-{i:05}", share=i / 10_000) for i in range(rows)]
    many[0] = row(case="case-00000", share=None, verdict=Verdict.CRASHED)
    made = record(many)
    html = page(made)
    assert (columns(many, view(made).failed) in html) == (left == 0)
    text = Tree(html).text
    assert "case-00000" in text
    assert f"case-{rows - 1:05}" in text
    if left:
        verb = "is" if left == 1 else "are"
        noun = "row" if left == 1 else "rows"
        assert f"{left} {noun} {verb} left out here, and results.csv has them all." in text


def test_without_script_the_worst_rows(row, record):
    many = [row(case=f"case-{i:05}", share=i / 10_000, detail="ξ" * 300) for i in range(4000)]
    html = page(record(many))
    text = html.split("<noscript>")[1].split("</noscript>")[0]
    assert text.count("<tr") == 1 + WORST
    assert "case-03999" in text
    assert "case-00001" not in text


def test_the_packed_rows_have_a_limit(row, record, monkeypatch):
    monkeypatch.setattr("reports.all_rows.ROOM", 50_000)
    draw = random.Random(1)
    many = [row(case=f"case-{i:05}", detail=draw.randbytes(40).hex(), share=i / 10_000) for i in range(4000)]
    html = page(record(many))
    assert len(html.encode()) < 50_000 + 80_000
    assert "The worst 500 rows, failed ones first; 3,500 rows are left out here" in Tree(html).text


def test_discrepancies_beyond_the_limit_are_counted(row, record):
    rows = [row(case=f"c{i}", share=2.0, verdict=Verdict.VIOLATION) for i in range(301)]
    text = Tree(page(record(rows))).text
    assert "1 more row not shown: results.csv has every row." in text


def test_a_run_that_says_nothing(record):
    text = Tree(page(record([]))).text
    assert "Nothing was compared." in text
    assert "✓" not in text


def test_build_writes_all_three(row, folder, readings):
    write(folder, [row()], {"sentence": "Fine."}, {"readings": readings})
    paths = build(folder)
    assert [path.name for path in paths] == ["summary.md", "junit.xml", "index.html"]
    assert all("Fine." in path.read_text(encoding="utf-8") for path in (paths[0], paths[2]))
    with pytest.raises(FolderError):
        build(folder / "nowhere")
