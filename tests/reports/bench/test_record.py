"""A measurement: medians and quartiles, targets judged both ways, and the file that comes back as it was written."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from reports.bench.record import (
    CPU,
    FILE,
    MEMORY,
    WALL,
    Bench,
    Figure,
    Part,
    Ratio,
    Target,
    middle,
    quartiles,
    read,
    write,
)
from reports.record import FolderError


@pytest.fixture
def measured() -> Bench:
    figures = (
        Figure("small", "ours", WALL, (3e-3, 1e-3, 2e-3)),
        Figure("small", "ours", MEMORY, (2.0**30, math.nan, 2.0**29)),
        Figure("small", "theirs", CPU, (4e-3, 4e-3, 5e-3)),
    )
    ratios = (Ratio("small", "ours", "theirs", WALL, (0.75, 0.25, math.inf)),)
    targets = (Target("no slower", 0.75, 1.0), Target("many", math.nan, 2.0, least=True, unit="a second"))
    part = Part("start", "From a cold start", "what it is", figures, ratios, targets, ("a note",))
    return Bench((part,), {"versions": {"python": "3.11"}, "machine": "a machine"})


def test_a_median_and_its_quartiles_are_of_the_values_themselves() -> None:
    figure = Figure("s", "n", WALL, (9.0, 1.0, 3.0, 2.0, 4.0))
    assert (figure.median, figure.spread) == (3.0, (2.0, 4.0))
    assert quartiles([7.0]) == (7.0, 7.0)
    assert math.isnan(middle([])) and all(map(math.isnan, quartiles([])))
    assert (middle([3.0, math.nan, 1.0]), quartiles([math.nan, 3.0, 1.0])) == (2.0, (1.5, 2.5))


@pytest.mark.parametrize(
    ("value", "limit", "least", "word"),
    [
        (1.4, 1.5, False, "reached"),
        (1.5, 1.5, False, "reached"),
        (3.0, 1.5, False, "missed by a factor of 2"),
        (150.0, 100.0, True, "reached"),
        (100.0, 100.0, True, "reached"),
        (25.0, 100.0, True, "missed by a factor of 4"),
        (math.nan, 1.0, False, "not measured"),
        (math.nan, 1.0, True, "not measured"),
        (math.inf, 1.0, False, "missed by a factor of inf"),
        (0.0, 1.0, True, "missed by a factor of inf"),
        (-5.0, 1.0, False, "reached"),
    ],
)
def test_a_target_is_judged_from_its_own_side(value: float, limit: float, least: bool, word: str) -> None:
    target = Target("t", value, limit, least)
    assert (target.reached, target.word) == (word == "reached", word)


def test_what_is_written_is_read(measured: Bench, tmp_path: Path) -> None:
    assert write(tmp_path / "there", measured) == tmp_path / "there" / FILE
    again = read(tmp_path / "there")
    assert repr(again) == repr(measured)  # NaN is not equal to itself
    text = (tmp_path / "there" / FILE).read_text()
    assert "NaN" not in text and "Infinity" not in text


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"parts": 1}', '{"parts": [{"name": "x"}]}', '{"parts": [1]}'])
def test_a_damaged_file_is_a_sentence(damage: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(damage)
    with pytest.raises(FolderError, match=r"bench\.json: not a measurement .*; measure again"):
        read(tmp_path)


def test_a_word_in_place_of_a_number_is_damage(measured: Bench, tmp_path: Path) -> None:
    write(tmp_path, measured)
    about = json.loads((tmp_path / FILE).read_text())
    about["parts"][0]["figures"][0]["values"][0] = "fast"
    (tmp_path / FILE).write_text(json.dumps(about))
    with pytest.raises(FolderError, match="fast"):
        read(tmp_path)


def test_no_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="is it a folder of gradproof bench"):
        read(tmp_path / "nowhere")
