"""Candidate files: what they are given, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases.case import Case
from harness.backends import Evaluation
from harness.candidate import Runner
from harness.check import Refusal
from reports.verdict import Verdict

Opened = Callable[..., Runner]
Said = Callable[[Runner, Case], str]
Answered = Callable[[Runner, Case], Evaluation]

NOTHING = "def backprop(x, weights, target, activation, task):\n    return []\n"


SENDING_BACK = """
assert (task, type(weights)) == ("prediction", list)
return {"output": x, "loss": target[0, 0], "gradients": weights, "updated": [target]}
"""


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_arguments_and_results_travel_bit_by_bit(
    draw: Callable[..., Case], choosing: Callable[..., Any], dtype: str
) -> None:
    case = draw(3, 4, 5, dtype=dtype, task="prediction")
    found = choosing([SENDING_BACK]).ask(case, 0)
    assert isinstance(found, Evaluation)
    assert found.gradients is not None and found.updated is not None
    pairs = [(found.output, case.x), (found.loss, case.target[0, 0]), (found.updated[0], case.target)]
    for after, before in [*pairs, *zip(found.gradients, case.weights, strict=True)]:
        assert (after.shape, after.dtype, after.tobytes()) == (before.shape, before.dtype, before.tobytes())


def test_what_is_left_out_is_none(calling: Opened, answered: Answered, case: Case) -> None:
    found = answered(calling("return [np.nan, np.inf, -0.0]"), case)
    assert (found.output, found.loss, found.updated) == (None, None, None)
    assert [a.shape for a in found.gradients or ()] == [(), (), ()]
    assert str(found.gradients) == "[array(nan), array(inf), array(-0.)]"


def test_a_wrong_count_shape_or_dtype_travels(calling: Opened, answered: Answered, case: Case) -> None:
    found = answered(calling("return [np.ones((7, 1), np.int8)] * 5"), case)
    assert [(a.shape, a.dtype.name) for a in found.gradients or ()] == [((7, 1), "int8")] * 5


@pytest.mark.parametrize("line", ["update = None", "", 'accumulates = "format"'])
def test_an_update_is_optional(opened: Opened, answered: Answered, case: Case, line: str) -> None:
    runner = opened("def backprop(x, weights, *rest):\n    return weights\n" + line)
    assert (answered(runner, case).updated, runner.accumulates) == (None, "format")


UPDATE = "def backprop(x, weights, *rest):\n    return {returned}\ndef update(weights, gradients, rate):\n"


@pytest.mark.parametrize("returned", ["weights", '{"gradients": weights, "loss": 3.0}'])
def test_update_is_given_weights_gradients_and_learning_rate(
    opened: Opened, answered: Answered, case: Case, returned: str
) -> None:
    body = "    assert type(rate) is float\n    return [w - rate * g for w, g in zip(weights, gradients)]"
    found = answered(opened(UPDATE.format(returned=returned) + body), case)
    for w, after in zip(case.weights, found.updated or (), strict=True):
        np.testing.assert_array_equal(after, w - case.learning_rate * w)


def test_update_may_write_into_its_copies_and_spoils_no_gradient(
    opened: Opened, answered: Answered, case: Case
) -> None:
    body = "    for w, g in zip(weights, gradients):\n        w -= g\n        g[:] = 7\n    return weights"
    found = answered(opened(UPDATE.format(returned="weights") + body), case)
    for w, gradient, after in zip(case.weights, found.gradients or (), found.updated or (), strict=True):
        np.testing.assert_array_equal(gradient, w)
        np.testing.assert_array_equal(after, 0 * w)


def test_an_updated_in_the_dict_wins(opened: Opened, answered: Answered, case: Case) -> None:
    returned = '{"gradients": weights, "updated": [w + 1 for w in weights]}'
    found = answered(opened(UPDATE.format(returned=returned) + "    raise ValueError"), case)
    np.testing.assert_array_equal((found.updated or ())[1], case.weights[1] + 1)


@pytest.mark.parametrize("returned", ["weights[:1]", "[w.T for w in weights]", '{"loss": 3.0}'])
def test_update_is_not_asked_where_the_gradients_do_not_fit(
    opened: Opened, answered: Answered, case: Case, returned: str
) -> None:
    assert answered(opened(UPDATE.format(returned=returned) + "    raise ValueError"), case).updated is None


def test_an_update_that_is_not_implemented_is_none(opened: Opened, answered: Answered, case: Case) -> None:
    assert answered(opened(UPDATE.format(returned="weights") + "    raise NotImplementedError"), case).updated is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("    pass", "malformed: update returned None, expected the list of updated weights"),
        ("    return 3", "malformed: updated is an int, expected a list of arrays, one a weight matrix"),
        ("    return [None]", "malformed: updated[0] is None, expected an array of numbers"),
        ("    return 1 / 0", "crashed: ZeroDivisionError at mine.py:4: division by zero"),
    ],
)
def test_an_update_is_held_to_the_same(opened: Opened, said: Said, case: Case, body: str, reason: str) -> None:
    assert said(opened(UPDATE.format(returned="weights") + body), case) == reason


WRITING = [
    ("x[0, 0] += 1", "wrote into x"), ("target *= 2", "wrote into target"),
    ("weights[1][:] = 0", "wrote into weights[1]"), ("weights[0][0, 0] = np.nan", "wrote into weights[0]"),
    ("x.resize(3, 2, refcheck=False)", "wrote into x"), ("np.negative(x, out=x)", "wrote into x"),
    ("x[0, 0] = np.nextafter(x[0, 0], 9)", "wrote into x"), ("x[x == 0] = -0.0", "wrote into x"),
    ("weights.pop()", "changed the list weights"), ("weights[0] = weights[0].copy()", "changed the list weights"),
    ("weights.reverse()", "changed the list weights"), ("del weights[:]", "changed the list weights"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(WRITING)))
def test_who_alters_an_argument_is_told(choosing: Callable[..., Any], case: Case, number: int) -> None:
    choice = choosing([f"{body}\nreturn []" for body, _ in WRITING])
    reason = f"{WRITING[number][1]}: a gradient function must leave its arguments as they are"
    assert choice.ask(replace(case, x=case.x * [0, 1, 1]), number) == Refusal(Verdict.MALFORMED, reason)
    assert isinstance(choice.ask(case, len(WRITING)), Evaluation)


def test_each_call_is_given_fresh_copies(opened: Opened, said: Said, answered: Answered, case: Case) -> None:
    runner = opened(
        """
        seen = []
        def backprop(x, weights, target, activation, task):
            seen.append(x)
            if len(seen) > 1:
                seen[0][:] = 9
                return {"output": x}
            x[:] = 8
            return []
        """
    )
    assert said(runner, case).startswith("malformed: wrote into x")
    np.testing.assert_array_equal(answered(runner, case).output, case.x)


def test_a_candidate_keeps_what_it_remembers_between_calls(opened: Opened, answered: Answered, case: Case) -> None:
    runner = opened("n = []\ndef backprop(*_):\n    n.append(1)\n    return {'loss': float(len(n))}")
    assert [answered(runner, case).loss for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("last", ["learning_rate", "*, learning_rate", "learning_rate=None"])
def test_backprop_may_ask_for_the_learning_rate(opened: Opened, answered: Answered, case: Case, last: str) -> None:
    runner = opened(
        f"def backprop(x, weights, target, activation, task, {last}):\n    return {{'loss': learning_rate}}"
    )
    assert answered(runner, case).loss == case.learning_rate == 0.3


def test_storage_accumulators_are_known(opened: Opened) -> None:
    assert opened('accumulates = "storage"\n' + NOTHING).accumulates == "storage"


def test_a_candidate_is_known_by_its_file(opened: Opened) -> None:
    assert opened(NOTHING, name="my net.py").name == "my net"


def test_the_process_imports_numpy_and_little_else(calling: Opened, said: Said, case: Case) -> None:
    heavy = "{'pydantic', 'flint', 'torch', 'jax', 'scipy', 'click', 'cases', 'reports', 'difflib', 'harness.check'}"
    assert said(calling(f"raise ValueError(sorted({heavy} & set(sys.modules)))"), case).endswith(": []")


def test_it_computes_on_one_thread(calling: Opened, said: Said, case: Case) -> None:
    runner = calling("raise ValueError([os.environ[f'{n}_NUM_THREADS'] for n in ('OMP', 'MKL', 'OPENBLAS')])")
    assert said(runner, case).endswith("['1', '1', '1']")


def test_a_deep_or_large_case_travels(draw: Callable[..., Case], calling: Opened, answered: Answered) -> None:
    for case in (draw(*[2] * 200), draw(300, 200, 100, batch=50)):
        found = answered(calling("return weights"), case)
        for after, before in zip(found.gradients or (), case.weights, strict=True):
            np.testing.assert_array_equal(after, before)
