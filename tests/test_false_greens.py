"""Checkers that do not check, as found in public code: each passes a wrong gradient here, which the gate refuses.

The checks are rebuilt in a few lines; where a library's own has the flaw, it is that one. They are in the order of
the list "What to avoid" of the project's style guide; its last item, about the source tree, is ``test_layout.py``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cases.case import Array, Case, make_case
from cases.known import Deviation, deviations
from harness.backends import Evaluation
from harness.backends.reference import matrix
from harness.known import installed
from harness.peers import Question
from harness.peers.jax import reverse
from harness.peers.networks import deck, first_unit_at, long
from harness.peers.torch import assert_close, gradcheck
from harness.run import run
from harness.scan import Scan
from harness.stack import Stack
from reports.verdict import Verdict

FINE = {Verdict.EXACT, Verdict.ROUNDING}

Change = Callable[[list[Array]], Sequence[Any]]
"""From the correct gradients to wrong ones, each with the stack's axis first."""


@dataclass(frozen=True)
class Wrong:
    """The reference, with other gradients."""

    change: Change
    name: str = "mine"

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Evaluation:
        found = matrix.evaluate(stack)
        return replace(found, gradients=self.change([g.copy() for g in found.gradients or ()]))


def evaluated(backend: Any, case: Case) -> Evaluation:
    found: Evaluation = backend.evaluate(Stack((case,)))
    return found


def pairs(backend: Any, case: Case) -> list[tuple[Any, Array]]:
    """(found, expected) for each layer of weights; a list that is too short ends it."""
    found, expected = (evaluated(b, case).gradients or () for b in (backend, matrix))
    return list(zip(found, expected, strict=False))


# the networks


def wide() -> Case:
    """40-30-3, where a tolerance that grows with the size is a large one."""
    rng = np.random.default_rng(40)
    weights = [rng.uniform(-1, 1, shape) for shape in pairwise((40, 30, 3))]
    return make_case("wide", "tanh", "prediction", "float64", rng.uniform(-1, 1, (1, 40)), np.zeros((1, 3)), weights)


def small() -> Case:
    """2-1, whose gradients are ±4e-5."""
    return make_case("small", "identity", "prediction", "float64", [[2e-5, -2e-5]], [[1.0]], [[[1.0], [0.5]]])


def large() -> Case:
    """2-1, whose gradients are −200 and 400."""
    return make_case("large", "identity", "prediction", "float64", [[1.0, -2.0]], [[100.0]], [[[0.0], [0.0]]])


def opposite() -> Case:
    """2-1, whose gradients are [1, −1]."""
    return make_case("opposite", "identity", "prediction", "float64", [[0.5, -0.5]], [[-1.0]], [[[1.0], [1.0]]])


def dead() -> Case:
    """2-2-1 with ReLU, one hidden unit off: its gradients are exactly 0."""
    weights = [[[-1.0, 0.5], [-1.0, 0.25]], [[0.5], [2.0]]]
    return make_case("dead", "relu", "prediction", "float64", [[1.0, 2.0]], [[1.0]], weights)


def saturated(I: float) -> Case:
    """1-1-1 with sigmoid at I, where ∂ℰ/∂W is σ'(I)."""
    return make_case("far", "sigmoid", "prediction", "float64", [[1.0]], [[np.sign(I) / 2]], [[[I]], [[1.0]]])


# the checks


def forward_twice(backend: Any, case: Case) -> bool:
    """A loop over the gradients, in which the output is compared (SmallPebble)."""
    mine, theirs = evaluated(backend, case), evaluated(matrix, case)
    return all(np.allclose(mine.output, theirs.output) for _ in theirs.gradients or ())


def no_difference_exceeds(backend: Any, case: Case) -> bool:
    """``diff > tol`` fails, so NaN does not; ∞/∞ neither (gradbench)."""
    with np.errstate(invalid="ignore"):
        relative = [np.abs(a - b) / np.maximum(np.abs(a), np.abs(b)) for a, b in pairs(backend, case)]
        return not any((diff > 1e-6).any() for diff in relative)


def floor_of_one(backend: Any, case: Case) -> bool:
    """A denominator of at least 1 (gradbench)."""
    return all(np.max(np.abs(a - b) / np.maximum(1, np.abs(b))) < 1e-4 for a, b in pairs(backend, case))


def equal_means(backend: Any, case: Case) -> bool:
    """Means of tensors (PaDiff)."""
    return all(np.isclose(np.mean(a), np.mean(b)) for a, b in pairs(backend, case))


def without_nan(backend: Any, case: Case) -> bool:
    """NaN is 0 (tangent)."""
    return all(np.allclose(np.nan_to_num(a), np.nan_to_num(b)) for a, b in pairs(backend, case))


def common_layers(backend: Any, case: Case) -> bool:
    """``zip`` ends with the shorter list."""
    return all(np.allclose(a, b) for a, b in pairs(backend, case))


def common_rows(backend: Any, case: Case) -> bool:
    """The same inside a matrix."""
    return all(np.allclose(row, its) for a, b in pairs(backend, case) for row, its in zip(a[0], b[0], strict=False))


def until_none(backend: Any, case: Case) -> bool:
    """None means that there is nothing more to compare (NNSmith)."""
    for a, b in pairs(backend, case):
        if a is None:
            return True
        if not np.allclose(a, b):
            return False
    return True


def by_size(backend: Any, case: Case) -> bool:
    """atol times the number of entries (chex)."""
    return all(np.allclose(a, b, atol=0.01 * b.size) for a, b in pairs(backend, case))


def one_tolerance(backend: Any, case: Case) -> bool:
    """rtol is asked for, and atol is used for both."""

    def close(a: Array, b: Array, rtol: float, atol: float) -> bool:
        return np.allclose(a, b, rtol=atol, atol=atol)

    return all(close(a, b, rtol=1e-12, atol=1e-3) for a, b in pairs(backend, case))


def against_float32(backend: Any, case: Case) -> bool:
    """The expected numbers are float32, so what differs is called rounding."""
    narrow = make_case("n", case.activation, case.task, "float32", case.x, case.target, case.weights)
    theirs = evaluated(matrix, narrow).gradients or ()
    return all(np.allclose(a, b, rtol=1e-5) for (a, _), b in zip(pairs(backend, case), theirs, strict=True))


def itself(backend: Any, case: Case) -> bool:
    """Two runs of the same route."""
    first, second = (evaluated(backend, case).gradients or () for _ in range(2))
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def listed(backend: Any, case: Case) -> bool:
    """A list of what is known to differ, whose members are not compared."""
    return case.activation in ("softplus", "hardsigmoid") or common_layers(backend, case)


def asked(peer: Callable[[Question], Any]) -> Callable[[Any, Case], bool]:
    """A library's own check."""

    def check(backend: Any, case: Case) -> bool:
        gradients = tuple(g[0] for g in evaluated(backend, case).gradients or ())
        return bool(peer(Question("", "", case, gradients, correct=False)).passes)

    return check


# what is wrong


def negated(gradients: list[Array]) -> list[Array]:
    return [-g for g in gradients]


def scaled(factor: float) -> Change:
    return lambda gradients: [factor * g for g in gradients]


def first_negated(gradients: list[Array]) -> list[Array]:
    return [-gradients[0], *gradients[1:]]


def permuted(gradients: list[Array]) -> list[Array]:
    return [np.roll(g.reshape(1, -1), 1).reshape(g.shape) for g in gradients]


def filled(value: float, where: Callable[[Array], Any] = np.isfinite) -> Change:
    return lambda gradients: [np.where(where(g), value, g) for g in gradients]


@dataclass(frozen=True)
class Flaw:
    """A check, a gradient that it lets pass, and the verdicts of the gradients of each layer of weights."""

    check: Callable[[Any, Case], bool]
    case: Case
    wrong: Change
    verdicts: tuple[str, ...] = ("violation", "violation")
    name: str = "mine"


DECK = deck("prediction")

FLAWS = {
    "the forward value twice": Flaw(forward_twice, DECK, negated),
    "diff > tol, NaN": Flaw(no_difference_exceeds, DECK, filled(np.nan), ("nonfinite", "nonfinite")),
    "diff > tol, infinity": Flaw(no_difference_exceeds, DECK, filled(np.inf), ("nonfinite", "nonfinite")),
    "a floor of 1": Flaw(floor_of_one, small(), negated, ("violation",)),
    "check_grads, a long vector in float32": Flaw(asked(reverse), long(), negated, ("violation",)),
    "assert_close in float32 below 1e-5": Flaw(asked(assert_close), long(), negated, ("violation",)),
    "means, [1, -1]": Flaw(equal_means, opposite(), permuted, ("violation",)),
    "means": Flaw(equal_means, DECK, permuted),
    "nan_to_num": Flaw(without_nan, dead(), filled(np.nan, lambda g: g == 0), ("nonfinite", "nonfinite")),
    "zip of layers": Flaw(common_layers, DECK, lambda gradients: gradients[:1], ("malformed", "malformed")),
    "zip of rows": Flaw(common_rows, DECK, lambda gradients: [g[:, :1] for g in gradients], ("malformed", "malformed")),
    "None ends it": Flaw(until_none, DECK, lambda gradients: [None, -gradients[1]], ("malformed", "violation")),
    "tolerance by size": Flaw(by_size, wide(), first_negated, ("violation", "fine")),
    "rtol replaced by atol": Flaw(one_tolerance, large(), scaled(1.0005), ("violation",)),
    "float64 against float32": Flaw(against_float32, DECK, scaled(1 + 1e-6)),
    "float32 against float64": Flaw(
        common_layers, DECK, lambda gradients: [g.astype(np.float32) for g in gradients], ("malformed", "malformed")
    ),
    "two runs of one route": Flaw(itself, DECK, negated),
    "saturated, 13": Flaw(asked(gradcheck), saturated(13.0), first_negated, ("violation", "fine")),
    "saturated, -13": Flaw(asked(gradcheck), saturated(-13.0), first_negated, ("violation", "fine")),
    "saturated, 30": Flaw(asked(gradcheck), saturated(30.0), first_negated, ("violation", "fine")),
    "saturated, -700": Flaw(asked(gradcheck), saturated(-700.0), first_negated, ("violation", "fine")),
    "a list of exceptions": Flaw(
        listed, first_unit_at(21.0, "softplus"), first_negated, ("violation", "fine"), name="torch-x"
    ),
}  # fmt: skip

each_flaw = pytest.mark.parametrize("flaw", FLAWS.values(), ids=FLAWS)


@each_flaw
def test_the_flawed_check_passes_what_is_wrong(flaw: Flaw) -> None:
    assert flaw.check(Wrong(flaw.wrong), flaw.case)
    assert flaw.check(matrix, flaw.case), "and what is right, as a check should"


@each_flaw
def test_the_gate_refuses_it(flaw: Flaw) -> None:
    outcome = run([flaw.case], [Wrong(flaw.wrong, flaw.name)], observers=(), mistakes=False)
    assert outcome.answer.exit_code == 1
    assert [failure.backend for failure in outcome.answer.failures] == [flaw.name]
    found = [row.verdict for row in outcome.rows if row.quantity == "gradient"]
    assert ["fine" if verdict in FINE else str(verdict) for verdict in found] == list(flaw.verdicts)
    assert {row.verdict for row in outcome.rows if row.quantity != "gradient"} <= FINE


@each_flaw
def test_the_gate_passes_what_is_right(flaw: Flaw) -> None:
    outcome = run([flaw.case], [Wrong(lambda gradients: gradients, flaw.name)], observers=(), mistakes=False)
    assert (outcome.answer.exit_code, outcome.answer.failures) == (0, ())


def test_gradcheck_sees_the_wrong_sign_as_long_as_the_slope_is_above_its_tolerance() -> None:
    """So it is the saturation that hides it."""
    for I in (12.0, -12.0):
        assert not asked(gradcheck)(Wrong(first_negated), saturated(I))


# expected failures


@pytest.mark.parametrize("line", ["assert 1 == 1", "assert float('nan') == 1"], ids=["fixed", "wrong in another way"])
def test_a_lenient_expected_failure_passes_whatever_happens(tmp_path: Path, line: str) -> None:
    path = tmp_path / "test_lenient.py"
    path.write_text(f"import pytest\n\n@pytest.mark.xfail(strict=False)\ndef test_known():\n    {line}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-c", "/dev/null"]
    ran = subprocess.run([*command, str(path)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_expected_failures_of_these_tests_are_strict(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.getini("xfail_strict") is True


@pytest.mark.parametrize(
    ("change", "found"), [(scaled(1.0), "rounding"), (filled(np.nan), "nonfinite")], ids=["fixed", "another way"]
)
def test_an_expected_violation_is_strict_both_ways(change: Change, found: str) -> None:
    case = replace(DECK, expect="violation")
    answer = run([case], [Wrong(change)], observers=(), mistakes=False).answer
    assert answer.exit_code == 1
    assert answer.failures[0].reason.startswith(f"expected violation, found {found}: ")
    assert run([case], [Wrong(negated)], observers=(), mistakes=False).answer.exit_code == 0
    assert run([DECK], [Wrong(negated)], observers=(), mistakes=False).answer.exit_code == 1


def test_a_known_deviation_that_nobody_sees_any_more_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    stale = Deviation(
        id="stale", activation="softplus", backend="torch", versions=">=0", dtype="float64",
        of="value", x=((-3.0, -2.0),), limit=1024.0, what="fixed since",
    )  # fmt: skip
    scan = [Scan("softplus", "float64")]
    assert run([], ["torch"], scans=scan, mistakes=False).answer.exit_code == 0
    for module in ("check", "engine", "run"):
        monkeypatch.setattr(f"harness.{module}.deviations", lambda: (*deviations(), stale))
    answer = run([], ["torch"], scans=scan, mistakes=False).answer
    assert answer.exit_code == 1
    gone = f"known deviation stale is gone in torch {installed('torch')}: "
    assert [failure.reason.startswith(gone) for failure in answer.failures] == [True]
