"""The tables, the plots and the page that are made of a measurement."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports.bench import plots, words
from reports.bench.page import build, page
from reports.bench.record import CPU, MEMORY, WALL, Bench, Figure, Part, Ratio, Target, write
from reports.bench.table import markdown, show
from reports.record import FolderError
from reports.terminal import console
from tests.reports.browser.driver import Browser, started

EVIL = '<script>alert("|")</script>\x1b'


def bench(*figures: Figure, ratios: tuple[Ratio, ...] = (), targets: tuple[Target, ...] = (), text: str = "x") -> Bench:
    about = {"versions": {"python": "3.11", "torch": text}, "machine": text, "seconds": 3.5}
    return Bench((Part("start", text, text, figures, ratios, targets, (text,)),), about)


def several() -> Bench:
    """Two settings, four contestants, from microseconds to seconds."""
    figures = [
        Figure(setting, name, quantity, tuple(scale * 10.0 ** (2 * n) * k for k in (1, 2, 3)))
        for setting, scale in (("a-name-that-is-long-" * 3, 1e-6), ("large", 1e-5))
        for n, name in enumerate(("reference", "torch", "jax", "products"))
        for quantity in (WALL, CPU)
    ]
    ratios = tuple(Ratio(f.setting, f.name, "products", WALL, (0.5, 1.5, 2.5)) for f in figures)
    return bench(*figures, ratios=ratios, targets=(Target("as fast", 2.0, 1.0), Target("fast", 0.5, 1.0)))


class Tree(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


# words


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (4.2e-5, "42 µs"), (3e-9, "3 ns"), (1234.0, "1,234 s"), (math.nan, "–")],
)
def test_a_time_is_told_in_its_own_unit(value: float, text: str) -> None:
    assert words.amount(WALL, value) == text


def test_quartiles_are_told_in_the_unit_of_the_median() -> None:
    assert words.spread(Figure("s", "n", WALL, (0.9, 1.1, 1.0))) == "1 (0.95 – 1.05) s"
    assert words.spread(Figure("s", "n", WALL, (0.9,))) == "900 ms"
    assert words.amount(MEMORY, 1.5e9) == "1.5 GB" and words.amount(MEMORY, 2e6) == "2 MB"


def test_a_line_has_every_quantity_of_a_contestant_and_every_ratio() -> None:
    part = bench(
        Figure("small", "ours", WALL, (1.0,)),
        Figure("small", "ours", CPU, (2.0,)),
        Figure("small", "theirs", WALL, (4.0,)),
        ratios=(Ratio("small", "ours", "theirs", WALL, (0.25,)), Ratio("small", "ours", "none", WALL, (8.0,))),
    ).parts[0]
    assert words.header(part) == ("setting", "what", "time", "CPU time", "time, as a multiple")
    assert words.lines(part) == [
        ("small", "ours", "1 s", "2 s", "0.25 × theirs, 8 × none"),
        ("", "theirs", "4 s", "–", ""),
    ]


def test_targets_are_counted_and_marked() -> None:
    found = several()
    assert words.sentence(found) == "1 of 2 targets reached"
    assert [line[3] for line in words.judged(found)] == ["✗ missed by a factor of 2", "✓ reached"]
    assert words.sentence(bench()) == "no target belongs to what was measured"


def test_the_terminal_has_every_figure_and_every_target() -> None:
    stream = io.StringIO()
    show(several(), console(stream))
    text = stream.getvalue()
    for part in ("2 (1.5 – 2.5) µs", "1.5 (1 – 2) × products", "2 times (at most 1)", "✗ missed by a factor of 2"):
        assert part in text
    assert text.rstrip().endswith("1 of 2 targets reached.")


def test_markdown_is_what_it_says_and_nothing_that_a_name_says() -> None:
    text = markdown(bench(Figure(EVIL, EVIL, WALL, (1.0,)), targets=(Target(EVIL, 1.0, 2.0),), text=EVIL))
    assert "<script" not in text and "\x1b" not in text
    for line in (line for line in text.splitlines() if line.startswith("|")):
        assert len(re.findall(r"(?<!\\)\|", line)) in (3, 4, 5)


# plots


def test_marks_lie_within_the_frame_and_in_the_order_of_their_values() -> None:
    (plot,) = plots.plotted(several().parts[0])
    for row in plot.rows:
        assert [mark.x for mark in row.marks] == sorted(mark.x for mark in row.marks)
        assert len({mark.y for mark in row.marks}) == len(row.marks)
        for mark in row.marks:
            assert plots.LEFT <= mark.low <= mark.x <= mark.high <= plots.WIDTH - plots.RIGHT
            assert row.y < mark.y < plot.height - plots.BOTTOM
    assert len({(mark.colour, mark.shape) for mark in plot.rows[0].marks}) == 4


@pytest.mark.parametrize(
    "values", [(1.0, 1.0), (1.0, 1.1), (0.011, 0.9), (1e-9, 1e3), (5e-6, 2e-1), (3.0, 3.0), (1e6, 8e9)]
)
def test_an_axis_holds_its_values_with_a_few_ticks(values: tuple[float, float]) -> None:
    (plot,) = plots.plotted(bench(*(Figure(str(v), "n", WALL, (v,)) for v in values)).parts[0])
    assert 2 <= len(plot.ticks) <= plots.WIDEST + 1
    places = [x for x, _ in plot.ticks]
    assert places[0] == plots.LEFT and places[-1] == plots.WIDTH - plots.RIGHT and places == sorted(places)
    marks = [mark.x for row in plot.rows for mark in row.marks]
    assert all(plots.LEFT <= x <= plots.WIDTH - plots.RIGHT for x in marks)
    assert marks[0] <= marks[-1]


def test_what_no_logarithm_has_is_not_drawn() -> None:
    figures = [Figure("s", "n", WALL, values) for values in ((0.0,), (math.nan,), (math.inf,), (-1.0,))]
    assert plots.plotted(bench(*figures).parts[0]) == []
    (plot,) = plots.plotted(bench(Figure("s", "n", WALL, (-1.0, 1.0, 2.0, math.inf)), *figures).parts[0])
    assert len(plot.rows[0].marks) == 1


# the page


def test_the_page_loads_nothing_runs_nothing_and_says_all() -> None:
    tree = Tree(page(several()))
    (policy,) = [a["content"] for tag, a in tree.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tree.tags}
    assert not any(name in ("src", "onclick", "onload") for _, its in tree.tags for name in its)
    assert "1 of 2 targets reached" in tree.text and "missed by a factor of 2" in tree.text
    assert sum(tag == "figure" for tag, _ in tree.tags) == 1
    ids = [its["id"] for _, its in tree.tags if "id" in its]
    assert len(ids) == len(set(ids))
    assert {str(its["href"])[1:] for tag, its in tree.tags if tag == "a"} <= set(ids)


def test_names_are_shown_as_they_are_and_do_nothing() -> None:
    found = page(bench(Figure(EVIL, EVIL, WALL, (1.0,)), targets=(Target(EVIL, 1.0, 2.0),), text=EVIL))
    assert "<script" not in found and "\x1b" not in found
    assert Tree(found).text.count('<script>alert("|")</script>\\x1b') >= 8


def test_a_folder_is_built_from_its_file_alone(tmp_path: Path) -> None:
    write(tmp_path, several())
    paths = build(tmp_path)
    assert [path.name for path in paths] == ["bench.json", "bench.md", "bench.html"]
    assert all(path.stat().st_size > 1000 for path in paths)
    with pytest.raises(FolderError):
        build(tmp_path / "nowhere")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_overflows_and_letters_can_be_read(browser: Browser, tmp_path: Path, width: int, dark: bool) -> None:
    write(tmp_path, several())
    browser.screen(width, dark)
    browser.driver.get(build(tmp_path)[-1].as_uri())
    assert browser.overflow <= 0
    assert browser.run("Math.min(...[...document.querySelectorAll('svg[role=img] text')]"
                       ".map(one => one.getBoundingClientRect().height))") >= 11  # fmt: skip
    paper = str(browser.run("getComputedStyle(document.body).backgroundColor"))
    assert (sum(map(int, paper[4:-1].split(","))) < 200) == dark
    assert browser.console == []
