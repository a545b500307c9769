"""The default catalogue: the deck's numbers, and that each block is what its comment says."""

from __future__ import annotations

import tomllib
from collections import Counter

import numpy as np
import pytest

from cases.case import SLUG, Case
from cases.loader import catalogue, load

X = [-0.1, 0.2, 0.3]
W_IH = [[0.1, 1.2, 0.3, 1, 1], [-0.1, 0.01, 0.4, 2, 0.1], [0.3, 0.9, 0.2, 2, 0.9]]
W_HO = [[0.1, 0.1], [-0.3, -0.5], [0.1, 3], [0.02, 0.01], [-0.4, 0.6]]
"""S5, copied from the deck."""

SLIDES = ("slide-3-5-2", "slide-3-5-2-mixed", "slide-3-5-2-batch", "slide-3-5-3", "slide-3-5-3-batch")


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return load(catalogue())


def of_block(cases: list[Case], block: str, dtype: str = "float64") -> Case:
    return next(case for case in cases if case.name == f"{block}-relu-prediction-{dtype}")


def units_off(case: Case) -> list[list[int]]:
    """Return, for each sample, the hidden units (from 0) that ReLU switches off."""
    return [np.flatnonzero(row <= 0).tolist() for row in case.x @ case.weights[0]]


def test_the_catalogue_has_the_slides() -> None:
    assert "slides.toml" in [path.name for path in catalogue()]
    assert all(path.is_file() for path in catalogue())


def test_names_are_unique_slugs_and_tags_are_slugs(cases: list[Case]) -> None:
    names = Counter(case.name for case in cases)
    assert names.most_common(1)[0][1] == 1
    assert all(SLUG.fullmatch(word) for case in cases for word in (case.name, case.family, *case.tags))


def test_every_case_has_a_source_and_tags(cases: list[Case]) -> None:
    assert [case.name for case in cases if not case.source.strip().endswith(".")] == []
    assert [case.name for case in cases if not case.tags] == []


def test_slides_are_these_blocks_of_eight(cases: list[Case]) -> None:
    slides = [case for case in cases if "slides" in case.tags]
    assert Counter(case.family for case in slides) == dict.fromkeys(SLIDES, 8)
    assert {(case.activation, case.task, case.dtype) for case in slides} == {
        (activation, task, dtype)
        for activation in ("sigmoid", "relu")
        for task in ("classification", "prediction")
        for dtype in ("float64", "float32")
    }
    assert all("target" in case.source and "learning rate are ours" in case.source for case in slides)
    assert {case.learning_rate for case in slides} == {0.1, float(np.float32(0.1))}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_decks_network_has_exactly_the_decks_numbers(cases: list[Case], dtype: str) -> None:
    case = of_block(cases, "slide-3-5-2", dtype)
    assert case.layers == (3, 5, 2)
    assert np.array_equal(case.x, np.array([X], dtype))
    assert np.array_equal(case.weights[0], np.array(W_IH, dtype))
    assert np.array_equal(case.weights[1], np.array(W_HO, dtype))
    assert case.target.tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("block", SLIDES)
def test_every_block_has_the_decks_weights(cases: list[Case], block: str) -> None:
    case = of_block(cases, block)
    assert np.array_equal(case.weights[0], np.array(W_IH))
    assert np.array_equal(case.weights[1][:, :2], np.array(W_HO))
    assert case.layers == (3, 5, 3 if "3-5-3" in block else 2)
    assert np.array_equal(case.x[0], [0.3, 0.2, -0.1] if block.endswith("mixed") else X)


def test_which_units_relu_switches_off(cases: list[Case]) -> None:
    assert units_off(of_block(cases, "slide-3-5-2")) == [[]]
    assert units_off(of_block(cases, "slide-3-5-3")) == [[]]
    assert units_off(of_block(cases, "slide-3-5-2-mixed")) == [[0]]
    assert units_off(of_block(cases, "slide-3-5-2-batch")) == [[], [0], [1, 2, 3, 4]]
    assert units_off(of_block(cases, "slide-3-5-3-batch")) == [[], [0], [1, 2, 3, 4]]


def test_the_hidden_inputs_in_the_comments_are_right(cases: list[Case]) -> None:
    hidden = of_block(cases, "slide-3-5-2-batch").x @ np.array(W_IH)
    assert np.array_equal(
        np.round(hidden, 12),
        [
            [0.06, 0.152, 0.11, 0.9, 0.19],
            [-0.02, 0.272, 0.15, 0.5, 0.23],
            [0.04, -0.274, -0.23, -0.9, -0.25],
        ],
    )


def test_tags_say_what_a_block_shows(cases: list[Case]) -> None:
    for block in SLIDES:
        case = of_block(cases, block)
        assert ("batch" in case.tags) == (case.batch > 1)
        assert ("scale" in case.tags) == (case.layers[-1] != 2)
        assert ("relu-off" in case.tags) == any(units_off(case))
        assert case.tags[:2] == ("slides", "grade")


def test_no_array_of_the_slides_is_symmetric(cases: list[Case]) -> None:
    for block in SLIDES:
        case = of_block(cases, block)
        for array in (case.x, case.target, *case.weights):
            assert array.shape[0] != array.shape[1] or not np.array_equal(array, array.T)


def test_learning_rates_are_written_out() -> None:
    for path in catalogue():
        for block in tomllib.loads(path.read_text(encoding="utf-8")).get("case", []):
            assert "learning_rate" in block, block["name"]
