"""The bound of a whole network: correct routes lie inside, kinks and overflow are recognised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cases.case import DTYPES, Case, make_case
from harness.backends import Backend, Evaluation
from harness.bound import bounds
from harness.judge import Judge
from harness.run import run
from harness.stack import Stack
from reports.verdict import Verdict

FINE = {Verdict.EXACT, Verdict.ROUNDING}


@dataclass(frozen=True)
class Route:
    """A correct implementation that computes by itself: forward and back, one step after the other."""

    scale: str = "first"
    product: Callable[[Any, Any], Any] = np.matmul
    flush: bool = False
    slope_at_zero: float = 0.0
    name: str = "route"

    def supports(self, case: Case) -> str | None:
        return None

    def evaluate(self, stack: Stack) -> Evaluation:
        with np.errstate(all="ignore"):
            return self._evaluate(stack)

    def _evaluate(self, stack: Stack) -> Evaluation:
        case, T = stack.first, np.dtype(DTYPES[stack.first.dtype]).type

        def r(a: Any) -> Any:
            a = np.asarray(a, T)
            return np.where(np.abs(a) < np.finfo(T).smallest_normal, T(0), a) if self.flush else a

        def mm(a: Any, b: Any) -> Any:
            return r(self.product(r(a), r(b)))

        kinds = [case.activation] * (len(stack.weights) - 1) + [
            "sigmoid" if case.task == "classification" else "identity"
        ]
        I, h = [], [r(stack.x)]
        for w, kind in zip(stack.weights, kinds, strict=True):
            I.append(mm(h[-1], w))
            h.append(
                r(
                    {"sigmoid": lambda v: 1 / (1 + np.exp(-v)), "relu": lambda v: v.clip(0), "identity": lambda v: v}[
                        kind
                    ](I[-1])
                )
            )
        e, count = r(h[-1] - r(stack.target)), T(h[-1][0].size)
        loss = r((e * e).sum(axis=(-2, -1)) / count)
        delta = {"first": e * (T(2) / count), "halves": (e / count) * 2, "last": e}[self.scale]
        gradients: list[Any] = []
        for w, kind, i, before, after in list(zip(stack.weights, kinds, I, h[:-1], h[1:], strict=True))[::-1]:
            slope = {
                "sigmoid": after * (1 - after),
                "relu": np.where(i == 0, T(self.slope_at_zero), (i > 0).astype(T)),
                "identity": np.ones_like(i),
            }[kind]
            delta = r(delta * slope)
            gradients.insert(0, mm(before.mT, delta))
            delta = mm(delta, w.mT)
        if self.scale == "last":
            gradients = [r(2 * r(g / count)) for g in gradients]
        updated = [r(r(w) - r(T(case.learning_rate) * g)) for w, g in zip(stack.weights, gradients, strict=True)]
        return Evaluation(h[-1], loss, gradients, updated)


def reversed_sums(a: Any, b: Any) -> Any:
    total = a[..., :, -1, None] * b[..., None, -1, :]
    for k in reversed(range(a.shape[-1] - 1)):
        total = total + a[..., :, k, None] * b[..., None, k, :]
    return total


def wider_sums(a: Any, b: Any) -> Any:
    return np.matmul(a.astype(np.longdouble), b.astype(np.longdouble)).astype(a.dtype)


ROUTES = {
    "plain": Route(),
    "scaled-last": Route("last"),
    "scaled-in-halves": Route("halves"),
    "reversed": Route(product=reversed_sums),
    "wider": Route("last", product=wider_sums),
    "flushed": Route(flush=True),
    "all-at-once": Route("last", reversed_sums, flush=True),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("route", ROUTES)
def test_correct_routes_of_every_kind_lie_inside(draw: Callable[..., Case], route: str, dtype: str) -> None:
    cases = [
        draw(*widths, batch=3, activation=activation, task=task, dtype=dtype, seed=seed, alpha=alpha)
        for widths in ((4, 7, 3), (2, 3, 4, 3, 2, 1))
        for activation in ("sigmoid", "relu", "identity")
        for task in ("classification", "prediction")
        for alpha in (0.1, 100.0)
        for seed in range(4)
    ]
    outcome = run(cases, [ROUTES[route]], mistakes=False)
    assert [(row.case, row.detail) for row in outcome.rows if row.verdict not in FINE] == []
    assert all(row.share is not None and row.share <= 1 for row in outcome.rows)


def test_a_result_beyond_the_bound_of_its_own_precision_is_outside(draw: Callable[..., Case]) -> None:
    """A float64 answer computed in float32: what a route without the right precision comes to."""
    cases = [draw(4, 7, 3, batch=3, seed=seed) for seed in range(4)]

    def half_width(a: Any, b: Any) -> Any:
        return np.matmul(a.astype(np.float32), b.astype(np.float32))

    outcome = run(cases, [Route(product=half_width)], mistakes=False)
    assert outcome.answer.exit_code == 1
    assert {row.quantity for row in outcome.rows if row.verdict == Verdict.VIOLATION} == {
        "output", "loss", "gradient", "update"
    }  # fmt: skip


def test_the_bound_does_not_depend_on_who_shares_the_stack(draw: Callable[..., Case]) -> None:
    cases = [draw(3, 4, 3, seed=seed, activation="relu") for seed in range(3)]
    together, alone = bounds(Stack(tuple(cases))), [bounds(Stack((case,))) for case in cases]
    for k, single in enumerate(alone):
        assert np.array_equal(together.gradients[0].bound[k], single.gradients[0].bound[0])
        assert np.array_equal(together.updated[1].bound[k], single.updated[1].bound[0])


# kinks


def relu_case(column: list[float], x: list[float], **extra: Any) -> Case:
    """One hidden unit with this pre-activation beside one that is on; three outputs."""
    weights = [[[c, 1.0] for c in column], [[0.7, -0.3, 0.2], [0.1, 0.9, -0.4]]]
    return make_case(
        "kink", "relu", "prediction", extra.pop("dtype", "float64"), [x], [[0.5, 0.25, -1.0]], weights, **extra
    )


def kink(case: Case) -> tuple[bool, bool]:
    found = bounds(Stack((case,)))
    return bool(found.on_kink[0]), bool(found.near_kink[0])


CANCELLING = [1.0, 2.0**-60, -1.0, -(2.0**-60)]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_zero_in_every_order_is_on_the_kink_and_zero_by_cancellation_is_near_it(dtype: str) -> None:
    assert kink(relu_case([2.0, -1.0], [1.0, 2.0], dtype=dtype)) == (True, False)
    assert kink(relu_case([0.0, 0.0], [0.1, 0.3], dtype=dtype)) == (True, False)
    assert kink(relu_case(CANCELLING, [1.0] * 4, dtype=dtype)) == (False, True)
    assert kink(relu_case([2.0, -1.5], [1.0, 2.0], dtype=dtype)) == (False, False)
    assert kink(relu_case([2.0**-140, 0.0], [1.0, 1.0], dtype=dtype)) == (False, dtype == "float32")


def test_on_a_kink_each_member_is_a_standard_and_elsewhere_there_is_one() -> None:
    cases = (relu_case([2.0, -1.0], [1.0, 2.0]), relu_case([2.0, -1.5], [1.0, 2.0]))
    assert [list(s) for s in Judge(Stack(cases)).standards] == [["left", "right", "mean"], ["left"]]


@pytest.mark.parametrize(("slope", "member"), [(0.0, "left"), (1.0, "right"), (0.5, "mean")])
def test_on_a_kink_a_legal_derivative_is_a_convention_with_its_name(slope: float, member: str) -> None:
    rows = run([relu_case([2.0, -1.0], [1.0, 2.0])], [Route(slope_at_zero=slope)], mistakes=False).rows
    first = next(row for row in rows if (row.quantity, row.layer) == ("gradient", 1))
    assert (first.verdict, first.detail) == (Verdict.CONVENTION, member)


def test_a_legal_derivative_is_no_violation_where_its_effect_is_below_the_bound() -> None:
    """The output error is a sum that cancels: left gives exactly 0, right a number smaller than its bound."""
    weights = [[[1.0, 0.5, 0.5], [-1.0, 0.25, 0.25]], [[0.7], [1000 / 3], [-1000 / 3]]]
    case = make_case("lost", "relu", "prediction", "float64", [[1.0, 1.0]], [[1e-14]], weights)
    rows = run([case], [Route(slope_at_zero=1.0)], mistakes=False).rows
    first = next(row for row in rows if (row.quantity, row.layer) == ("gradient", 1))
    assert (first.verdict, first.detail) == (Verdict.CONVENTION, "right, mean")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_near_a_kink_both_branches_pass_as_rounding(dtype: str, frameworks: list[Backend]) -> None:
    case = relu_case(CANCELLING, [1.0] * 4, dtype=dtype)
    for route in (Route(slope_at_zero=0.0), Route(slope_at_zero=1.0), Route(product=reversed_sums)):
        outcome = run([case], [route, *frameworks], mistakes=False)
        assert {row.verdict for row in outcome.rows if row.quantity != "gradient"} <= FINE | {Verdict.BLIND}
        assert outcome.answer.exit_code == 0
    signs = {
        np.sign(product(np.ones((1, 4)), np.array(CANCELLING)[:, None]).item())
        for product in (np.matmul, reversed_sums)
    }
    assert len(signs) > 1, "the two orders take different branches, so this test is about something"


def test_a_derivative_that_belongs_to_no_branch_is_outside_even_near_a_kink() -> None:
    case = relu_case(CANCELLING, [1.0] * 4)
    assert run([case], [Route(slope_at_zero=0.0)], mistakes=False).answer.exit_code == 0
    wrong = Route(slope_at_zero=5.0, product=lambda a, b: np.where(np.abs(a @ b) < 2.0**-50, 0.0, a @ b))
    assert run([case], [wrong], mistakes=False).answer.exit_code == 1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_backend_that_flushes_a_subnormal_input_passes(dtype: str, frameworks: list[Backend]) -> None:
    tiny = float(np.finfo(DTYPES[dtype]).smallest_normal) / 8
    case = relu_case([1.0, 0.5], [tiny, tiny], dtype=dtype)
    outcome = run([case], [Route(), Route(flush=True, name="flushing"), *frameworks], mistakes=False)
    assert not [row for row in outcome.rows if row.verdict in (Verdict.VIOLATION, Verdict.NONFINITE)]


# range


def test_an_exact_value_beyond_float64_is_range_and_raises_no_warning() -> None:
    """2^600·2^600: the truth itself, as a pair of float64, is infinity less infinity."""
    case = make_case("beyond", "identity", "prediction", "float64", [[2.0**600]], [[0.0]], [[[2.0**600]]])
    outcome = run([case], [Route()], mistakes=False)
    assert {row.verdict for row in outcome.rows if row.quantity != "update"} == {Verdict.RANGE}
    assert outcome.answer.exit_code == 1


def test_a_square_that_overflows_float32_is_range_and_not_nonfinite() -> None:
    """Σe² = 6e38 is no float32, although the loss, 2e38, is one."""
    target = [[1.4e19, -1.4e19, 1.4e19]]
    small, big = (
        make_case("far", "identity", "prediction", dtype, [[1.0]], target, [[[1.0, 1.0, 1.0]]])
        for dtype in ("float32", "float64")
    )
    assert bounds(Stack((small,))).loss.range.all() and not bounds(Stack((big,))).loss.range.any()
    outcome = run([small, big], [Route()], mistakes=False)
    found = {(row.dtype, row.quantity): row.verdict for row in outcome.rows}
    assert found["float32", "loss"] == Verdict.RANGE
    assert found["float64", "loss"] in FINE
    assert outcome.answer.exit_code == 1 and "range: loss" in outcome.answer.failures[0].reason
