"""summary.md: right, escaped, and small whatever a run holds."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from reports.markdown import escape, linked
from reports.summary import LIMIT, summary
from reports.verdict import Verdict

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def cells(text: str) -> list[int]:
    """Count the cells of each table row, as a renderer sees them."""
    tokens = [token.type for token in MARKDOWN.parse(text)]
    rows, number = [], 0
    for kind in tokens:
        number += kind in ("th_open", "td_open")
        if kind == "tr_close":
            rows.append(number)
            number = 0
    return rows


@pytest.mark.parametrize(
    "name",
    ["a|b", "`a`", "<script>alert(1)</script>", "a\\|b", "**a**", "[a](http://b)", "a\nb | c", "~~a~~",
     "a&lt;b", "<!-- a", "_a_", "\\", "a`|`b"],
)  # fmt: skip
def test_a_name_means_only_itself(name):
    table = f"| x | y |\n| --- | --- |\n| {escape(name)} | end |\n"
    assert cells(table) == [2, 2]
    tokens = MARKDOWN.parse(table)
    content = [token for token in tokens if token.type == "inline"][2]
    assert {child.type for child in content.children} <= {"text", "text_special"}
    assert "".join(child.content for child in content.children) == " ".join(name.split())


def test_hostile_names_everywhere(row, record, readings, evil):
    name = f"{evil}|`x`"
    readings[1].update(name=name, statement=name, sentence=name)
    bad = row(case=name, activation=name, task=name, dtype=name, backend=name, detail=name,
              verdict=Verdict.VIOLATION)  # fmt: skip
    text = summary(
        record([bad], {"readings": readings}, exit_code=1, sentence=name, command=f"run\n```\n{name}",
               versions={name: name}, machine=name,
               failures=[{"case": name, "backend": name, "reason": name}])
    )  # fmt: skip
    html = MARKDOWN.render(text)
    assert "<script" not in html
    assert set(cells(text)) == {4, 8, 2}


def test_hostile_listings(everything, evil):
    text = summary(everything(f"{evil}|`x`"))
    assert "<script" not in MARKDOWN.render(text)
    assert set(cells(text)) == {3, 7, 8, 9, 11}
    assert "javascript:" not in text


@pytest.mark.parametrize("address", ["https://a|b", "https://a>b", "https://a b", "javascript:x", "https://a\nb", ""])
def test_only_a_plain_address_is_a_link(address):
    assert linked("[x]", address) == "\\[x\\]"
    assert linked("[x]", "https://a.org/b?c=1#d") == "[\\[x\\]](<https://a.org/b?c=1#d>)"


def test_the_same_content_as_the_terminal(row, scan, known, record, visibility, listed):
    rows = [row(activation=f"a{i}") for i in range(5)]
    rows += [row(activation="relu", verdict=Verdict.CONVENTION, detail="left"), known(), scan(share=0.98)]
    items = [{"case": f"c{i}", "backend": "jax", "typical": 40.0 - i} for i in range(7)]
    text = summary(record(rows, {"visibility": visibility}, suspicious=items, **listed))
    assert text.index("\n## Gradients, by activation and task\n") < text.index("| a3 | classification | 0.031 | – |")
    assert "\n## Updated weights, by" not in text  # there is no update among the rows
    for line in (
        "| a3 | classification | 0.031 | – |",
        "| softsign | float64 | derivative | jax | 97 | jax-softsign-slope | -255.125 | 0.00390625 | 1.52439e-05 |",
        "1 of 2 scans: every point within its accuracy row; worst share 0.98 (jax relu float64); the others above.",
        "| bfloat16 | 1-1-1 | 77 | 32,118 | 21 % | 0.23 | 0.37 | 0.46 | 0.5 |",
        "| relu | torch | left | 1 | left | relu'(0) = 0 | [thread](<http://example.org/2>) |",
        "| jax-softsign-slope | float64 | derivative | -inf … -255, 255 … inf | 2^12 | 97 | 1 | 0 | ==0.10.\\* "
        "| the square leaves the range | [thread](<https://example.org/1>) |",
        "- **c4**, **jax** — 36 standard deviations of the typical error",
        "- … and 2 more",
    ):
        assert f"\n{line}\n" in text
    assert "c5" not in text
    assert "## Activations by themselves\n" in text
    assert "uspicious" not in summary(record([row()]))
    few = summary(record([row(), row(activation="relu")], suspicious=[]))
    assert "\n## Gradients\n" in few
    assert "nothing suspicious" in few
    for title in (
        "Gradients, by activation and task",
        "Activations by themselves",
        "worth",
        "Conventions",
        "Known deviations",
    ):
        assert f"## {title}" not in few


def test_a_failed_scan_comes_first_and_marked(scan, known, record):
    rows = [known(), scan(share=3.0, verdict=Verdict.VIOLATION)]
    text = summary(record(rows, failures=[{"case": rows[1].case, "backend": "jax", "reason": "no"}]))
    assert text.index("| ❌ violation |") < text.index("| jax-softsign-slope |")


def test_what_it_says(row, record, readings):
    rows = [row(), row(backend="jax", quantity="update", share=4.2e9, verdict=Verdict.VIOLATION)]
    text = summary(record(rows, {"readings": readings}, exit_code=1, sentence="jax is wrong.",
                          backends=["torch", "jax"], command="gradproof run x", versions={"jax": "0.10"},
                          failures=[{"case": rows[0].case, "backend": "jax", "reason": "no"}]))  # fmt: skip
    assert text.startswith("# ❌ jax is wrong.\n")
    assert "1 case × 2 backends, 30 entries compared; 0 conventions and 0 known deviations met." in text
    assert "kink" not in text
    assert f"- **{rows[0].case}**, **jax** — update, layer 1" in text
    assert "| sigmoid | classification | float64 | 0.5 / 0.031 | – |" in text
    assert "| sigmoid | classification | float64 | – | **❌ 0.5 / 4.2e+09, violation** |" in text
    assert "| sign | S10, S18 against S26 |" in text
    assert "| jax | 0.10 |" in text
    for word in ("ulp", "share", "blind"):
        assert f"- **{word}**: " in text
    assert text.endswith("```sh\ngradproof run x\n```\n")


def test_a_hundred_worst_and_how_many_more(row, record):
    rows = [row(layer=i, share=float(i), verdict=Verdict.VIOLATION) for i in range(2, 203)]
    text = summary(record(rows))
    assert text.count("\n- **slide") == 100
    assert "… and 101 more rows." in text
    assert "layer 202," in text
    assert "layer 102," not in text


@pytest.mark.parametrize("length", [400, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 20))])
def test_fifty_thousand_rows_fit(row, record, readings, length):
    rows = [
        row(case=f"{i}-" + "ξ|" * length, activation=f"a{i}" + "ξ" * length, backend=f"b{i % 50}", share=2.0,
            detail="long `detail` " * length, verdict=Verdict.VIOLATION)
        for i in range(50_000)
    ]  # fmt: skip
    much = "x" * 10**6
    versions = {f"v{i}": much[:1000] for i in range(1000)}
    run = {"command": much, "machine": much, "sentence": much, "versions": versions}
    text = summary(record(rows, {"readings": readings * 500}, **run))
    assert len(text.encode()) < LIMIT < 1024 * 1000
    assert "## Legend" in text
    assert "… and 49,900 more rows." in text
    assert "… and 49,600 more lines" in text or "The rest does not fit here" in text


def test_a_wall_of_backends_is_cut_with_a_sentence(row, record):
    rows = [row(backend=f"backend-{i:05}" + "ξ" * 200) for i in range(10_000)]
    text = summary(record(rows))
    assert len(text.encode()) < LIMIT
    assert "The rest does not fit here" in text
    assert "## Legend" in text
