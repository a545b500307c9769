"""Small drawings of σ and σ′."""

from __future__ import annotations

import re

from reports.page import page
from reports.shapes import HEIGHT, WIDTH, shapes


def exhibit(**piece):
    return {"shapes": [{"activation": "relu", "pieces": [piece]}]}


def numbers(path):
    return [tuple(map(float, point.split(","))) for point in re.findall(r"[-\d.]+,[-\d.]+", path)]


def test_paths_stay_inside(row, record):
    x = [i / 10 for i in range(-60, 61)]
    found = shapes(record([row()], exhibit(x=x, value=[10 * one for one in x], derivative=["nan"] * len(x))))["relu"]
    points = numbers(found.value)
    assert points and all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert found.derivative == ""


def test_a_path_is_interrupted_where_it_leaves(row, record):
    found = shapes(record([row()], exhibit(x=[-1, 0, 1, 2, 3], value=[0, 0, 99, 0, 0], derivative=[1] * 5)))["relu"]
    assert found.value.count("M") == 2
    assert found.derivative.count("M") == 1
    assert len(numbers(found.derivative)) == 2


def test_each_activation_is_drawn_once(row, record):
    piece = {"x": [0, 1], "value": [0, 1], "derivative": [1, 1]}
    many = [row(activation=a) for a in ("relu", "b", "c", "d", "e")]
    assert page(record(many, exhibit(**piece))).count('aria-label="σ and σ′ of relu"') == 1
    assert page(record(many[:2], exhibit(**piece))).count('aria-label="σ and σ′ of relu"') == 1
    assert "<svg" not in page(record(many))


def test_whatever_the_exhibit_holds(row, record, evil):
    for found in (None, 3, [3], [{}], [{"activation": evil, "pieces": [{"x": evil, "value": [evil]}]}]):
        assert evil not in page(record([row(activation=evil)], {"shapes": found})).split("<noscript>")[0]
