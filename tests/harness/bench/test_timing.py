"""Taking turns on made-up clocks: order, medians, ratios of the same round, and how often a task is called."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from harness.bench.served import MOST_CALLS, Stopwatch, Task
from harness.bench.timing import Series, Taken, alternate
from reports.bench.record import CPU, WALL


def contestant(name: str, seconds: list[float], said: list[str]) -> Callable[[], Taken]:
    """One that takes so many seconds in each of its turns, and half of them of the processor."""
    its = iter(seconds)

    def turn() -> Taken:
        said.append(name)
        taken = next(its)
        return Taken(taken, taken / 2)

    return turn


def test_contestants_take_turns_in_every_round() -> None:
    said: list[str] = []
    a, b = contestant("a", [1.0] * 3, said), contestant("b", [2.0] * 3, said)
    series = alternate("s", {"a": a, "b": b}, 3, said.append)
    assert [word for word in said if len(word) == 1] == ["a", "b"] * 3
    assert said[0] == "s: round 1 of 3" and said[-3] == "s: round 3 of 3"
    assert {name: len(its) for name, its in series.turns.items()} == {"a": 3, "b": 3}


@pytest.fixture
def drifting() -> Series:
    """A machine that grows slower and slower: a is always twice b, but in one round in which b is disturbed."""
    b = [1.0, 10.0, 3.0, 4.0, 500.0]
    a = [2.0, 20.0, 6.0, 8.0, 10.0]
    return alternate("s", {"a": contestant("a", a, []), "b": contestant("b", b, [])}, 5, lambda text: None)


def test_a_ratio_is_the_median_of_the_rounds_own(drifting: Series) -> None:
    ratio = drifting.ratio("a", "b")
    assert ratio.values == (2.0, 2.0, 2.0, 2.0, 10 / 500)
    assert ratio.median == 2.0
    figures = {(one.name, one.quantity): one for one in drifting.figures()}
    assert (figures["a", WALL].median, figures["b", WALL].median) == (8.0, 4.0)
    assert (figures["a", CPU].median, figures["a", WALL].spread) == (4.0, (6.0, 10.0))


def test_the_faster_of_others_may_be_another_in_every_round() -> None:
    turns = {"a": [6.0, 6.0], "b": [1.0, 3.0], "c": [2.0, 2.0]}
    contestants = {name: contestant(name, its, []) for name, its in turns.items()}
    ratio = alternate("s", contestants, 2, lambda text: None).over_faster("a", ["b", "c"])
    assert (ratio.values, ratio.against) == ((6.0, 3.0), "the faster of b and c")


def test_processor_time_is_held_against_processor_time() -> None:
    series = Series("s", {"a": [Taken(1.0, 3.0)], "b": [Taken(2.0, 1.0)], "c": [Taken(1.0, 0.0)]})
    assert series.ratio("a", "b", CPU).values == (3.0,)
    assert series.over_faster("a", ["b", "c"]).values == (1.0,)
    assert math.isnan(series.ratio("a", "c", CPU).values[0]), "so short that the system counted no time"


@dataclass
class Clock:
    """A clock that a task moves."""

    now: float = 0.0
    calls: list[object] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def task(self, costs: Iterator[float]) -> Task:
        def do(one: object) -> None:
            self.calls.append(one)
            self.now += next(costs)

        return Task(do, prepare=lambda count: range(count))


def watch(costs: Callable[[], Iterator[float]]) -> tuple[Stopwatch, Clock]:
    clock = Clock()
    return Stopwatch(clock.task(costs()), clocks=(clock, clock)), clock


def test_a_task_is_called_until_the_time_is_filled_and_what_it_costs_is_one_call() -> None:
    def costs() -> Iterator[float]:
        yield 100.0  # the first call compiles
        while True:
            yield 0.25

    its, clock = watch(costs)
    assert its.turn(2.0) == Taken(0.25, 0.25)
    assert len(clock.calls) == 2 + 8
    its.turn(2.0)
    assert len(clock.calls) == 2 + 8 + 8, "as often as the first time, and no more warming up"


@pytest.mark.parametrize(("cost", "calls"), [(50.0, 1), (0.0, MOST_CALLS), (1e-9, MOST_CALLS)])
def test_a_task_is_called_once_at_least_and_not_for_ever(cost: float, calls: int) -> None:
    def costs() -> Iterator[float]:
        while True:
            yield cost

    its, clock = watch(costs)
    its.turn(0.25)
    assert len(clock.calls) == 2 + calls


def test_what_prepares_a_task_is_not_counted() -> None:
    clock = Clock()

    def prepare(count: int) -> list[None]:
        clock.now += 1000.0
        return [None] * count

    def do(_: None) -> None:
        clock.now += 0.5

    its = Stopwatch(Task(do, prepare), clocks=(clock, clock))
    assert its.turn(1.0).seconds == 0.5
