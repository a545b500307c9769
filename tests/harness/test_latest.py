"""What a backend has just found is given again for the same cases, and for no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from cases.case import Case
from harness.backends import Evaluation
from harness.backends import jax as routes
from harness.backends.jax import Grad, grad
from harness.backends.optax import sgd
from harness.backends.reference import matrix
from harness.latest import Latest
from harness.stack import Stack, stacks


def equal(a: Evaluation, b: Evaluation, ks: list[int]) -> bool:
    pairs = zip([a.output, a.loss, *(a.gradients or ())], [b.output, b.loss, *(b.gradients or ())], strict=True)
    return all(np.array_equal(x, np.asarray(y)[ks]) for x, y in pairs)


def test_some_of_the_cases_in_any_order(draw: Callable[..., Case]) -> None:
    whole = Stack(tuple(draw(3, 4, 2, batch=2, seed=seed) for seed in range(4)))
    found, latest = matrix.evaluate(whole), Latest()
    latest.keep([whole], [found])
    again = latest.of(Stack((whole.cases[3], whole.cases[1])))
    assert again is not None and equal(again, found, [3, 1]) and again.updated is None


def test_an_equal_case_is_another_case_and_a_later_call_is_all_that_is_kept(draw: Callable[..., Case]) -> None:
    one, other = draw(3, 4, 2), draw(3, 4, 2, seed=5)
    latest = Latest()
    latest.keep([Stack((one,))], [matrix.evaluate(Stack((one,)))])
    assert latest.of(Stack((one,))) is not None
    assert latest.of(Stack((replace(one),))) is None and latest.of(Stack((one, other))) is None
    latest.keep([Stack((other,))], [matrix.evaluate(Stack((other,)))])
    assert latest.of(Stack((one,))) is None


def test_what_is_given_may_be_written_into(draw: Callable[..., Case]) -> None:
    stack, latest = Stack((draw(3, 4, 2),)), Latest()
    latest.keep([stack], [matrix.evaluate(stack)])
    first, second = latest.of(stack), latest.of(stack)
    assert first is not None and second is not None
    first.output[...] = 7
    assert not (second.output == 7).any()


def test_optax_goes_on_from_the_gradients_of_jax_and_finds_its_own_without_them(
    draw: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = routes.program
    monkeypatch.setattr(routes, "program", lambda *words: asked.append("program") or real(*words))
    for stack in stacks([draw(3, 4, 2, seed=seed, dtype=dtype) for dtype in ("float64", "float32") for seed in (1, 2)]):
        part = Stack(stack.cases[:1])
        assert sgd.evaluate(part).updated is not None and asked == ["program"]
        found, after = grad.evaluate(stack), sgd.evaluate(part)
        assert asked == ["program", "program"], "none for optax"
        assert equal(after, found, [0])
        pairs = zip(after.updated or (), sgd._step(part, after), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs)
        asked.clear()


def test_another_route_leaves_what_jax_found(draw: Callable[..., Case]) -> None:
    stack = Stack((draw(3, 4, 2),))
    grad.evaluate(stack)
    Grad("jax-remat", route="remat").evaluate(Stack((draw(2, 2),)))
    assert routes.latest.of(stack) is not None
