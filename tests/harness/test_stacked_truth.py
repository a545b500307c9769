"""The truth of a stack by pairs holds every exact ball, and is left to balls where it does not say enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb

from cases.adversarial import networks
from cases.case import ACTIVATIONS, TASKS, Case, make_case
from cases.loader import catalogue, load
from harness.accuracy import ACCURACY
from harness.judge import Judge
from harness.nodes import sigma
from harness.numbers.pair_jets import sigma as of_pairs
from harness.numbers.pairs import Pairs, two_sum
from harness.numbers.running_sigma import MEMBERS
from harness.stack import Stack, stacks
from harness.stacked_truth import by_pairs, exact_values
from harness.standards import quantities
from harness.truth import Exact, graph, truth
from harness.truth import quantities as balls_of

DTYPES = ("float64", "float32", "bfloat16", "float16")

BITS = 1024


def wanted(stack: Stack, member: str = "left") -> dict[Any, np.ndarray]:
    return {q: limit.bound for q, limit in quantities(Judge(stack).limits[member])}


def outside(found: Exact, balls: Sequence[arb]) -> float:
    """By how much the worst exact number is outside, in radii; infinity where something has none, and should.

    A ball of many bits has a radius too, which is nothing beside that of pairs, but more than none.
    """
    worst = 0.0
    parts = zip(found.high.flat, found.low.flat, found.radius.flat, balls, strict=True)
    for high, low, radius, ball in parts:
        error = abs(ball.mid() - arb(float(high)) - arb(float(low)))
        if not error.upper() <= arb(float(radius)) + ball.rad():
            worst = max(worst, float((error / float(radius)).upper()) if radius else np.inf)
    return worst


def held(stack: Stack) -> tuple[int, int]:
    """How many truths pairs determine of a stack, and how many not; each is held against balls of many bits."""
    judge, known, left = Judge(stack), 0, 0
    for member, limits in judge.limits.items():
        found, fine = by_pairs(stack, {q: limit.bound for q, limit in quantities(limits)}, member)
        known, left = known + int(fine.sum()), left + int((~fine).sum())
        for k in np.flatnonzero(fine):
            case = stack.cases[k]
            with flint.ctx.workprec(BITS):
                matrices = balls_of(graph(case, member), case.learning_rate)
                for (quantity, its), matrix in zip(found.items(), matrices, strict=True):
                    one = Exact(its.high[k], its.low[k], its.radius[k])
                    assert outside(one, matrix.entries()) == 0, (case.name, member, quantity)
    return known, left


# σ


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_sigma_and_its_slope_are_those_of_balls(name: str, member: str) -> None:
    rng = np.random.default_rng(5)
    kinks = np.array([0.0, -1.0, 1.0, -3.0, 3.0, 2.0**-1060, -1e-300])
    some = rng.uniform(-8, 8, 40)
    x = np.concatenate((kinks, np.nextafter(kinks, 9), np.nextafter(kinks, -9), some))
    high, low = two_sum(x, np.where(np.isin(x, some), rng.uniform(-1, 1, x.shape) * np.spacing(x) / 2, 0.0))
    with np.errstate(all="ignore"):
        found = [part.bounded for part in of_pairs(name, Pairs(high, low, np.zeros(x.shape)), member)]
    with flint.ctx.workprec(BITS):
        for k in range(len(x)):
            exact = sigma(name, arb(high[k]) + arb(low[k]), member)
            for its, ball in zip(found, exact, strict=True):
                assert outside(Exact(its.high[k], its.low[k], its.radius[k]), [ball]) == 0, x[k]
                assert its.radius[k] <= 2.0**-95 * max(1.0, abs(x[k]))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_next_to_a_kink_sigma_says_nothing_and_elsewhere_holds_all_that_it_may_be(name: str) -> None:
    radius, kinks = 2.0**-85, ACCURACY[name].kinks
    for x in (0.0, -1.0, 1.0, -3.0, 3.0, 0.7):
        with np.errstate(all="ignore"):
            found = [part.bounded for part in of_pairs(name, Pairs(*np.array([[x], [0.0], [radius]])))]
        assert np.isfinite(found[1].radius[0]) or x in kinks or x == 0
        for way in (-1, 0, 1):
            with flint.ctx.workprec(BITS):
                for its, ball in zip(found, sigma(name, arb(x) + way * arb(radius)), strict=True):
                    one = Exact(its.high, its.low, its.radius)
                    assert not np.isfinite(its.radius[0]) or outside(one, [ball]) == 0


# stacks


def drawn(draw: Callable[..., Case], activation: str, task: str, dtype: str) -> Iterator[Stack]:
    for widths, batch in (((3, 5, 2), 1), ((2, 4, 3, 3), 3)):
        yield Stack(
            tuple(draw(*widths, batch=batch, activation=activation, task=task, dtype=dtype, seed=n) for n in range(3))
        )


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_exact_ball_lies_inside(draw: Callable[..., Case], activation: str, task: str) -> None:
    for dtype in DTYPES:
        for stack in drawn(draw, activation, task, dtype):
            assert held(stack) == (3 * len(Judge(stack).limits), 0)


def edges() -> list[Case]:
    (path,) = (path for path in catalogue() if path.name == "edges.toml")
    return load([path])


def test_extremes_and_kinks_are_held_or_left_to_balls() -> None:
    known, left = np.sum([held(stack) for stack in stacks(edges()[::7])], axis=0)
    assert known > 5 * left > 0


@pytest.mark.long
def test_all_extremes_and_kinks_are_held_or_left_to_balls() -> None:
    known, left = np.sum([held(stack) for stack in stacks(edges())], axis=0)
    assert known > 5 * left > 0


@pytest.mark.parametrize("number", range(6, 21))
def test_adversarial_networks_are_held_or_left_to_balls(number: int) -> None:
    for cases in networks(number, 6, seed=3):
        for stack in stacks(cases):
            held(stack)


@pytest.mark.long
@pytest.mark.parametrize("number", range(2, 100))
def test_many_adversarial_networks_are_held_or_left_to_balls(number: int) -> None:
    for cases in networks(number, 24, seed=4):
        for stack in stacks(cases):
            held(stack)


def test_what_balls_know_to_be_zero_is_zero_or_left_to_them() -> None:
    for stack in stacks(edges()[::5]):
        limits = wanted(stack)
        found, fine = by_pairs(stack, limits, "left")
        for k in np.flatnonzero(fine):
            balls = dict(quantities(truth(stack.cases[k], [bound[k] for bound in limits.values()])))
            for q, its in found.items():
                exactly = (balls[q].high == 0) & (balls[q].low == 0) & (balls[q].radius == 0)
                assert np.array_equal(exactly, (its.high[k] == 0) & (its.radius[k] == 0))


# what is left to balls


def test_a_truth_that_cancels_is_left_to_balls() -> None:
    cases = [
        make_case("near", "identity", "prediction", "float64", [[1.0, rest]], [[1.0]], [[[1.0], [2.0**-300]]])
        for rest in (0.5, 2.0**-500)
    ]
    stack = Stack(tuple(cases))
    limits = {q: np.full(bound.shape, 2.0**-900) for q, bound in wanted(stack).items()}
    assert not by_pairs(stack, limits, "left")[1].any()
    found = exact_values(stack, limits)["gradient", 1]
    assert found.high[1, 0, 0] + found.low[1, 0, 0] == 2.0**-799


def small(draw: Callable[..., Case], count: int) -> Stack:
    return Stack(tuple(draw(3, 5, 2, seed=n) for n in range(count)))


def same(found: dict[Any, Exact], stack: Stack, limits: dict[Any, np.ndarray]) -> bool:
    """Whether all are what balls say, bit for bit."""
    balls = [dict(quantities(truth(c, [b[k] for b in limits.values()]))) for k, c in enumerate(stack.cases)]
    parts = ("high", "low", "radius")
    return all(
        np.array_equal(getattr(found[q], p)[k], getattr(balls[k][q], p))
        for q in found for k in range(len(balls)) for p in parts
    )  # fmt: skip


def test_balls_have_what_is_small_and_pairs_what_is_large(draw: Callable[..., Case]) -> None:
    few, many = small(draw, 1), small(draw, 40)
    assert same(exact_values(few, wanted(few)), few, wanted(few))
    assert not same(exact_values(many, wanted(many)), many, wanted(many))


def test_where_subnormal_numbers_are_flushed_balls_have_all(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.stacked_truth.gradual", lambda: False)
    stack = small(draw, 40)
    assert same(exact_values(stack, wanted(stack)), stack, wanted(stack))


def test_one_case_that_pairs_do_not_determine_leaves_the_others_to_them(draw: Callable[..., Case]) -> None:
    stack = small(draw, 40)
    limits = wanted(stack)
    limits["gradient", 1][7] = 2.0**-120
    _, fine = by_pairs(stack, limits, "left")
    assert not fine[7] and fine.sum() == 39
    found, narrow = exact_values(stack, limits), {q: bound[7:8] for q, bound in limits.items()}
    one = {q: Exact(its.high[7:8], its.low[7:8], its.radius[7:8]) for q, its in found.items()}
    assert same(one, Stack(stack.cases[7:8]), narrow)


def test_high_is_the_float64_next_to_the_exact_value(draw: Callable[..., Case]) -> None:
    """What a row prints as exact is the same number by either way."""
    for activation in ("sigmoid", "tanh", "gelu"):
        stack = Stack(tuple(draw(3, 5, 2, activation=activation, seed=n) for n in range(20)))
        found, _ = by_pairs(stack, wanted(stack), "left")
        for k, case in enumerate(stack.cases):
            balls = dict(quantities(truth(case, [b[k] for b in wanted(stack).values()])))
            for q, its in found.items():
                assert np.array_equal(its.high[k], balls[q].high)
                assert np.all(np.abs(its.low[k] - balls[q].low) <= its.radius[k] + np.spacing(np.abs(balls[q].low)))


def test_a_judge_of_other_cases_has_the_exact_values_of_those(draw: Callable[..., Case]) -> None:
    judge = Judge(small(draw, 40))
    part = judge.part([3, 30])
    for q, its in part.exact["left"].exact.items():
        assert np.array_equal(its.high, judge.exact["left"].exact[q].high[[3, 30]])
