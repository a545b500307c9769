"""The scan: its points, what it skips, and a wrong activation found with its x."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest

from cases.case import DTYPES, Case
from harness import scan as scan_module
from harness.accuracy import ACCURACY
from harness.backends import Backend, Pointwise
from harness.backends.reference import matrix
from harness.gate import gate
from harness.known import judged_scan
from harness.numbers.running_sigma import RunningSigma
from harness.precision import PRECISIONS
from harness.scan import Finding, Scan, curves, points, run_scan
from harness.stack import Stack
from reports.verdict import Verdict

each_dtype = pytest.mark.parametrize("dtype", DTYPES)

Spoil = Callable[[np.ndarray, np.ndarray], Any]
"""From x and the right values to wrong ones."""


@dataclass(frozen=True)
class Fake:
    """The reference's activations, spoiled: part 0 is the value, part 1 the derivative."""

    spoil: Spoil
    part: int = 0
    name: str = "fake"
    seen: list[np.ndarray] = field(default_factory=list)

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Any:
        raise NotImplementedError

    def pointwise(self, activation: str, x: np.ndarray) -> Any:
        found = matrix.pointwise(activation, x)
        assert found is not None
        pair = list(found)
        pair[self.part] = self.spoil(x.astype(np.float64), pair[self.part].copy())
        return pair[0], pair[1]


def found(spoil: Spoil, activation: str, dtype: str, part: int = 0) -> tuple[Finding, Finding]:
    value, slope = run_scan(Scan(activation, dtype), [Fake(spoil, part)])
    assert (value.quantity, slope.quantity) == ("activation", "derivative")
    return value, slope


@pytest.fixture(scope="module", autouse=True)
def every_curve_once() -> Iterator[None]:
    """Keep more curves than a run needs: tests come in any order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan_module, "curves", cache(curves.__wrapped__))
        yield


def untouched(x: np.ndarray, values: np.ndarray) -> np.ndarray:
    return values


# findings


@each_dtype
@pytest.mark.parametrize("activation", ["sigmoid", "gelu", "selu", "hardtanh", "softsign"])
def test_a_right_backend_has_nothing_wrong(activation: str, dtype: str) -> None:
    for finding in found(untouched, activation, dtype):
        assert not finding.wrong.any()
        assert finding.row.verdict in (Verdict.EXACT, Verdict.ROUNDING)
        assert (finding.row.case, finding.row.task) == (Scan(activation, dtype).name, None)


def at(place: float, change: Callable[[Any], Any]) -> Spoil:
    def spoil(x: np.ndarray, values: np.ndarray) -> np.ndarray:
        values[x == place] = change(values[x == place])
        return values

    return spoil


@each_dtype
@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("place", [1.0, -6.0, 3.0])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "silu", "softplus"])
def test_one_wrong_point_is_found_with_its_x(activation: str, place: float, part: int, dtype: str) -> None:
    both = found(at(place, lambda v: (3 * v.astype(float) + 1).astype(v.dtype)), activation, dtype, part)
    finding, other = both[part], both[1 - part]
    assert finding.row.verdict == Verdict.VIOLATION and not other.wrong.any()
    assert points(dtype)[finding.wrong].astype(float).tolist() == [place]
    assert finding.row.worst_index is not None and float(points(dtype)[finding.row.worst_index[0]]) == place
    assert finding.row.detail.startswith(f"at x = {place!r}: 1 of ")
    failure = gate([], [judged_scan(finding, ())], {}).failures[0]
    assert failure.backend == "fake" and f"at x = {place!r}" in failure.reason


WRONG: dict[str, tuple[str, int, Spoil]] = {
    "the other GELU": ("gelu", 0, lambda x, v: matrix.pointwise("gelu_tanh", x.astype(v.dtype))[0]),
    "relu for leaky_relu": ("leaky_relu", 0, lambda x, v: np.maximum(x, 0).astype(v.dtype)),
    "sigmoid' from y(1 + y)": ("sigmoid", 1, lambda x, v: (v.astype(float) * 1.1).astype(v.dtype)),
    "a threshold of 20 in the slope": ("elu", 1, lambda x, v: np.where(x > 20, 0, v).astype(v.dtype)),
}


@each_dtype
@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_activation_is_found(mistake: str, dtype: str) -> None:
    activation, part, spoil = WRONG[mistake]
    if mistake == "the other GELU" and dtype in ("bfloat16", "float16"):
        assert not found(spoil, activation, dtype, part)[part].wrong.any()  # what rounding hides (NUMERICS)
        return
    finding = found(spoil, activation, dtype, part)[part]
    assert finding.row.verdict == Verdict.VIOLATION
    assert finding.wrong.sum() > 20


@each_dtype
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf], ids=str)
@pytest.mark.parametrize("part", [0, 1])
def test_what_is_no_number_is_found(part: int, poison: float, dtype: str) -> None:
    finding = found(at(1.0, lambda v: v.dtype.type(poison)), "silu", dtype, part)[part]
    assert finding.row.verdict == Verdict.NONFINITE
    assert points(dtype)[finding.wrong].astype(float).tolist() == [1.0]
    assert not np.isfinite(finding.worst[finding.wrong]).any()


@each_dtype
@pytest.mark.parametrize("name", [name for name, row in ACCURACY.items() if row.kinks])
def test_a_legal_derivative_on_a_kink_is_not_judged_and_beside_it_it_is(name: str, dtype: str) -> None:
    x, p = points(dtype).astype(np.float64), PRECISIONS[dtype]
    skipped = curves(Scan(name, dtype))["derivative"].skipped
    for kink in ACCURACY[name].kinks:
        assert skipped[x == kink].all()
        legal = RunningSigma(name, "mean").at_kink(kink)
        finding = found(at(kink, lambda v, legal=legal: v.dtype.type(legal)), name, dtype, 1)[1]
        assert not finding.wrong.any()
        assert not found(at(kink, lambda v: v), name, dtype, 0)[0].wrong.any()
    for beside in x[skipped]:
        assert min(abs(beside - k) / (p.smallest_normal + 4 * p.u * (1 + abs(k))) for k in ACCURACY[name].kinks) <= 1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_value_on_a_kink_is_judged(dtype: str) -> None:
    assert found(at(1.0, lambda v: v * 1.5), "hardtanh", dtype, 0)[0].wrong.any()


MALFORMED: dict[str, Any] = {
    "one number": lambda x, v: v[0],
    "one point short": lambda x, v: v[:-1],
    "another precision": lambda x, v: v.astype(np.float64 if v.dtype != np.float64 else np.float32),
    "a word": lambda x, v: "no",
    "a column": lambda x, v: v[:, None],
    "nothing": lambda x, v: None,
    "words": lambda x, v: np.full(v.shape, "no"),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_what_is_no_array_of_the_right_shape_and_precision_is_malformed(fault: str) -> None:
    value, slope = found(MALFORMED[fault], "tanh", "float32", 0)
    assert value.row.verdict == Verdict.MALFORMED and not slope.wrong.any()
    answer = gate([], [judged_scan(value, ())], {})
    assert answer.exit_code == 1


@pytest.mark.parametrize("result", [3.0, (), (np.zeros(3),), np.zeros(3)], ids=repr)
def test_what_is_no_pair_costs_its_own_scan_only(result: Any, backends: dict[str, Backend]) -> None:
    class Odd(Fake):
        def pointwise(self, activation: str, x: np.ndarray) -> Any:
            return result

    findings = run_scan(Scan("tanh", "float32"), [Odd(untouched), backends["reference"]])
    assert [f.backend for f in findings if f.row.verdict not in (Verdict.EXACT, Verdict.ROUNDING)] == ["fake"]
    assert [f.backend for f in findings].count("reference") == 2


def test_a_backend_that_raises_is_incomplete_and_the_others_are_scanned(backends: dict[str, Backend]) -> None:
    def broken(x: np.ndarray, values: np.ndarray) -> Any:
        raise ValueError("no table")

    findings = run_scan(Scan("tanh", "float32"), [Fake(broken), backends["reference"]])
    rows = [judged_scan(finding, ()) for finding in findings]
    assert [row.verdict for row in rows if row.backend == "fake"] == [Verdict.CRASHED]
    assert "ValueError: no table" in rows[0].detail
    answer = gate([], rows, {})
    assert answer.exit_code == 3 and [f.backend for f in answer.failures] == ["fake"]


def test_a_backend_without_pointwise_or_without_the_activation_is_not_scanned(backends: dict[str, Backend]) -> None:
    class Without(Fake):
        def pointwise(self, activation: str, x: np.ndarray) -> Any:
            return None

    assert not isinstance(backends["reference-neuron"], Pointwise)
    assert run_scan(Scan("tanh", "float32"), [backends["reference-neuron"], Without(untouched)]) == []


def test_a_backend_that_writes_into_its_points_spoils_nobody_elses(backends: dict[str, Backend]) -> None:
    class Writing(Fake):
        def pointwise(self, activation: str, x: np.ndarray) -> Any:
            result = super().pointwise(activation, x.copy())
            x[:] = 7
            return result

    findings = run_scan(Scan("tanh", "float32"), [Writing(untouched), backends["reference"]])
    assert not any(finding.wrong.any() for finding in findings)
