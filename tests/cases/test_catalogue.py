"""The default catalogue: the deck's numbers, what is covered, and that each block is what its comment says."""

from __future__ import annotations

import itertools
import tomllib
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from cases.case import ACTIVATIONS, DTYPES, SLUG, TASKS, Case, finfo
from cases.faults import did_you_mean
from cases.loader import catalogue, load
from cases.tags import TAGS

X = [-0.1, 0.2, 0.3]
W_IH = [[0.1, 1.2, 0.3, 1, 1], [-0.1, 0.01, 0.4, 2, 0.1], [0.3, 0.9, 0.2, 2, 0.9]]
W_HO = [[0.1, 0.1], [-0.3, -0.5], [0.1, 3], [0.02, 0.01], [-0.4, 0.6]]
"""S5, copied from the deck."""

SLIDES = (
    "slide-3-5-2", "slide-3-5-2-mixed", "slide-3-5-2-batch", "slide-3-5-3", "slide-3-5-3-batch", "slide-3-5-2-far",
)  # fmt: skip


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
        blocks = tomllib.loads(path.read_text(encoding="utf-8"))
        for block in blocks.get("case", []) + blocks.get("family", []):
            assert "learning_rate" in block, block["name"]


# ---- the whole ----

CHOICES = list(itertools.product(ACTIVATIONS, TASKS, DTYPES))


def test_the_size_of_the_catalogue(cases: list[Case]) -> None:
    assert len(cases) >= 1000
    files = {path.stem: len(load([path])) for path in catalogue()}
    assert sum(files.values()) == len(cases)
    assert files == {"chains": 54, "edges": 1834, "published": 8, "random": 1540, "slides": 48}


def test_every_block_but_the_slides_says_what_it_shows(cases: list[Case]) -> None:
    assert {case.family for case in cases if not case.shows.endswith(".")} == set(SLIDES)


def test_tags_are_known_and_used(cases: list[Case]) -> None:
    used = {tag for case in cases for tag in case.tags}
    assert {tag: did_you_mean(tag, TAGS) for tag in used - set(TAGS)} == {}
    assert set(TAGS) - used == set()
    assert all(SLUG.fullmatch(tag) and sentence for tag, sentence in TAGS.items())


def test_tags_hold_of_every_case(cases: list[Case]) -> None:
    holds = {
        "batch": lambda case: case.batch > 1,
        "scale": lambda case: case.layers[-1] != 2,
        "one-unit": lambda case: case.layers == (1, 1, 1) and case.batch == 1,
        "wide": lambda case: max(case.layers) >= 100,
        "deep": lambda case: case.links is None and len(case.weights) >= 4,
        "large-rate": lambda case: case.learning_rate > 1e4,
        "zero-rate": lambda case: case.learning_rate == 0,
        "range": lambda case: case.expect == "range",
        "blind": lambda case: case.expect == "blind",
        "signed-zero": lambda case: any((np.signbit(a) & (a == 0)).any() for a in _arrays(case)),
    }
    for tag, condition in holds.items():
        assert [case.name for case in cases if tag in case.tags and not condition(case)] == []
    both = {"batch", "large-rate", "zero-rate", "range", "blind", "signed-zero", "wide", "deep"}
    for tag in both:
        assert [case.name for case in cases if tag not in case.tags and holds[tag](case)] == []


def _arrays(case: Case) -> tuple[Any, ...]:
    return (case.x, case.target, *case.weights)


def test_only_blind_and_range_are_expected(cases: list[Case]) -> None:
    assert {case.expect for case in cases} == {None, "blind", "range"}


# ---- coverage ----


def structures(cases: list[Case], choice: tuple[str, str, str]) -> set[tuple[int, ...]]:
    return {c.layers for c in cases if "random" in c.tags and (c.activation, c.task, c.dtype) == choice}


@pytest.mark.parametrize("choice", CHOICES, ids="-".join)
def test_every_activation_task_and_dtype_has_four_structures(cases: list[Case], choice: tuple[str, str, str]) -> None:
    found = structures(cases, choice)
    assert len(found) >= 4
    assert any(len(layers) > 4 for layers in found), "one with four weight matrices"
    assert any(max(layers) >= 128 for layers in found), "one with 128 nodes in a layer"


def test_extent(cases: list[Case]) -> None:
    drawn = [case for case in cases if "random" in case.tags]
    assert {len(case.weights) for case in drawn} == {1, 2, 3, 4, 5, 6}
    assert {case.layers[-1] for case in drawn} >= {1, 3, 10}
    assert {min(case.layers) for case in drawn} >= {1}
    assert max(max(case.layers) for case in drawn) == 784
    assert {case.batch for case in drawn} >= {1, 2, 4, 8, 64}
    largest = [float(max(np.abs(w).max() for w in case.weights)) for case in drawn]
    assert min(largest) < 1e-5
    assert max(largest) > 10


def test_few_programs_are_compiled(cases: list[Case]) -> None:
    """JAX takes a quarter of a second for each, which is most of the time of a run."""
    programs = Counter((c.layers, c.links, c.batch, c.activation, c.task, c.dtype, c.learning_rate) for c in cases)
    assert len(programs) <= 690
    assert max(programs.values()) <= 512, "a stack holds no more, and another size is compiled anew"


def test_families_have_seeds_of_their_own() -> None:
    path = next(path for path in catalogue() if path.stem == "random")
    blocks = tomllib.loads(path.read_text(encoding="utf-8"))["family"]
    seeds = Counter(block["seed"] for block in blocks)
    assert max(seeds.values()) == 1
    assert [block["name"] for block in blocks if f"seed {block['seed']}" not in block["source"]] == []


# ---- the edges are what they are called ----


def block(cases: list[Case], name: str) -> list[Case]:
    found = [case for case in cases if case.family == name]
    assert found, name
    return found


def hidden(case: Case) -> list[list[Fraction]]:
    """Return the hidden inputs of a case, exactly: sample by sample, unit by unit."""
    x, w = case.x.astype(float).tolist(), case.weights[0].astype(float).T.tolist()
    return [[sum(Fraction(a) * Fraction(b) for a, b in zip(row, unit, strict=True)) for unit in w] for row in x]


KINKS = {
    "relu": (0,), "leaky_relu": (0,), "selu": (0,),
    "hardtanh": (-1, 1), "hardsigmoid": (-3, 3), "hardswish": (-3, 3),
}  # fmt: skip


def test_kinks_are_hit_exactly_each_alone_in_every_dtype(cases: list[Case]) -> None:
    hit = set()
    for case in cases:
        if case.family.startswith("kink-at-"):
            ((point,),) = hidden(case)
            assert point in KINKS[case.activation]
            assert case.expect is None
            hit.add((case.activation, int(point), case.task, case.dtype))
    assert hit == {
        (activation, kink, task, dtype)
        for activation, kinks in KINKS.items()
        for kink in kinks
        for task, dtype in itertools.product(TASKS, DTYPES)
    }


def test_one_hidden_input_of_a_sum_is_on_the_kink(cases: list[Case]) -> None:
    for case in block(cases, "kink-by-sum"):
        points = hidden(case)
        assert points[0][0] == 0
        assert sum(point == 0 for row in points for point in row) == 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "kink"), [("zero", 0), ("one", 1), ("three", 3)])
def test_near_kinks_are_the_neighbours_on_either_side(cases: list[Case], dtype: str, name: str, kink: int) -> None:
    number = DTYPES[dtype]
    below, above = (float(np.nextafter(np.array(kink, number), np.array(to, number))) for to in (kink - 1, kink + 1))
    for case in block(cases, f"near-{name}-{dtype}"):
        assert case.dtype == dtype
        assert hidden(case) == [[below, above, 0.5], [-below, -above, -0.5]]
        assert kink in KINKS[case.activation]
    near = {case.activation for case in cases if case.family == f"near-{name}-{dtype}"}
    assert near == {activation for activation, kinks in KINKS.items() if kink in kinks}


def test_sums_that_cancel(cases: list[Case]) -> None:
    for case in [*block(cases, "cancellation"), *block(cases, "cancellation-float16")]:
        assert hidden(case)[0] == [0, 0, 0]
    assert {case.activation for case in block(cases, "cancellation")} == set(ACTIVATIONS)
    for case in block(cases, "cancellation-large"):
        assert hidden(case)[0] == [2, 2, 2]
    for case in block(cases, "cancellation-last-bit"):
        assert hidden(case)[0] == [Fraction(1, 2**52), Fraction(-1, 2**52), Fraction(1, 2**53)]


def test_dead_units_are_dead(cases: list[Case]) -> None:
    for name in ("dead-layer", "dead-slope"):
        assert all(point < -3 for case in block(cases, name) for row in hidden(case) for point in row)
    for case in block(cases, "dead-unit"):
        first, second = hidden(case)
        assert [point > 0 for point in first] == [False, True, True]
        assert [point > 0 for point in second] == [False, False, True]


def test_subnormal_numbers_are_subnormal(cases: list[Case]) -> None:
    smallest = {"float64": 2.0**-1022, "float32": 2.0**-126, "bfloat16": 2.0**-126, "float16": 2.0**-14}
    for case in [case for case in cases if case.family.startswith("subnormal-")]:
        (x,), (w,), (v,) = (array.astype(float)[0] for array in (case.x, *case.weights))
        kind = case.family.split("-")[1]
        number = {"input": x, "weight": w, "gradient": float(Fraction(x) * Fraction(v))}[kind]
        assert 0 < number < smallest[case.dtype]
        assert (min(x, w, v) < smallest[case.dtype]) == (kind != "gradient")


def test_outputs_that_are_their_targets(cases: list[Case]) -> None:
    for case in block(cases, "zero-error-prediction"):
        assert (case.weights[1] == 0).all()
        assert (case.target == 0).all()
    for case in block(cases, "zero-error-classification"):
        assert (case.weights[1] == 0).all()
        assert (case.target == 0.5).all()
    for case in block(cases, "zero-error-batch"):
        h = np.array(hidden(case), float)
        assert (h >= 0).all()
        assert np.array_equal(h @ case.weights[1].astype(float), case.target.astype(float))


@pytest.mark.parametrize("dtype", DTYPES)
def test_targets_one_number_away(cases: list[Case], dtype: str) -> None:
    number = DTYPES[dtype]
    one, half = np.array(1, number), np.array(0.5, number)
    for case in block(cases, f"zero-error-last-bit-{dtype}"):
        assert hidden(case)[0][0] * Fraction(float(case.weights[1][0, 0])) == 1
        assert case.target[0, 0] == np.nextafter(one, np.array(2, number))
    for case in block(cases, f"blind-error-{dtype}"):
        assert case.target[0, 0] == np.nextafter(half, np.array(0, number))


def test_losses_out_of_range_are(cases: list[Case]) -> None:
    for case in [case for case in cases if "range" in case.tags]:
        h, w = hidden(case)[0][0], Fraction(float(case.weights[1][0, 0]))
        largest = Fraction(float(finfo(DTYPES[case.dtype]).max))
        assert 2 * max(h, w) * h * w < largest < (h * w - 1) ** 2


def test_edges_use_few_structures(cases: list[Case]) -> None:
    edges = load([path for path in catalogue() if path.stem == "edges"])
    assert {(case.structure, case.batch) for case in edges} == {("1-1-1", 1), ("4-3-2", 2)}
