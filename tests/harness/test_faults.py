"""Planted faults: whatever is wrong in what a backend returns, the run says so, where, and with which numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases.case import Case
from harness.backends import Backend, Evaluation
from harness.run import Outcome, run
from reports.record import Row
from reports.verdict import Verdict

PLACES = [("output", 0), ("loss", 0), ("gradient", 1), ("gradient", 2), ("update", 1), ("update", 2)]
"""Every quantity and layer of a network with two weight matrices."""

FIELDS = {"output": "output", "loss": "loss", "gradient": "gradients", "update": "updated"}

Spoil = Callable[[np.ndarray], Any]

each_place = pytest.mark.parametrize(("quantity", "layer"), PLACES, ids=[f"{q}{n or ''}" for q, n in PLACES])
each_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])


def planted(quantity: str, layer: int, spoil: Spoil) -> Callable[[Evaluation], Evaluation]:
    """Spoil one array of an evaluation and leave the others."""

    def change(found: Evaluation) -> Evaluation:
        value = getattr(found, FIELDS[quantity])
        if layer == 0:
            return replace(found, **{FIELDS[quantity]: spoil(value.copy())})
        arrays = list(value)
        arrays[layer - 1] = spoil(arrays[layer - 1].copy())
        return replace(found, **{FIELDS[quantity]: arrays})

    return change


def accused(outcome: Outcome, case: Case, quantity: str, layer: int, verdict: Verdict) -> tuple[Row, str]:
    """Exit 1, one failure, only that row wrong; returns the row and the reason, which names the place."""
    assert outcome.answer.exit_code == 1
    (failure,) = outcome.answer.failures
    assert (failure.case, failure.backend, failure.incomplete) == (case.name, "spoiled", False)
    (row,) = [row for row in outcome.rows if row.verdict not in (Verdict.EXACT, Verdict.ROUNDING)]
    assert (row.case, row.backend, row.verdict) == (case.name, "spoiled", verdict)
    assert (row.quantity, row.layer) == (quantity, layer)
    assert failure.reason == f"{verdict}: {quantity}{f' of layer {layer}' if layer else ''}: {row.detail}"
    return row, failure.reason


def at(index: tuple[int, ...], change: Callable[[Any], Any]) -> Spoil:
    """Change one entry of the second case's array."""

    def spoil(array: np.ndarray) -> np.ndarray:
        place = (1, *index)[: array.ndim]
        array[place] = change(array[place])
        return array

    return spoil


@pytest.fixture
def pair(draw: Callable[..., Case]) -> Callable[..., list[Case]]:
    """Return a function: two cases of one structure, so that they share a stack."""

    def two(dtype: str, *widths: int, **options: Any) -> list[Case]:
        return [draw(*widths or (3, 5, 4), batch=4, dtype=dtype, seed=seed, **options) for seed in (3, 4)]

    return two


def one_off(dtype: str) -> float:
    return 1e-9 if dtype == "float64" else 1e-3


@each_dtype
@each_place
def test_one_entry_a_little_off_is_named_with_its_index_and_both_values(
    pair: Any, spoiled: Callable[..., Backend], quantity: str, layer: int, dtype: str
) -> None:
    cases, index = pair(dtype), (2, 1)
    fault = at(index, lambda v: v * (1 + one_off(dtype)))
    outcome = run(cases, [spoiled(planted(quantity, layer, fault))], mistakes=False)
    row, reason = accused(outcome, cases[1], quantity, layer, Verdict.VIOLATION)
    assert row.worst_index == (() if quantity == "loss" else index)
    assert "1 of " in reason
    assert f"at {list(index)} " in reason or quantity == "loss"
    assert f"{row.worst_value!r} where exact is {row.worst_exact!r}" in reason
    assert row.worst_value != row.worst_exact
    assert row.share is not None and f"{row.share:.3g} times the bound" in reason


@each_dtype
@each_place
@pytest.mark.parametrize("factor", [-1, 1.0005, 0, 2])
def test_a_factor_is_a_violation(
    pair: Any, spoiled: Callable[..., Backend], quantity: str, layer: int, dtype: str, factor: float
) -> None:
    (case, _) = pair(dtype)
    fault = planted(quantity, layer, lambda a: a * a.dtype.type(factor))
    accused(run([case], [spoiled(fault)], mistakes=False), case, quantity, layer, Verdict.VIOLATION)


@each_dtype
@each_place
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf], ids=str)
def test_one_entry_that_is_no_number_is_nonfinite_and_shown(
    pair: Any, spoiled: Callable[..., Backend], quantity: str, layer: int, dtype: str, poison: float
) -> None:
    cases = pair(dtype)
    fault = planted(quantity, layer, at((0, 3), lambda v: poison))
    outcome = run(cases, [spoiled(fault)], mistakes=False)
    _, reason = accused(outcome, cases[1], quantity, layer, Verdict.NONFINITE)
    assert f"{poison!r} where exact is" in reason


@each_dtype
@pytest.mark.parametrize(("quantity", "layer"), [place for place in PLACES if place[0] != "loss"])
@pytest.mark.parametrize("fault", ["transposed", "reversed", "rolled"])
def test_entries_in_the_wrong_places_of_a_square_array_are_a_violation(
    pair: Any, spoiled: Callable[..., Backend], quantity: str, layer: int, dtype: str, fault: str
) -> None:
    (case, _) = pair(dtype, 4, 4, 4)
    moves: dict[str, Spoil] = {
        "transposed": lambda a: a.mT,
        "reversed": lambda a: a[..., ::-1],
        "rolled": lambda a: np.roll(a, 1, -2),
    }
    outcome = run([case], [spoiled(planted(quantity, layer, moves[fault]))], mistakes=False)
    accused(outcome, case, quantity, layer, Verdict.VIOLATION)


def other(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32 if array.dtype == np.float64 else np.float64)


class NoArray:
    def __array__(self, *args: Any, **options: Any) -> Any:
        raise RuntimeError("will not be an array")


MALFORMED: dict[str, Spoil] = {
    "other-precision": other,
    "half": lambda a: a.astype(np.float16),
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "whole-numbers": lambda a: a.astype(np.int64),
    "objects": lambda a: a.astype(object),
    "strings": lambda a: a.astype(str),
    "complex": lambda a: a + 0j,
    "booleans": lambda a: a > 0,
    "a-word": lambda a: "gradient",
    "a-number": lambda a: 0.5,
    "ragged": lambda a: [[[1.0], [2.0, 3.0]], [[4.0]]],
    "no-array": lambda a: NoArray(),
    "a-dictionary": lambda a: {"gradient": a},
    "no-stack-axis": lambda a: a[0],
    "one-case-short": lambda a: a[:1],
    "one-case-more": lambda a: np.concatenate([a, a[:1]]),
    "one-axis-more": lambda a: a[..., None],
    "nothing-in-it": lambda a: a[..., :0] if a.ndim > 1 else a[:0],
    "flat": lambda a: a.reshape(len(a), -1) if a.ndim > 1 else a[:, None],
}


@each_dtype
@each_place
@pytest.mark.parametrize("fault", MALFORMED)
def test_a_wrong_shape_or_dtype_is_malformed_whatever_its_values(
    pair: Any, spoiled: Callable[..., Backend], quantity: str, layer: int, dtype: str, fault: str
) -> None:
    cases = pair(dtype)
    outcome = run(cases, [spoiled(planted(quantity, layer, MALFORMED[fault]))], mistakes=False)
    assert outcome.answer.exit_code == 1
    assert {f.case for f in outcome.answer.failures} == {case.name for case in cases}
    place = f"{quantity} of layer {layer}: " if layer else f"{quantity}: "
    assert all(f"malformed: {place}" in failure.reason for failure in outcome.answer.failures)
    wrong = {(row.quantity, row.layer) for row in outcome.rows if row.verdict == Verdict.MALFORMED}
    assert wrong == {(quantity, layer)}


@each_dtype
@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("quantity", ["gradient", "update"])
def test_a_transposed_array_that_is_not_square_says_both_shapes(
    pair: Any, spoiled: Callable[..., Backend], quantity: str, layer: int, dtype: str
) -> None:
    (case, _) = pair(dtype)
    outcome = run([case], [spoiled(planted(quantity, layer, lambda a: a.mT))], mistakes=False)
    _, reason = accused(outcome, case, quantity, layer, Verdict.MALFORMED)
    shape = case.weights[layer - 1].shape
    assert f"shape {shape[::-1]}, expected {shape}" in reason


LAYERS: dict[str, tuple[Callable[[list[Any]], Any], str]] = {
    "missing": (lambda a: a[:-1], "1 arrays, expected 2"),
    "extra": (lambda a: [*a, a[-1]], "3 arrays, expected 2"),
    "empty": (lambda a: [], "0 arrays, expected 2"),
    "none": (lambda a: [None, a[1]], "None, expected an array"),
    "number": (lambda a: 3.0, "float, expected a list of arrays"),
    "generator": (lambda a: (g for g in a), "generator, expected a list of arrays"),
    "dictionary": (lambda a: {"W1": a[0], "W2": a[1]}, "shape (), expected the axis"),
    "word": (lambda a: "no", "shape (), expected the axis"),
}


@each_dtype
@pytest.mark.parametrize("quantity", ["gradient", "update"])
@pytest.mark.parametrize("fault", LAYERS)
def test_a_wrong_number_of_arrays_is_malformed_and_counted(
    pair: Any, spoiled: Callable[..., Backend], quantity: str, dtype: str, fault: str
) -> None:
    cases, (change, words) = pair(dtype), LAYERS[fault]
    backend = spoiled(lambda e: replace(e, **{FIELDS[quantity]: change(list(getattr(e, FIELDS[quantity])))}))
    outcome = run(cases, [backend], mistakes=False)
    assert outcome.answer.exit_code == 1
    reasons = {failure.case: failure.reason for failure in outcome.answer.failures}
    assert list(reasons) == [case.name for case in cases]
    assert all(f"malformed: {quantity} of layer 1: {words}" in reason for reason in reasons.values())
