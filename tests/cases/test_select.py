"""Selecting cases: names, blocks, tags, dtypes, and what selects nothing."""

from __future__ import annotations

import re

import pytest

from cases.case import Case, make_case
from cases.select import NothingSelected, SelectionError, UnknownDtype, select

TAGS = {"corner": ("kink", "grade"), "corner-two": ("kink-exact",), "plain": ()}


@pytest.fixture
def cases() -> list[Case]:
    return [
        make_case(block, activation, "prediction", dtype, [[1.0]], [[1.0]], [[[2.0]]], tags=tags)
        for block, tags in TAGS.items()
        for activation in ("sigmoid", "relu")
        for dtype in ("float64", "float32")
    ]


def names(cases: list[Case]) -> list[str]:
    return [case.name for case in cases]


def test_no_pattern_selects_all(cases: list[Case]) -> None:
    assert select(cases, []) == cases
    assert select([], []) == []


def test_an_expanded_name_selects_one(cases: list[Case]) -> None:
    assert names(select(cases, ["plain-relu-prediction-float32"])) == ["plain-relu-prediction-float32"]


def test_a_block_selects_its_expansions_and_no_longer_names(cases: list[Case]) -> None:
    assert select(cases, ["corner"]) == cases[:4]


def test_a_pattern_is_for_the_whole_name_and_case_counts(cases: list[Case]) -> None:
    assert select(cases, ["corner*"]) == cases[:8]
    assert select(cases, ["*-relu-*-float3[12]"]) == [cases[3], cases[7], cases[11]]
    for pattern in ("corner-?", "relu", "CORNER*", ""):
        with pytest.raises(NothingSelected):
            select(cases, [pattern])


def test_tags_by_name_and_pattern(cases: list[Case]) -> None:
    assert select(cases, ["tag:kink"]) == cases[:4]
    assert select(cases, ["tag:kink*"]) == cases[:8]
    assert select(cases, ["tag:*"]) == cases[:8]


def test_patterns_unite_once_each_in_the_order_of_the_cases(cases: list[Case]) -> None:
    assert select(cases, ["plain", "tag:grade", "corner-relu-*"]) == cases[:4] + cases[8:]


def test_dtypes_filter(cases: list[Case]) -> None:
    assert select(cases, [], ["float32"]) == cases[1::2]
    assert select(cases, ["plain"], ["float64"]) == cases[8::2]
    assert select(cases, [], ["float32", "float64"]) == cases


def test_unknown_dtypes_name_the_known_ones(cases: list[Case]) -> None:
    with pytest.raises(UnknownDtype, match=r'"float46" is not a dtype: expected one of "float64", .*; did you'):
        select(cases, [], ["float32", "float46"])
    with pytest.raises(UnknownDtype, match=r'"zz" is not a dtype: expected one of "float64", .*"float16"$'):
        select(cases, [], ["zz"])


def test_what_selects_nothing_names_the_nearest(cases: list[Case]) -> None:
    with pytest.raises(NothingSelected, match=r'"corner-tow" selects no case; the nearest names: corner-two, '):
        select(cases, ["plain", "corner-tow"])
    with pytest.raises(NothingSelected, match=r"the nearest names: tag:kink, tag:kink-exact, "):
        select(cases, ["tag:knik"])
    with pytest.raises(NothingSelected, match=r"the nearest names: plain$"):
        select(cases, ["PLAIN*"])
    with pytest.raises(NothingSelected, match=r"selects no case; there are: corner, corner-two, plain, "):
        select(cases, ["@@@"])
    with pytest.raises(NothingSelected, match="there are: none"):
        select([], ["plain"])


@pytest.mark.parametrize("pattern", ["corner-s", "@@@", "prediction"])
def test_at_most_five_names_are_shown(cases: list[Case], pattern: str) -> None:
    with pytest.raises(NothingSelected) as caught:
        select(cases, [pattern])
    assert len(re.split("(?:names|are): ", str(caught.value))[1].split(", ")) == 5


def test_every_pattern_that_selects_nothing_is_named(cases: list[Case]) -> None:
    with pytest.raises(NothingSelected) as caught:
        select(cases, ["planes", "corner", "tag:none"])
    assert [line.split()[0] for line in str(caught.value).splitlines()] == ['"planes"', '"tag:none"']


def test_a_pattern_that_a_dtype_filter_empties_says_so(cases: list[Case]) -> None:
    with pytest.raises(NothingSelected, match=r'"\*-float32" selects no case in float64; it selects 6 cases in other'):
        select(cases, ["*-float32"], ["float64"])
    with pytest.raises(NothingSelected, match="no case is in float64"):
        select(cases[1::2], [], ["float64"])


def test_both_errors_are_selection_errors() -> None:
    assert issubclass(NothingSelected, SelectionError)
    assert issubclass(UnknownDtype, SelectionError)
