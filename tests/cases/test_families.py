"""Families: how they expand, what their numbers depend on, that these never change, and every fault."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np
import pytest

from cases.case import DTYPES, SLUG, Case, finfo
from cases.draws import Draw, reach
from cases.families import MOST_CASES, MOST_NUMBERS
from cases.faults import Fault
from cases.loader import load
from cases.select import select
from cases.sizes import LARGEST_BATCH, MOST_DRAWS, MOST_WEIGHTS, WIDEST

FaultsOf = Callable[[str | bytes], list[Fault]]

GOOD = {
    "name": '"random"',
    "layers": "[[3, 5, 2], [8, 16, 4]]",
    "activation": '["sigmoid", "relu"]',
    "task": '["classification", "prediction"]',
    "dtype": '["float64", "bfloat16"]',
    "batch": "[1, 8]",
    "draws": "3",
    "seed": "20260101",
    "scale": "[1, 0.5]",
}

FLOAT64 = Draw("random", 20260101, (3, 5, 2), 8, 1.0, 7)

DIGESTS = {
    FLOAT64: "b1f4e55e1caf4a8f50aa6b32cbd79dfef0ff2f8e5f29b5318bb7e498471921dd",
    Draw(
        "random", 20260101, (784, 16, 10), 2, 0.5, 1, input_scale=3.0
    ): "877af4f41c03454a96197372ad14749be492a453d111bcca01327c791eccfd5d",
    Draw("a.b", 0, (1, 1), 1, 1e-6, 1000): "f09d43bfdc09e111d80aa66cb58d7dfa9b3b36de84f076cfa6f441e18173116c",
    Draw(
        "random", 2**63 - 1, (2, 3, 3, 3, 3, 3, 2), 64, 1e22, 1
    ): "a92d96a1eca5da884022f0d5bb4944b32bf554046228864ed43a783400e36a3d",
}
"""SHA-256 of input, target and weights as little-endian float64."""


def family(**changes: str | None) -> str:
    lines = [f"{key} = {value}" for key, value in (GOOD | changes).items() if value is not None]
    return "\n".join(["[[family]]", *lines, ""])


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[..., list[Case]]:
    """Return a function that loads a sound family, keys changed, added, or (None) left out."""

    def cases(**changes: str | None) -> list[Case]:
        file = tmp_path / "my.toml"
        file.write_text(family(**changes))
        return load([file])

    return cases


Loaded = Callable[..., list[Case]]


def arrays(case: Case) -> tuple[Any, ...]:
    return (case.x, case.target, *case.weights)


def same(a: Case, b: Case) -> bool:
    return all(np.array_equal(m, n) for m, n in zip(arrays(a), arrays(b), strict=True))


def digest(draw: Draw) -> str:
    numbers = [draw.input(), draw.target(), *draw.weights()]
    return hashlib.sha256(b"".join(array.astype("<f8").tobytes() for array in numbers)).hexdigest()


# ---- expansion ----


def test_a_family_expands_to_the_product_the_last_choice_changing_fastest(loaded: Loaded) -> None:
    cases = loaded()
    names = [case.name for case in cases]
    assert len(set(names)) == len(cases) == 2 * 2 * 2 * 3 * 2 * 2 * 2
    assert names[:5] == [
        "random-3-5-2-b1-s1-01-sigmoid-classification-float64",
        "random-3-5-2-b1-s1-01-sigmoid-classification-bfloat16",
        "random-3-5-2-b1-s1-01-sigmoid-prediction-float64",
        "random-3-5-2-b1-s1-01-sigmoid-prediction-bfloat16",
        "random-3-5-2-b1-s1-01-relu-classification-float64",
    ]
    assert names[8] == "random-3-5-2-b1-s1-02-sigmoid-classification-float64"
    assert names[24] == "random-3-5-2-b1-s0.5-01-sigmoid-classification-float64"
    assert names[48] == "random-3-5-2-b8-s1-01-sigmoid-classification-float64"
    assert names[-1] == "random-8-16-4-b8-s0.5-03-relu-prediction-bfloat16"


def test_every_case_is_what_its_name_says(loaded: Loaded) -> None:
    for case in loaded():
        assert case.family == "random"
        assert case.name.startswith(f"random-{case.structure}-b{case.batch}-s")
        assert case.name.endswith(f"-{case.activation}-{case.task}-{case.dtype}")
        assert {array.dtype for array in arrays(case)} == {np.dtype(DTYPES[case.dtype])}


@pytest.mark.parametrize(
    ("scale", "slug"),
    [("1", "s1"), ("2.50", "s2.5"), ("1e-6", "s1e-06"), ("1e300", "s1e300"), ("100000", "s100000")],
)
def test_names_are_slugs_whatever_the_scale(loaded: Loaded, scale: str, slug: str) -> None:
    cases = loaded(scale=scale, dtype=None)
    assert all(SLUG.fullmatch(case.name) and f"-{slug}-" in case.name for case in cases)


def test_the_name_of_the_block_selects_all_of_it(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(family() + family(name='"random-two"', layers="[2, 2]"))
    cases = load([file])
    assert len(select(cases, ["random"])) == 192
    assert len(select(cases, ["random-two"])) == 96
    assert len(select(cases, ["random-3-5-2-b8-*-relu-*"])) == 24


def test_single_values_and_defaults(loaded: Loaded) -> None:
    (case,) = loaded(
        layers="[3, 5, 2]", activation='"tanh"', task='"prediction"', dtype=None, batch="4", draws="1", scale=None
    )
    assert case.name == "random-3-5-2-b4-s1-01-tanh-prediction-float64"
    assert (case.learning_rate, case.source, case.shows, case.tags, case.expect) == (0.1, "", "", (), None)


def test_optional_keys_are_kept(loaded: Loaded) -> None:
    cases = loaded(learning_rate="2", source='"a"', shows='"b"', tags='["c"]', expect='"blind"')
    kept = {(case.learning_rate, case.source, case.shows, case.tags, case.expect) for case in cases}
    assert kept == {(2.0, "a", "b", ("c",), "blind")}


def test_cases_of_a_file_come_before_its_families(tmp_path: Path, block: Callable[..., str]) -> None:
    file = tmp_path / "my.toml"
    file.write_text(family(draws="1") + block() + family(name='"again"'))
    families = [case.family for case in load([file])]
    assert list(dict.fromkeys(families)) == ["tiny", "random", "again"]


# ---- numbers ----


@pytest.mark.parametrize("draw", DIGESTS)
def test_digests(draw: Draw) -> None:
    assert digest(draw) == DIGESTS[draw]


def test_numbers_lie_in_their_ranges_and_fill_them() -> None:
    draw = Draw("random", 1, (300, 200, 100), 50, 0.5, 1, input_scale=3.0)
    assert draw.input().shape == (50, 300)
    assert draw.target().shape == (50, 100)
    assert [w.shape for w in draw.weights()] == [(300, 200), (200, 100)]
    assert 2.99 < np.abs(draw.input()).max() <= 3.0
    assert 0.0 <= draw.target().min() < 0.01 < 0.99 < draw.target().max() < 1.0
    for w, m in zip(draw.weights(), (300, 200), strict=True):
        assert 0.99 * reach(0.5, m) < np.abs(w).max() <= reach(0.5, m)
        assert np.isclose(w.std(), 0.5 / m**0.5, rtol=0.02)
        assert abs(w.mean()) < 0.01 * reach(0.5, m)


def test_reach_is_the_square_root_written_out() -> None:
    assert reach(1.0, 3) == 1.0
    assert reach(2.0, 12) == 1.0
    assert reach(1.0, 1) == 1.7320508075688772


def test_a_draw_has_the_same_numbers_in_every_dtype_activation_and_task(loaded: Loaded) -> None:
    by_draw: dict[str, list[Case]] = {}
    for case in loaded(dtype='["float64", "float32", "bfloat16", "float16"]'):
        by_draw.setdefault(case.name.rsplit("-", 3)[0], []).append(case)
    assert len(by_draw) == 24
    for cases in by_draw.values():
        exact = next(case for case in cases if case.dtype == "float64")
        for case in cases:
            rounded = [array.astype(DTYPES[case.dtype]) for array in arrays(exact)]
            assert all(np.array_equal(a, b) for a, b in zip(arrays(case), rounded, strict=True))
    values = [arrays(cases[0]) for cases in by_draw.values()]
    assert len({parts[0].tobytes() for parts in values}) == len({parts[2].tobytes() for parts in values}) == 24


@pytest.mark.parametrize(
    "changes",
    [
        {"draws": "40"},
        {"layers": "[[9, 9], [8, 16, 4], [3, 5, 2]]"},
        {"batch": "[2, 8, 1]"},
        {"scale": "[7, 0.5, 1]"},
        {"activation": '["gelu", "relu", "sigmoid"]'},
        {"dtype": '["float16", "bfloat16", "float64"]'},
        {"learning_rate": "3", "tags": '["other"]'},
    ],
)
def test_what_else_is_in_the_family_changes_no_draw(loaded: Loaded, changes: dict[str, str]) -> None:
    before, after = loaded(), {case.name: case for case in loaded(**changes)}
    assert all(same(case, after[case.name]) for case in before)


@pytest.mark.parametrize(
    "other",
    [
        Draw("random2", 20260101, (3, 5, 2), 8, 1.0, 7),
        Draw("random", 20260102, (3, 5, 2), 8, 1.0, 7),
        Draw("random", 20260101, (3, 5, 2, 1), 8, 1.0, 7),
        Draw("random", 20260101, (3, 5, 2), 9, 1.0, 7),
        Draw("random", 20260101, (3, 5, 2), 8, 2.0, 7),
        Draw("random", 20260101, (3, 5, 2), 8, 1.0, 8),
    ],
)
def test_each_part_of_a_draws_name_gives_other_numbers(other: Draw) -> None:
    assert not np.array_equal(FLOAT64.input()[0], other.input()[0])
    assert not np.array_equal(FLOAT64.target()[0, 0], other.target()[0, 0])
    signs = np.sign(FLOAT64.weights()[0]) == np.sign(other.weights()[0])
    assert not signs.all()


def test_the_input_scale_only_scales_the_input() -> None:
    scaled = Draw("random", 20260101, (3, 5, 2), 8, 1.0, 7, input_scale=4.0)
    assert np.array_equal(scaled.input(), 4 * FLOAT64.input())
    assert all(np.array_equal(a, b) for a, b in zip(scaled.weights(), FLOAT64.weights(), strict=True))


def test_draws_of_a_family_share_their_arrays_and_cannot_be_changed(loaded: Loaded) -> None:
    first, *_, last = loaded(layers="[3, 5, 2]", batch="1", scale="1", draws="1", dtype=None)
    assert first.x is last.x
    with pytest.raises(ValueError, match="read-only"):
        first.weights[0][0, 0] = 1.0


def test_finfo_knows_the_largest_number_of_each_dtype() -> None:
    assert {dtype: float(finfo(DTYPES[dtype]).max) for dtype in DTYPES} == {
        "float64": 1.7976931348623157e308,
        "float32": 3.4028234663852886e38,
        "bfloat16": 3.3895313892515355e38,
        "float16": 65504.0,
    }
    assert np.dtype(ml_dtypes.bfloat16) == np.dtype(DTYPES["bfloat16"])


# ---- faults ----


class Example(NamedTuple):
    changes: dict[str, str | None]
    path: str
    words: tuple[str, ...]


def one(key: str, value: str | None, *words: str, at: str | None = None) -> Example:
    return Example({key: value}, key if at is None else at, words)


EXAMPLES = {
    "unknown-key": one("colour", "1", "unknown key", "one of name, activation, task, layers"),
    "near-key": one("drwas", "1", "unknown key", 'did you mean "draws"?'),
    "a-case's-key": one("weights", "[[[1]]]", "unknown key"),
    "no-name": one("name", None, "no such key", "a slug"),
    "no-layers": one("layers", None, "no such key", "a structure, such as [3, 5, 2]"),
    "no-batch": one("batch", None, "no such key", "(required)"),
    "no-draws": one("draws", None, "no such key", "(required)"),
    "no-seed": one("seed", None, "no such key", "(required)"),
    "bad-activation": one("activation", '"sigmiod"', 'did you mean "sigmoid"?'),
    "layers-number": one("layers", "3", "the integer 3", "a list of widths"),
    "layers-string": one("layers", '"3-5-2"', 'the string "3-5-2"', "a list of widths"),
    "layers-empty": one("layers", "[]", "0 widths", "two or more"),
    "layers-one-width": one("layers", "[3]", "1 width", "two or more"),
    "layers-second": one("layers", "[[3, 2], [4]]", "1 width", at="layers[1]"),
    "layers-mixed": one("layers", "[[3, 2], 4]", "the integer 4", "a list of widths", at="layers[1]"),
    "layers-zero": one("layers", "[3, 0, 2]", "the integer 0", f"from 1 to {WIDEST}", at="layers[1]"),
    "layers-negative": one("layers", "[[3, 2], [3, -2]]", "the integer -2", at="layers[1][1]"),
    "layers-wide": one("layers", f"[3, {WIDEST + 1}]", f"from 1 to {WIDEST}", at="layers[1]"),
    "layers-float": one("layers", "[3.0, 2]", "the number 3.0", "write 3", at="layers[0]"),
    "layers-half": one("layers", "[3.5, 2]", "the number 3.5", "a whole number", at="layers[0]"),
    "layers-bool": one("layers", "[true, 2]", "the boolean true", at="layers[0]"),
    "layers-deep": one("layers", "[[[3, 2]]]", "1 width", at="layers[0]"),
    "layers-nested": one("layers", "[[[3, 2], 1]]", "a list of 2", "a whole number", at="layers[0][0]"),
    "layers-twice": one("layers", "[[3, 2], [3, 2]]", "again", "layers[0] has it", at="layers[1]"),
    "layers-heavy": one("layers", "[4096, 4096]", "16,777,216 weights", f"at most {MOST_WEIGHTS:,}"),
    "batch-zero": one("batch", "0", "the integer 0", f"from 1 to {LARGEST_BATCH}"),
    "batch-list": one("batch", "[1, -1]", "the integer -1", at="batch[1]"),
    "batch-empty": one("batch", "[]", "an empty list", "or a list of them"),
    "batch-large": one("batch", f"{LARGEST_BATCH + 1}", f"from 1 to {LARGEST_BATCH}"),
    "batch-float": one("batch", "8.0", "the number 8.0", "write 8"),
    "batch-twice": one("batch", "[8, 8]", "the integer 8 again", "batch[0] has it", at="batch[1]"),
    "draws-zero": one("draws", "0", f"from 1 to {MOST_DRAWS}"),
    "draws-many": one("draws", "1000000000", f"from 1 to {MOST_DRAWS}"),
    "draws-list": one("draws", "[1, 2]", "a list of 2", "a whole number"),
    "draws-huge-float": one("draws", "1e400", "the number 1e400", "a whole number"),
    "draws-nan": one("draws", "nan", "nan", "a whole number"),
    "seed-negative": one("seed", "-1", "the integer -1", "a whole number from 0"),
    "seed-large": one("seed", str(2**63), "a whole number from 0 to 9223372036854775807"),
    "seed-string": one("seed", '"1"', 'the string "1"'),
    "scale-zero": one("scale", "0", "the integer 0", "greater than 0"),
    "scale-negative": one("scale", "[1, -0.5]", "the number -0.5", "greater than 0", at="scale[1]"),
    "scale-infinite": one("scale", "inf", "inf", "a finite number"),
    "scale-nan": one("scale", "[nan]", "nan", "a finite number", at="scale[0]"),
    "scale-bool": one("scale", "true", "the boolean true", "a number"),
    "scale-string": one("scale", '"1"', 'the string "1"', "leave out the quotes"),
    "scale-twice": one("scale", "[1, 1.0]", "the number 1.0 again", "scale[0] has it", at="scale[1]"),
    "scale-overflow": one("scale", "1e39", "in bfloat16", "the largest bfloat16"),
    "input-scale-list": one("input_scale", "[1, 2]", "a list of 2", "a number"),
    "input-scale-zero": one("input_scale", "0.0", "the number 0.0", "greater than 0"),
    "input-scale-overflow": one("input_scale", "1e39", "1e+39 in bfloat16", "the largest bfloat16"),
    "rate-negative": one("learning_rate", "-1", "negative", "would ascend"),
    "rate-overflow": one("learning_rate", "1e39", "in bfloat16", "at most"),
    "bad-expect": one("expect", '"blnd"', 'did you mean "blind"?'),
    "bad-tags": one("tags", '"kink"', 'write ["kink"]'),
    "bad-shows": one("shows", "3", "the integer 3", "a string"),
    "too-many-cases": Example(
        {"layers": "[[1, 1], [2, 1]]", "draws": "1000", "batch": str(list(range(1, 30)))},
        "",
        ("928,000 cases", f"at most {MOST_CASES:,}", "split the family"),
    ),
    "too-many-numbers": Example(
        {"layers": "[2000, 2000]", "draws": "9"}, "", (" numbers", f"at most {MOST_NUMBERS:,}", "split the family")
    ),
}
"""A family with one fault each, the path of the fault inside it, and what is said."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_fault(faults_of: FaultsOf, name: str) -> None:
    example = EXAMPLES[name]
    begun = time.monotonic()
    faults = faults_of(family(**example.changes))
    assert time.monotonic() - begun < 2
    place = "family[0]" if name == "no-name" else 'family[0] "random"'
    assert [fault.path for fault in faults] == [f"{place}.{example.path}".rstrip(".")], [str(f) for f in faults]
    for words in example.words:
        assert words in str(faults[0])


def test_all_faults_of_a_family_come_at_once_and_beside_those_of_cases(
    faults_of: FaultsOf, block: Callable[..., str]
) -> None:
    text = block(task='"x"') + family(layers="[[3], [4, 0]]", batch="0", colour="1", learning_rate="1e400")
    assert [fault.path for fault in faults_of(text)] == [
        'case[0] "tiny".task',
        'family[0] "random".layers[0]',
        'family[0] "random".layers[1][1]',
        'family[0] "random".batch',
        'family[0] "random".colour',
        'family[0] "random".learning_rate',
        'family[0] "random".learning_rate',
    ]


def test_two_families_of_one_name(faults_of: FaultsOf) -> None:
    faults = faults_of(family() + family(name='"b"') + family(layers="[[3, 5, 2], [9, 9]]", draws="1", source="3"))
    source, name = faults
    assert source.path == 'family[2] "random".source'
    assert name.path == 'family[2] "random".name'
    assert '"random-3-5-2-b1-s1-01-sigmoid-classification-float64" and 31 more' in name.found
    assert 'named already by family[0] "random" of ' in name.found


def test_a_family_and_a_case_whose_names_come_to_the_same(faults_of: FaultsOf, block: Callable[..., str]) -> None:
    named = '"random-3-5-2-b1-s1-01"'
    (fault,) = faults_of(block(name=named, activation='"relu"', task='"prediction"') + family())
    assert fault.path == 'family[0] "random".name'
    assert '"random-3-5-2-b1-s1-01-relu-prediction-float64", named already by case[0]' in fault.found


def test_names_that_come_to_the_same_by_other_ways(faults_of: FaultsOf) -> None:
    (fault,) = faults_of(family() + family(name='"random-3"', layers="[5, 2]"))
    assert "named already" in fault.found


def test_family_tables_must_be_tables(faults_of: FaultsOf) -> None:
    (fault,) = faults_of("family = [1]")
    assert (fault.path, fault.found, fault.expected) == ("family[0]", "the integer 1", "a [[family]] table")
    faults = faults_of("[family]\nname = 'a'")
    assert [(fault.path, fault.suggestion) for fault in faults] == [("family", "write [[family]]")]
    (fault,) = faults_of("draws = 3\n" + family())
    assert (fault.path, fault.suggestion) == ("draws", "write [[family]] above it")
    (fault,) = faults_of("familly = 3\n" + family())
    assert fault.suggestion == 'did you mean "family"?'
