"""Errors over bins of x: every point is in its bin, and what is wrong there shows there and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from cases.case import DTYPES, Case
from harness.backends import Backend
from harness.backends.reference import matrix
from harness.bins import CUTS, Binned, binned, exhibit, exponents, places
from harness.precision import PRECISIONS
from harness.run import run
from harness.scan import Scan, points, run_scan
from harness.stack import Stack
from reports.record import encode

each_dtype = pytest.mark.parametrize("dtype", DTYPES)

Spoil = Callable[[np.ndarray, np.ndarray], None]
"""Given x and the right values, plants wrong ones."""


@dataclass(frozen=True)
class Planted:
    """The reference's activations with a fault in the value, or in the slope."""

    spoil: Spoil
    part: int = 0
    name: str = "planted"

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Any:
        raise NotImplementedError

    def pointwise(self, activation: str, x: np.ndarray) -> Any:
        found = matrix.pointwise(activation, x)
        assert found is not None
        pair = [part.copy() for part in found]
        self.spoil(x.astype(np.float64), pair[self.part])
        return pair[0], pair[1]


def found(spoil: Spoil, activation: str, dtype: str, part: int = 0) -> tuple[Binned, dict[str, Any], dict[str, Any]]:
    """What is allowed, and the lines of the planted backend and of the right one."""
    scan, right = Scan(activation, dtype), Planted(lambda x, v: None, name="right")
    one = binned(scan, run_scan(scan, [Planted(spoil, part), right]), ["planted", "right"])[part]
    return one, *one["lines"]


def at(place: float, value: float) -> Spoil:
    def spoil(x: np.ndarray, values: np.ndarray) -> None:
        values[x == place] = value

    return spoil


def bin_of(x: float, dtype: str) -> int:
    return int(places(dtype)[np.flatnonzero(points(dtype).astype(np.float64) == x)[0]])


# the bins


@each_dtype
def test_every_point_is_in_the_bin_of_its_exponent(dtype: str) -> None:
    ends, x, its = exponents(dtype), points(dtype).astype(np.float64), places(dtype)
    assert ends == sorted(set(ends)) and set(ends[2:-1]) <= set(CUTS)
    for number, (low, high) in enumerate(pairwise(ends)):
        for side, place in ((1, len(ends) + number), (-1, len(ends) - 2 - number)):
            inside = side * x[its == place]
            assert inside.size and (inside >= 2.0**low).all() and (inside / 2 < 2.0 ** (high - 1)).all()
    assert (x[its == len(ends) - 1] == 0).all() and set(its) == set(range(2 * len(ends) - 1))
    assert (np.diff(its) >= 0).all(), "in the order of the numbers"


@each_dtype
def test_subnormal_numbers_have_a_bin_of_their_own(dtype: str) -> None:
    precision = PRECISIONS[dtype]
    assert 2.0 ** exponents(dtype)[0] == precision.smallest and 2.0 ** exponents(dtype)[1] == precision.smallest_normal


# what is in them


@each_dtype
@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("place", [1.0, -3.0])
def test_a_planted_deviation_shows_in_its_bin_alone(place: float, part: int, dtype: str) -> None:
    one, planted, right = found(at(place, 2.0), "tanh", dtype, part)
    where = bin_of(place, dtype)
    assert planted["outside"] == [where] and right["outside"] == []
    assert planted["ulps"][where] > one["most"][where] >= right["ulps"][where]
    assert [n for n, (a, b) in enumerate(zip(planted["ulps"], right["ulps"], strict=True)) if a != b] == [where]


@pytest.mark.parametrize("poison", ["nan", "inf", "-inf"])
def test_what_is_no_number_is_marked_and_a_huge_error_is_one(poison: str) -> None:
    where = bin_of(1.0, "float64")
    _, planted, _ = found(at(1.0, float(poison)), "silu", "float64")
    assert encode(planted["ulps"][where]) == poison.removeprefix("-") and planted["outside"] == [where]
    assert sum(not np.isfinite(value) for value in planted["ulps"]) == 1
    largest = PRECISIONS["float64"].largest
    _, planted, _ = found(at(1.0, -largest), "softsign", "float64", 1)
    assert np.isfinite(planted["ulps"]).all() and max(planted["ulps"]) > 1e300, "far off, and a number"


def test_a_point_outside_its_own_bound_is_told_where_the_bin_allows_more_at_another() -> None:
    x, dtype = points("float64"), "float64"
    one, *_ = found(lambda x, v: None, "gelu", dtype, 1)
    (wide,) = (n for n, (a, b) in enumerate(zip(one["least"], one["most"], strict=True)) if b > 1e12 * a and n > 50)
    place = float(x[places(dtype) == wide][0])
    right = float(matrix.pointwise("gelu", np.array([place]))[1][0])  # type: ignore[index]
    one, planted, _ = found(at(place, right * (1 + 1e-13)), "gelu", dtype, 1)
    assert planted["outside"] == [wide] and planted["ulps"][wide] < one["most"][wide]


def test_where_nothing_is_judged_there_is_no_figure() -> None:
    one, planted, _ = found(lambda x, v: None, "relu", "float32", 1)
    zero = bin_of(0.0, "float32")
    assert one["least"][zero] is one["most"][zero] is planted["ulps"][zero] is None
    assert all(value is not None for n, value in enumerate(planted["ulps"]) if abs(n - zero) > 1)


@each_dtype
@pytest.mark.parametrize("activation", ["sigmoid", "softplus", "softsign"])
def test_bins_and_rows_say_the_same(activation: str, dtype: str, backends: dict[str, Backend]) -> None:
    scan, names = Scan(activation, dtype), ["reference", "torch", "jax"]
    findings = run_scan(scan, [backends[name] for name in names])
    for one in binned(scan, findings, names):
        assert [line["backend"] for line in one["lines"]] == names
        for line in one["lines"]:
            (row,) = [f.row for f in findings if (f.backend, f.quantity) == (line["backend"], one["quantity"])]
            worst = np.max([value for value in line["ulps"] if value is not None])
            assert row.max_ulp is not None and float(f"{row.max_ulp:.4g}") == worst
            assert bool(line["outside"]) == (row.share is not None and not row.share <= 1)
        assert all(a <= b for a, b in zip(one["least"], one["most"], strict=True) if a is not None)


# the exhibit


def test_routes_and_backends_without_values_have_no_line(backends: dict[str, Backend]) -> None:
    def broken(x: np.ndarray, values: np.ndarray) -> None:
        raise ValueError("no table")

    scan = Scan("tanh", "float32")
    findings = run_scan(scan, [Planted(broken), backends["reference"], backends["torch"]])
    for one in binned(scan, findings, ["planted", "reference"]):
        assert [line["backend"] for line in one["lines"]] == ["reference"]
    assert exhibit(binned(scan, findings, ["planted"])) == {"formats": {}, "scans": []}


def test_a_run_gives_the_bins_of_its_backends_and_not_of_its_routes() -> None:
    scans = [Scan("tanh", "float16"), Scan("hardswish", "float32")]
    outcome = run([], ["reference"], scans=scans, routes=["torch"])
    told = exhibit(outcome.binned)
    assert [(one["activation"], one["dtype"], one["quantity"]) for one in told["scans"]] == [
        (scan.activation, scan.dtype, quantity) for scan in scans for quantity in ("activation", "derivative")
    ]
    assert {line["backend"] for one in told["scans"] for line in one["lines"]} == {"reference"}
    for one in told["scans"]:
        its = told["formats"][one["dtype"]]
        assert {len(one["least"]), len(one["lines"][0]["ulps"])} == {2 * len(its["exponents"]) - 1}
    assert json.loads(json.dumps(encode(told))) == told
