"""Rows as packed columns, unpacked again as the page's script does it."""

from __future__ import annotations

import base64
import json
import math
import random
import zlib

import pytest

from reports.columns import FIGURES, WORDS, columns, ordered
from reports.verdict import Verdict

MARKUP = str.maketrans(".,", "<&")
WORD = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def unpacked(text: str) -> dict[str, list]:
    """Columns by name."""
    data = zlib.decompress(base64.b85decode(text.translate(MARKUP)))
    length = int.from_bytes(data[:4], "little")
    head, at = json.loads(data[4 : 4 + length]), 4 + length
    found: dict[str, list] = {}

    def planes(wide: int, count: int) -> list[int]:
        nonlocal at
        parts = [data[at + count * i : at + count * (i + 1)] for i in range(wide)]
        at += wide * count
        return [sum(byte << 8 * (wide - 1 - i) for i, byte in enumerate(its)) for its in zip(*parts, strict=True)]

    for column in head["columns"]:
        words = [column["words"][code] for code in planes(column["wide"], head["rows"])]
        values = found[column["name"]] = []
        mantissas = iter(planes(column["mantissas"], column["count"])) if "count" in column else iter(())
        for i, word in enumerate(words):
            if "count" not in column or word is None or isinstance(word, (int, float)):
                values.append(word)
            elif isinstance(word, list):
                values.append(float(f"{word[0] * next(mantissas)}e{word[1]}"))
            elif word in WORD:
                values.append(WORD[word])
            else:
                values.append(found[column["of"]][i] if word == "=0" else values[i - int(word[1:])])
        assert next(mantissas, None) is None
    assert at == len(data)
    return found


def test_words_and_counts_come_back(row, valueless):
    rows = [row(case="ä\x1b", zero=3), valueless(case="b"), row(case="ä\x1b", backend="jax", worst_index=())]
    found = unpacked(columns(rows, {("b", "torch", None, 0)}))
    assert found["case"] == ["ä\\x1b", "ä\\x1b", "b"]  # side by side, and visible
    assert found["backend"] == ["torch", "jax", "torch"]
    assert found["quantity"] == ["gradient", "gradient", None]
    assert found["zero"] == [3, 0, 0]
    assert found["worst_index"] == ["[0, 1]", "[]", None]
    assert found["verdict"] == ["rounding", "rounding", "crashed"]
    assert found["failed"] == [0, 0, 1]
    assert found["share"] == [0.031, 0.031, None]


@pytest.mark.parametrize(
    ("value", "kept"),
    [(0.0, 0), (-0.0, 0), (None, None), (math.inf, math.inf), (-math.inf, -math.inf), (0.123456, 0.123), (9.999, 10.0),
     (-123456.0, -123000.0), (5e-324, 4.94e-324), (1.7976931348623157e308, 1.7976931348623157e308),
     (1.23456e-305, 1.23e-305), (1.0, 1.0), (1.0000001, 1.0000001), (0.9999999999, 0.9999999999), (0.99999, 0.99999),
     (1.004, 1.004), (0.994, 0.994)],
)  # fmt: skip
def test_numbers_keep_three_digits(row, value, kept):
    for name in FIGURES:
        (found,) = unpacked(columns([row(**{name: value})]))[name]
        assert found == kept, name


@pytest.mark.parametrize(
    ("value", "exact", "shown"),
    [(0.291027924, 0.291027773694, (0.291027924, 0.29102777369)), (0.27, 0.276959123, (0.27, 0.27696)),
     (-5.6607e-08, -5.34381481e-08, (-5.6607e-08, -5.343815e-08)), (math.inf, 0.1, (math.inf, 0.1))],
)  # fmt: skip
def test_a_source_keeps_the_digits_that_it_prints(row, value, exact, shown):
    its = [row(backend=name, worst_value=value, worst_exact=exact) for name in ("torch", "published")]
    found = unpacked(columns(its))
    assert (found["worst_value"][1], found["worst_exact"][1]) == shown
    assert found["worst_exact"][0] == float(f"{exact:.3g}")


def test_nan_comes_back(row):
    found = unpacked(columns([row(share=math.nan, worst_value=math.nan, worst_exact=math.nan)] * 2))
    assert all(map(math.isnan, found["share"] + found["worst_value"]))


def test_whatever_the_rows_are(row):
    draw = random.Random(3)
    numbers = [None, 0.0, math.inf, 1.0, 1.00001, *(draw.gauss(0, 1) * 10 ** draw.randint(-9, 9) for _ in range(8))]
    rows = [
        row(case=f"c{draw.randint(0, 400)}", backend=f"b{i}", layer=draw.randint(0, 2), family=f"f{i % 300}",
            verdict=draw.choice(list(Verdict)), **{name: draw.choice(numbers) for name in FIGURES})
        for i in range(3000)
    ]  # fmt: skip
    found = unpacked(columns(rows))
    its = ordered(rows)
    for name in WORDS:
        assert found[name] == [getattr(one, name) for one in its]
    for name in FIGURES:
        for got, one in zip(found[name], its, strict=True):
            value = getattr(one, name)
            assert got == value or got == float(f"{value:.2e}"), name


def test_no_rows():
    assert unpacked(columns([]))["share"] == []


def test_a_row_of_a_catalogue_takes_few_bytes(row):
    draw = random.Random(5)
    rows = []
    for case in range(500):
        for layer in (1, 2):
            share, ulp = draw.random(), 10 * draw.random()
            for backend in range(6):
                other = draw.random() < 0.3
                rows.append(row(case=f"case-{case}", layer=layer, backend=f"b{backend}", worst_value=ulp - 3,
                                worst_exact=ulp - 3, share=draw.random() if other else share,
                                max_ulp=10 * draw.random() if other else ulp))  # fmt: skip
    assert len(columns(rows)) < 4.5 * len(rows)
